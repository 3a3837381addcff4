"""The conversations: listed, begun, read, searched, deleted."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel

from localgpt.agent import session_index
from localgpt.agent.context import conversation_tokens
from localgpt.agent.reply_links import ReplyLinks
from localgpt.agent.sessions import Session, SessionInfo
from localgpt.app.assistant import Assistant
from localgpt.app.talk import Talk
from localgpt.core import files
from localgpt.core.errors import Conflict, LocalGPTError
from localgpt.core.values import Hit
from localgpt.server import messages
from localgpt.server.schemas import Cited, Used
from localgpt.server.served import Here, Served

router = APIRouter(tags=["sessions"])


class NewSession(BaseModel):
    """With ``session_id`` that conversation is opened, or begun under this id; a ``temporary`` one leaves nothing."""

    session_id: str | None = None
    temporary: bool = False


class OpenSession(BaseModel):
    """A conversation, and who answers in it."""

    session_id: str
    model: str
    temporary: bool = False


class SessionRow(BaseModel):
    """A conversation in a list."""

    session_id: str
    title: str
    idle_seconds: int
    message_count: int
    created_at: datetime
    updated_at: datetime
    running: bool
    model: str


class SessionList(BaseModel):
    """The conversations, the last used first."""

    sessions: list[SessionRow]


class SessionDetails(OpenSession):
    """A conversation in figures; tokens are those of what a model is shown of it, and of all it has read and written."""

    title: str
    message_count: int
    token_count: int
    idle_seconds: int
    api_input_tokens: int
    api_output_tokens: int
    cost_usd: float
    created_at: datetime | None
    updated_at: datetime | None
    running: bool


class ToolCallShape(BaseModel):
    """A tool that a model asked for; ``arguments`` is JSON as text."""

    id: str
    name: str
    arguments: str


class FileShape(BaseModel):
    """A file that was handed over."""

    sha256: str
    name: str
    media_type: str


class MessageShape(BaseModel):
    """A message. ``role`` is ``user``, ``assistant``, ``system`` (a summary) or ``toolResult``; ``line`` names it."""

    role: str
    content: str | None
    tool_calls: list[ToolCallShape] | None
    tool_call_id: str | None
    timestamp: int | None
    line: int
    turn_id: str
    model: str
    thinking: str
    attachments: list[FileShape]
    citations: list[Cited]
    usage: Used | None
    stop: str
    is_error: bool
    html: str | None = None


class MessageList(BaseModel):
    """What was said in a conversation; ``more`` came before it."""

    session_id: str
    messages: list[MessageShape]
    more: bool = False


class Deleted(BaseModel):
    """A conversation that was taken out."""

    deleted: bool
    session_id: str


class FoundPassage(BaseModel):
    """A passage of a conversation; the lines are those of its file."""

    session_id: str
    title: str
    line_start: int
    line_end: int
    content: str
    score: float
    date: str
    speaker: str


class FoundPassages(BaseModel):
    """Passages of conversations, the best first."""

    query: str
    results: list[FoundPassage]


class SavedSession(BaseModel):
    """A conversation on disk, as the Rust LocalGPT lists it."""

    id: str
    message_count: int
    created_at: str


class SavedSessions(BaseModel):
    """The conversations on disk."""

    sessions: list[SavedSession]


class SavedMessages(MessageList):
    """A conversation on disk."""

    created_at: str


@router.get("/api/sessions")
async def sessions(
    here: Here, limit: Annotated[int, Query(ge=1, le=10_000)] = 1000, jobs: bool = False
) -> SessionList:
    """The owner's conversations, the last used first; with ``jobs`` also those of the heartbeat and of tasks."""
    found = await asyncio.to_thread(here.assistant().sessions.list)
    running = {live.session_id for live in here.turns.running()}
    shown = [info for info in found if jobs or session_index.is_main(info.key, info.id)]
    return SessionList(sessions=[_row(info, running=info.id in running) for info in shown[:limit]])


@router.post("/api/sessions")
async def begin(here: Here, wanted: NewSession | None = None) -> OpenSession:
    """Begin a conversation (nothing is written before something is said), or open one."""
    wanted = wanted or NewSession()
    assistant = here.assistant()
    if wanted.temporary:
        talk = await asyncio.to_thread(here.talks.new, assistant, temporary=True)
    else:
        talk = await asyncio.to_thread(here.talks.get_or_new, assistant, wanted.session_id or "")
    return OpenSession(session_id=session_of(talk).id, model=await _model(talk), temporary=talk.temporary)


