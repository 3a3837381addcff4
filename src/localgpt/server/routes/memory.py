"""Searching and remembering, what the index holds, and bringing it up to date."""

from __future__ import annotations

import asyncio
import dataclasses
import threading
import time
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from localgpt.app.assistant import Assistant
from localgpt.app.visiting import shown
from localgpt.core.errors import LocalGPTError, UsageError
from localgpt.core.values import Hit, Span
from localgpt.memory import search
from localgpt.memory.links import stem_of
from localgpt.server.rendering import marked
from localgpt.server.served import Here

router = APIRouter(tags=["memory"])

_TELL_EVERY = 0.5  # seconds
_embedding: set[asyncio.Task[None]] = set()


class Reason(BaseModel):
    """Why a passage stands where it stands: which ranker or rule, what it saw, its figure and what that added."""

    ranker: str
    detail: str
    value: float
    weight: float


class Result(BaseModel):
    """A passage; ``html`` has the words that were looked for in ``<mark>``."""

    file: str
    line_start: int
    line_end: int
    content: str
    html: str
    score: float
    heading: str
    date: str
    title: str
    source: str
    speaker: str
    origin: str
    why: list[Reason]


class Expected(BaseModel):
    """What became of the place that was expected: at which ``step`` it fell out, in a sentence (``rank`` 0: it did not come)."""

    place: str
    step: str
    sentence: str
    rank: int


class Results(BaseModel):
    """What a search found, best first. ``pending`` passages have no vector yet."""

    results: list[Result]
    query: str
    took_ms: float
    pending: int
    notices: list[str]
    expected: Expected | None = None


class Skipped(BaseModel):
    """A file that isn't searchable, and why."""

    path: str
    reason: str


class Stats(BaseModel):
    """The index in figures; the first four as the Rust LocalGPT has them."""

    workspace: str
    total_files: int
    total_chunks: int
    index_size_kb: int
    notes: int
    sessions: int
    vectors: int
    pending: int
    model: str
    languages: dict[str, int]
    skipped: list[Skipped]


class HitOpened(BaseModel):
    """A hit of a search that the owner opened: what was asked, and the place."""

    q: str = Field(max_length=5000)
    file: str = Field(max_length=4000)
    line_start: int = Field(ge=1, le=2**31)
    line_end: int = Field(ge=1, le=2**31)


class Reindexing(BaseModel):
    """``force`` makes the index anew."""

    force: bool = False


class Reindexed(BaseModel):
    """What was done; vectors follow, and the feed tells how far they are (``index``)."""

    files_processed: int
    files_updated: int
    chunks_indexed: int
    duration_ms: int
    pending: int


class Remembering(BaseModel):
    """What to remember: ``to`` is ``daily``, ``memory``, ``user``, or a note's path."""

    text: str = Field(max_length=100_000)
    to: str = "daily"


class Remembered(BaseModel):
    """Where it stands; ``turn_id`` undoes it, and is ``null`` when it was there already."""

    path: str
    start: int
    end: int
    text: str
    turn_id: str | None


@router.get("/api/memory/search")
async def find(
    here: Here,
    q: Annotated[str, Query(max_length=5000)],
    limit: Annotated[int, Query(ge=1, le=200)] = 10,
    since: str = "",
    until: str = "",
    within: Annotated[Literal["all", "notes", "sessions"], Query(alias="in")] = "all",
    explain: bool = False,
    expect: Annotated[str, Query(max_length=2000)] = "",
) -> Results:
    """The passages that fit ``q`` best; ``since`` and ``until`` are days, ``explain`` adds why. ``expect`` (``path`` or
    ``path:a-b``) says what became of that note.
    """
    query = search.Query(q, limit, since, until, within, explain=explain)
    return await asyncio.to_thread(_found, here.assistant(), query, expect)


@router.post("/api/memory/opened", status_code=204)
async def opened(hit: HitOpened, here: Here) -> None:
    """Keep a question with the hit that was opened, to test searching with; on this machine only, if the settings let it."""
    place = Span(hit.file, hit.line_start, max(hit.line_start, hit.line_end))
    await asyncio.to_thread(here.assistant().learning.opened, hit.q, place)


