"""The caller's own terminal or pipe, as the daemon reads and writes it: by its file descriptors, never in the way of others."""

from __future__ import annotations

import io
import os
import select
import threading
from collections import deque
from collections.abc import Iterator
from typing import Any

from localgpt.daemon.interruption import Interruption
from localgpt.daemon.request import Stream

_PIECE = 4096
"""Bytes that a pipe takes at once when it takes any."""
_MOST_WAITING = 32_000_000
"""Bytes that may wait for a caller who doesn't read; a reply is never so long."""
_PATIENCE = 2.0


class CallerInput(io.RawIOBase):
    """What the caller's standard input brings."""

    def __init__(self, descriptor: int, interruption: Interruption) -> None:
        self._descriptor = descriptor
        self._interruption = interruption

    def readable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._descriptor

    def isatty(self) -> bool:
        return os.isatty(self._descriptor)

    def readinto(self, buffer: Any) -> int:
        self._interruption.wait(self._descriptor, select.POLLIN)
        data = os.read(self._descriptor, len(buffer))
        buffer[: len(data)] = data
        return len(data)


class Outlet:
    """Everything that a command prints, in its order.

    A command's thread waits for a reader that is slow; the daemon's loop leaves it to a thread, whose error is raised by
    the next writing.
    """

    def __init__(self, interruption: Interruption) -> None:
        self._interruption = interruption
        self._waiting: deque[tuple[int, bytes]] = deque()
        self._bytes = 0
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._error: OSError | None = None
        self._closed = False

    def put(self, descriptor: int, data: bytes) -> None:
        """Write it; in the loop, soon."""
        if self._interruption.in_loop:
            self._leave(descriptor, data)
            return
        self.drain()
        for piece in _pieces(data):
            self._interruption.wait(descriptor, select.POLLOUT)
            _write(descriptor, piece)

    def drain(self) -> None:
        """Wait until all that was left to the thread is out; raises the error that it had."""
        with self._changed:
            while self._waiting and self._error is None:
                self._changed.wait()
            self._tell()

    def close(self) -> None:
        """Let the thread go; what still waits is lost."""
        with self._changed:
            self._closed = True
            self._waiting.clear()
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join(_PATIENCE)

    def _leave(self, descriptor: int, data: bytes) -> None:
        with self._changed:
            self._tell()
            if self._bytes + len(data) > _MOST_WAITING:
                raise BrokenPipeError
            self._waiting.append((descriptor, data))
            self._bytes += len(data)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="output", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def _tell(self) -> None:
        if self._error is not None:
            error, self._error = self._error, None
            self._waiting.clear()
            self._bytes = 0
            raise error

    def _work(self) -> None:
        while (found := self._next()) is not None:
            error = self._put_apart(*found)
            with self._changed:
                self._error = error
                if self._waiting:
                    self._waiting.popleft()
                    self._bytes -= len(found[1])
                self._changed.notify_all()

    def _next(self) -> tuple[int, bytes] | None:
        with self._changed:
            while not self._waiting:
                if self._closed:
                    return None
                self._changed.wait()
            return self._waiting[0]

    def _put_apart(self, descriptor: int, data: bytes) -> OSError | None:
        try:
            for piece in _pieces(data):
                if not self._interruption.wait_apart(descriptor, select.POLLOUT):
                    return BrokenPipeError()
                _write(descriptor, piece)
        except OSError as error:
            return error
        return None


def _pieces(data: bytes) -> Iterator[bytes]:
    return (data[begin : begin + _PIECE] for begin in range(0, len(data), _PIECE))


def _write(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


class CallerOutput(io.RawIOBase):
    """The caller's standard output or error."""

    def __init__(self, descriptor: int, outlet: Outlet) -> None:
        self._descriptor = descriptor
        self._outlet = outlet

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._descriptor

    def isatty(self) -> bool:
        return os.isatty(self._descriptor)

    def write(self, data: Any) -> int:
        whole = bytes(data)
        self._outlet.put(self._descriptor, whole)
        return len(whole)


def reader(descriptor: int, stream: Stream, interruption: Interruption) -> io.TextIOWrapper:
    """Standard input as text, as the caller's own process would have it."""
    raw = CallerInput(descriptor, interruption)
    return io.TextIOWrapper(io.BufferedReader(raw), encoding=stream.encoding, errors=stream.errors)


def writer(descriptor: int, stream: Stream, outlet: Outlet) -> io.TextIOWrapper:
    """Standard output or error as text."""
    raw: Any = CallerOutput(descriptor, outlet)
    return io.TextIOWrapper(raw, encoding=stream.encoding, errors=stream.errors, write_through=True)
