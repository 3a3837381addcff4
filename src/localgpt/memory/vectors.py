"""Vectors in the index and beside it.

The index keeps of each vector eight bits a dimension, scaled to the vector (exact enough to rank by), and one bit a
dimension for a first look at all of them (``signs``). ``embeddings.db`` keeps them whole, by model and text, so that a
renamed note or a rebuilt index asks the model for nothing. sqlite-vec makes the bits and compares; numpy, where it can
be had, goes through the bits, and is loaded for nothing else.
"""

from __future__ import annotations

import contextlib
import hashlib
import threading
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import TypeVar, cast

import apsw

from localgpt.core import files
from localgpt.core.errors import IndexDamaged, StorageError
from localgpt.memory.database import PLACES, discard, translated

_RESCORED = 5
"""How many vectors are compared exactly for each chunk that is wanted."""
_RESCORED_SHARE = 1000
"""One in so many besides: the more there are, the more lie near."""
_FEW = 20_000
"""Up to this many chunks that a condition lets through are looked up before the vectors are, more are not."""
_FILTERED = (4096, 30_000)
_AT_ONCE = 30_000
"""Values in a query; SQLite takes some more."""
_Result = TypeVar("_Result")


def code(vector: bytes) -> bytes:
    """Float32 to one byte a dimension, scaled so that the largest becomes 127; cosines hardly change."""
    values = array("f", vector)
    scale = 127 / (max(map(abs, values), default=0) or 1)
    return array("b", [round(value * scale) for value in values]).tobytes()


def model_of(connection: apsw.Connection) -> str:
    """The name of the model whose vectors the index holds; empty for none."""
    return connection.execute("SELECT value FROM meta WHERE key = 'model'").get or ""


def dimensions_of(connection: apsw.Connection) -> int:
    """How many numbers those vectors have; 0 for none."""
    return int(connection.execute("SELECT value FROM meta WHERE key = 'dimensions'").get or 0)


def adopt(connection: apsw.Connection, model: str, dimensions: int) -> None:
    """Make the index one of ``model``: vectors of another go, and every chunk waits for its new one."""
    for table in ("vectors", "signs", "free"):
        connection.execute(f"DELETE FROM {table}")  # noqa: S608 - our own names
    connection.execute("INSERT OR IGNORE INTO pending SELECT id FROM chunks")
    settings = (("model", model), ("dimensions", str(dimensions)))
    connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", settings)


def count(connection: apsw.Connection) -> int:
    """How many vectors there are."""
    found: int = connection.execute(
        "SELECT coalesce(sum(length(chunks)), 0) / 4 - (SELECT count(*) FROM free) FROM signs"
    ).get
    return found


