"""The emergency stop in the daemon: whatever runs ends within a second, and nothing begins before it is thawed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from localgpt.security.freeze import LOOK, Freeze, Frozen

if TYPE_CHECKING:
    from localgpt.app.turns import Live

_log = logging.getLogger(__name__)

ROUNDS = (0.0, 0.25, 0.5)
"""Seconds after which it is looked again whether something was just beginning."""


class Running(Protocol):
    """The turns of this process."""

    def running(self) -> Sequence[Live]: ...


class Interrupted(Protocol):
    """The commands that run here."""

    def interrupt(self, *, thinking: bool) -> None: ...


class Stopped:
    """Whether things are stopped: ``news`` is set while they are, for loops that end when it is."""

    def __init__(self, freeze: Freeze) -> None:
        self.freeze = freeze
        self.news = asyncio.Event()
        self._thawed = asyncio.Event()

    async def thawed(self) -> None:
        """Wait until things may run."""
        if self.freeze.frozen() is None and not self.news.is_set():
            return
        await self._thawed.wait()

    async def heed(self, turns: Running, door: Interrupted) -> None:
        """Look for the stop, and end everything when it comes; for ever."""
        while True:
            found = self.freeze.frozen()
            if found is not None and not self.news.is_set():
                await self._stop(found, turns, door)
            elif found is None:
                self.news.clear()
                self._thawed.set()
            await asyncio.sleep(LOOK)

    async def _stop(self, found: Frozen, turns: Running, door: Interrupted) -> None:
        _log.warning("frozen: everything is stopped%s", f" ({found.why})" if found.why else "")
        self._thawed.clear()
        self.news.set()
        for wait in ROUNDS:
            await asyncio.sleep(wait)
            for live in turns.running():
                live.stop()
            if wait:
                door.interrupt(thinking=True)  # those that did not end by themselves
            await asyncio.to_thread(self.freeze.end_children)
