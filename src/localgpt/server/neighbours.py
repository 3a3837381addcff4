"""What other processes of this home do that pages show: questions that wait there, and whether everything is stopped."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from pathlib import Path

from localgpt.server.served import Served

LOOK = 1.0
"""Seconds between two looks; nobody looks while no page listens."""


async def follow(here: Served) -> None:
    """Tell the feed of what changed there, for ever."""
    state = here.assistant().home.state
    places = {"approval": state / "approvals", "freeze": state / "frozen"}
    before: dict[str, int] = {}
    while True:
        if here.feed.heard:
            now = {kind: changed(place) for kind, place in places.items()}
            for kind in _other(before, now):
                here.feed.publish(kind)
            before = now
        await asyncio.sleep(LOOK)


def _other(before: dict[str, int], now: dict[str, int]) -> Sequence[str]:
    return [kind for kind, moment in now.items() if before and before[kind] != moment]


def changed(place: Path) -> int:
    """When something was last put there or taken away, in nanoseconds; 0 where there is nothing."""
    with contextlib.suppress(OSError):
        return place.stat().st_mtime_ns
    return 0
