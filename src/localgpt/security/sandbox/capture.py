"""What a run writes: its streams read to their ends, beginning and end of each kept, or handed on; a flood noticed."""

from __future__ import annotations

import os
import selectors
import time
from collections.abc import Callable, Mapping

_PART = 65536
_FLOOD = 16
"""So many times the limit is read and thrown away before a run is stopped for it."""

_MISSING = b"\n[... something is missing here ...]\n"

Taker = Callable[[bytes], None]


class Capture:
    """Reads pipes until they are all closed. ``limit`` is in bytes, for each: half for its beginning, half for its end.

    ``takers`` are given what comes from the pipe of that name; nothing of it is kept here.
    """

    def __init__(
        self,
        pipes: dict[str, int],
        limit: int,
        flooded: Callable[[], None],
        takers: Mapping[str, Taker] | None = None,
    ) -> None:
        self._limit, self._flooded = limit, flooded
        self._takers = takers or {}
        self._heads = {name: bytearray() for name in pipes}
        self._tails = {name: bytearray() for name in pipes}
        self._seen = dict.fromkeys(pipes, 0)
        self._selector = selectors.DefaultSelector()
        for name, pipe in pipes.items():
            self._selector.register(pipe, selectors.EVENT_READ, name)

    def run(self, seconds: float) -> bool:
        """Read to the ends, at most so long; whether they were reached."""
        end = time.monotonic() + seconds
        while self._selector.get_map():
            left = end - time.monotonic()
            if left <= 0:
                return False
            for key, _ in self._selector.select(left):
                self._read(key)
        return True

    def close(self) -> None:
        """Stop reading."""
        self._selector.close()

    def _read(self, key: selectors.SelectorKey) -> None:
        data, name = _part(key.fd), str(key.data)
        if not data:
            self._selector.unregister(key.fd)
            return
        before = self._seen[name]
        self._seen[name] += len(data)
        if name in self._takers:
            self._takers[name](data)
        else:
            self._keep(name, data)
        if before <= self._limit * _FLOOD < self._seen[name]:
            self._flooded()

    def _keep(self, name: str, data: bytes) -> None:
        head, tail = self._heads[name], self._tails[name]
        room = max(0, self._limit // 2 - len(head))
        head += data[:room]
        tail += data[room:]
        if len(tail) > 2 * self._limit:  # not each time: that would move all of it for every part
            del tail[: len(tail) - (self._limit - self._limit // 2)]

    def bytes_of(self, name: str) -> bytes:
        """What was kept of a pipe; a line says where something is missing."""
        head, tail = bytes(self._heads[name]), bytes(self._tails[name])
        if not self.cut(name):
            return head + tail
        return head + _MISSING + tail[len(tail) - (self._limit - self._limit // 2) :]

    def cut(self, name: str) -> bool:
        """Whether more came than was kept."""
        return name not in self._takers and self._seen[name] > self._limit


def _part(handle: int) -> bytes:
    try:
        return os.read(handle, _PART)
    except OSError:  # how a terminal says that nobody has it any more
        return b""
