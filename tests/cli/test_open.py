"""`localgpt open`: a file only the owner can read, which logs a browser in once."""

from __future__ import annotations

import os
import re
import stat
import webbrowser
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote, urlparse

import pytest

from localgpt.core.paths import Home
from localgpt.daemon import lock, process
from localgpt.server import login

URL = "http://127.0.0.1:31327"


def serve(home):
    lock.write(home, replace(lock.Record.mine(), ready=True, port=31327))
    login.note_address(home.state, URL, os.getpid())


@pytest.fixture
def served(home):
    with lock.held(home):
        serve(home)
        yield home.state


def test_the_browser_is_given_a_file_that_posts_a_code_that_works_once(run, served, monkeypatch):
    given: list[str] = []

    def opens(address: str) -> bool:
        given.append(address)
        return True

    monkeypatch.setattr(webbrowser, "open", opens)
    done = run("open")
    assert (done.code, done.out) == (0, f"{URL} is open in your browser.\n")
    path = Path(unquote(urlparse(given[0]).path))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    text = path.read_text()
    assert f'action="{URL}/login"' in text
    code = re.search(r'name="code" value="([^"]+)"', text)
    assert code
    assert login.take_code(served, code[1])
    assert not login.take_code(served, code[1])
    assert code[1] not in done.out + done.err + given[0]


def test_a_door_that_stood_open_to_others_is_made_anew(run, served):
    (served / "open.html").write_text("x")
    (served / "open.html").chmod(0o666)
    assert run("open", "--print").code == 0
    assert stat.S_IMODE((served / "open.html").stat().st_mode) == 0o600


@pytest.mark.parametrize("broken", [lambda address: False, None])
def test_without_a_browser_it_says_what_to_open(run, served, monkeypatch, broken):
    def fails(address):
        raise webbrowser.Error("none")

    monkeypatch.setattr(webbrowser, "open", broken or fails)
    done = run("open")
    assert done.code == 0
    assert done.out.startswith("file://")
    assert URL in done.err


@pytest.mark.parametrize(
    "noted", ["", "{}", '{"url": "http://127.0.0.1:1", "pid": 999999999}', "[1]", '{"url": "", "pid": 1}']
)
def test_without_a_daemon_one_is_started(run, home, monkeypatch, noted):
    if noted:
        home.state.mkdir(parents=True)
        (home.state / "server.json").write_text(noted)
    started: list[Path] = []

    def start(found: Home) -> None:
        started.append(found.root)
        serve(home)

    monkeypatch.setattr(process, "start", start)
    done = run("open", "--print")
    assert (done.code, started) == (0, [home.root])
    assert "The daemon was started" in done.err
    assert URL in done.err


def test_the_address_of_a_dead_daemon_whose_number_another_program_has_is_not_opened(run, served, home):
    login.note_address(home.state, "http://127.0.0.1:1", os.getppid())
    lock.write(home, replace(lock.Record.mine(), ready=True))
    done = run("open")
    assert done.code == 2
    assert "The daemon serves no page." in done.err
    assert not (served / "open.html").exists()


def test_a_page_that_is_switched_off_starts_nothing(run, home, monkeypatch):
    home.root.mkdir(parents=True, exist_ok=True)
    home.config.write_text("[server]\nenabled = false\n")
    monkeypatch.setattr(process, "start", lambda found: pytest.fail("started"))
    done = run("open")
    assert done.code == 2
    assert "server.enabled" in done.err
