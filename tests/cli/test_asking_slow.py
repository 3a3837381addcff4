"""The card at a real terminal, of a real command: in a process of its own, through a daemon, and answered from elsewhere."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Self

import pytest
from tests.support.daemon import RealDaemon, command, settled
from tests.support.fake_providers import Call, FakeProviders, Say

from localgpt.core.paths import Home

pytestmark = pytest.mark.slow

MODEL = """
[agent]
default_model = "mybox/fake-model"
[providers.mybox]
base_url = "{url}/v1"
"""
SECRET = "The answer is 4711."
WANTS = Say("I look.\n\n", calls=[Call("read_file", json.dumps({"path": ".env"}))], stop="tool_calls")


@dataclass
class Terminal:
    """A command at a terminal of its own."""

    words: tuple[str, ...]
    environ: dict[str, str]
    seen: str = ""
    fingers: int = -1
    process: subprocess.Popen[bytes] = field(init=False)

    def __enter__(self) -> Self:
        self.fingers, screen = pty.openpty()
        environ = {**self.environ, "TERM": "xterm", "NO_COLOR": "1", "COLUMNS": "100"}
        self.process = subprocess.Popen(
            command(*self.words),
            env=environ,
            stdin=screen,
            stdout=screen,
            stderr=screen,
            start_new_session=True,
        )
        os.close(screen)
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self.fingers)

    def wait(self, text: str, seconds: float = 20) -> None:
        """Read until the terminal shows it."""
        until = time.monotonic() + seconds
        while text not in self.seen:
            assert time.monotonic() < until, self.seen
            self.seen += os.read(self.fingers, 4096).decode("utf-8", "replace")

    def type(self, keys: str) -> None:
        os.write(self.fingers, keys.encode())

    def ended(self) -> int:
        """Its exit code, when all it printed is read."""
        try:
            while piece := os.read(self.fingers, 4096):
                self.seen += piece.decode("utf-8", "replace")
        except OSError:  # nobody has it open any more
            pass
        return self.process.wait(20)


@dataclass
class House:
    """A home with a model that wants to read a file of keys, and perhaps a daemon."""

    daemon: RealDaemon
    fake: FakeProviders
    alone: bool

    def terminal(self, *words: str) -> Terminal:
        more = {"LOCALGPT_WORKSPACE": str(self.daemon.root / "workspace")} if self.alone else {}
        return Terminal(words, {**self.daemon.environ, **more})

    def told(self) -> str:
        """All that the model was given."""
        return json.dumps([one.body for one in self.fake.requests])


@pytest.fixture(params=["in the daemon", "alone"])
def house(request: pytest.FixtureRequest, home: Home) -> Iterator[House]:
    with FakeProviders(WANTS, Say("That was it.")) as fake:
        settled(home, MODEL.format(url=fake.url))
        workspace = home.root / "workspace"
        workspace.mkdir()
        (workspace / ".env").write_text(SECRET)
        alone = request.param == "alone"
        daemon = RealDaemon(home.root)
        if alone:
            yield House(daemon, fake, alone)
            return
        with daemon:
            yield House(daemon, fake, alone)


PROMPT = "\n  > "


def test_a_yes_at_the_terminal_runs_the_call(house: House) -> None:
    with house.terminal("ask", "look into it") as terminal:
        terminal.wait(PROMPT.replace("\n", "\r\n"))
        terminal.type("y\r")
        assert terminal.ended() == 0
    assert re.search(
        r"\? May this run\? read_file\r\n  reads \.env\r\n  │ read_file\r\n  │   path: \.env", terminal.seen
    )
    assert "[y] once  [n] no  [w] no, with a word" in terminal.seen
    assert "That was it." in terminal.seen
    assert SECRET in house.told()


@pytest.mark.parametrize("keys", ["\x03", "\x04", "n\r"])
def test_ctrl_c_is_a_no_and_the_reply_goes_on(house: House, keys: str) -> None:
    with house.terminal("ask", "look into it") as terminal:
        terminal.type("y\ry\r")  # before there was any question
        terminal.wait("  > ")
        terminal.type(keys)
        assert terminal.ended() == 0
    assert "That was it." in terminal.seen
    assert SECRET not in house.told()
    assert "the owner said no" in house.told()


def test_another_terminal_lists_and_answers(house: House) -> None:
    with house.terminal("ask", "look into it") as terminal:
        terminal.wait("  > ")
        (waiting,) = json.loads(house.daemon.run("approvals", "--format", "json").out)["approvals"]
        assert waiting["shown"] == "read_file\n  path: .env"
        assert house.daemon.run("approvals", "allow", waiting["id"][:4]).code == 0
        terminal.wait("Answered at another terminal: once.")
        assert terminal.ended() == 0
    assert SECRET in house.told()
    assert house.daemon.run("approvals").err == b"Nothing waits for your word.\n"


def test_who_goes_away_has_said_no(house: House) -> None:
    with house.terminal("ask", "look into it") as terminal:
        terminal.wait("  > ")
        terminal.process.send_signal(signal.SIGKILL)
        terminal.process.wait()
        until = time.monotonic() + 10
        while house.daemon.run("approvals").out:
            assert time.monotonic() < until
    assert SECRET not in house.told()


def test_json_is_asked_too_and_stays_json(house: House) -> None:
    with house.terminal("ask", "--format", "json", "look into it") as terminal:
        terminal.wait("  > ")
        terminal.type("y\r")
        assert terminal.ended() == 0
    answer = json.loads(terminal.seen[terminal.seen.index("{") :])
    assert (answer["response"].endswith("That was it."), SECRET in house.told()) == (True, True)


def test_a_pipe_is_never_asked(house: House) -> None:
    done = (house.daemon.run_alone if house.alone else house.daemon.run)("ask", "look into it")
    assert (done.code, b"May this run?" in done.out + done.err) == (0, False)
    assert SECRET not in house.told()
    assert "may hold keys" in house.told()


def test_a_chat_at_a_terminal_asks_too(house: House) -> None:
    with house.terminal("chat") as terminal:
        terminal.wait("> ")
        terminal.type("look into it\r")
        terminal.wait("  > ")
        terminal.type("w\r")
        terminal.wait("What shall it be told? ")
        terminal.seen = ""
        terminal.type("ask me\r")
        terminal.wait("cited")
        terminal.seen = ""
        terminal.wait("> ")
        terminal.type("\x04")
        assert terminal.ended() == 0
    assert "the owner said no: ask me" in house.told()
