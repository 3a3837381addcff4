"""The year in ``bench/recall/year``: enough of it, every question's evidence there, and halves that nobody chose."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from bench.recall.year_set import FOLDER, HELD_OUT, TUNE, crossing, half, notes, questions, searcher, unpack

from localgpt.memory.examination import examine
from localgpt.memory.questions import parse, strangers

KINDS = {"one fact", "two facts", "date", "changed", "preference", "who said it", "not there"}
LINES = {path: text.rstrip("\n").split("\n") for language in ("en", "de") for path, text in notes(language)}
ROWS: list[dict[str, Any]] = [
    json.loads(line)
    for name in (TUNE, HELD_OUT)
    for line in (FOLDER / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
]


def test_there_is_enough_to_search():
    assert len(list(notes("en"))) >= 300
    assert len(list(notes("de"))) >= 150
    assert len(LINES) == len(list(notes("en"))) + len(list(notes("de"))), "two notes have one path"
    assert all(any(line.strip() for line in lines) for lines in LINES.values())


def test_daily_notes_are_days_of_the_year():
    days = [match[1] for path in LINES if (match := re.fullmatch(r"memory/(.*)\.md", path))]
    assert {dt.date.fromisoformat(day).year for day in days} == {2025}
    assert len(days) > 250


def test_nobody_writes_the_same_sentence_twice():
    lines = Counter(line for text in LINES.values() for line in text if len(line) > 30)
    assert [line for line, count in lines.items() if count > 1] == []


def test_there_are_questions_of_every_kind_and_language_in_both_halves():
    assert len(ROWS) >= 250
    for name in (TUNE, HELD_OUT):
        asked = questions(name)
        assert Counter(question.kind for question in asked).keys() == KINDS
        assert min(Counter(question.kind for question in asked).values()) >= 10
        assert min(Counter(question.language for question in asked).values()) >= 50
        assert all(question.today for question in asked)


def test_no_question_is_asked_twice():
    texts = Counter(row["question"].casefold() for row in ROWS)
    assert [text for text, count in texts.items() if count > 1] == []


def test_the_hash_of_a_question_tells_its_half():
    for name in (TUNE, HELD_OUT):
        assert {half(question.text) for question in questions(name)} == {name}


@pytest.mark.parametrize("name", [TUNE, HELD_OUT])
def test_every_place_is_there(name):
    asked = questions(name)
    assert list(strangers(asked, frozenset(LINES))) == []
    places = [place for question in asked for fact in question.evidence for place in fact]
    assert [str(place) for place in places if place.end > len(LINES[place.path])] == []


def expected_text(row: dict[str, Any]) -> str:
    """What stands at all the places that a question expects."""
    found = []
    for item in row["expect"]:
        for place in item if isinstance(item, list) else [item]:
            path, _, numbers = place.rpartition(":")
            start, _, end = numbers.partition("-")
            found += LINES[path][int(start) - 1 : int(end or start)]
    return "\n".join(found).casefold()


def test_every_place_holds_what_it_should():
    wrong = [
        (row["question"], word)
        for row in ROWS
        for word in row.get("answer", [])
        if word.casefold() not in expected_text(row)
    ]
    assert wrong == []


def test_only_what_is_not_there_has_no_place():
    for row in ROWS:
        assert (row["kind"] == "not there") == (not row["expect"]) == (not row.get("answer")), row["question"]
        if row["kind"] == "two facts":
            paths = {
                place.rpartition(":")[0]
                for item in row["expect"]
                for place in ([item] if isinstance(item, str) else item)
            }
            assert len(paths) >= 2, row["question"]


def test_the_language_of_a_question_and_of_its_notes_are_told_apart():
    (question,) = parse('{"question": "Wer?", "expect": [["a.md", "b.md"]], "language": "de"}', "x")
    assert crossing(question, {"a.md": "en", "b.md": "en"}).language == "de of en"
    assert crossing(question, {"a.md": "en", "b.md": "de"}).language == "de of de+en"


def test_unpacking_writes_each_note_as_it_is(tmp_path: Path):
    unpack(tmp_path)
    written = {path.relative_to(tmp_path).as_posix(): path for path in tmp_path.rglob("*.md")}
    assert written.keys() == LINES.keys()
    assert written["memory/2025-09-02.md"].read_text(encoding="utf-8").startswith("**HERON IS LIVE.**")


@pytest.mark.slow
def test_what_nobody_looked_at_is_found_too(tmp_path: Path):
    with searcher(tmp_path) as search:
        figures = examine(search, questions(HELD_OUT), "fused").all
    assert figures.mean(figures.recall[5]) >= 0.65