def _found(assistant: Assistant, query: search.Query, expect: str) -> Results:
    found = assistant.searcher.search(query)
    if assistant.visit is not None:
        found, expect = shown(found, assistant.visit), ""  # what it misses may be what it may not see
    verdict = assistant.explained(query, found, expect) if expect else None
    return Results(
        results=[_result(assistant, hit, query) for hit in found.hits],
        query=found.query,
        took_ms=round(found.took_ms, 1),
        pending=found.pending,
        notices=[*found.notices, *(assistant.counsel() if assistant.visit is None else ())],
        expected=Expected(**dataclasses.asdict(verdict)) if verdict else None,
    )


def _result(assistant: Assistant, hit: Hit, query: search.Query) -> Result:
    return Result(
        file=hit.path,
        line_start=hit.start,
        line_end=hit.end,
        content=hit.text,
        html=marked(hit.text, query.text),
        score=round(hit.score, 4),
        heading=hit.heading,
        date=hit.date,
        title=_title(assistant, hit),
        source=hit.source,
        speaker=hit.speaker,
        origin=hit.origin.value,
        why=[_reason(why) for why in hit.why] if query.explain else [],
    )


def _reason(why: Any) -> Reason:
    return Reason(
        ranker=why.ranker, detail=why.detail, value=round(why.value, 4), weight=round(why.weight, 4)
    )


def _title(assistant: Assistant, hit: Hit) -> str:
    if not hit.path.startswith("session:"):
        return stem_of(hit.path)
    try:
        return assistant.sessions.open(hit.path.removeprefix("session:")).title
    except LocalGPTError:  # gone since it was found
        return ""


@router.get("/api/memory/stats")
async def stats(here: Here) -> Stats:
    """What the index holds."""
    assistant = here.assistant()
    held = await assistant.stats()
    return Stats(
        workspace=str(assistant.home.workspace),
        total_files=held.notes + held.sessions,
        total_chunks=held.chunks,
        index_size_kb=held.bytes // 1024,
        notes=held.notes,
        sessions=held.sessions,
        vectors=held.vectors,
        pending=held.pending,
        model=held.model,
        languages=dict(held.languages),
        skipped=[Skipped(path=one.path, reason=one.reason) for one in held.skipped],
    )


@router.post("/api/memory/reindex")
async def reindex(here: Here, wanted: Reindexing | None = None) -> Reindexed:
    """Bring the index up to date: the texts now, their vectors in the background."""
    index, begin = here.assistant().index, time.perf_counter()
    work = index.rebuild if wanted and wanted.force else index.catch_up
    done = await asyncio.to_thread(work)
    held = await asyncio.to_thread(index.stats)
    task = asyncio.create_task(_embed(here))
    _embedding.add(task)
    task.add_done_callback(_embedding.discard)
    return Reindexed(
        files_processed=held.notes + held.sessions,
        files_updated=done.changed,
        chunks_indexed=held.chunks,
        duration_ms=round((time.perf_counter() - begin) * 1000),
        pending=held.pending,
    )


async def _embed(here: Here) -> None:
    """Make the missing vectors, and tell the feed now and then."""
    loop, stop, told = asyncio.get_running_loop(), threading.Event(), [0.0]

    def progress(done: int, total: int) -> None:
        if done >= total or time.monotonic() - told[0] > _TELL_EVERY:
            told[0] = time.monotonic()
            loop.call_soon_threadsafe(lambda: here.feed.publish("index", done=done, total=total))

    index = here.assistant().index
    try:
        await asyncio.to_thread(lambda: index.embed(progress=progress, cancelled=stop.is_set))
        here.feed.publish("index", done=0, total=0, finished=True)
    except LocalGPTError as error:
        here.feed.publish("index", done=0, total=0, finished=True, error=error.message)
    finally:
        stop.set()


@router.post("/api/memory/remember")
async def remember(wanted: Remembering, here: Here) -> Remembered:
    """Write one thing into a note."""
    if not wanted.text.strip():
        raise UsageError("There is nothing to remember.", hint="Give the text to keep.")
    kept = await here.assistant().remember(wanted.text, wanted.to)
    turn = kept.change.author.turn if kept.change else None
    if turn:
        here.feed.publish("note", path=kept.span.path, turn_id=turn)
    return Remembered(
        path=kept.span.path, start=kept.span.start, end=kept.span.end, text=kept.text, turn_id=turn
    )