def add_vectors(connection: apsw.Connection, chunk: int, digest: bytes, vectors: Sequence[bytes]) -> None:
    """Store a chunk's vectors, unless the chunk is no longer what it was when its text was taken."""
    if not connection.execute("SELECT 1 FROM chunks WHERE id = ? AND digest = ?", (chunk, digest)).get:
        return
    remove_vectors(connection, [chunk])
    if vectors and len(vectors[0]) != 4 * dimensions_of(
        connection
    ):  # a server gave its model's name to another
        adopt(connection, model_of(connection), len(vectors[0]) // 4)
    put(connection, [(chunk, vector) for vector in vectors])
    connection.execute("DELETE FROM pending WHERE chunk = ?", (chunk,))


def put(connection: apsw.Connection, vectors: Sequence[tuple[int, bytes]]) -> None:
    """Store vectors, each with its chunk, at free places; what is stored at once lies together."""
    if not vectors:
        return
    bits = [_bits(connection, vector) for _, vector in vectors]
    places = _take(connection, len(vectors), len(bits[0]))
    connection.executemany(
        "INSERT INTO vectors VALUES (?, ?, ?)",
        ((place, chunk, code(vector)) for place, (chunk, vector) in zip(places, vectors, strict=True)),
    )
    owners = array("i", [chunk for chunk, _ in vectors])
    for block, first, begin, end in _runs(places):
        with connection.blob_open("main", "signs", "bits", block, True) as blob:  # noqa: FBT003 - apsw's way
            for plane in range(0, len(bits[0]), 8):
                blob.seek(plane * PLACES + 8 * first)
                blob.write(b"".join(of_one[plane : plane + 8] for of_one in bits[begin:end]))
        with connection.blob_open("main", "signs", "chunks", block, True) as blob:  # noqa: FBT003 - as above
            blob.seek(4 * first)
            blob.write(owners[begin:end].tobytes())


def _bits(connection: apsw.Connection, vector: bytes) -> bytes:
    """One bit a dimension, whether it is positive, in whole words of 64."""
    whole = vector + bytes(-len(vector) % 256)
    found: bytes = connection.execute("SELECT vec_quantize_binary(vec_f32(?))", (whole,)).get
    return found


def _take(connection: apsw.Connection, count: int, length: int) -> list[int]:
    """Free places for vectors of ``length`` bytes of bits, the first first; blocks are made where there are too few."""
    missing = count - connection.execute("SELECT count(*) FROM (SELECT 1 FROM free LIMIT ?)", (count,)).get
    for _ in range(-(-missing // PLACES)):
        block = connection.execute(
            "INSERT INTO signs(bits, chunks) VALUES (zeroblob(?), zeroblob(?)) RETURNING id",
            (PLACES * length, PLACES * 4),
        ).get
        connection.executemany(
            "INSERT INTO free VALUES (?)", ((block * PLACES + at,) for at in range(PLACES))
        )
    taken = connection.execute("SELECT place FROM free ORDER BY place LIMIT ?", (count,)).fetchall()
    connection.executemany("DELETE FROM free WHERE place = ?", taken)
    return [cast("int", place) for (place,) in taken]


def _runs(places: Sequence[int]) -> Iterator[tuple[int, int, int, int]]:
    """Places beside each other: their block, where in it they begin, and which of ``places`` they are (from, to)."""
    begin = 0
    for (block, _), group in groupby(enumerate(places), lambda pair: (pair[1] // PLACES, pair[1] - pair[0])):
        run = [place for _, place in group]
        yield block, run[0] % PLACES, begin, begin + len(run)
        begin += len(run)


def remove_vectors(connection: apsw.Connection, chunks: Iterable[int]) -> None:
    """Forget the vectors of chunks that go; their places are free again."""
    for chunk in chunks:
        rows = connection.execute("DELETE FROM vectors WHERE chunk = ? RETURNING place", (chunk,)).fetchall()
        for (place,) in rows:
            block, at = divmod(cast("int", place), PLACES)
            with connection.blob_open("main", "signs", "chunks", block, True) as owners:  # noqa: FBT003 - apsw's way
                owners.seek(4 * at)
                owners.write(bytes(4))
        connection.executemany("INSERT INTO free VALUES (?)", rows)


def nearest(
    connection: apsw.Connection, vector: bytes, limit: int, chosen: str, values: Sequence[str]
) -> dict[int, float]:
    """The cosines of the ``limit`` chunks nearest to ``vector``; ``chosen`` is a query of chunk ids (``""``: all)."""
    if len(vector) != 4 * dimensions_of(connection):
        return {}
    try:
        from localgpt.memory import signs
    except ImportError:  # no numpy here: sqlite-vec compares with every vector
        return _scanned(connection, vector, limit, chosen, values)
    few = [row[0] for row in connection.execute(f"{chosen} LIMIT {_FEW + 1}", values)] if chosen else []
    if len(few) <= _FEW:
        wanted = min(_AT_ONCE, _RESCORED * limit + signs.places(connection) // _RESCORED_SHARE)
        near = signs.nearest(connection, vector, wanted, few if chosen else None)
        found = _compared(connection, vector, near)
        return _best(found, limit)
    found = {}
    for wanted in _FILTERED:
        near = signs.nearest(connection, vector, wanted, None)
        found = _compared(connection, vector, near, f"AND chunk IN ({chosen})", values)
        if len(found) >= limit:
            break
    return _best(found, limit)


_DISTANCE = "SELECT chunk, vec_distance_cosine(vec_int8(code), vec_int8(?)) FROM vectors"


def _scanned(
    connection: apsw.Connection, vector: bytes, limit: int, chosen: str, values: Sequence[str]
) -> dict[int, float]:
    condition = f"WHERE chunk IN ({chosen})" if chosen else ""
    rows = connection.execute(
        f"{_DISTANCE} {condition} ORDER BY 2 LIMIT ?", (code(vector), *values, 8 * limit)
    )
    return _best(_cosines(rows), limit)


def _compared(
    connection: apsw.Connection,
    vector: bytes,
    places: Sequence[int],
    condition: str = "",
    values: Sequence[str] = (),
) -> dict[int, float]:
    """The cosines of what is at ``places``, chunk by chunk."""
    marks = ",".join("?" * len(places))
    return _cosines(
        connection.execute(
            f"{_DISTANCE} WHERE place IN ({marks}) {condition}", (code(vector), *places, *values)
        )
    )


def cosines(connection: apsw.Connection, vector: bytes, chunks: Sequence[int]) -> dict[int, float]:
    """The cosines of given chunks, for those that have a vector; of several vectors the nearest counts."""
    if len(vector) != 4 * dimensions_of(connection):
        return {}
    found: dict[int, float] = {}
    for begin in range(0, len(chunks), _AT_ONCE):
        some = chunks[begin : begin + _AT_ONCE]
        marks = ",".join("?" * len(some))
        rows = connection.execute(f"{_DISTANCE} WHERE chunk IN ({marks})", (code(vector), *some))
        found |= _cosines(rows)
    return found


def windowed(connection: apsw.Connection, vector: bytes, chunks: Sequence[int]) -> dict[int, list[float]]:
    """The cosines of the windows of a few chunks, each chunk's in the order in which they stand in it."""
    if len(vector) != 4 * dimensions_of(connection):
        return {}
    marks = ",".join("?" * len(chunks))
    found: dict[int, list[float]] = {}
    rows = connection.execute(f"{_DISTANCE} WHERE chunk IN ({marks}) ORDER BY place", (code(vector), *chunks))
    for chunk, distance in rows:
        found.setdefault(chunk, []).append(1 - (1.0 if distance is None else distance))
    return found


def _cosines(rows: Iterable[tuple[int, float | None]]) -> dict[int, float]:
    found: dict[int, float] = {}
    for chunk, distance in rows:
        cosine = 1 - (1.0 if distance is None else distance)
        found[chunk] = max(cosine, found.get(chunk, -1.0))
    return found


def _best(found: Mapping[int, float], limit: int) -> dict[int, float]:
    return dict(sorted(found.items(), key=lambda pair: -pair[1])[:limit])


def text_key(text: str) -> bytes:
    """What a text is called in the vector cache."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


class VectorCache:
    """Whole vectors (float32) by model and text. A cache of a cache: if it can't be used it stays empty."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._connection: apsw.Connection | None = None

    def get(self, model: str, texts: Sequence[str]) -> dict[str, bytes]:
        """The vectors that are known, by text."""
        keys = {text_key(text): text for text in texts}
        marks = ",".join("?" * len(keys))
        query = f"SELECT text, vector FROM vectors WHERE model = ? AND text IN ({marks})"  # noqa: S608 - only marks

        def look_up(connection: apsw.Connection) -> dict[str, bytes]:
            return {keys[key]: vector for key, vector in connection.execute(query, (model, *keys))}

        return self._run(look_up, {})

    def put(self, model: str, vectors: Mapping[str, bytes]) -> None:
        """Keep vectors, by text."""
        rows = [(model, text_key(text), vector) for text, vector in vectors.items()]

        def insert(connection: apsw.Connection) -> None:
            with connection:
                connection.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)", rows)

        self._run(insert, None)

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _run(self, action: Callable[[apsw.Connection], _Result], otherwise: _Result) -> _Result:
        if self._path is None:
            return otherwise
        with self._lock:
            try:
                with translated(self._path):
                    return action(self._open(self._path))
            except IndexDamaged:
                self._start_anew(self._path)
            except StorageError:
                pass  # full, read-only or busy: the vectors are computed again some day
        return otherwise

    def _open(self, path: Path) -> apsw.Connection:
        if self._connection is None:
            if not path.exists():
                files.append(path, b"", mode=files.PRIVATE_FILE)
            connection = apsw.Connection(str(path))
            connection.set_busy_timeout(2000)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute(
                "CREATE TABLE IF NOT EXISTS vectors(model TEXT, text BLOB, vector BLOB, PRIMARY KEY(model, text))"
                " WITHOUT ROWID"
            )
            self._connection = connection
        return self._connection

    def _start_anew(self, path: Path) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        with contextlib.suppress(StorageError):
            discard(path)
