"""The owner's notes: listed, read with their links, written, moved and deleted; every change can be undone."""

from __future__ import annotations

import asyncio
import os
import uuid
from datetime import UTC, datetime
from functools import partial
from pathlib import PurePosixPath

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field

from localgpt.app.assistant import Assistant
from localgpt.core.errors import Conflict, LocalGPTError, NotFound, UsageError
from localgpt.core.paths import PROTECTED
from localgpt.core.values import Author, Origin
from localgpt.memory.links import Names, outgoing
from localgpt.memory.media_types import media_type
from localgpt.memory.workspace import Note
from localgpt.server import problems
from localgpt.server.rendering import render
from localgpt.server.schemas import Failed
from localgpt.server.served import Here

router = APIRouter(tags=["notes"])

_ENDINGS = (".md", ".markdown", ".txt")
_ELSEWHERE = ("session:", "attachment:")
SHOWN_IMAGES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
"""Pictures that a browser may show: they can hold no script."""


class Entry(BaseModel):
    """A note of the list; ``modified`` is ISO time, ``protected`` ones speak in prompts."""

    path: str
    size: int
    modified: str
    title: str
    protected: bool


class Entries(BaseModel):
    """Every note, by its path."""

    notes: list[Entry]


class Outgoing(BaseModel):
    """A link of a note: what it names, in which line, and the note that is meant (``null``: there is none)."""

    target: str
    line: int
    path: str | None


class Incoming(BaseModel):
    """A line of another note that leads here."""

    path: str
    line: int
    text: str


class Opened(BaseModel):
    """Lines ``start`` to ``end`` of a note, of ``total``. ``sha256`` is of the whole file, for writing it back."""

    path: str
    title: str
    text: str
    sha256: str
    html: str
    start: int
    end: int
    total: int
    writable: bool
    protected: bool
    links: list[Outgoing]
    backlinks: list[Incoming]
    modified: str | None


class Writing(BaseModel):
    """The whole new text, and the ``sha256`` the note was read at (``null``: it is new)."""

    text: str
    sha256: str | None = None


class Moving(BaseModel):
    """The new path, and the ``sha256`` the note was read at, if it was."""

    to: str
    sha256: str | None = None


class Written(BaseModel):
    """The note as it is now (``sha256`` is ``null`` when it is gone); ``turn_id`` undoes the change, ``null``: none was needed."""

    path: str
    sha256: str | None
    turn_id: str | None


class Current(BaseModel):
    """What stands in a note now."""

    text: str
    sha256: str


class Conflicting(Failed):
    """The note is another than the one that was read; ``current`` is what it is now, if it is there."""

    current: Current | None


class Source(BaseModel):
    """Markdown to be shown, and the note it is (to be) in."""

    text: str = Field(max_length=5_000_000)
    path: str = ""


class Rendered(BaseModel):
    """The text as HTML that is safe to show."""

    html: str


@router.get("/api/notes")
async def notes(here: Here) -> Entries:
    """Every note with its title."""
    known = await asyncio.to_thread(here.assistant().links.now)
    return Entries(
        notes=[
            Entry(
                path=one.path,
                size=one.size,
                modified=_iso(one.modified_ns / 1e9),
                title=one.title,
                protected=one.path in PROTECTED,
            )
            for one in known.notes()
        ]
    )


@router.post("/api/render")
async def rendered(source: Source, here: Here) -> Rendered:
    """Markdown as HTML, as the page shows it: for a preview."""
    names = (await asyncio.to_thread(here.assistant().links.now)).names
    return Rendered(html=await asyncio.to_thread(_rendered, names, source.text, source.path, 1))


@router.get("/api/notes/{path:path}")
async def read(path: str, here: Here, start: int = 1, end: int | None = None) -> Opened:
    """A note by its path (or what else a link may call it), a conversation ``session:<id>``, or an attachment's text."""
    assistant = here.assistant()
    if path.startswith(_ELSEWHERE):
        note = await assistant.get(path, start, end)
        return await asyncio.to_thread(_opened, assistant, note)
    return await asyncio.to_thread(_read, assistant, path, start, end)


@router.put("/api/notes/{path:path}", response_model=Written, responses={409: {"model": Conflicting}})
async def write(path: str, writing: Writing, here: Here) -> Written | JSONResponse:
    """Make the text the whole note; 409 with what is there now, if that is not what was read."""
    assistant, author = here.assistant(), _author(here)
    _check_note(path)
    do = partial(assistant.workspace.replace, path, writing.text, author, expected=writing.sha256 or "")
    try:
        change = await asyncio.to_thread(do)
    except Conflict as error:
        return await asyncio.to_thread(_conflict, assistant, path, error)
    note = await asyncio.to_thread(assistant.workspace.read, change.path, 1, 0)
    if change.after == change.before:
        return Written(path=change.path, sha256=note.sha256, turn_id=None)
    here.feed.publish("note", path=change.path, turn_id=author.turn)
    return Written(path=change.path, sha256=note.sha256, turn_id=author.turn)


