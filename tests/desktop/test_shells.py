from __future__ import annotations

import pytest

from localgpt.desktop.shells import NO_BACK_END, NO_CHROMIUM, NO_SCREEN, NO_WEBVIEW, Kind, shells

SCREEN = {"DISPLAY": ":0"}


def found(environ=SCREEN, *, platform="linux", programs=(), modules=()):
    ways = shells(
        environ,
        platform=platform,
        which=lambda name: f"/usr/bin/{name}" if name in programs else None,
        importable=lambda name: name in modules,
    )
    return {way.kind: way for way in ways}


def test_the_best_comes_first():
    assert [way.kind for way in shells(SCREEN)] == [Kind.NATIVE, Kind.APP, Kind.BROWSER]


@pytest.mark.parametrize(
    ("platform", "modules", "missing"),
    [
        ("linux", (), NO_WEBVIEW),
        ("linux", ("webview",), NO_BACK_END),
        ("linux", ("webview", "PyQt6.QtWebEngineWidgets"), ""),
        ("linux", ("webview", "gi"), ""),
        ("darwin", (), NO_WEBVIEW),
        ("darwin", ("webview",), ""),
    ],
)
def test_a_native_window_needs_pywebview_and_on_linux_a_back_end(platform, modules, missing):
    assert found(platform=platform, modules=modules)[Kind.NATIVE].missing == missing


def test_any_chromium_serves_the_first_in_our_order():
    way = found(programs=("google-chrome", "brave-browser"))[Kind.APP]
    assert (way.program, way.missing, way.label) == (
        "/usr/bin/google-chrome",
        "",
        "a window of google-chrome",
    )


def test_no_chromium_is_said():
    assert found()[Kind.APP].missing == NO_CHROMIUM


def test_without_a_screen_nothing_can_be_shown():
    ways = found({}, programs=("chromium",), modules=("webview", "gi"))
    assert {way.missing for way in ways.values()} == {NO_SCREEN}


def test_wayland_is_a_screen():
    assert not found({"WAYLAND_DISPLAY": "wayland-0"})[Kind.BROWSER].missing
