"""Files that the owner hands over: kept by the hash of their content, and given back so that none runs as a page."""

from __future__ import annotations

import asyncio
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Request
from fastapi.responses import FileResponse
from pydantic import BaseModel

from localgpt.agent.sessions import Sessions
from localgpt.core import files
from localgpt.core.errors import NotFound
from localgpt.memory.attachments import PREFIX, Attachment
from localgpt.memory.media_types import PDF
from localgpt.server.routes.notes import SHOWN_IMAGES
from localgpt.server.served import Here

router = APIRouter(tags=["attachments"])

_IN_MEMORY = 1_000_000  # bytes; more of a body waits in a file that has no name


class Kept(BaseModel):
    """A file that is kept: ``kept_as`` is what searches and citations call it; ``notices`` say what is missing in it."""

    sha256: str
    name: str
    size: int
    media_type: str
    kept_as: str
    text: bool
    notices: list[str]


@router.post(
    "/api/attachments",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
async def keep(
    request: Request, here: Here, name: Annotated[str, Query(max_length=1000)] = "file", session_id: str = ""
) -> Kept:
    """Keep the body as a file; hand it over by its ``sha256``. One for a temporary chat goes with it."""
    assistant = here.assistant()
    sessions = await asyncio.to_thread(_sessions, here, session_id)
    kept = await assistant.keep(await _body(request), name, sessions=sessions)
    return Kept(
        sha256=kept.sha256,
        name=kept.name,
        size=kept.size,
        media_type=kept.media_type,
        kept_as=kept.path,
        text=kept.text is not None,
        notices=list(kept.notices),
    )


def _sessions(here: Here, session_id: str) -> Sessions | None:
    """The conversations that a temporary one belongs to; one that isn't begun yet is not temporary."""
    try:
        return here.talks.get(here.assistant(), session_id).sessions if session_id else None
    except NotFound:
        return None


async def _body(request: Request) -> bytes:
    with files.explained("keep", "what was sent"), files.nameless(_IN_MEMORY) as waiting:
        async for piece in request.stream():  # the gate lets no more in than may be kept
            waiting.write(piece)
        waiting.seek(0)
        return await asyncio.to_thread(waiting.read)


@router.get("/api/attachments/{sha256}/{name}", response_class=FileResponse)
async def give(sha256: str, name: str, here: Here, session_id: str = "") -> FileResponse:
    """A file as it came, by its hash (or the beginning of it), where that fits several by its name too."""
    found = await asyncio.to_thread(_found, here, sha256, name, session_id)
    shown = found.media_type in SHOWN_IMAGES or found.media_type == PDF
    headers = {
        "Content-Disposition": f"{'inline' if shown else 'attachment'}; filename*=UTF-8''{quote(found.name, safe='')}",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cache-Control": "private, max-age=86400, immutable",
    }
    kind = found.media_type if shown else "application/octet-stream"
    return FileResponse(found.file, media_type=kind, headers=headers)


def _found(here: Here, sha256: str, name: str, session_id: str) -> Attachment:
    assistant, sessions = here.assistant(), _sessions(here, session_id)
    room = assistant.attachments_in(sessions) if sessions else assistant.attachments
    found = room.get(f"{PREFIX}{sha256}/{name}")
    if not found.file.is_file():
        raise NotFound(f"{found.path} is not there any more.", hint="Attach it again.")
    return found
