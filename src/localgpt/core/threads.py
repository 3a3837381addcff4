"""Work that blocks (a write that is synced, a lock, a long look), away from the event loop and done to its end.

Many conversations share one loop: none of them may wait for another's disk. And a write that was begun is finished,
whoever stops listening meanwhile: a thread can't be stopped, so its end is awaited.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import ParamSpec, TypeVar

Given = ParamSpec("Given")
Result = TypeVar("Result")


async def done(work: Callable[Given, Result], *args: Given.args, **named: Given.kwargs) -> Result:
    """What ``work`` gives. Cancelled meanwhile, it is awaited all the same, and the cancellation comes after it."""
    # not to_thread: its task would be cancelled with all others when a loop ends, before the work had begun
    future = asyncio.get_running_loop().run_in_executor(None, partial(work, *args, **named))
    stopped: asyncio.CancelledError | None = None
    while not future.done():
        try:
            await asyncio.wait([future])
        except asyncio.CancelledError as error:
            stopped = error
    if stopped is not None and future.exception() is None:
        raise stopped
    return future.result()
