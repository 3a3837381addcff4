"""The first look at the vectors: one bit a dimension of each, in blocks that one pass of numpy goes through.

A block holds ``PLACES`` vectors. Its ``bits`` are planes of 64 dimensions (all first words, then all second words), its
``chunks`` the chunk of each place, 0 where the place is free. A place that is given away costs only its own pages.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any, cast

import apsw
import numpy as np
import numpy.typing as npt

from localgpt.memory.database import PLACES

KEPT = 16_384
"""How many vectors by their own signs are looked at with what the question's numbers weigh."""
_LEVELS = 3
"""Bits of such a weight."""

Words = npt.NDArray[np.uint64]
Places = npt.NDArray[np.int32]


def signs(vectors: npt.NDArray[np.float32]) -> Words:
    """One row of 64-bit words for each row of ``vectors``: which of its numbers are positive."""
    return _packed(vectors > 0)


def _packed(flags: npt.NDArray[np.bool_]) -> Words:
    padded = np.pad(flags, ((0, 0), (0, -flags.shape[1] % 64)))
    return np.packbits(padded, axis=1, bitorder="little").view("<u8")


def take_places(connection: apsw.Connection, count: int, words: int) -> list[int]:
    """Free places for vectors of so many ``words``, the first first; a block is made where there are too few."""
    missing = count - connection.execute("SELECT count(*) FROM (SELECT 1 FROM free LIMIT ?)", (count,)).get
    for _ in range(-(-missing // PLACES)):
        block = connection.execute(
            "INSERT INTO signs(bits, chunks) VALUES (zeroblob(?), zeroblob(?)) RETURNING id",
            (PLACES * words * 8, PLACES * 4),
        ).get
        connection.executemany(
            "INSERT INTO free VALUES (?)", ((block * PLACES + at,) for at in range(PLACES))
        )
    taken: list[Any] = connection.execute(
        "SELECT place FROM free ORDER BY place LIMIT ?", (count,)
    ).fetchall()
    connection.executemany("DELETE FROM free WHERE place = ?", taken)
    return [place for (place,) in taken]


def put(connection: apsw.Connection, places: Sequence[int], chunks: Sequence[int], rows: Words) -> None:
    """Write what stands at ``places`` (ascending): the signs, and whose they are."""
    owners = np.array(chunks, dtype="<i4")
    for block, begin, run in _runs(places):
        at = slice(begin, begin + len(run))
        first = run[0] % PLACES
        with connection.blob_open("main", "signs", "bits", block, True) as blob:  # noqa: FBT003 - apsw's way
            for plane in range(rows.shape[1]):
                blob.seek(8 * (plane * PLACES + first))
                blob.write(np.ascontiguousarray(rows[at, plane]).tobytes())
        with connection.blob_open("main", "signs", "chunks", block, True) as blob:  # noqa: FBT003 - as above
            blob.seek(4 * first)
            blob.write(owners[at].tobytes())


def _runs(places: Sequence[int]) -> Iterator[tuple[int, int, list[int]]]:
    """Places beside each other in one block: the block, how many came before, and they."""
    begin = 0
    for (block, _), group in groupby(enumerate(places), lambda pair: (pair[1] // PLACES, pair[1] - pair[0])):
        run = [place for _, place in group]
        yield block, begin, run
        begin += len(run)


def nearest(
    connection: apsw.Connection, vector: npt.NDArray[np.float32], wanted: int, among: Iterable[int] | None
) -> list[int]:
    """The chunks of about ``wanted`` vectors that lie nearest, judged by signs; ``among``: only of these chunks."""
    allowed = None if among is None else _table(among)
    question = signs(vector[np.newaxis])[0]
    limit = max(KEPT, wanted)
    counts = np.zeros(64 * len(question) + 1, dtype=np.int64)
    reach = len(counts)
    kept: list[tuple[Words, Places, npt.NDArray[np.uint16]]] = []
    for planes, chunks in _blocks(connection, len(question)):
        apart = planes ^ question[:, np.newaxis]
        distances = _distances(apart)
        chosen = _chosen(distances, chunks, reach, allowed)
        kept.append((apart[:, chosen], chunks[chosen], distances[chosen]))
        counts += np.bincount(kept[-1][2], minlength=len(counts))
        reach = int(np.searchsorted(np.cumsum(counts), limit))
    return _weighed(vector, kept, reach, wanted)


def _blocks(connection: apsw.Connection, words: int) -> Iterator[tuple[Words, Places]]:
    for bits, chunks in connection.execute("SELECT bits, chunks FROM signs"):
        yield np.frombuffer(bits, dtype="<u8").reshape(words, PLACES), np.frombuffer(chunks, dtype="<i4")


def _distances(apart: Words) -> npt.NDArray[np.uint16]:
    total: npt.NDArray[np.uint16] = np.bitwise_count(apart[0]).astype(np.uint16)
    for plane in apart[1:]:
        total += np.bitwise_count(plane)
    return total


def _chosen(
    distances: npt.NDArray[np.uint16], chunks: Places, reach: int, allowed: npt.NDArray[np.bool_] | None
) -> npt.NDArray[np.intp]:
    """Which places of a block may be among the nearest."""
    near = np.flatnonzero((distances <= reach) & (chunks != 0))
    if allowed is None:
        return near
    inside = near[chunks[near] < len(allowed)]
    return inside[allowed[chunks[inside]]]


def _table(chunks: Iterable[int]) -> npt.NDArray[np.bool_]:
    numbers = np.fromiter(chunks, dtype=np.int64)
    table = np.zeros(int(numbers.max(initial=0)) + 1, dtype=np.bool_)
    table[numbers] = True
    return table


def _weighed(
    vector: npt.NDArray[np.float32],
    kept: Sequence[tuple[Words, Places, npt.NDArray[np.uint16]]],
    reach: int,
    wanted: int,
) -> list[int]:
    """Of what is within ``reach``, the best with each dimension counting as much as the question's own number there."""
    near = [(apart[:, inside], chunks[inside]) for apart, chunks, far in kept for inside in [far <= reach]]
    if not near:
        return []
    chunks = np.concatenate([of_block for _, of_block in near])
    if len(chunks) > wanted:
        apart = np.concatenate([of_block for of_block, _ in near], axis=1)
        total = np.zeros(len(chunks), dtype=np.uint16)
        for level, plane in enumerate(_levels(vector)):
            total += _distances(apart & plane[:, np.newaxis]) << level
        chunks = chunks[np.argpartition(total, wanted)[:wanted]]
    return cast("list[int]", np.unique(chunks).tolist())


def _levels(vector: npt.NDArray[np.float32]) -> list[Words]:
    """How much each dimension of the question weighs, 0 to 7, bit by bit."""
    sizes = np.abs(vector)
    highest = (1 << _LEVELS) - 1
    weights = np.clip(np.rint(sizes / (0.7 * sizes.max() or 1) * highest), 0, highest).astype(np.uint8)
    return [_packed((weights[np.newaxis] >> level & 1).astype(np.bool_))[0] for level in range(_LEVELS)]
