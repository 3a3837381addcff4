"""What went on: turns, changes, what left the machine; the journal for people."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel

from localgpt.care import activity as care
from localgpt.core.errors import UsageError
from localgpt.server.served import Here

router = APIRouter(tags=["activity"])


class Entry(BaseModel):
    """One thing that happened; ``summary`` is a sentence, ``detail`` has its figures by kind."""

    time: str
    kind: str
    summary: str
    session: str
    turn: str
    detail: dict[str, Any]


class Activity(BaseModel):
    """Entries, the last first; ``next`` is the ``before`` of the page after this one, ``null`` at the end."""

    entries: list[Entry]
    next: str | None


@router.get("/api/activity")
async def activity(
    here: Here,
    limit: Annotated[int, Query(ge=1, le=care.LONGEST_PAGE)] = 50,
    before: str = "",
    kind: str = "",
) -> Activity:
    """What went on, the last first; ``kind`` is ``turn``, ``change``, ``undo``, ``exit``, ``attachment`` …"""
    if kind and kind not in care.KINDS:
        raise UsageError(f"{kind[:40]!r} is no kind of activity.", hint=f"There are: {', '.join(care.KINDS)}")
    found = await asyncio.to_thread(care.page, here.assistant().journal, limit, before, kind)
    entries = [
        Entry(
            time=one.time,
            kind=one.kind,
            summary=one.summary,
            session=one.session,
            turn=one.turn,
            detail=dict(one.detail),
        )
        for one in found.entries
    ]
    return Activity(entries=entries, next=found.next or None)