@router.post("/api/notes/{path:path}/move", response_model=Written, responses={409: {"model": Conflicting}})
async def move(path: str, moving: Moving, here: Here) -> Written | JSONResponse:
    """Give a note another path. Links to it are not rewritten."""
    assistant, author = here.assistant(), _author(here)
    _check_note(path)
    _check_note(moving.to)
    do = partial(assistant.workspace.move, path, moving.to, author, expected=moving.sha256)
    try:
        change = await asyncio.to_thread(do)
    except Conflict as error:
        return await asyncio.to_thread(_conflict, assistant, path, error)
    note = await asyncio.to_thread(assistant.workspace.read, change.path, 1, 0)
    for changed in (change.moved_from, change.path):
        here.feed.publish("note", path=changed, turn_id=author.turn)
    return Written(path=change.path, sha256=note.sha256, turn_id=author.turn)


@router.delete("/api/notes/{path:path}", response_model=Written, responses={409: {"model": Conflicting}})
async def delete(path: str, here: Here, sha256: str | None = None) -> Written | JSONResponse:
    """Delete a note, if it still is what was read at ``sha256``."""
    assistant, author = here.assistant(), _author(here)
    _check_note(path)
    try:
        change = await asyncio.to_thread(partial(assistant.workspace.delete, path, author, expected=sha256))
    except Conflict as error:
        return await asyncio.to_thread(_conflict, assistant, path, error)
    here.feed.publish("note", path=change.path, turn_id=author.turn)
    return Written(path=change.path, sha256=None, turn_id=author.turn)


@router.get("/api/images/{path:path}", response_class=Response)
async def image(path: str, here: Here) -> Response:
    """A picture of the workspace, for a note that shows it: PNG, JPEG, GIF or WebP."""
    data = await asyncio.to_thread(here.assistant().workspace.content, path)
    kind = media_type(data, path) if data else ""
    if data is None or kind not in SHOWN_IMAGES:
        raise NotFound(f"There is no picture {path}.", hint="PNG, JPEG, GIF and WebP files are shown.")
    headers = {"Content-Security-Policy": "sandbox; default-src 'none'", "Cache-Control": "private, no-cache"}
    return Response(data, media_type=kind, headers=headers)


def _author(here: Here) -> Author:
    return Author(Origin.OWNER, uuid.uuid4().hex[:12], door=here.assistant().door)


def _is_name(path: str) -> bool:
    return PurePosixPath(path).suffix.lower() in _ENDINGS


def _check_note(path: str) -> None:
    if PurePosixPath(path).suffix.lower() not in _ENDINGS:
        raise UsageError(
            f"{path or 'Nothing'} can't be a note.", hint="Its name must end in .md, .markdown or .txt."
        )


def _conflict(assistant: Assistant, path: str, error: Conflict) -> JSONResponse:
    try:
        note = assistant.workspace.read(path)
        current = {"text": note.text, "sha256": note.sha256}
    except LocalGPTError:  # gone, or no text any more
        current = None
    return JSONResponse({**problems.body(error.code, error.message, error.hint), "current": current}, 409)


def _read(assistant: Assistant, path: str, start: int, end: int | None) -> Opened:
    try:
        note = assistant.workspace.read(path, start, end)
    except NotFound:
        found = None if _is_name(path) else assistant.links.now().names.resolve(path)
        if found is None:
            raise
        note = assistant.workspace.read(found, start, end)
    return _opened(assistant, note)


def _opened(assistant: Assistant, note: Note) -> Opened:
    known, elsewhere = assistant.links.now(), note.path.startswith(_ELSEWHERE)
    found = {} if elsewhere else {link.target: link for link in reversed(outgoing(note.text))}
    links = [(link, known.names.resolve(link.target, note.path)) for link in reversed(found.values())]
    back = [] if elsewhere else known.back(note.path)
    return Opened(
        path=note.path,
        title=note.path if elsewhere else known.title(note.path),
        text=note.text,
        sha256=note.sha256,
        html=_rendered(known.names, note.text, "" if elsewhere else note.path, note.start),
        start=note.start,
        end=note.end,
        total=note.total,
        writable=not elsewhere and _is_writable(assistant, note.path),
        protected=note.path in PROTECTED,
        links=[
            Outgoing(target=link.target, line=link.line + note.start - 1, path=path) for link, path in links
        ],
        backlinks=[Incoming(path=one.path, line=one.line, text=one.text) for one in back],
        modified=None if elsewhere else _modified(assistant, note.path),
    )


def _rendered(names: Names, text: str, path: str, first: int) -> str:
    return render(text, path, resolve=lambda target: names.resolve(target, path), breaks=False, first=first)


def _is_writable(assistant: Assistant, path: str) -> bool:
    if not _is_name(path):
        return False
    try:
        return os.access(assistant.workspace.locate(path, writing=True).target, os.W_OK)
    except LocalGPTError:
        return False


def _modified(assistant: Assistant, path: str) -> str | None:
    try:
        return _iso(assistant.workspace.locate(path).target.stat().st_mtime)
    except OSError:  # gone since it was read
        return None


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
