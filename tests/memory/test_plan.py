"""A question becomes stems in quotes; nothing of its own syntax reaches the engine."""

from __future__ import annotations

import datetime as dt

import apsw
import pytest
from hypothesis import given
from hypothesis import strategies as st

from localgpt.memory.plan import LONGEST, Plan, expression, plan

TODAY = dt.date(2026, 11, 23)


def planned(text: str, languages: tuple[str, ...] = ("en",)) -> Plan:
    return plan(text, languages, TODAY)


@pytest.fixture(scope="module")
def engine() -> apsw.Connection:
    connection = apsw.Connection(":memory:")
    connection.execute("CREATE VIRTUAL TABLE words USING fts5(body, content='', tokenize='ascii')")
    connection.execute("INSERT INTO words(rowid, body) VALUES (1, 'dentist')")
    return connection


@pytest.mark.parametrize(
    "text",
    [
        '"',
        "*",
        "NEAR(",
        "-",
        "a AND b",
        "NOT x",
        "body:x",
        "^x",
        "x*",
        "{a b}:c",
        "🙂",
        "你好",
        "猫",
        "'",
        "\0",
        "(" * 99,
    ],
)
def test_no_syntax_of_the_engine_gets_through(engine, text):
    anything = planned(text)
    query = expression(anything.stems, dict.fromkeys(anything.stems, 1), 10)
    if query:
        engine.execute("SELECT rowid FROM words WHERE words MATCH ?", (query,)).fetchall()


@given(st.text())
def test_any_question_is_a_query_that_runs(text):
    connection = apsw.Connection(":memory:")
    connection.execute("CREATE VIRTUAL TABLE words USING fts5(body, content='', tokenize='ascii')")
    anything = planned(text)
    if query := expression(anything.stems, dict.fromkeys(anything.stems, 1), 10):
        connection.execute("SELECT rowid FROM words WHERE words MATCH ?", (query,)).fetchall()


def test_a_question_is_its_content_words_joined_by_or():
    asked = planned("When is my dentist appointment?")
    assert expression(asked.stems, {"dentist": 1, "appoint": 2}, 100) == '"dentist" OR "appoint"'


def test_words_that_stand_nowhere_are_left_out():
    assert expression(planned("dentist unicorn").stems, {"dentist": 1}, 100) == '"dentist"'
    assert expression(planned("unicorn").stems, {}, 100) == ""


def test_each_language_of_the_index_has_its_stems():
    (term,) = planned("Häuser", ("en", "de", "fr")).terms
    assert "haus" in term.stems
    assert len(set(term.stems)) == len(term.stems)


def test_in_a_large_index_common_words_only_re_rank():
    counts = {"dentist": 10, "appoint": 50_000}
    assert expression(planned("dentist appointment").stems, counts, 100_000) == '"dentist"'
    assert expression(planned("appointment").stems, counts, 100_000) == '"appoint"'
    assert "appoint" in expression(planned("dentist appointment").stems, counts, 1000)


def test_phrases_in_quotes():
    (phrase,) = planned('who wrote "the old house" and „x“?').phrases
    assert [term.word for term in phrase] == ["the", "old", "house"]


def test_a_huge_question_is_cut():
    asked = planned("word " * 300_000 + " last")
    assert len(asked.text) <= LONGEST
    assert len(planned(" ".join(f"w{n}" for n in range(5000))).terms) < 100


@pytest.mark.parametrize("text", ["", "   ", "?!", "🙂"])
def test_nothing_is_asked(text):
    assert planned(text).text == ""
    assert planned(text).terms == ()


def test_the_days_asked_about():
    assert planned("what did I do yesterday").periods[0].start == "2026-11-22"
