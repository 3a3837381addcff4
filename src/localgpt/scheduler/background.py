"""Background tasks as doors use them: added, listed, stopped, and run, a few side by side."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from localgpt.core.errors import UsageError
from localgpt.scheduler.channels import Channel
from localgpt.scheduler.tasks import Task, TaskFolder

if TYPE_CHECKING:
    from localgpt.scheduler.rooms import Rooms


class Tasks:
    """The owner's background tasks. ``rooms`` is asked for when something runs."""

    def __init__(self, folder: TaskFolder, rooms: Callable[[], Rooms]) -> None:
        self._folder = folder
        self._rooms = rooms

    @property
    def parallel(self) -> int:
        """How many run side by side."""
        return self._rooms().rules.parallel

    def add(self, text: str, *, model: str = "", origin: str = "owner") -> Task:
        """Write down a task; the daemon runs it, or ``run_waiting``. Raises ``UsageError``."""
        return self._folder.add(text, model=model, origin=origin)

    def list(self) -> tuple[Task, ...]:
        """All tasks, the newest first."""
        return self._folder.list()

    def get(self, reference: str) -> Task:
        """The task with that id or the beginning of one. Raises ``NotFound``, ``UsageError``."""
        return self._folder.get(reference)

    def pause(self, reference: str) -> Task:
        """Let it rest. Raises ``UsageError`` where that makes no sense."""
        return self._folder.pause(reference)

    def resume(self, reference: str) -> Task:
        """Let it go on; one that failed is tried again."""
        return self._folder.resume(reference)

    def cancel(self, reference: str) -> Task:
        """End it."""
        return self._folder.cancel(reference)

    def act(self, reference: str, action: str) -> Task:
        """``pause``, ``resume`` or ``cancel`` by its name."""
        known = {"pause": self.pause, "resume": self.resume, "cancel": self.cancel}
        if action not in known:
            raise UsageError(f"{action!r} can't be done to a task.", hint="pause, resume or cancel.")
        return known[action](reference)

    def stamp(self) -> object:
        """Another one whenever a task was added or changed: one look at the disk."""
        return self._folder.stamp

    def waiting(self) -> tuple[Task, ...]:
        """What may run now, the oldest first."""
        return self._folder.waiting()

    async def run(self, reference: str, channels: Sequence[Channel] = ()) -> Task:
        """Carry out one task, or go on with it."""
        from localgpt.scheduler.task_run import TaskRun  # it knows turns, and a list of tasks needs none

        task = await asyncio.to_thread(self._folder.get, reference)
        return await TaskRun(self._rooms(), channels).run(task.id)

    async def run_waiting(self, channels: Sequence[Channel] = ()) -> tuple[Task, ...]:
        """Carry out all that waits, a few side by side; gives how far each is then."""
        from localgpt.scheduler.task_run import TaskRun

        rooms = self._rooms()
        running = asyncio.Semaphore(rooms.rules.parallel)
        work = TaskRun(rooms, channels)

        async def one(task: Task) -> Task:
            async with running:
                return await work.run(task.id)

        waiting = await asyncio.to_thread(self._folder.waiting)
        return tuple(await asyncio.gather(*map(one, waiting)))
