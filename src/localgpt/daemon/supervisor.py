"""The daemon's parts, each in a task of its own: one that fails is told of and begun again, and no other one notices."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime

from localgpt.core.errors import LocalGPTError

_log = logging.getLogger(__name__)

FIRST = 1.0
LONGEST = 60.0
_CALM = 300.0
"""Seconds before another try: after the first failure, at most; and after how long of work a failure is a first one."""


@dataclass(slots=True)
class Part:
    """A part: its name, what runs it (until it returns, for ever, or fails), and how it is."""

    name: str
    run: Callable[[], Awaitable[None]]
    state: str = "waiting"
    problem: str = ""
    failures: int = 0
    since: datetime = field(default_factory=lambda: datetime.now().astimezone())

    def turn(self, state: str, problem: str = "") -> None:
        """From now on it is like that."""
        self.state, self.problem, self.since = state, problem, datetime.now().astimezone()


def pause(failures: int, first: float = FIRST) -> float:
    """Seconds before the next try after so many failures in a row."""
    return min(first * 2.0 ** (failures - 1), LONGEST)


class Supervisor:
    """Runs parts until it is stopped."""

    def __init__(self, *, first: float = FIRST) -> None:
        self._first = first
        self.parts: list[Part] = []
        self._tasks: list[asyncio.Task[None]] = []

    def add(self, name: str, run: Callable[[], Awaitable[None]]) -> None:
        """Begin a part; to be called in the loop."""
        part = Part(name, run)
        self.parts.append(part)
        self._tasks.append(asyncio.create_task(self._keep(part), name=name))

    async def stop(self) -> None:
        """End all parts, the last one first, and wait for their ends."""
        for task in reversed(self._tasks):
            task.cancel()
            await asyncio.wait([task])

    async def _keep(self, part: Part) -> None:
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            part.turn("running")
            try:
                await part.run()
            except LocalGPTError as error:
                self._failed(part, f"{error.message} {error.hint}".strip(), loop.time() - began)
            except Exception as error:  # noqa: BLE001 - whatever breaks a part must not end the others
                _log.exception("%s broke", part.name)
                self._failed(part, f"{type(error).__name__}: {error}", loop.time() - began)
            else:
                part.turn("done")
                return
            await asyncio.sleep(pause(part.failures, self._first))

    @staticmethod
    def _failed(part: Part, problem: str, lasted: float) -> None:
        part.failures = 1 if lasted > _CALM else part.failures + 1
        if part.problem != problem or part.failures == 1:
            _log.warning("%s does not work: %s", part.name, problem)
        part.turn("failing", problem)
