"""What can be done with one conversation: condense, clear, rename, branch, go back, say again, settle, export."""

from __future__ import annotations

import asyncio
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from localgpt.agent import branching, message_format
from localgpt.agent.context import conversation_tokens
from localgpt.agent.sessions import Session
from localgpt.agent.transcript import Entry
from localgpt.app.exporting import exported
from localgpt.app.talk import Talk
from localgpt.core.errors import NotFound, UsageError
from localgpt.core.events import MemoryWritten
from localgpt.memory.attachments import Attachment
from localgpt.server.routes.chat import answering, ask_first
from localgpt.server.routes.sessions import FileShape, alone, opened, session_of
from localgpt.server.served import Here
from localgpt.server.talks import choose_model

router = APIRouter(prefix="/api/sessions/{session_id}", tags=["sessions"])


class Compacted(BaseModel):
    """How many tokens a model is shown of the conversation, before and after."""

    session_id: str
    token_count_before: int
    token_count_after: int


class Wishes(BaseModel):
    """What the summary should keep."""

    wishes: str = ""


class Cleared(BaseModel):
    """The conversation begins anew; what was said stays in its file."""

    session_id: str
    cleared: bool


class ModelName(BaseModel):
    """A model's name."""

    model: str = Field(min_length=1, max_length=200)


class Answering(BaseModel):
    """Who answers in a conversation."""

    session_id: str
    model: str


class Title(BaseModel):
    """A conversation's title."""

    title: str = Field(min_length=1, max_length=500)


class Titled(BaseModel):
    """A conversation and its title."""

    session_id: str
    title: str


class Branch(BaseModel):
    """Where to branch off: after the message on ``line`` (default: after all of it)."""

    line: int | None = Field(default=None, ge=1)
    title: str = Field(default="", max_length=500)


class Back(BaseModel):
    """How far to go back: to before the owner's message on ``line``, or before the last ``count`` of them."""

    line: int | None = Field(default=None, ge=1)
    count: int = Field(default=1, ge=1, le=100_000)


class TakenBack(BaseModel):
    """What was taken back: the first of the owner's messages that went, and how many there were."""

    session_id: str
    message: str
    attachments: list[FileShape]
    taken: int


class Again(BaseModel):
    """Who answers this time, if somebody else; ``agree`` and ``asks`` as for a chat."""

    model: str | None = Field(default=None, max_length=200)
    agree: bool = False
    asks: bool | None = None


class AskedAgain(BaseModel):
    """The turn that answers; follow it at ``/api/turns/{turn_id}/events``."""

    session_id: str
    turn_id: str
    message: str


class Noted(BaseModel):
    """A line that was written into a note."""

    path: str
    start: int
    end: int
    text: str


class Settled(BaseModel):
    """What of the conversation was worth keeping."""

    session_id: str
    written: list[Noted]


@router.post("/compact")
async def compact(session_id: str, here: Here, wishes: Wishes | None = None) -> Compacted:
    """Put a summary in place of what was said, for the model; the file keeps it all."""
    talk = await opened(here, session_id)
    with alone(here, talk) as session:
        before = await _tokens(session)
        await talk.assistant.compact(session, wishes.wishes if wishes else "", model=talk.model or None)
        after = await _tokens(session)
    return Compacted(session_id=session.id, token_count_before=before, token_count_after=after)


async def _tokens(session: Session) -> int:
    return await asyncio.to_thread(lambda: conversation_tokens(session.messages()))


@router.post("/clear")
async def clear(session_id: str, here: Here) -> Cleared:
    """Begin anew in the same conversation. Nothing is lost: what was said stays in its file, and can be found."""
    with alone(here, await opened(here, session_id)) as session:
        if session.entries():
            await asyncio.to_thread(session.move, None)
            here.feed.publish("session", session_id=session.id)
    return Cleared(session_id=session.id, cleared=True)


@router.post("/model")
async def model(session_id: str, wanted: ModelName, here: Here) -> Answering:
    """Let another model answer in this conversation from now on."""
    talk = await opened(here, session_id)
    name = talk.assistant.named(wanted.model).name
    await asyncio.to_thread(choose_model, talk, wanted.model)
    return Answering(session_id=session_of(talk).id, model=name)


@router.post("/title")
async def title(session_id: str, wanted: Title, here: Here) -> Titled:
    """Give the conversation a title."""
    session = session_of(await opened(here, session_id))
    await asyncio.to_thread(session.rename, " ".join(wanted.title.split()) or wanted.title)
    here.feed.publish("session", session_id=session.id)
    return Titled(session_id=session.id, title=session.title)


