"""What was changed in the owner's files, and putting it back."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from localgpt.care import steps as journalled
from localgpt.care.undo import Undone
from localgpt.core.errors import UsageError
from localgpt.server.served import Here

router = APIRouter(tags=["history"])


class Write(BaseModel):
    """One change of a file: ``op`` is ``create``, ``append``, ``replace`` or ``delete``; lines 0 where only some went."""

    path: str
    op: str
    start: int
    end: int
    origin: str


class Step(BaseModel):
    """What can be undone at once. ``undone_by`` is the step that put it back, ``undoes`` those that it put back."""

    id: str
    time: str
    door: str
    session: str
    undone_by: str
    undoes: list[str]
    paths: list[str]
    changes: list[Write]


class Steps(BaseModel):
    """The steps, the last first."""

    steps: list[Step]


class Changed(BaseModel):
    """What a step did to a file, as a unified diff; ``known`` is false where that can't be told any more."""

    path: str
    diff: str
    known: bool


class Changes(BaseModel):
    """What a step did, file by file."""

    files: list[Changed]


class Undoing(BaseModel):
    """What to put back: ``turn`` (an id, or the beginning of one), or what the ``last`` steps did."""

    turn: str | None = None
    last: int = Field(default=1, ge=1, le=1000)
    dry_run: bool = False


class Redoing(BaseModel):
    """``dry_run`` only says what would happen."""

    dry_run: bool = False


class Kept(BaseModel):
    """A file that stays as it is (or a part of it), and why."""

    path: str
    reason: str


class PutBack(BaseModel):
    """What was, or would be, put back; ``id`` undoes it again and is empty when nothing was done."""

    id: str
    turns: list[str]
    files: list[str]
    kept: list[Kept]
    diff: str


@router.get("/api/history")
async def history(here: Here, path: str = "", limit: Annotated[int, Query(ge=1, le=1000)] = 50) -> Steps:
    """What was changed, the last first: all of it, or what concerns a file or folder."""
    found = await here.assistant().history(path, limit)
    return Steps(steps=[_step(step) for step in found])


def _step(step: journalled.Step) -> Step:
    return Step(**step.as_json(), paths=list(step.paths))


@router.get("/api/history/{step}/diff")
async def difference(step: str, here: Here) -> Changes:
    """What a step did to each file, an edit with another program too."""
    found = await here.assistant().show_change(step)
    return Changes(files=[Changed(path=one.path, diff=one.diff, known=one.known) for one in found.files])


@router.post("/api/undo")
async def undo(here: Here, wanted: Undoing | None = None) -> PutBack:
    """Put back what a step did; with ``dry_run`` only say what would happen. What was edited since stays."""
    wanted = wanted or Undoing()
    if wanted.turn is not None and not wanted.turn.strip():
        raise UsageError("The turn to undo has no name.", hint="Leave it out to undo the last change.")
    return _told(here, await here.assistant().undo(wanted.turn, wanted.last, dry_run=wanted.dry_run))


@router.post("/api/redo")
async def redo(here: Here, wanted: Redoing | None = None) -> PutBack:
    """Take the last undoing back."""
    return _told(here, await here.assistant().redo(dry_run=bool(wanted and wanted.dry_run)))


def _told(here: Here, done: Undone) -> PutBack:
    for file in done.changed if done.id else ():
        here.feed.publish("note", path=file.path, turn_id=done.id)
    return PutBack(**done.as_json())
