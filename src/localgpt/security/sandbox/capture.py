"""What a run writes: its streams read to their ends, kept up to a limit or handed on, and a flood noticed."""

from __future__ import annotations

import os
import selectors
import time
from collections.abc import Callable, Mapping

_PART = 65536
_FLOOD = 16
"""So many times the limit is read and thrown away before a run is stopped for it."""

Taker = Callable[[bytes], None]


class Capture:
    """Reads pipes until they are all closed. ``limit`` is in bytes, for each.

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
        self._kept = {name: bytearray() for name in pipes}
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
            self._kept[name] += data[: max(0, self._limit - len(self._kept[name]))]
        if before <= self._limit * _FLOOD < self._seen[name]:
            self._flooded()

    def bytes_of(self, name: str) -> bytes:
        """What was kept of a pipe."""
        return bytes(self._kept[name])

    def cut(self, name: str) -> bool:
        """Whether more came than was kept."""
        return name not in self._takers and self._seen[name] > self._limit


def _part(handle: int) -> bytes:
    try:
        return os.read(handle, _PART)
    except OSError:  # how a terminal says that nobody has it any more
        return b""
