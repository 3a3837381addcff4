"""``/api/events``: what changes, as it happens, so that two tabs stay in step."""

from __future__ import annotations

from collections.abc import AsyncIterator

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from localgpt.server import streams
from localgpt.server.feed import Feed
from localgpt.server.served import Here

router = APIRouter(tags=["events"])


@router.get("/api/events", response_class=StreamingResponse, responses=streams.DOCUMENTED)
async def events(here: Here) -> StreamingResponse:
    """Conversations and notes that changed, the inbox, the heartbeat, tasks. It never ends by itself."""
    return streams.response(heard(here.feed))


async def heard(feed: Feed) -> AsyncIterator[str]:
    """The feed as server-sent events; ``lost`` says that some were missed and everything is to be read anew."""
    with feed.listen() as listening:
        yield streams.data({"type": "hello"})
        while True:
            happenings = await listening.take(streams.KEEP_ALIVE)
            if listening.lost:
                listening.lost = 0
                happenings = [{"type": "lost"}]
            yield "".join(map(streams.data, happenings)) or streams.COMMENT
