"""What happens, told to whoever listens: two tabs stay in step."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

Happening: TypeAlias = dict[str, Any]

_WAITING = 200
"""How many happenings wait for one who doesn't read; the oldest go first."""


class Listening:
    """One listener's happenings. ``lost`` counts what it was too slow for."""

    def __init__(self) -> None:
        self.lost = 0
        self._waiting: deque[Happening] = deque(maxlen=_WAITING)
        self._news = asyncio.Event()

    def put(self, happening: Happening) -> None:
        """Keep a happening until it is taken."""
        self.lost += len(self._waiting) == _WAITING
        self._waiting.append(happening)
        self._news.set()

    async def take(self, seconds: float) -> list[Happening]:
        """All that waits, as soon as there is something; nothing when ``seconds`` have passed."""
        try:
            await asyncio.wait_for(self._news.wait(), seconds)
        except TimeoutError:
            return []
        self._news.clear()
        taken = list(self._waiting)
        self._waiting.clear()
        return taken


class Feed:
    """Tells all listeners of one process. ``publish`` belongs to the event loop's thread."""

    def __init__(self) -> None:
        self._listeners: set[Listening] = set()

    def publish(self, kind: str, /, **fields: Any) -> None:
        """Tell of ``kind``: ``session``, ``note``, ``inbox``, ``approval`` …; the fields are plain JSON."""
        for listener in self._listeners:
            listener.put({"type": kind, **fields})

    @property
    def heard(self) -> bool:
        """Whether anybody listens."""
        return bool(self._listeners)

    @contextmanager
    def listen(self) -> Iterator[Listening]:
        """Hear everything from now on."""
        listener = Listening()
        self._listeners.add(listener)
        try:
            yield listener
        finally:
            self._listeners.discard(listener)
