"""The keys of a terminal while something is asked there: whole lines, none of which was typed before the question.

Ctrl-C and Ctrl-D end the line and mean no; neither stops what asks. It is read by its descriptor, for the terminal may be
another process's.
"""

from __future__ import annotations

import contextlib
import os
import select
import socket
import termios
import threading
from types import TracebackType
from typing import Any, Self

SETTLE = 0.3
"""Seconds after a question was shown in which keys are still those of who had not seen it."""
_INTERRUPT = b"\x03"
_MOST = 4096


class Woken(Exception):
    """Nobody wants the answer any more."""


class Keyboard:
    """The terminal at ``descriptor``: ``with`` makes it ready to be asked at, and puts it back as it was; raises ``EOFError``
    where it has gone.

    One thread asks; ``wake`` may be called by any.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._bell, self._waker = socket.socketpair()
        self._guard = threading.Lock()
        self._before: list[Any] = []

    def __enter__(self) -> Self:
        try:
            self._make_ready()
        except termios.error as error:
            self._let_go()
            raise EOFError from error
        return self

    def _make_ready(self) -> None:
        self._before = termios.tcgetattr(self._descriptor)
        ready = [*self._before]
        ready[0] |= termios.ICRNL
        ready[3] = (ready[3] | termios.ICANON | termios.ECHO) & ~termios.ISIG
        ready[6] = [*ready[6]]
        ready[6][termios.VEOL] = _INTERRUPT
        termios.tcsetattr(self._descriptor, termios.TCSAFLUSH, ready)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(termios.error):  # the terminal has gone
            termios.tcsetattr(self._descriptor, termios.TCSAFLUSH, self._before)
        self._let_go()

    def _let_go(self) -> None:
        with self._guard:
            self._waker.close()
            self._bell.close()

    def forget(self) -> None:
        """Forget what was typed until a moment from now: it was not meant for the question that is just shown."""
        poll = select.poll()
        poll.register(self._bell, select.POLLIN)
        poll.poll(SETTLE * 1000)
        with contextlib.suppress(termios.error):
            termios.tcflush(self._descriptor, termios.TCIFLUSH)

    def line(self) -> str:
        """The next line that is typed. Raises ``EOFError`` for Ctrl-C, Ctrl-D and a terminal that has gone, ``Woken``."""
        poll = select.poll()
        poll.register(self._descriptor, select.POLLIN)
        poll.register(self._bell, select.POLLIN)
        if any(ready == self._bell.fileno() for ready, _ in poll.poll()):
            raise Woken
        try:
            typed = os.read(self._descriptor, _MOST)
        except OSError as error:
            raise EOFError from error
        if not typed.endswith(b"\n"):
            raise EOFError
        return typed.decode("utf-8", "replace").strip()

    def wake(self) -> None:
        """End the asking: from any thread, also before it began and after it ended."""
        with self._guard, contextlib.suppress(OSError):
            self._waker.send(b".")
