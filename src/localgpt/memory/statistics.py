"""What is in the index, in figures; and what changed last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import apsw

from localgpt.memory import vectors
from localgpt.memory.database import Database


@dataclass(frozen=True, slots=True)
class Skipped:
    """A document that isn't searchable, and why."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class IndexStats:
    """The index in figures. ``pending`` chunks wait for a vector of ``model`` (empty: text only); ``languages`` counts
    chunks by language (``""``: too short to tell); ``bytes`` is the size of the file, 0 in memory.
    """

    notes: int
    sessions: int
    chunks: int
    vectors: int
    pending: int
    model: str
    languages: Mapping[str, int]
    skipped: tuple[Skipped, ...]
    bytes: int
    path: str


@dataclass(frozen=True, slots=True)
class Recent:
    """A document that changed lately: when (nanoseconds since 1970), and its last passage."""

    path: str
    source: str
    modified_ns: int
    start: int
    end: int
    text: str
    heading: str
    date: str


def paths(database: Database) -> frozenset[str]:
    """The notes and conversations that can be found."""
    with database.read() as connection:
        return frozenset(
            path for (path,) in connection.execute("SELECT path FROM documents WHERE problem = ''")
        )


def languages(database: Database) -> dict[str, int]:
    """How many passages there are in each language (``""``: too short to tell)."""
    with database.read() as connection:
        return dict(connection.execute("SELECT language, chunks FROM languages WHERE chunks > 0"))


def statistics(database: Database, model: str) -> IndexStats:
    """Count what is there."""
    with database.read() as connection:
        documents = dict(
            connection.execute("SELECT source, count(*) FROM documents WHERE problem = '' GROUP BY 1")
        )
        held = vectors.model_of(connection) == model
        pending = _count(connection, "pending") if held else _count(connection, "chunks")
        return IndexStats(
            notes=documents.get("notes", 0),
            sessions=documents.get("sessions", 0),
            chunks=_count(connection, "chunks"),
            vectors=vectors.count(connection) if held else 0,
            pending=pending if model else 0,
            model=model,
            languages=dict(connection.execute("SELECT language, chunks FROM languages WHERE chunks > 0")),
            skipped=tuple(
                Skipped(*row)
                for row in connection.execute(
                    "SELECT path, problem FROM documents WHERE problem <> '' ORDER BY path"
                )
            ),
            bytes=_size(database),
            path=str(database.path or ""),
        )


def _size(database: Database) -> int:
    try:
        return database.path.stat().st_size if database.path else 0
    except OSError:
        return 0  # deleted a moment ago, as it may be


def _count(connection: apsw.Connection, table: str) -> int:
    found: int = connection.execute(f"SELECT count(*) FROM {table}").get  # noqa: S608 - our own names
    return found


def recent(database: Database, limit: int) -> list[Recent]:
    """The documents that changed last, newest first."""
    with database.read() as connection:
        rows = connection.execute(
            """SELECT d.path, d.source, d.mtime_ns, c.start, c."end", c.text, c.heading, c.date FROM documents d
            JOIN chunks c ON c.id = (SELECT id FROM chunks WHERE document = d.id ORDER BY start DESC, id DESC LIMIT 1)
            ORDER BY d.mtime_ns DESC, d.path LIMIT ?""",
            (limit,),
        )
        return [Recent(*row) for row in rows]
