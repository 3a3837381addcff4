from __future__ import annotations

import os
import pty
import termios
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from localgpt.cli import keyboard
from localgpt.cli.keyboard import Keyboard, Woken


@pytest.fixture
def terminal() -> Iterator[tuple[int, int]]:
    """Who types, and what is typed into."""
    fingers, seen = pty.openpty()
    yield fingers, seen
    for one in (fingers, seen):
        os.close(one)


@pytest.fixture(autouse=True)
def quick_to_settle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyboard, "SETTLE", 0.02)


def test_a_line_is_read_and_the_terminal_is_as_it_was(terminal):
    fingers, seen = terminal
    before = termios.tcgetattr(seen)
    with Keyboard(seen) as keys:
        os.write(fingers, b" yes \r")
        assert keys.line() == "yes"
        assert termios.tcgetattr(seen) != before
    assert termios.tcgetattr(seen) == before


def test_what_was_typed_before_is_no_answer(terminal):
    fingers, seen = terminal
    os.write(fingers, b"y\nhalf a li")
    with Keyboard(seen) as keys:
        os.write(fingers, b"ne\ny\n")
        keys.forget()
        os.write(fingers, b"n\n")
        assert keys.line() == "n"


def test_half_a_line_that_nobody_wanted_is_not_left_for_others(terminal):
    fingers, seen = terminal
    with Keyboard(seen):
        os.write(fingers, b"y")
        assert os.read(fingers, 1) == b"y"  # its echo: it has come
    os.write(fingers, b"next\n")
    assert os.read(seen, 100) == b"next\n"


@pytest.mark.parametrize("keys", [b"\x03", b"y\x03", b"\x04", b"y\x04"])
def test_ctrl_c_and_ctrl_d_end_it(terminal, keys):
    fingers, seen = terminal
    with Keyboard(seen) as asked:
        os.write(fingers, keys)
        with pytest.raises(EOFError):
            asked.line()


def test_a_terminal_that_goes_away_ends_it():
    fingers, seen = pty.openpty()
    with Keyboard(seen) as asked:
        os.close(fingers)
        with pytest.raises(EOFError):
            asked.line()
    os.close(seen)


def test_what_is_no_terminal_says_no():
    with Path(os.devnull).open() as nothing, pytest.raises(EOFError), Keyboard(nothing.fileno()):
        pass


@pytest.mark.parametrize("delay", [0, 0.05])
def test_it_is_woken_when_the_answer_came_from_elsewhere(terminal, delay):
    _, seen = terminal
    with Keyboard(seen) as keys:
        waker = threading.Timer(delay, keys.wake)
        waker.start()
        with pytest.raises(Woken):
            keys.line()
        waker.join()
    keys.wake()  # too late, and harmless
