"""Vectors: small in the index, whole in the cache, exact enough to rank by."""

from __future__ import annotations

import math
import random
import sys
from array import array

import apsw
import pytest

from localgpt.memory import vectors
from localgpt.memory.database import Database
from localgpt.memory.vectors import (
    VectorCache,
    add_vectors,
    adopt,
    code,
    cosines,
    model_of,
    nearest,
    remove_vectors,
)

DIMENSIONS = 64


def unit(seed: int) -> bytes:
    chance = random.Random(seed)
    values = [chance.gauss(0, 1) for _ in range(DIMENSIONS)]
    length = math.sqrt(sum(value * value for value in values))
    return array("f", [value / length for value in values]).tobytes()


def cosine(one: bytes, other: bytes) -> float:
    return sum(a * b for a, b in zip(array("f", one), array("f", other), strict=True))


def filled(count: int) -> apsw.Connection:
    database = Database(None)
    connection = database._writer
    adopt(connection, "model", DIMENSIONS)
    for number in range(1, count + 1):
        row = (number, 1, number, number, "", "", "", "owner", "open", "", b"%d" % number, "")
        connection.execute("INSERT INTO chunks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
        add_vectors(connection, number, b"%d" % number, [unit(number)])
    return connection


def test_codes_keep_cosines():
    worst = max(
        abs(cosine(unit(a), unit(b)) - found)
        for a in range(20)
        for b in range(20)
        for found in [sum(x * y for x, y in zip(array("b", code(unit(a))), array("b", code(unit(b))), strict=True))
                      / math.sqrt(sum(x * x for x in array("b", code(unit(a)))) * sum(y * y for y in array("b", code(unit(b)))))]
    )  # fmt: skip
    assert worst < 0.01


def test_a_vector_of_zeros_has_a_code():
    assert code(bytes(4 * DIMENSIONS)) == bytes(DIMENSIONS)


@pytest.mark.parametrize(("few", "numpy"), [(20_000, True), (0, True), (0, False)])
def test_the_nearest_are_found_among_all_and_among_some(monkeypatch, few, numpy):
    monkeypatch.setattr(vectors, "_FEW", few)
    if not numpy:
        monkeypatch.setitem(sys.modules, "localgpt.memory.signs", None)
        monkeypatch.delattr("localgpt.memory.signs", raising=False)
    connection = filled(300)
    found = nearest(connection, unit(77), 10, "", ())
    assert max(found, key=found.__getitem__) == 77
    assert found[77] == pytest.approx(1, abs=0.01)
    truth = sorted(range(1, 301), key=lambda number: -cosine(unit(77), unit(number)))[:10]
    assert len(found.keys() & set(truth)) >= 9
    chosen = nearest(connection, unit(77), 10, "SELECT id FROM chunks WHERE id < ?", ("50",))
    truth = sorted(range(1, 50), key=lambda number: -cosine(unit(77), unit(number)))[:10]
    assert len(chosen.keys() & set(truth)) >= 9


def test_more_may_be_asked_for_than_a_query_takes_values():
    assert len(nearest(filled(20), unit(7), 100_000, "", ())) == 20


def test_cosines_of_given_chunks():
    connection = filled(10)
    found = cosines(connection, unit(3), [3, 4, 999])
    assert found.keys() == {3, 4}
    assert found[4] == pytest.approx(cosine(unit(3), unit(4)), abs=0.01)


def test_of_several_vectors_the_nearest_counts():
    connection = filled(1)
    add_vectors(connection, 1, b"1", [unit(49), unit(50)])
    assert cosines(connection, unit(50), [1])[1] == pytest.approx(1, abs=0.01)
    assert nearest(connection, unit(49), 5, "", ())[1] == pytest.approx(1, abs=0.01)
    assert vectors.count(connection) == 2


def test_a_chunk_that_changed_meanwhile_gets_no_vector():
    connection = filled(1)
    add_vectors(connection, 1, b"another digest", [unit(9)])
    assert connection.execute("SELECT count(*) FROM vectors").get == 1


def test_removed_vectors_leave_nothing():
    connection = filled(5)
    remove_vectors(connection, [2, 3])
    assert vectors.count(connection) == connection.execute("SELECT count(*) FROM vectors").get == 3
    assert nearest(connection, unit(2), 5, "", ()).keys() == {1, 4, 5}


def test_places_of_what_went_are_taken_again():
    connection = filled(5)
    remove_vectors(connection, [2, 4])
    for number in (2, 4):
        add_vectors(connection, number, b"%d" % number, [unit(number)])
    places = connection.execute("SELECT place FROM vectors ORDER BY chunk").fetchall()
    assert len(set(places)) == 5
    assert vectors.count(connection) == 5
    assert connection.execute("SELECT count(*) FROM signs").get == 1


def test_a_model_that_changed_its_length_begins_anew():
    connection = filled(3)
    add_vectors(connection, 1, b"1", [unit(1) * 2])
    assert connection.execute("SELECT chunk FROM pending ORDER BY 1").fetchall() == [(2,), (3,)]
    assert cosines(connection, unit(1), [1]) == {}
    assert nearest(connection, unit(1), 5, "", ()) == {}
    assert nearest(connection, unit(1) * 2, 5, "", ())[1] == pytest.approx(1, abs=0.01)


def test_another_model_begins_anew():
    connection = filled(3)
    adopt(connection, "other", 128)
    assert model_of(connection) == "other"
    assert connection.execute("SELECT count(*) FROM vectors").get == 0
    assert connection.execute("SELECT count(*) FROM pending").get == 3


def test_the_cache_keeps_vectors_by_model_and_text(tmp_path):
    cache = VectorCache(tmp_path / "e.db")
    cache.put("one", {"apples": b"1", "pears": b"2"})
    cache.close()
    assert cache.get("one", ["apples", "plums"]) == {"apples": b"1"}
    assert cache.get("two", ["apples"]) == {}
    cache.close()


@pytest.mark.parametrize(
    "make", [lambda path: path.mkdir(), lambda path: path.write_bytes(b"no database" * 99)]
)
def test_a_cache_that_cannot_be_used_is_empty(tmp_path, make):
    make(tmp_path / "e.db")
    cache = VectorCache(tmp_path / "e.db")
    cache.put("one", {"apples": b"1"})
    assert cache.get("one", ["plums"]) == {}
    assert VectorCache(None).get("one", ["apples"]) == {}
    cache.close()
