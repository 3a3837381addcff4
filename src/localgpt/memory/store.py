"""How documents and their chunks are written to the index: only what differs, everything of a document in one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import apsw

from localgpt.memory.compounds import SHORTEST
from localgpt.memory.entry import Entry
from localgpt.memory.source import Stamp
from localgpt.memory.vectors import remove_vectors


@dataclass(frozen=True, slots=True)
class Known:
    """A document as the index has it; ``read_ns`` is when its content was last looked at."""

    id: int
    size: int
    mtime_ns: int
    read_ns: int
    resume: int


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read of a document: the entries from line ``begin`` on, or the ``problem`` that kept it from being read."""

    stamp: Stamp
    read_ns: int
    begin: int = 0
    entries: Sequence[Entry] = ()
    resume: int = 0
    problem: str = ""


def known_documents(
    connection: apsw.Connection, source: str, places: Iterable[str] | None = None
) -> dict[str, Known]:
    """The documents of a source by path: all, or those at and below ``places``."""
    query = "SELECT path, id, size, mtime_ns, read_ns, resume FROM documents WHERE source = ?"
    if places is None:
        rows: Iterable[Any] = connection.execute(query, (source,))
    else:
        below = f"{query} AND (path = ? OR (path > ? AND path < ?))"
        rows = [
            row
            for place in places
            for row in connection.execute(below, (source, place, f"{place}/", f"{place}0"))
        ]  # "0" comes right after "/"
    return {path: Known(*rest) for path, *rest in rows}


def store(connection: apsw.Connection, source: str, reading: Reading) -> bool:
    """Make the index say what was read; returns whether any chunk came, went or moved."""
    stamp = reading.stamp
    row = (source, stamp.path, stamp.size, stamp.mtime_ns, reading.read_ns, reading.resume, reading.problem)
    document = connection.execute(
        """INSERT INTO documents(source, path, size, mtime_ns, read_ns, resume, problem) VALUES (?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT(source, path) DO UPDATE SET size = excluded.size, mtime_ns = excluded.mtime_ns,
        read_ns = excluded.read_ns, resume = excluded.resume, problem = excluded.problem RETURNING id""",
        row,
    ).get
    return _store_chunks(connection, document, reading.begin, reading.entries)


def _store_chunks(connection: apsw.Connection, document: int, begin: int, entries: Sequence[Entry]) -> bool:
    old: dict[bytes, list[tuple[int, int, int]]] = {}
    rows = connection.execute(
        'SELECT digest, id, start, "end" FROM chunks WHERE document = ? AND start >= ? ORDER BY start DESC, id DESC',
        (document, begin),
    )
    for digest, *place in rows:
        old.setdefault(digest, []).append((place[0], place[1], place[2]))
    new, moved = [], []
    for entry in entries:
        start, end = entry.chunk.start, entry.chunk.end
        if waiting := old.get(entry.digest):
            chunk, old_start, old_end = waiting.pop()
            if (old_start, old_end) != (start, end):
                moved.append((start, end, chunk))
        else:
            new.append(entry)
    gone = [place[0] for places in old.values() for place in places]
    connection.executemany('UPDATE chunks SET start = ?, "end" = ? WHERE id = ?', moved)
    _remove(connection, gone)
    _insert(connection, document, new)
    return bool(new or moved or gone)


def _insert(connection: apsw.Connection, document: int, entries: Sequence[Entry]) -> None:
    if not entries:
        return
    first = connection.execute("SELECT coalesce(max(id), 0) + 1 FROM chunks").get
    numbered = list(enumerate(entries, first))
    connection.executemany(
        "INSERT INTO chunks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (_row(number, document, entry) for number, entry in numbered),
    )
    connection.executemany(
        "INSERT INTO words(rowid, body, own, head) VALUES (?, ?, ?, ?)",
        ((number, entry.body, entry.own, entry.head) for number, entry in numbered),
    )
    connection.executemany("INSERT INTO pending VALUES (?)", ((number,) for number, _ in numbered))
    connection.executemany("INSERT OR IGNORE INTO endings VALUES (?)", ((one,) for one in _endings(entries)))
    _count(connection, Counter(entry.language for entry in entries), 1)


def _endings(entries: Sequence[Entry]) -> set[str]:
    """Long German stems from behind, so that compounds are found by their last part. None is ever taken away: what no
    passage has any more is not in the vocabulary.
    """
    return {
        word[::-1]
        for entry in entries
        if entry.language in {"de", ""}
        for word in entry.body.split()
        if len(word) >= SHORTEST
    }


def _row(number: int, document: int, entry: Entry) -> tuple[int | str | bytes, ...]:
    chunk = entry.chunk
    place = (number, document, chunk.start, chunk.end, chunk.heading, chunk.date, chunk.speaker)
    return (*place, chunk.origin.value, chunk.egress.value, entry.language, entry.digest, chunk.text)


def _remove(connection: apsw.Connection, chunks: Sequence[int]) -> None:
    if not chunks:
        return
    keys = [(chunk,) for chunk in chunks]
    spoken = [connection.execute("SELECT language FROM chunks WHERE id = ?", key).get for key in keys]
    _count(connection, Counter(spoken), -1)
    connection.executemany("DELETE FROM words WHERE rowid = ?", keys)
    connection.executemany("DELETE FROM pending WHERE chunk = ?", keys)
    remove_vectors(connection, chunks)
    connection.executemany("DELETE FROM chunks WHERE id = ?", keys)


def _count(connection: apsw.Connection, languages: Counter[str], sign: int) -> None:
    connection.executemany(
        """INSERT INTO languages VALUES (?1, ?2)
        ON CONFLICT(language) DO UPDATE SET chunks = chunks + excluded.chunks""",
        ((language, sign * count) for language, count in languages.items()),
    )


def delete_documents(connection: apsw.Connection, documents: Iterable[int]) -> None:
    """Remove documents and all that was indexed of them."""
    for document in documents:
        rows = connection.execute("SELECT id FROM chunks WHERE document = ?", (document,))
        _remove(connection, [chunk for (chunk,) in rows])
        connection.execute("DELETE FROM documents WHERE id = ?", (document,))