@router.get("/api/sessions/search")
async def search(
    here: Here,
    q: Annotated[str, Query(max_length=10_000)],
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> FoundPassages:
    """Search what was said in all conversations."""
    assistant = here.assistant()
    found = await assistant.search(q, limit=limit, within="sessions")
    titles = {info.id: info.title for info in await asyncio.to_thread(assistant.sessions.list)}
    results = [_passage(hit, titles) for hit in found.hits]
    return FoundPassages(query=q, results=results)


def _passage(hit: Hit, titles: Mapping[str, str]) -> FoundPassage:
    session_id = hit.path.removeprefix("session:")
    return FoundPassage(
        session_id=session_id,
        title=titles.get(session_id, ""),
        line_start=hit.start,
        line_end=hit.end,
        content=hit.text,
        score=round(hit.score, 4),
        date=hit.date,
        speaker=hit.speaker,
    )


@router.get("/api/sessions/{session_id}")
async def session(session_id: str, here: Here) -> SessionDetails:
    """A conversation in figures."""
    talk = await opened(here, session_id)
    model = await _model(talk)
    details = await asyncio.to_thread(_details, session_of(talk), model)
    details.temporary = talk.temporary
    details.running = bool(here.turns.in_session(details.session_id))
    return details


@router.delete("/api/sessions/{session_id}")
async def delete(session_id: str, here: Here) -> Deleted:
    """Take a conversation out. Its file is renamed, not destroyed; a temporary one is gone."""
    talk = await opened(here, session_id)
    with alone(here, talk) as found:
        if talk.temporary:
            await asyncio.to_thread(files.remove, found.path)
        elif found.path.exists():  # nothing was said in it yet, else
            await asyncio.to_thread(talk.sessions.delete, found)
        here.talks.forget(found.id)
        await asyncio.to_thread(talk.assistant.grants.end, found.id)
    here.feed.publish("session", session_id=found.id, deleted=True)
    return Deleted(deleted=True, session_id=found.id)


@router.get("/api/sessions/{session_id}/messages")
async def said(
    session_id: str,
    here: Here,
    html: bool = False,
    limit: Annotated[int | None, Query(ge=1, le=10_000)] = None,
    before: Annotated[int | None, Query(ge=1)] = None,
) -> MessageList:
    """What was said: all of it, or the newest ``limit`` messages before a line. With ``html`` each is rendered too."""
    talk = await opened(here, session_id)
    session = session_of(talk)
    every, more = messages.window(await asyncio.to_thread(messages.said, session), limit, before)
    found = await _messages(talk.assistant, session, every, html=html)
    return MessageList(session_id=session.id, messages=[MessageShape(**one) for one in found], more=more)


@router.get("/api/saved-sessions")
async def saved(here: Here) -> SavedSessions:
    """The conversations on disk, in the Rust LocalGPT's shape."""
    found = await asyncio.to_thread(here.assistant().sessions.list)
    return SavedSessions(
        sessions=[
            SavedSession(id=info.id, message_count=info.messages, created_at=_plain(info.created))
            for info in found
        ]
    )


@router.get("/api/saved-sessions/{session_id}")
async def saved_session(session_id: str, here: Here) -> SavedMessages:
    """A conversation on disk, in the Rust LocalGPT's shape."""
    talk = await opened(here, session_id)
    session = session_of(talk)
    every = await asyncio.to_thread(messages.said, session)
    found = await _messages(talk.assistant, session, every)
    details = await asyncio.to_thread(_details, session_of(talk), "")
    created = _plain(details.created_at) if details.created_at else ""
    shapes = [MessageShape(**one) for one in found]
    return SavedMessages(session_id=details.session_id, created_at=created, messages=shapes)


async def opened(here: Served, session_id: str) -> Talk:
    """The conversation of that id (or beginning of one). Raises ``NotFound``."""
    return await asyncio.to_thread(here.talks.get, here.assistant(), session_id)


def session_of(talk: Talk) -> Session:
    """The session of a conversation that is open."""
    assert talk.session is not None
    return talk.session


@contextmanager
def alone(here: Served, talk: Talk) -> Iterator[Session]:
    """The session, kept to one change: nobody is answering in it, and nobody else changes it. Raises ``Conflict``."""
    found = session_of(talk)
    if here.turns.in_session(found.id):
        raise Conflict(
            "The assistant is answering in this conversation.", hint="Wait until it is done, or stop it."
        )
    with here.talks.alone(found.id):
        yield found


async def _model(talk: Talk) -> str:
    try:
        return (await talk.engine()).name
    except LocalGPTError:  # its model is gone; the conversation is there all the same
        return talk.model


async def _messages(
    assistant: Assistant, session: Session, every: list[messages.Said], *, html: bool = False
) -> list[dict[str, Any]]:
    lines = {path: await _lines(assistant, path) for path in messages.cited_paths(every)}
    leads = ReplyLinks(session)
    return await asyncio.to_thread(
        lambda: [messages.as_json(one, lines, html=html, leads=leads) for one in every]
    )


async def _lines(assistant: Assistant, path: str) -> int | None:
    try:
        return (await assistant.get(path, 1, 1)).total
    except LocalGPTError:
        return None


def _details(session: Session, model: str) -> SessionDetails:
    facts = session.facts()
    created, updated = (
        datetime.fromtimestamp(time / 1000, UTC) if time else None for time in (facts.created, facts.updated)
    )
    return SessionDetails(
        session_id=session.id,
        model=model,
        title=session.title or facts.words,
        message_count=facts.messages,
        token_count=conversation_tokens(session.messages()),
        idle_seconds=_idle(updated),
        api_input_tokens=facts.input_tokens,
        api_output_tokens=facts.output_tokens,
        cost_usd=facts.cost_usd,
        created_at=created,
        updated_at=updated,
        running=False,
    )


def _row(info: SessionInfo, *, running: bool) -> SessionRow:
    return SessionRow(
        session_id=info.id,
        title=info.title,
        idle_seconds=_idle(info.updated),
        message_count=info.messages,
        created_at=info.created,
        updated_at=info.updated,
        running=running,
        model=info.model,
    )


def _idle(since: datetime | None) -> int:
    return max(0, int((datetime.now(UTC) - since).total_seconds())) if since else 0


def _plain(time: datetime) -> str:
    return f"{time.astimezone(UTC):%Y-%m-%dT%H:%M:%S}"
