"""One bit a dimension: the first look finds what exact cosines would, in many blocks, with holes, and among some."""

from __future__ import annotations

import numpy as np
import pytest

from localgpt.memory import signs, vectors
from localgpt.memory.database import PLACES, Database

DIMENSIONS = 96
COUNT = 2 * PLACES + 100


@pytest.fixture(scope="module")
def rows():
    chance = np.random.default_rng(1)
    centres = chance.standard_normal((50, DIMENSIONS))
    made = centres[chance.integers(0, 50, COUNT)] + 0.7 * chance.standard_normal((COUNT, DIMENSIONS))
    return (made / np.linalg.norm(made, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture(scope="module")
def connection(rows):
    connection = Database(None)._writer
    vectors.adopt(connection, "model", DIMENSIONS)
    vectors.put(connection, [(number, row.tobytes()) for number, row in enumerate(rows, 1)])
    return connection


def chunks(connection, places):
    return [connection.execute("SELECT chunk FROM vectors WHERE place = ?", (one,)).get for one in places]


def test_bits_are_the_signs():
    connection = Database(None)._writer
    vectors.adopt(connection, "model", 66)
    one = np.array([1.0, -1.0, 0.0, 2.0] + 61 * [-1.0] + [3.0], dtype=np.float32)
    vectors.put(connection, [(1, one.tobytes()), (2, (-one).tobytes())])
    ((_, planes, owners),) = signs._blocks(connection, 2)
    assert planes[:, 0].tolist() == [0b1001, 0b10]
    assert owners[:3].tolist() == [1, 2, 0]


def test_the_nearest_are_among_the_first_look(connection, rows):
    hit = 0
    for number in range(20):
        chance = np.random.default_rng(number)
        asked = rows[number] + 0.05 * chance.standard_normal(DIMENSIONS).astype(np.float32)
        truth = set((np.argsort(-(rows @ asked))[:10] + 1).tolist())
        found = signs.nearest(connection, asked.tobytes(), 300, None)
        assert len(found) == 300
        hit += len(truth & set(chunks(connection, found)))
    assert hit >= 199


def test_only_chunks_of_a_choice_are_looked_at(connection, rows):
    among = list(range(5, COUNT, 100))
    asked = rows[0].tobytes()
    assert chunks(connection, signs.nearest(connection, asked, 10_000, among)) == among
    assert len(signs.nearest(connection, asked, 20, among)) == 20
    assert signs.nearest(connection, asked, 20, []) == []


def test_an_empty_index_has_none():
    assert signs.nearest(Database(None)._writer, bytes(4 * DIMENSIONS), 5, None) == []
