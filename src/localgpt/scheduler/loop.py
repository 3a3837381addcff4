"""The daemon's loop: beats when one is due, runs tasks that wait, and sleeps in between."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Protocol

from localgpt.core.errors import LocalGPTError
from localgpt.scheduler.background import Tasks
from localgpt.scheduler.channels import Channel
from localgpt.scheduler.heartbeat import Heartbeat
from localgpt.scheduler.tasks import Task

LONGEST_SLEEP = 60.0
"""Seconds after which it looks again whatever it expects: clocks jump, and machines sleep."""
SHORTEST_SLEEP = 1.0
GLANCE = 5.0
"""Seconds between two glances at the times of two files."""

logger = logging.getLogger(__name__)


class Attended(Protocol):
    """What is needed of the assistant."""

    @property
    def heartbeat(self) -> Heartbeat: ...

    @property
    def tasks(self) -> Tasks: ...


async def attend(
    assistant_of: Callable[[], Attended],
    channels: Sequence[Channel],
    stop: asyncio.Event,
    *,
    clock: Callable[[], datetime] = lambda: datetime.now().astimezone(),
) -> None:
    """Run until ``stop`` is set; what runs then is stopped, and goes on at the next start.

    ``assistant_of`` gives the assistant of the moment, for settings change. ``channels`` are the daemon's own.
    """
    await asyncio.gather(_beats(assistant_of, channels, stop, clock), _works(assistant_of, channels, stop))


async def _beats(
    assistant_of: Callable[[], Attended],
    channels: Sequence[Channel],
    stop: asyncio.Event,
    clock: Callable[[], datetime],
) -> None:
    while not stop.is_set():
        heartbeat = assistant_of().heartbeat
        mark = await asyncio.to_thread(heartbeat.stamp)
        beat = asyncio.ensure_future(_beat(heartbeat, channels, clock))
        wait = await _unless(stop, beat)
        await _sleep(heartbeat.stamp, mark, wait, stop)


async def _works(
    assistant_of: Callable[[], Attended], channels: Sequence[Channel], stop: asyncio.Event
) -> None:
    running: dict[str, asyncio.Task[Task]] = {}
    try:
        while not stop.is_set():
            tasks = assistant_of().tasks
            mark = await asyncio.to_thread(tasks.stamp)
            waiting = await asyncio.to_thread(tasks.waiting)
            _start(tasks, waiting, running, channels)
            await _sleep(tasks.stamp, mark, LONGEST_SLEEP if not running else GLANCE, stop)
    finally:
        for task in running.values():
            task.cancel()
        await asyncio.gather(*running.values(), return_exceptions=True)


async def _unless(stop: asyncio.Event, beat: asyncio.Future[float]) -> float:
    """Wait for a beat; when everything stops, it is stopped too, and goes on at the next start."""
    stopping = asyncio.ensure_future(stop.wait())
    try:
        both: set[asyncio.Future[Any]] = {stopping, beat}
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        return beat.result() if beat.done() else 0.0
    finally:
        stopping.cancel()
        if not beat.done():
            beat.cancel()
            await asyncio.gather(beat, return_exceptions=True)


async def _beat(heartbeat: Heartbeat, channels: Sequence[Channel], clock: Callable[[], datetime]) -> float:
    """One look at what is due; gives the seconds until the next."""
    try:
        beat = await heartbeat.beat(channels=channels)
    except (LocalGPTError, OSError) as error:
        logger.warning("The heartbeat failed: %s", error)
        return LONGEST_SLEEP
    except Exception:  # a bug in one beat must not end all that come after it
        logger.exception("The heartbeat broke")
        return LONGEST_SLEEP
    if beat.runs:
        logger.info("heartbeat: %s, %s", beat.status, beat.text)
    if beat.next_at is None:
        return LONGEST_SLEEP
    return min(max((beat.next_at - clock()).total_seconds(), SHORTEST_SLEEP), LONGEST_SLEEP)


def _start(
    tasks: Tasks,
    waiting: Sequence[Task],
    running: dict[str, asyncio.Task[Task]],
    channels: Sequence[Channel],
) -> None:
    """Start what waits, as far as there is room; what has ended makes some."""
    for task_id in [task_id for task_id, task in running.items() if task.done()]:
        ended = running.pop(task_id)
        if not ended.cancelled() and (error := ended.exception()) is not None:
            logger.error("Task %s broke: %s", task_id, error)
    for task in waiting:
        if len(running) >= tasks.parallel:
            return
        if task.id not in running:
            running[task.id] = asyncio.create_task(tasks.run(task.id, channels))


async def _sleep(stamp: Callable[[], object], mark: object, seconds: float, stop: asyncio.Event) -> None:
    """Sleep until something is due or a file has changed."""
    until = time.monotonic() + seconds
    while not stop.is_set() and (left := until - time.monotonic()) > 0:
        try:
            async with asyncio.timeout(min(left, GLANCE)):
                await stop.wait()
        except TimeoutError:
            if stamp() != mark:
                return
