"""What the command decides; the windows themselves are tried in tests/desktop."""

from __future__ import annotations

import importlib
import os
import webbrowser
from pathlib import Path

import pytest

from localgpt.core.paths import Home
from localgpt.daemon import lock, process
from localgpt.desktop import shells
from localgpt.server import login

URL = "http://127.0.0.1:31399"


@pytest.fixture
def browser(monkeypatch):
    """A machine with a screen and a browser, and no other way to show a page."""
    shown: list[str] = []
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr(shells, "_no_native", lambda platform, importable: shells.NO_WEBVIEW)
    monkeypatch.setattr(shells, "_chromium", lambda platform, which: "")

    def opens(address: str) -> bool:
        shown.append(address)
        return True

    monkeypatch.setattr(webbrowser, "open", opens)
    return shown


def serve(home):
    login.note_address(home.state, URL, os.getpid())


def test_without_a_window_the_browser_shows_it_and_it_says_why(run, home, browser):
    serve(home)
    with lock.held(home):
        done = run("desktop")
    assert (done.code, done.out) == (0, f"{URL} is open in your browser.\n")
    assert f"No native window: {shells.NO_WEBVIEW}." in done.err
    assert browser[0].endswith("open.html")


def test_a_daemon_is_started_where_none_runs(run, home, browser, monkeypatch):
    started: list[Path] = []

    def start(found: Home) -> None:
        started.append(found.root)
        serve(home)

    monkeypatch.setattr(process, "start", start)
    done = run("desktop", "--in", "browser")
    assert done.code == 0
    assert started == [home.root]
    assert "The daemon was started" in done.err


def test_a_daemon_without_a_page_is_told(run, home, browser, monkeypatch):
    monkeypatch.setattr(importlib.import_module("localgpt.cli.open"), "_PATIENCE", 0.1)
    with lock.held(home):
        done = run("desktop", "--in", "browser")
    assert done.code == 2
    assert "The daemon serves no page." in done.err
    assert "daemon status" in done.err


def test_without_a_screen_no_daemon_is_started(run, home, monkeypatch):
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr(process, "start", lambda found: pytest.fail("started"))
    done = run("desktop")
    assert done.code == 2
    assert shells.NO_SCREEN in done.err


def test_what_was_asked_for_alone_is_tried(run, home, browser):
    done = run("desktop", "--in", "app")
    assert (done.code, browser) == (2, [])
    assert shells.NO_CHROMIUM in done.err
