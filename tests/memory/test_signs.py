"""One bit a dimension: the first look finds what exact cosines would, in many blocks, with holes, and among some."""

from __future__ import annotations

import numpy as np
import pytest

from localgpt.memory import signs
from localgpt.memory.database import PLACES, Database

COUNT = 2 * PLACES + 100


@pytest.fixture(scope="module")
def vectors():
    chance = np.random.default_rng(1)
    centres = chance.standard_normal((50, 96))
    made = centres[chance.integers(0, 50, COUNT)] + 0.7 * chance.standard_normal((COUNT, 96))
    return made.astype(np.float32) / np.linalg.norm(made, axis=1, keepdims=True).astype(np.float32)


@pytest.fixture(scope="module")
def connection(vectors):
    connection = Database(None)._writer
    rows = signs.signs(vectors)
    places = signs.take_places(connection, COUNT, rows.shape[1])
    signs.put(connection, places, list(range(1, COUNT + 1)), rows)
    return connection


def test_signs_are_words_of_64_dimensions():
    rows = signs.signs(np.array([[1.0, -1.0, 0.0, 2.0] + 61 * [-1.0] + [3.0]], dtype=np.float32))
    assert rows.tolist() == [[0b1001, 0b10]]


def test_the_nearest_are_among_the_first_look(connection, vectors):
    hit = 0
    for number in range(20):
        asked = vectors[number] + 0.05 * np.random.default_rng(number).standard_normal(96).astype(np.float32)
        truth = set((np.argsort(-(vectors @ asked))[:10] + 1).tolist())
        found = signs.nearest(connection, asked, 300, None)
        assert len(found) == 300
        hit += len(truth & set(found))
    assert hit >= 199


def test_only_chunks_of_a_choice_are_looked_at(connection, vectors):
    among = list(range(5, COUNT, 100))
    assert set(signs.nearest(connection, vectors[0], 10_000, among)) == set(among)
    assert len(signs.nearest(connection, vectors[0], 20, among)) == 20
    assert signs.nearest(connection, vectors[0], 20, []) == []


def test_an_empty_index_has_none():
    assert signs.nearest(Database(None)._writer, np.ones(96, dtype=np.float32), 5, None) == []


def test_places_are_shared_out_in_order():
    connection = Database(None)._writer
    assert signs.take_places(connection, 3, 2) == [PLACES, PLACES + 1, PLACES + 2]
    assert signs.take_places(connection, PLACES, 2)[-1] == 2 * PLACES + 2
    assert connection.execute("SELECT count(*) FROM signs").get == 2
