"""Cases from use: only what can be asked again is kept, privately and bounded; a place is found again after edits."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localgpt.core.values import Span
from localgpt.memory import cases
from localgpt.memory.cases import Case, Cases, case, found_again, numbered

DAY = dt.date(2026, 3, 1)
PLACE = Span("a.md", 3, 4)
TEXT = "The dentist is Dr. Weber.\nShe is kind."


def made(question: str = "who is my dentist in town") -> Case:
    one = case(question, PLACE, TEXT, DAY, "opened")
    assert one is not None
    return one


def test_a_case_holds_no_text_of_the_note():
    one = made()
    assert (one.place, one.day, one.how, len(one.lines)) == (PLACE, "2026-03-01", "opened", 2)
    assert "Weber" not in repr(one)


@pytest.mark.parametrize(
    "question",
    ["", "and when?", "dentist", "x " * 300, "my key sk-ant-abcdefghijklmnopqrstuvwx was which service"],
)
def test_what_can_not_be_asked_by_itself_is_no_case(question):
    assert case(question, PLACE, TEXT, DAY, "opened") is None


@pytest.mark.parametrize(
    "question", ["dentist in town", "Wo ist der Zahnarzt in Wien?", "今日は東京タワー", "spare key"]
)
def test_questions_in_any_language_are_cases(question):
    assert case(question, PLACE, TEXT, DAY, "opened") is not None


def test_a_place_without_words_is_no_case():
    assert case("who is my dentist", PLACE, "\n \n", DAY, "opened") is None


def test_cases_are_kept_privately_and_the_newest_of_a_question_counts(tmp_path):
    kept = Cases(tmp_path / "state" / "cases.jsonl")
    assert kept.all() == []
    kept.add(made())
    kept.add(made("where is the spare key"))
    newer = case("Who is my  DENTIST in town", Span("b.md", 1, 1), "Dr. Roth", DAY, "cited")
    assert newer is not None
    kept.add(newer)
    assert [one.path for one in kept.all()] == ["a.md", "b.md"]
    assert kept.path.stat().st_mode & 0o077 == 0


def test_they_are_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr(cases, "MOST", 5)
    kept = Cases(tmp_path / "cases.jsonl")
    for number in range(23):
        kept.add(made(f"who is dentist number {number}"))
    assert [one.question[-2:] for one in kept.all()] == ["18", "19", "20", "21", "22"]
    assert len(kept.path.read_text().splitlines()) <= 2 * 5


@pytest.mark.parametrize(
    "damage",
    [b"{", b"[]", b"null", b'{"question": 1}', b"\xff\xfe", b'{"lines": 3}', b"[" * 100_000],
)
def test_a_damaged_line_costs_only_itself(tmp_path, damage):
    kept = Cases(tmp_path / "cases.jsonl")
    kept.add(made())
    with kept.path.open("ab") as file:
        file.write(damage + b"\n")
    kept.add(made("where is the spare key"))
    assert len(kept.all()) == 2


def test_what_can_not_be_written_is_not_kept(tmp_path):
    (tmp_path / "state").write_text("a file is in the way")
    kept = Cases(tmp_path / "state" / "cases.jsonl")
    kept.add(made())
    assert kept.all() == []


def test_they_are_forgotten(tmp_path):
    kept = Cases(tmp_path / "cases.jsonl")
    kept.add(made())
    assert (kept.forget(), kept.all(), kept.forget()) == (1, [], 0)


@pytest.mark.parametrize(
    ("lines", "place"),
    [
        (["", "", *TEXT.split("\n")], Span("a.md", 3, 4)),
        (TEXT.split("\n"), Span("a.md", 1, 2)),
        (["new"] * 50 + TEXT.split("\n"), Span("a.md", 51, 52)),
        (["The dentist is Dr. Weber.  "], Span("a.md", 1, 1)),
        (["The dentist is Dr. Roth.", "She is nice."], None),
        ([], None),
        ([*TEXT.split("\n"), *["x"] * 90, *TEXT.split("\n")], Span("a.md", 1, 2)),
    ],
)
def test_a_place_is_found_again_by_its_lines(lines, place):
    assert found_again(made(), lines) == place


@given(st.lists(st.sampled_from(["one", "two", "three", ""]), max_size=12), st.integers(0, 9))
def test_a_note_that_grew_at_its_top_keeps_its_place(before, more):
    lines = ["other"] * len(before) + ["x"] * more + TEXT.split("\n")
    found = found_again(made(), lines)
    assert found == Span("a.md", len(lines) - 1, len(lines))


def test_they_become_questions():
    (question,) = numbered([(made(), Span("a.md", 5, 6))])
    assert (question.text, question.kind, question.today, question.line) == (
        "who is my dentist in town", "opened", DAY, 1,
    )  # fmt: skip
    assert question.evidence == ((Span("a.md", 5, 6),),)
