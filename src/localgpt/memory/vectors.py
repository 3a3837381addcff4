"""Vectors in the index and beside it.

The index keeps of each vector eight bits a dimension, scaled to the vector (exact enough to rank by), and one bit a
dimension for a first look at all of them (``signs``). ``embeddings.db`` keeps them whole, by model and text, so that a
renamed note or a rebuilt index asks the model for nothing. numpy is loaded only where a vector is at hand.
"""

from __future__ import annotations

import contextlib
import hashlib
import threading
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import apsw

from localgpt.core import files
from localgpt.core.errors import IndexDamaged, StorageError
from localgpt.memory.database import PLACES, discard, translated

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

_RESCORED = 5
"""How many vectors are compared exactly for each chunk that is wanted."""
_FEW = 20_000
"""Up to this many chunks that a condition lets through are looked up before the vectors are, more are not."""
_AT_ONCE = 20_000
_FILTERED = (4096, 32_768)
_Result = TypeVar("_Result")


def code(vector: bytes) -> bytes:
    """Float32 to one byte a dimension, scaled so that the largest becomes 127; cosines hardly change."""
    import numpy as np

    values = np.frombuffer(vector, dtype="<f4")
    return np.rint(values * (127 / (np.abs(values).max(initial=0) or 1))).astype(np.int8).tobytes()


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
    if vectors:
        _insert(connection, chunk, vectors)
    connection.execute("DELETE FROM pending WHERE chunk = ?", (chunk,))


def _insert(connection: apsw.Connection, chunk: int, vectors: Sequence[bytes]) -> None:
    import numpy as np

    from localgpt.memory import signs

    rows = signs.signs(np.frombuffer(b"".join(vectors), dtype="<f4").reshape(len(vectors), -1))
    places = signs.take_places(connection, len(vectors), rows.shape[1])
    signs.put(connection, places, [chunk] * len(places), rows)
    codes = b"".join(map(code, vectors))
    connection.execute("INSERT INTO vectors VALUES (?, ?, ?)", (chunk, array("i", places).tobytes(), codes))


def remove_vectors(connection: apsw.Connection, chunks: Iterable[int]) -> None:
    """Forget the vectors of chunks that go; their places are free again. Takes no numpy."""
    for chunk in chunks:
        if places := connection.execute("SELECT places FROM vectors WHERE chunk = ?", (chunk,)).get:
            for place in array("i", places):
                _free(connection, place)
            connection.execute("DELETE FROM vectors WHERE chunk = ?", (chunk,))


def _free(connection: apsw.Connection, place: int) -> None:
    block, at = divmod(place, PLACES)
    with connection.blob_open("main", "signs", "chunks", block, True) as owners:  # noqa: FBT003 - apsw's way
        owners.seek(4 * at)
        owners.write(bytes(4))
    connection.execute("INSERT INTO free VALUES (?)", (place,))


def nearest(
    connection: apsw.Connection, vector: bytes, limit: int, chosen: str, values: Sequence[str]
) -> dict[int, float]:
    """The cosines of the ``limit`` chunks nearest to ``vector``; ``chosen`` is a query of chunk ids (``""``: all)."""
    import numpy as np

    from localgpt.memory import signs

    asked = np.frombuffer(vector, dtype="<f4")
    if len(asked) != dimensions_of(connection):
        return {}
    if not chosen:
        found = cosines(connection, vector, signs.nearest(connection, asked, _RESCORED * limit, None))
        return _best(found, limit)
    few = [chunk for (chunk,) in connection.execute(f"{chosen} LIMIT {_FEW + 1}", values)]
    if len(few) <= _FEW:
        found = cosines(connection, vector, signs.nearest(connection, asked, _RESCORED * limit, few))
        return _best(found, limit)
    passing: list[int] = []
    for wanted in _FILTERED:
        near = signs.nearest(connection, asked, wanted, None)
        passing = [part for some in _parts(near) for part in _passing(connection, some, chosen, values)]
        if len(passing) >= limit:
            break
    return _best(cosines(connection, vector, passing), limit)


def _passing(
    connection: apsw.Connection, chunks: Sequence[int], chosen: str, values: Sequence[str]
) -> list[int]:
    marks = ",".join("?" * len(chunks))
    rows = connection.execute(
        f"SELECT id FROM chunks WHERE id IN ({marks}) AND id IN ({chosen})",  # noqa: S608 - marks and our own condition
        (*chunks, *values),
    )
    return [chunk for (chunk,) in rows]


def cosines(connection: apsw.Connection, vector: bytes, chunks: Sequence[int]) -> dict[int, float]:
    """The cosines of given chunks, for those that have a vector; of several vectors the nearest counts."""
    import numpy as np

    asked = np.frombuffer(vector, dtype="<f4")
    if len(asked) != dimensions_of(connection):
        return {}
    asked = asked * np.float32(1 / (float(np.linalg.norm(asked)) or 1.0))
    found: dict[int, float] = {}
    for some in _parts(chunks):
        marks = ",".join("?" * len(some))
        rows: list[Any] = connection.execute(
            f"SELECT chunk, codes FROM vectors WHERE chunk IN ({marks})",  # noqa: S608 - only question marks
            some,
        ).fetchall()
        found |= _cosines(asked, rows)
    return found


def _cosines(asked: npt.NDArray[np.float32], rows: Sequence[tuple[int, bytes]]) -> dict[int, float]:
    import numpy as np

    width = len(asked)
    codes = np.frombuffer(b"".join(codes for _, codes in rows), dtype=np.int8).reshape(-1, width)
    exact = codes.astype(np.float32)
    lengths = np.sqrt(np.einsum("ij,ij->i", exact, exact))
    values = (exact @ asked) / np.where(lengths, lengths, 1)
    begins = np.cumsum([0, *(len(codes) // width for _, codes in rows[:-1])])
    best = np.maximum.reduceat(values, begins) if rows else values
    return dict(zip((chunk for chunk, _ in rows), best.tolist(), strict=True))


def _best(found: Mapping[int, float], limit: int) -> dict[int, float]:
    return dict(sorted(found.items(), key=lambda pair: -pair[1])[:limit])


def _parts(chunks: Sequence[int]) -> Iterator[Sequence[int]]:
    """As many at a time as a query may have values."""
    return (chunks[at : at + _AT_ONCE] for at in range(0, len(chunks), _AT_ONCE))


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