@router.post("/branch")
async def branch(session_id: str, here: Here, wanted: Branch | None = None) -> Titled:
    """Go on in a copy of this conversation; neither knows what the other says from then on."""
    talk = await opened(here, session_id)
    wanted = wanted or Branch()
    with alone(here, talk) as session:
        new = await asyncio.to_thread(_branched, talk, session, wanted)
    here.feed.publish("session", session_id=new.id)
    return Titled(session_id=new.id, title=new.title)


def _branched(talk: Talk, session: Session, wanted: Branch) -> Session:
    at = None
    if wanted.line is not None:
        lines = [entry.line for entry in session.path_entries()]
        if wanted.line not in lines:
            raise _no_line(wanted.line)
        at = lines.index(wanted.line)
    new = branching.branch(talk.sessions, session, wanted.title)
    if at is not None:
        new.move(new.path_entries()[at])
    return new


def _no_line(line: int) -> NotFound:
    return NotFound(
        f"Line {line} is no message of this conversation as it is now.", hint="Read its messages again."
    )


@router.post("/rewind")
async def rewind(session_id: str, here: Here, wanted: Back | None = None) -> TakenBack:
    """Go back to before something the owner said. Files stay as they are; what was said stays in the file."""
    with alone(here, await opened(here, session_id)) as session:
        taken = await asyncio.to_thread(_rewound, session, wanted or Back())
    here.feed.publish("session", session_id=session.id)
    return TakenBack(
        session_id=session.id,
        message=branching.words_of(taken[0]),
        attachments=_attachments(taken[0]),
        taken=len(taken),
    )


def _rewound(session: Session, wanted: Back) -> list[Entry]:
    if wanted.line is None:
        return branching.rewind(session, wanted.count)
    lines = [entry.line for entry in branching.asked(session)]
    if wanted.line not in lines:
        raise _no_line(wanted.line)
    return branching.rewind(session, len(lines) - lines.index(wanted.line))


def _attachments(entry: Entry) -> list[FileShape]:
    found = message_format.attached(entry.message)
    return [FileShape(sha256=one.sha256, name=one.name, media_type=one.media_type) for one in found]


@router.post("/retry")
async def retry(session_id: str, request: Request, here: Here, again: Again | None = None) -> AskedAgain:
    """Say the last words again, to another model if one is named. The first answer stays in the file."""
    talk, again = await opened(here, session_id), again or Again()
    name = again.model or talk.model or None
    engine = talk.assistant.named(name) if name else await talk.assistant.ready()
    await ask_first(talk.assistant.consent, engine, request, agreed=again.agree)
    with alone(here, talk) as session:
        (said,) = await asyncio.to_thread(branching.rewind, session)
        files = await asyncio.to_thread(_files_of, talk, said)
        words = branching.words_of(said)
        who = answering(talk.assistant, request, asks=again.asks)
        live = here.turns.start(who, words, session=session, model=name, attachments=files)
    here.feed.publish("session", session_id=session.id, turn_id=live.id, running=True)
    return AskedAgain(session_id=session.id, turn_id=live.id, message=words)


def _files_of(talk: Talk, said: Entry) -> list[Attachment]:
    room = talk.assistant.attachments_in(talk.sessions)
    return [room.get(one.sha256) for one in message_format.attached(said.message)]


@router.post("/settle")
async def settle(session_id: str, here: Here) -> Settled:
    """Note what is worth keeping of the conversation."""
    talk = await opened(here, session_id)
    events = await talk.settle()
    written = [event for event in events if isinstance(event, MemoryWritten)]
    notes = [
        Noted(path=one.span.path, start=one.span.start, end=one.span.end, text=one.text) for one in written
    ]
    return Settled(session_id=session_of(talk).id, written=notes)


_TYPES = {"md": "text/markdown", "html": "text/html", "json": "application/json"}


@router.get("/export", response_class=Response)
async def export(
    session_id: str,
    here: Here,
    format: Annotated[Literal["md", "html", "json"], Query()] = "md",  # noqa: A002 - its name in the address
) -> Response:
    """The conversation as a file: Markdown, HTML or JSON."""
    session = session_of(await opened(here, session_id))
    if not await asyncio.to_thread(session.path_entries):
        raise UsageError("Nothing was said yet; there is nothing to export.", hint="Say something first.")
    text = await asyncio.to_thread(exported, session, "markdown" if format == "md" else format)
    headers = {"Content-Disposition": f'attachment; filename="conversation-{session.id[:8]}.{format}"'}
    return Response(
        text.encode("utf-8", "replace"), media_type=f"{_TYPES[format]}; charset=utf-8", headers=headers
    )
