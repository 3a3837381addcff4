from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import textwrap
import time
import webbrowser
from pathlib import Path
from urllib.parse import unquote, urlparse

import pytest
from tests.support.daemon import RealDaemon

from localgpt.core.errors import UsageError
from localgpt.desktop import native, opening
from localgpt.desktop.opening import Page, show
from localgpt.desktop.shells import Kind, Shell

NATIVE = Shell(Kind.NATIVE)
BROWSER = Shell(Kind.BROWSER)


@pytest.fixture
def page(tmp_path):
    made: list[Path] = []

    def door():
        made.append(tmp_path / f"door-{len(made)}.html")
        made[-1].write_text("<h1>come in</h1>", encoding="utf-8")
        return made[-1]

    return Page(door, tmp_path / "window")


@pytest.fixture
def opened(monkeypatch):
    """What a browser was asked to show; no browser starts."""
    shown: list[str] = []

    def opened(url: str) -> bool:
        shown.append(url)
        return True

    monkeypatch.setattr(webbrowser, "open", opened)
    return shown


def program(tmp_path, script):
    path = tmp_path / "chromium"
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)
    return Shell(Kind.APP, str(path))


def pywebview(tmp_path, monkeypatch, body):
    """A package ``webview`` that does as told, in place of the real one."""
    package = tmp_path / "fake" / "webview"
    package.mkdir(parents=True)
    package.joinpath("__init__.py").write_text(textwrap.dedent(body), encoding="utf-8")
    package.joinpath("menu.py").write_text(
        "class Menu:\n    def __init__(self, *a): self.a = a\nMenuAction = Menu\nMenuSeparator = Menu\n",
        "utf-8",
    )
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(package.parent), os.environ.get("PYTHONPATH", "")]))


SHOWS = """
settings = {}
class Shown:
    def __iadd__(self, call):
        self.call = call
        return self
class Window:
    class events:
        shown = Shown()
def create_window(title, *, html, **options):
    assert html == "<h1>come in</h1>"
    return Window
def start(**options):
    Window.events.shown.call()
"""


def test_the_native_window_is_shown_and_waited_for(page, tmp_path, monkeypatch, opened):
    pywebview(tmp_path, monkeypatch, SHOWS)
    assert show(page, [NATIVE, BROWSER], pytest.fail) is NATIVE
    assert opened == []
    assert page.storage.stat().st_mode & 0o777 == 0o700


def test_a_native_window_that_dies_is_told_and_the_next_one_serves(page, tmp_path, monkeypatch, opened):
    pywebview(
        tmp_path,
        monkeypatch,
        "settings = {}\ndef create_window(*a, **o): raise SystemExit('no display server.')",
    )
    said: list[str] = []
    assert show(page, [NATIVE, BROWSER], said.append) is BROWSER
    assert said == ["No native window: no display server."]
    assert opened == [(tmp_path / "door-1.html").as_uri()], "a new one: the code in the first may be used up"


def test_a_native_window_that_hangs_is_given_up(page, tmp_path, monkeypatch, opened):
    pywebview(tmp_path, monkeypatch, "import time\ntime.sleep(60)")
    monkeypatch.setattr(opening, "PATIENCE", 0.3)
    said: list[str] = []
    assert show(page, [NATIVE, BROWSER], said.append) is BROWSER
    assert said == ["No native window: it did not come up."]


def test_a_missing_way_is_told_with_its_reason(page, opened):
    said: list[str] = []
    show(page, [Shell(Kind.NATIVE, missing="nothing draws"), BROWSER], said.append)
    assert said == ["No native window: nothing draws."]


def test_chromium_is_given_the_page_a_folder_of_its_own_and_stays_quiet(page, tmp_path, opened):
    way = program(tmp_path, f'echo "$@" > {tmp_path}/given')
    assert show(page, [way, BROWSER], pytest.fail) is way
    given = tmp_path.joinpath("given").read_text(encoding="utf-8")
    assert f"--app={(tmp_path / 'door-0.html').as_uri()}" in given
    assert f"--user-data-dir={page.storage}/chromium" in given
    assert "--disable-background-networking" in given


def test_a_chromium_that_fails_at_once_is_told(page, tmp_path, opened):
    way = program(tmp_path, "echo 'Missing X server.' >&2; exit 1")
    said: list[str] = []
    assert show(page, [way, BROWSER], said.append) is BROWSER
    assert said == ["No window of chromium: Missing X server."]


