"""The first look at the vectors: one bit a dimension of each, in blocks that one pass of numpy goes through.

A block of the table ``signs`` has ``PLACES`` vectors. Its ``bits`` are planes of 64 dimensions (of all vectors the
first word, then of all the second), its ``chunks`` the chunk of each place, 0 where the place is free.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias, cast

import apsw
import numpy as np
import numpy.typing as npt

from localgpt.memory.database import PLACES

KEPT = 16_384
"""How many vectors by their own signs, at least, are looked at with what the question's numbers weigh."""
KEPT_SHARE = 60
"""One in so many, where that is more."""
_LEVELS = 3
"""Bits of such a weight."""

Words: TypeAlias = npt.NDArray[np.uint64]
Numbers: TypeAlias = npt.NDArray[np.int32]
_Kept: TypeAlias = tuple[Words, Numbers, npt.NDArray[np.uint16]]


def nearest(
    connection: apsw.Connection, vector: bytes, wanted: int, among: Iterable[int] | None
) -> list[int]:
    """The places of about ``wanted`` vectors that lie nearest, judged by signs; ``among``: only of these chunks."""
    asked = np.frombuffer(vector, dtype="<f4")
    allowed = None if among is None else _table(among)
    question = _packed(asked > 0)
    limit = max(KEPT, wanted, places(connection) // KEPT_SHARE)
    counts = np.zeros(64 * len(question) + 1, dtype=np.int64)
    reach = len(counts)
    kept: list[_Kept] = []
    for block, planes, chunks in _blocks(connection, len(question)):
        apart = planes ^ question[:, np.newaxis]
        distances = _distances(apart)
        chosen = _chosen(distances, chunks, reach, allowed)
        numbers = (chosen + block * PLACES).astype(np.int32)
        kept.append((apart[:, chosen], numbers, distances[chosen]))
        counts += np.bincount(kept[-1][2], minlength=len(counts))
        reach = int(np.searchsorted(np.cumsum(counts), limit))
    return _weighed(asked, kept, reach, wanted)


def places(connection: apsw.Connection) -> int:
    """How many vectors the blocks may hold."""
    last: int = connection.execute("SELECT coalesce(max(id), 0) FROM signs").get
    return last * PLACES


def _packed(flags: npt.NDArray[np.bool_]) -> Words:
    padded = np.pad(flags, (0, -len(flags) % 64))
    return np.packbits(padded, bitorder="little").view("<u8")


def _blocks(connection: apsw.Connection, words: int) -> Iterator[tuple[int, Words, Numbers]]:
    for block, bits, chunks in connection.execute("SELECT id, bits, chunks FROM signs"):
        planes = np.frombuffer(cast("bytes", bits), dtype="<u8").reshape(words, PLACES)
        yield cast("int", block), planes, np.frombuffer(cast("bytes", chunks), dtype="<i4")


def _distances(apart: Words) -> npt.NDArray[np.uint16]:
    total: npt.NDArray[np.uint16] = np.bitwise_count(apart[0]).astype(np.uint16)
    for plane in apart[1:]:
        total += np.bitwise_count(plane)
    return total


def _chosen(
    distances: npt.NDArray[np.uint16], chunks: Numbers, reach: int, allowed: npt.NDArray[np.bool_] | None
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


def _weighed(asked: npt.NDArray[np.float32], kept: Sequence[_Kept], reach: int, wanted: int) -> list[int]:
    """Of what is within ``reach``, the best with each dimension counting as much as the question's own number there."""
    near = [(apart[:, inside], numbers[inside]) for apart, numbers, far in kept for inside in [far <= reach]]
    if not near:
        return []
    numbers = np.concatenate([of_block for _, of_block in near])
    if len(numbers) > wanted:
        apart = np.concatenate([of_block for of_block, _ in near], axis=1)
        total = np.zeros(len(numbers), dtype=np.uint16)
        for level, plane in enumerate(_levels(asked)):
            total += _distances(apart & plane[:, np.newaxis]) << level
        numbers = numbers[np.argpartition(total, wanted)[:wanted]]
    return cast("list[int]", np.sort(numbers).tolist())


def _levels(asked: npt.NDArray[np.float32]) -> list[Words]:
    """How much each dimension of the question weighs, 0 to 7, bit by bit."""
    sizes = np.abs(asked)
    highest = (1 << _LEVELS) - 1
    weights = np.clip(np.rint(sizes / (0.7 * sizes.max() or 1) * highest), 0, highest).astype(np.uint8)
    return [_packed((weights >> level & 1).astype(np.bool_)) for level in range(_LEVELS)]
