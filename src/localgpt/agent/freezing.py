"""A stream that the owner's emergency stop ends: looked for while the stream runs, whatever it waits for.

The stream runs in a task of its own, which a stop can cancel without touching whoever listens. It goes on only when
the listener asks for more, as it would without.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import TypeVar

from localgpt.core.errors import FrozenError

LOOK = 0.25
"""Seconds between looks."""
THAW = "'localgpt thaw' lets things go on."

_T = TypeVar("_T")


def check(frozen: Callable[[], str]) -> None:
    """Raise ``FrozenError`` while everything is stopped."""
    if sentence := frozen():
        raise FrozenError(sentence, hint=THAW)


async def until_frozen(
    stream: AsyncGenerator[_T, None], frozen: Callable[[], str]
) -> AsyncGenerator[_T, None]:
    """What ``stream`` gives, until ``frozen`` gives a sentence: it is cancelled then, and ``FrozenError`` raised.

    Closed or cancelled, the stream is closed or cancelled first.
    """
    given: asyncio.Queue[_T | None] = asyncio.Queue()
    wanted = asyncio.Event()
    wanted.set()
    running = asyncio.ensure_future(_run(stream, given, wanted))
    running.add_done_callback(lambda _: given.put_nowait(None))
    looking = asyncio.ensure_future(_look(running, frozen))
    try:
        while (event := await given.get()) is not None:
            yield event
            wanted.set()
        if running.cancelled() and looking.done():
            raise FrozenError(looking.result(), hint=THAW)
        await running
    finally:
        looking.cancel()
        running.cancel()
        await _ended(running)


async def _run(
    stream: AsyncGenerator[_T, None], given: asyncio.Queue[_T | None], wanted: asyncio.Event
) -> None:
    async with aclosing(stream) as events:
        async for event in events:
            wanted.clear()
            given.put_nowait(event)
            await wanted.wait()


async def _look(running: asyncio.Future[None], frozen: Callable[[], str]) -> str:
    while True:
        if sentence := frozen():
            running.cancel()
            return sentence
        await asyncio.sleep(LOOK)


async def _ended(running: asyncio.Future[None]) -> None:
    """Wait for what the stream does at its end, also where this is cancelled meanwhile."""
    stopped: asyncio.CancelledError | None = None
    while not running.done():
        try:
            await asyncio.wait([running])
        except asyncio.CancelledError as error:
            stopped = error
    if not running.cancelled():
        running.exception()  # it is told where it is awaited
    if stopped is not None:
        raise stopped
