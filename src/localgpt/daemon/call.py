"""One command that runs in the daemon for somebody at a terminal: what it is given instead of a process of its own."""

from __future__ import annotations

import contextlib
import io
import os
import queue
import socket
import threading
from collections.abc import Callable, Coroutine, Iterator
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, TypeVar

from localgpt.core.paths import Home
from localgpt.daemon import streams, wire
from localgpt.daemon.interruption import Interruption
from localgpt.daemon.request import Request

if TYPE_CHECKING:
    from localgpt.app import Assistant

T = TypeVar("T")


class NotHere(BaseException):
    """The command needs its caller's own process after all. No ``Exception``: nobody on the way may take it for a fault."""


class Lender(Protocol):
    """Who has the assistant that everybody shares."""

    @property
    def home(self) -> Home: ...

    def lend(self, model: str | None, *, local: bool) -> contextlib.AbstractContextManager[Assistant]:
        """An assistant for the command's door, of its own choice of model."""
        ...


class Call:
    """A command: ``arguments``, ``folder`` and ``environ`` of its caller, and ``source``, ``out``, ``err``, their streams."""

    def __init__(
        self,
        request: Request,
        descriptors: list[int],
        line: socket.socket,
        lender: Lender,
        interruption: Interruption,
    ) -> None:
        self.arguments = request.arguments
        self.folder = request.folder
        self.environ = request.screen
        self._line = line
        self._lender = lender
        self._interruption = interruption
        self._outlet = streams.Outlet(interruption)
        self._answers: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._descriptors = descriptors
        left = iter(descriptors)
        first, second, third = request.streams
        self.source = streams.reader(next(left), first, interruption) if first.encoding else None
        self.out = self._writer(left, second.encoding, second.errors)
        self.err = self._writer(left, third.encoding, third.errors)

    def _writer(self, left: Iterator[int], encoding: str, errors: str) -> io.TextIOWrapper | None:
        from localgpt.daemon.request import Stream

        return streams.writer(next(left), Stream(encoding, errors), self._outlet) if encoding else None

    @property
    def located(self) -> Home:
        """The home, before its settings are read."""
        return self._lender.home

    def lend(self, model: str | None, *, local: bool) -> contextlib.AbstractContextManager[Assistant]:
        """The shared assistant, with a choice of model of its own."""
        return self._lender.lend(model, local=local)

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run it on the daemon's loop. Raises ``KeyboardInterrupt`` when the caller gives up."""
        return self._interruption.run(coroutine)

    def confirm(self, question: str) -> bool | None:
        """Ask the person at the terminal; ``None`` when they went away. Raises ``NotHere`` in the loop."""
        if self._interruption.in_loop:
            raise NotHere
        self._outlet.drain()
        self._line.sendall(wire.packed(wire.ASK, [question]))
        answer = self._answers.get()
        self._interruption.check()
        return {"yes": True, "no": False}.get(answer)

    def flush(self) -> None:
        """Wait until all that was printed is out."""
        self._outlet.drain()

    def interrupt(self) -> None:
        """End it as Ctrl-C does."""
        self._interruption.interrupt()
        self._answers.put("")

    def answered(self, text: str) -> None:
        """What the person said."""
        self._answers.put(text)

    def close(self) -> None:
        """Let go of the caller's streams."""
        self._outlet.close()
        for descriptor in self._descriptors:
            with contextlib.suppress(OSError):
                os.close(descriptor)
        self._interruption.close()


RunCommand: TypeAlias = Callable[[Call], int]
"""Does what a call says and gives its exit code; handed in by the command line."""


def done(call: Call, run_command: RunCommand, line: socket.socket) -> None:
    """Run the whole command, in a thread of its own, and tell how it ended."""
    try:
        code = run_command(call)
        answer = wire.packed(wire.DONE, [str(code)])
    except NotHere:
        answer = wire.packed(wire.DECLINE)
    finally:
        call.close()
    with contextlib.suppress(OSError):
        line.sendall(answer)
        line.shutdown(socket.SHUT_RDWR)


def begin(call: Call, run_command: RunCommand, line: socket.socket) -> threading.Thread:
    """Start the command."""
    thread = threading.Thread(target=done, args=(call, run_command, line), name="command", daemon=True)
    thread.start()
    return thread
