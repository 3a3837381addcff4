"""From one embedding model to another: the earlier one's vectors serve until all of the later one's are made.

The later vectors are collected in the cache beside the index, and taken over in one transaction, so an index never
holds vectors of two models. An earlier model that is not on this machine doesn't serve on: who leaves it leaves it now.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeAlias

import apsw

from localgpt.core.errors import EmbeddingError
from localgpt.memory.database import Database
from localgpt.memory.embedding import Embedder, fitting, stays_here
from localgpt.memory.entry import windows
from localgpt.memory.vectorising import Vectorising, Waiting
from localgpt.memory.vectors import add_vectors, adopt, model_of

Former: TypeAlias = Callable[[str], Embedder | None]
"""Gives the model of a name that an index holds vectors of; ``None`` if it can't be had any more."""

_BATCH = 64
_CURSOR = "succession"


def none_serves(_name: str) -> None:
    """No earlier model serves on."""
    return


def earlier(database: Database, embedder: Embedder, former: Former) -> Embedder | None:
    """The model that still serves in place of ``embedder``, if there is one."""
    with database.read() as connection:
        held = model_of(connection)
    if held in {"", embedder.name}:
        return None
    found = former(held)
    return found if found is not None and found.name == held and stays_here(found) else None


def run(database: Database, work: Vectorising, former: Former, say: Callable[[str], None]) -> int:
    """Make the vectors that are missing (see ``Vectorising.run``), and take them over when all are there.

    Where the later model fails a run that was given little time (a search), the earlier one serves on; ``say`` is told.
    """
    serving = earlier(database, work.embedder, former)
    if serving is None:
        return work.run(database)
    deadline = time.monotonic() + work.seconds if work.seconds is not None else float("inf")
    with contextlib.suppress(EmbeddingError):  # then words find what is new, until the later model is there
        replace(work, embedder=serving, progress=None).run(database)
    try:
        done, complete = _prepare(database, work, deadline)
    except EmbeddingError as error:
        if work.seconds is None:
            raise
        say(f"{error.message} The vectors of {serving.name} serve meanwhile. {error.hint}".strip())
        return 0
    if complete:
        _take_over(database, work)
        done += replace(work, seconds=0.0, progress=None).run(database)  # what came or changed meanwhile
    return done


def _prepare(database: Database, work: Vectorising, deadline: float) -> tuple[int, bool]:
    """Put vectors into the cache, from where the last run stopped: how many chunks were done, and whether that was all."""
    after, total = _stopped_at(database, work.embedder), _count(database)
    done = 0
    while batch := _next(database, work.embedder, after):
        if made := work.made(batch, deadline):  # what its time reached of the batch
            done += len(made)
            after = made[-1][0].chunk
            _note(database, work.embedder, after)
        if work.progress:
            work.progress(min(done, total), total)
        if time.monotonic() > deadline or (work.cancelled and work.cancelled()):
            return done, False
    return done, True


def _next(database: Database, embedder: Embedder, after: int) -> list[Waiting]:
    with database.read() as connection:
        return _chunks(connection, embedder, after)


def _chunks(connection: apsw.Connection, embedder: Embedder, after: int) -> list[Waiting]:
    """The next chunks that the model may have."""
    only = "" if stays_here(embedder) else "AND egress <> 'local'"
    rows: list[Any] = connection.execute(
        f"SELECT id, digest, heading, date, text FROM chunks WHERE id > ? {only} ORDER BY id LIMIT ?",  # noqa: S608 - our own words
        (after, _BATCH),
    ).fetchall()
    return [
        Waiting(chunk, digest, windows(heading, date, text)) for chunk, digest, heading, date, text in rows
    ]


def _take_over(database: Database, work: Vectorising) -> None:
    """Exchange all vectors at once; who searches meanwhile sees the earlier ones."""
    embedder = work.embedder
    dimensions = embedder.dimensions
    with database.write() as connection:
        adopt(connection, embedder.name, dimensions)
        after = 0
        while batch := _chunks(connection, embedder, after):
            texts = list(dict.fromkeys(text for waiting in batch for text in waiting.texts))
            known = fitting(embedder, work.cache.get(embedder.name, texts))
            for waiting in batch:
                if all(text in known for text in waiting.texts):
                    add_vectors(
                        connection, waiting.chunk, waiting.digest, [known[text] for text in waiting.texts]
                    )
            after = batch[-1].chunk
        connection.execute("DELETE FROM meta WHERE key = ?", (_CURSOR,))


def _stopped_at(database: Database, embedder: Embedder) -> int:
    with database.read() as connection:
        noted: str = connection.execute("SELECT value FROM meta WHERE key = ?", (_CURSOR,)).get or ""
    chunk, _, name = noted.partition(" ")
    return int(chunk) if name == embedder.name and chunk.isdecimal() else 0


def _note(database: Database, embedder: Embedder, chunk: int) -> None:
    with database.write() as connection:
        connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (_CURSOR, f"{chunk} {embedder.name}"))


def _count(database: Database) -> int:
    with database.read() as connection:
        count: int = connection.execute("SELECT count(*) FROM chunks").get
        return count


def waiting(database: Database, embedder: Embedder) -> int:
    """How many chunks have no vector of ``embedder`` yet."""
    with database.read() as connection:
        table = "pending" if model_of(connection) in {"", embedder.name} else "chunks"
        count: int = connection.execute(f"SELECT count(*) FROM {table}").get  # noqa: S608 - our own names
        return count