def test_a_chromium_that_can_not_be_started_is_told(page, tmp_path, opened):
    said: list[str] = []
    show(page, [Shell(Kind.APP, str(tmp_path / "gone")), BROWSER], said.append)
    assert "can't be started" in said[0]


def test_where_nothing_can_it_says_what_to_do(page, monkeypatch):
    monkeypatch.setattr(webbrowser, "open", lambda url: False)
    with pytest.raises(UsageError, match="no browser was found") as raised:
        show(page, [BROWSER], pytest.fail)
    assert "localgpt open" in raised.value.hint


def test_leaving_closes_the_window(tmp_path):
    """Ctrl-C at the command ends the window's process too."""
    script = tmp_path / "chromium"
    script.write_text(f"#!/bin/sh\necho $$ > {tmp_path}/pid\nexec sleep 60\n", encoding="utf-8")
    script.chmod(0o755)
    code = f"""
from pathlib import Path
from localgpt.desktop.opening import Page, show
from localgpt.desktop.shells import Kind, Shell
show(Page(lambda: Path("/x"), Path({str(tmp_path / "w")!r})), [Shell(Kind.APP, {str(script)!r})], print)
"""
    ours = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.DEVNULL)
    pid = tmp_path / "pid"
    end = time.monotonic() + 10
    while not (pid.exists() and pid.read_text("utf-8").strip()):
        assert time.monotonic() < end
        time.sleep(0.02)
    ours.send_signal(signal.SIGINT)
    ours.wait(10)
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text("utf-8")), 0)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as one:
        return int(one.getsockname()[1])


def _no_real_window() -> str:
    if not shutil.which("Xvfb"):
        return "there is no Xvfb"
    probe = "import webview, PyQt6.QtWebEngineWidgets"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, check=False)
    return "" if done.returncode == 0 else "the extra 'desktop' is not installed"


@pytest.mark.slow
def test_a_real_window_shows_a_page(tmp_path, monkeypatch):
    """pywebview, Qt and a screen without a monitor: the page is loaded, and closes its own window."""
    if reason := _no_real_window():
        pytest.skip(reason)
    html = tmp_path / "page.html"
    html.write_text("<title>Hello</title><body style='background:#c33'><h1>Hello</h1>", encoding="utf-8")
    code = f"""
import threading, time, webview
from localgpt.desktop import native
def close():
    while not webview.windows: time.sleep(0.05)
    window = webview.windows[0]
    window.events.loaded.wait(30)
    print("title", window.evaluate_js("document.title"), flush=True)
    window.destroy()
threading.Thread(target=close, daemon=True).start()
raise SystemExit(native.main([{str(html)!r}, {str(tmp_path / "storage")!r}]))
"""
    done = subprocess.run(
        ["xvfb-run", "-a", sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert "title Hello" in done.stdout, done.stderr[-2000:]
    assert (tmp_path / "storage" / native.SIGN).exists()


@pytest.mark.slow
def test_a_real_window_is_logged_in_at_a_real_daemon(tmp_path):
    if reason := _no_real_window():
        pytest.skip(reason)
    home = tmp_path / "home"
    home.mkdir()
    home.joinpath("config.toml").write_text(f"[server]\nport = {_free_port()}\n", encoding="utf-8")
    with RealDaemon(home) as daemon:
        code = """
import sys, threading, time, webview
from localgpt.desktop import native
def look():
    while not webview.windows: time.sleep(0.05)
    window = webview.windows[0]
    end = time.monotonic() + 40
    url = ""
    while time.monotonic() < end and not url.endswith("#/settings"):
        time.sleep(0.3)
        window.run_js("if (document.querySelector('textarea')) location.hash = '#/settings'")
        url = window.get_current_url() or ""
    print("page", url, flush=True)
    window.destroy()
threading.Thread(target=look, daemon=True).start()
raise SystemExit(native.main(sys.argv[1:]))
"""
        end = time.monotonic() + 20
        while not (printed := daemon.run("open", "--print").out.decode().strip()):
            assert time.monotonic() < end, "the page is not served"
        door = Path(unquote(urlparse(printed).path))
        done = subprocess.run(
            ["xvfb-run", "-a", sys.executable, "-c", code, str(door), str(tmp_path / "storage")],
            capture_output=True,
            text=True,
            timeout=50,
            env=daemon.environ,
            check=False,
        )
    assert "page http://127.0.0.1:" in done.stdout, done.stderr[-2000:]
    assert "/#/settings" in done.stdout, "where one writes is only shown to whoever is logged in"
