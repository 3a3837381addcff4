"""The part of the assistant that puts files back; ``care`` does the work."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime

    from localgpt.care.history import History, Shown
    from localgpt.care.steps import Step
    from localgpt.care.time_machine.machine import TimeMachine
    from localgpt.care.undo import Undone
    from localgpt.core.journal import Journal
    from localgpt.memory.workspace import Workspace


class Rooms(Protocol):
    """What is needed of the assistant."""

    door: str

    @property
    def journal(self) -> Journal: ...

    @property
    def workspace(self) -> Workspace: ...

    @property
    def time_machine(self) -> TimeMachine: ...


class Undoing:
    """What changed, and putting it back."""

    async def history(self: Rooms, path: str = "", limit: int = 20) -> list[Step]:
        """What was changed, the last first: each step with its files, time, door, and whether it was undone.

        What the owner changed with other programs comes by the door ``editor``, as far as the time machine has seen
        it. ``path`` is a file or folder; ``limit`` counts steps (0: all).
        """
        return await asyncio.to_thread(_history(self).steps, path, limit)

    async def show_change(self: Rooms, name: str) -> Shown:
        """One step by its id (or the beginning), with a diff for each of its files. Raises ``NotFound``."""
        return await asyncio.to_thread(_history(self).show, name)

    async def restore(self: Rooms, path: str, at: str | datetime, *, dry_run: bool = False) -> Undone:
        """Make a file what it was at a moment, or after the step of that id: a change like any other, to be undone.

        ``dry_run`` only says what would happen. Raises ``NotFound`` where the history doesn't have it.
        """
        return await asyncio.to_thread(_history(self).restore, path, at, dry_run=dry_run)

    async def undo(
        self: Rooms, turn: str | Sequence[str] | None = None, last: int = 1, *, dry_run: bool = False
    ) -> Undone:
        """Put back what ``turn`` changed (its id or the beginning of it), else what the ``last`` steps did.

        ``turn`` may also be several, the last first, as ``Undone.turns`` has them.
        What the owner edited since stays; a file that can't be put back without touching that is kept and named.
        ``dry_run`` only says what would happen. Raises ``NotFound`` when there is nothing.
        """
        return await asyncio.to_thread(_history(self).undo, turn, last=last, dry_run=dry_run)

    async def redo(self: Rooms, *, dry_run: bool = False) -> Undone:
        """Take the last undoing back. Raises ``NotFound`` when there is none."""
        return await asyncio.to_thread(_history(self).redo, dry_run=dry_run)


def _history(rooms: Rooms) -> History:
    from localgpt.care.history import History
    from localgpt.care.time_machine.past import Past

    machine = rooms.time_machine
    return History(rooms.journal, rooms.workspace, rooms.door, Past(machine.folder, machine.workspace))
