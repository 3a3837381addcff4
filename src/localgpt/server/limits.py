"""How much, how often and how slowly anybody may ask."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from starlette.exceptions import HTTPException
from starlette.types import Message, Receive, Send

BODY_PATIENCE = 20.0
"""Seconds that a client may let us wait for the next part of a body."""
SEND_PATIENCE = 60.0
"""Seconds that a client may leave what we send unread."""
_CLIENTS = 1000


class Rate:
    """A bucket for each client: ``burst`` requests at once, ``per_minute`` in the long run (0: no limit)."""

    def __init__(self, per_minute: int, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.per_minute = per_minute
        self.burst = burst
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, client: str) -> float:
        """Count a request of ``client``; gives 0, or the seconds after which it may ask again."""
        if not self.per_minute:
            return 0.0
        now = self._clock()
        left, since = self._buckets.pop(client, (float(self.burst), now))
        left = min(self.burst, left + (now - since) * self.per_minute / 60)
        self._buckets[client] = (max(left - 1, 0.0) if left >= 1 else left, now)
        while len(self._buckets) > _CLIENTS:
            self._buckets.popitem(last=False)
        return 0.0 if left >= 1 else (1 - left) * 60 / self.per_minute


def limited(receive: Receive, most: int) -> Receive:
    """``receive`` for a body of at most ``most`` bytes that comes without long pauses."""
    taken, whole = 0, False

    async def receiving() -> Message:
        nonlocal taken, whole
        if whole:  # what comes now is only that the client has gone
            return await receive()
        try:
            async with asyncio.timeout(BODY_PATIENCE):
                message = await receive()
        except TimeoutError as error:
            raise HTTPException(408, headers={"Connection": "close"}) from error
        taken += len(message.get("body", b""))
        whole = message["type"] != "http.request" or not message.get("more_body", False)
        if taken > most:
            raise HTTPException(413, headers={"Connection": "close"})
        return message

    return receiving


def patient(send: Send) -> Send:
    """``send`` that gives up on a client that doesn't read: the connection ends with ``TimeoutError``."""

    async def sending(message: Message) -> None:
        async with asyncio.timeout(SEND_PATIENCE):
            await send(message)

    return sending


def too_large(headers: dict[str, str], most: int) -> bool:
    """Whether a request says itself that its body is too large; a length that is no number is, too."""
    length: Any = headers.get("content-length", "0")
    return not length.isdecimal() or int(length) > most
