"""The history of the owner's files: what changed, when, by whom, and putting it back.

The journal tells of turns, the time machine of the owner's own edits and of every file as it was.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from localgpt.care import steps, undo
from localgpt.care.diff import unified
from localgpt.care.step_diff import FileDiff, diffs
from localgpt.care.steps import EDITOR, Step
from localgpt.care.time_machine.past import Past
from localgpt.care.time_machine.repository import Commit
from localgpt.care.undo import Content, FilePlan, Undone
from localgpt.core.errors import LocalGPTError, NotFound, UsageError
from localgpt.core.journal import Journal
from localgpt.memory.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Shown:
    """A step with what it did to each file, as a unified diff."""

    step: Step
    files: tuple[FileDiff, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain JSON values, as ``localgpt history show --format json`` prints them."""
        files = [{"path": one.path, "diff": one.diff, "known": one.known} for one in self.files]
        return self.step.as_json() | {"files": files}


@dataclass(frozen=True, slots=True)
class History:
    """The history of the files of ``workspace``, as ``journal`` and ``past`` tell it; ``door`` is where an undo comes from."""

    journal: Journal
    workspace: Workspace
    door: str = ""
    past: Past | None = None

    def steps(self, path: str = "", limit: int = 0) -> list[Step]:
        """The steps and the owner's edits, the last first, at most ``limit`` (0: all).

        Only those that changed ``path`` (a file or a folder) where one is given.
        """
        name = self._name(path) if path else ""
        edits = self.past.edits(limit, "" if name == "." else name.rstrip("/")) if self.past else []
        found = steps.steps(self.journal.entries(*steps.KINDS), edits)
        if name:
            folder = "" if name == "." else name.rstrip("/") + "/"
            found = [
                step
                for step in found
                if step.door == EDITOR or any(one == name or one.startswith(folder) for one in step.paths)
            ]
        return found[:limit] if limit else found

    def show(self, reference: str) -> Shown:
        """What the step with that name (or its beginning) did. Raises ``NotFound``."""
        every = self._journalled()
        step = self._named(reference, every)
        moment = datetime.fromisoformat(step.time)
        kept = self.past.changed_by(step.id, moment) if self.past and step.door != EDITOR else []
        if kept:
            return Shown(step, tuple(FileDiff(path, unified(path, was, now)) for path, was, now in kept))
        return Shown(step, tuple(diffs(step, [*every, step], self.workspace.content, self._blob)))

    def restore(self, path: str, at: str | datetime, *, dry_run: bool = False) -> Undone:
        """Make a file what it was at a moment, or after a step or commit of that name; a change like any other.

        Raises ``NotFound`` where the history does not go back so far, or the file was not there then.
        """
        place = self.workspace.locate(path, writing=True)
        inside = os.path.relpath(place.target, os.path.realpath(self.workspace.root)).replace(os.sep, "/")
        commit = self._commit(at)
        then = self.past.file(commit, inside) if self.past and commit else None
        if then is None:
            what = f"at {at:%Y-%m-%d %H:%M}" if isinstance(at, datetime) else f"after {at}"
            raise NotFound(
                f"There is no {place.name} as it was {what}.",
                hint=f"localgpt history {place.name} lists its changes.",
            )
        planned = Undone((), (FilePlan(place.name, self.workspace.content(path), then),))
        return planned if dry_run else undo.act(planned, self.workspace, self.journal, self.door)

    def undo(
        self, turn: str | Sequence[str] | None = None, *, last: int = 1, dry_run: bool = False
    ) -> Undone:
        """Put back what ``turn`` changed (or several, the last first), else the ``last`` steps in effect.

        The owner's own edits are put back by their name only. Raises ``NotFound`` when there is no such step, or none
        at all.
        """
        every = self._journalled()
        if turn is not None:
            names = [turn] if isinstance(turn, str) else turn
            return self._do([self._named(name, every) for name in names], every, dry_run=dry_run)
        if last < 1:
            raise UsageError("At least one change must be undone.", hint="Like this: --last 1")
        there = (step for step in steps.in_effect(every) if self._matters(step, every))
        return self._do(list(islice(there, last)), every, dry_run=dry_run)

    def redo(self, *, dry_run: bool = False) -> Undone:
        """Take the last undoing back. Raises ``NotFound`` when there is none."""
        every = self._journalled()
        return self._do(steps.undoings(every)[:1], every, dry_run=dry_run)

    def _journalled(self) -> list[Step]:
        return steps.steps(self.journal.entries(*steps.KINDS))

    def _named(self, reference: str, every: list[Step]) -> Step:
        try:
            return steps.named(every, reference)
        except NotFound:
            edit = self.past.edit(reference.strip()) if self.past else None
            if edit is None:
                raise
            return edit

    def _commit(self, at: str | datetime) -> Commit | None:
        if self.past is None:
            return None
        if isinstance(at, datetime):
            return self.past.at(at)
        try:
            step = self._named(at, self._journalled())
        except NotFound:
            return self.past.named(at.strip())
        if step.door == EDITOR:
            return self.past.named(step.id)
        moment = datetime.fromisoformat(step.time)
        return self.past.after(step.id, moment) or self.past.at(moment)

    def _blob(self, sha256: str) -> Content:
        content = self.journal.blob(sha256)
        return self.past.content(sha256) if content is None and self.past else content

    def _do(self, wanted: list[Step], every: list[Step], *, dry_run: bool) -> Undone:
        if not wanted:
            raise NotFound("There is nothing to put back.", hint="localgpt history lists what was changed.")
        planned = self._planned(wanted, every)
        return planned if dry_run else undo.act(planned, self.workspace, self.journal, self.door)

    def _planned(self, wanted: list[Step], every: list[Step]) -> Undone:
        return undo.plan(wanted, every, self.workspace.content, self._blob)

    def _matters(self, step: Step, every: list[Step]) -> bool:
        """Whether there is something to put back: a write that a crash prevented leaves nothing."""
        return bool((planned := self._planned([step], every)).changed or planned.kept)

    def _name(self, path: str) -> str:
        try:
            return self.workspace.locate(path).name
        except LocalGPTError:
            return path  # it may have been open when it was changed
