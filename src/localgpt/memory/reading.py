"""Catching up with a source: what differs from the index is read and stored, the newest first, in short transactions."""

from __future__ import annotations

import errno
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TypeAlias

from localgpt.core.errors import LocalGPTError, NotFound
from localgpt.core.values import Chunk, Origin
from localgpt.memory.database import Database
from localgpt.memory.entry import entries
from localgpt.memory.source import Divisible, Source, Stamp
from localgpt.memory.store import Known, Reading, delete_documents, known_documents, store

Progress: TypeAlias = Callable[[int, int], None]
"""Called with how many are done and how many there are."""
OriginOf: TypeAlias = Callable[[Chunk], Origin]

_BATCH_SECONDS = 0.25
_BATCH_DOCUMENTS = 250
_FINE_TICK = 50_000_000
_COARSE_TICK = 2_000_000_000
_FUTURE = 3600 * 1_000_000_000


@dataclass(frozen=True, slots=True)
class CatchUp:
    """What catching up did: documents whose passages changed, documents gone, documents that can't be read.

    ``busy``: another process was indexing, so nothing was done here.
    """

    changed: int = 0
    removed: int = 0
    skipped: int = 0
    busy: bool = False

    def __add__(self, other: CatchUp) -> CatchUp:
        return CatchUp(
            self.changed + other.changed,
            self.removed + other.removed,
            self.skipped + other.skipped,
            self.busy or other.busy,
        )


@dataclass(frozen=True, slots=True)
class Scan:
    """What a source has now: everything, or what is at and below ``places``."""

    source: Source
    stamps: Mapping[str, Stamp]
    places: frozenset[str] | None = None


def scan(source: Source, paths: frozenset[str] | None) -> Scan:
    """Look at ``paths`` alone if the source can do that, else at all it has (``None``)."""
    part = source.part(paths) if paths is not None and isinstance(source, Divisible) else None
    if part is not None:
        return Scan(source, part.stamps, part.places)
    return Scan(source, {stamp.path: stamp for stamp in source.scan()})


def strays(database: Database, sources: Iterable[str]) -> list[int]:
    """The documents of other sources than these: the settings once named them, and do no more."""
    names = tuple(sources)
    marks = ",".join("?" * len(names))
    query = f"SELECT id FROM documents WHERE source NOT IN ({marks})"  # noqa: S608 - only question marks
    with database.read() as connection:
        return [document for (document,) in connection.execute(query, names)]


def drop(database: Database, documents: Iterable[int]) -> int:
    """Take documents out of the index, in one transaction. Whoever calls holds the lock."""
    gone = list(documents)
    with database.write() as connection:
        delete_documents(connection, gone)
    return len(gone)


def differs(database: Database, scanned: Scan) -> bool:
    """Whether there is anything to do; takes one query and no lock."""
    stamps = scanned.stamps
    with database.read() as connection:
        known = known_documents(connection, scanned.source.name, scanned.places)
    return known.keys() != stamps.keys() or not all(
        _settled(known[path], stamp) for path, stamp in stamps.items()
    )


def bring_up(
    database: Database, scanned: Scan, origin_of: OriginOf | None, progress: Progress | None
) -> CatchUp:
    """Make the index say what the source has. Whoever calls holds the lock."""
    source, stamps = scanned.source, scanned.stamps
    with database.read() as connection:
        known = known_documents(connection, source.name, scanned.places)
    gone = [known[path].id for path in known.keys() - stamps.keys()]
    waiting = [
        stamp for path, stamp in stamps.items() if path not in known or not _settled(known[path], stamp)
    ]
    waiting.sort(key=lambda stamp: stamp.mtime_ns, reverse=True)
    if gone:
        with database.write() as connection:
            delete_documents(connection, gone)
    total = CatchUp(removed=len(gone))
    done = 0
    for batch in _batches(source, waiting, known, origin_of if source.name == "notes" else None):
        total += _write(database, source.name, batch)
        done += len(batch)
        if progress:
            progress(done, len(waiting))
    return total


def _settled(known: Known, stamp: Stamp) -> bool:
    """Whether a document is as it was, and was looked at late enough to know."""
    if (known.size, known.mtime_ns) != (stamp.size, stamp.mtime_ns):
        return False
    tick = _FINE_TICK if stamp.mtime_ns % 1_000_000_000 else _COARSE_TICK
    return not known.read_ns - tick <= stamp.mtime_ns <= known.read_ns + _FUTURE


_Read: TypeAlias = tuple[Stamp, Reading | None]


def _batches(
    source: Source, stamps: list[Stamp], known: Mapping[str, Known], origin_of: OriginOf | None
) -> Iterator[list[_Read]]:
    batch: list[_Read] = []
    deadline = time.monotonic() + _BATCH_SECONDS
    for stamp in stamps:
        batch.append((stamp, _read(source, stamp, known.get(stamp.path), origin_of)))
        if len(batch) >= _BATCH_DOCUMENTS or time.monotonic() > deadline:
            yield batch
            batch, deadline = [], time.monotonic() + _BATCH_SECONDS
    if batch:
        yield batch


def _read(source: Source, stamp: Stamp, known: Known | None, origin_of: OriginOf | None) -> Reading | None:
    """What is to be stored of a document; ``None`` when it vanished between the scan and now."""
    grew = known is not None and stamp.size > known.size
    begin = known.resume if known and grew else 0
    now = time.time_ns()
    try:
        document = source.read(stamp.path, begin)
    except NotFound:
        return None
    except LocalGPTError as error:
        looked = now if _is_lasting(error) else stamp.mtime_ns  # the latter is never settled
        return Reading(stamp, looked, problem=error.message)
    found = _marked(document.chunks, origin_of) if origin_of else document.chunks
    return Reading(stamp, now, begin, entries(found), document.resume)


def _marked(found: Iterable[Chunk], origin_of: OriginOf) -> tuple[Chunk, ...]:
    """The chunks with their origins. The parts of a line that is longer than a chunk are judged as the line they are:
    the journal knows whole lines.
    """
    marked: list[Chunk] = []
    for _, group in groupby(found, key=lambda chunk: (chunk.start, chunk.end)):
        parts = tuple(group)
        origin = origin_of(replace(parts[0], text="".join(part.text for part in parts)))
        marked += (replace(part, origin=origin) for part in parts)
    return tuple(marked)


def _is_lasting(error: LocalGPTError) -> bool:
    """Whether only a change of the file can help. A disk or a system that is at its limits may do so by itself; a
    permission that is given shows in the file's stamp.
    """
    cause = error.__cause__
    return not isinstance(cause, OSError) or cause.errno in {errno.EACCES, errno.EPERM, errno.EISDIR}


def _write(database: Database, source: str, batch: list[_Read]) -> CatchUp:
    changed = removed = skipped = 0
    with database.write() as connection:
        known = known_documents(connection, source, [stamp.path for stamp, reading in batch if not reading])
        for stamp, reading in batch:
            if reading is None:
                removed += stamp.path in known
                delete_documents(connection, [known[stamp.path].id] if stamp.path in known else [])
                continue
            changed += store(connection, source, reading)
            skipped += bool(reading.problem)
    return CatchUp(changed, removed, skipped)
