"""The turns that run, and those that ended a short while ago: following, resuming, stopping."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Header, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from localgpt.app.turns import Live
from localgpt.server import streams
from localgpt.server.served import Here

router = APIRouter(prefix="/api/turns", tags=["turns"])


class TurnShape(BaseModel):
    """A turn. ``last`` is the number of its newest event."""

    turn_id: str
    session_id: str
    started_at: datetime
    done: bool
    last: int


class TurnList(BaseModel):
    """The turns that can be followed, the oldest first."""

    turns: list[TurnShape]


@router.get("")
async def turns(here: Here) -> TurnList:
    """The turns that run, and those of the last minutes."""
    return TurnList(turns=[shape(live) for live in here.turns.all()])


@router.get("/{turn_id}/events", response_class=StreamingResponse, responses=streams.DOCUMENTED)
async def events(
    turn_id: str,
    here: Here,
    after: Annotated[
        int | None, Query(ge=0, le=10**9, description="the last event's number that is known")
    ] = None,
    render: bool = False,
    last_event_id: Annotated[str, Header()] = "",
) -> StreamingResponse:
    """A turn's events, from the one after ``after`` on (or after ``Last-Event-ID``); they go on as they come."""
    live = here.turns.get(turn_id)
    return streams.response(
        streams.told(live, streams.number_after(turn_id, after, last_event_id), rendered=render)
    )


@router.post("/{turn_id}/stop")
async def stop(turn_id: str, here: Here) -> TurnShape:
    """Interrupt a turn; what came of the reply is kept. Stopping one that has ended changes nothing."""
    live = here.turns.get(turn_id)
    live.stop()
    await live.news(live.last, 2)
    return shape(live)


def shape(live: Live) -> TurnShape:
    """A turn as JSON."""
    return TurnShape(
        turn_id=live.id,
        session_id=live.session_id,
        started_at=live.started_at,
        done=live.done,
        last=live.last,
    )
