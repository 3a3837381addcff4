"""Reading questions: what a line may say, and the sentence for one that is wrong."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from localgpt.core.errors import UsageError
from localgpt.core.values import Span
from localgpt.memory.quality import WHOLE, Question
from localgpt.memory.questions import parse, strangers


@pytest.mark.parametrize(
    ("place", "span"),
    [
        ("a/b.md", Span("a/b.md", 1, WHOLE)),
        ("a/b.md:7", Span("a/b.md", 7, 7)),
        ("a/b.md:7-9", Span("a/b.md", 7, 9)),
        ("C: and D.md", Span("C: and D.md", 1, WHOLE)),
        ("session:abc:3-4", Span("session:abc", 3, 4)),
        ("session:12", Span("session:12", 1, WHOLE)),
    ],
)
def test_a_place_is_a_note_or_lines_of_it(place, span):
    (question,) = parse(json.dumps({"question": "Why?", "expect": [place]}), "x")
    assert question == Question("Why?", ((span,),), line=1)


def test_a_fact_may_stand_in_several_places():
    (question,) = parse('{"question": "Why?", "expect": [["a.md:1", "b.md:2"], "c.md:3"]}', "x")
    assert question.evidence == ((Span("a.md", 1, 1), Span("b.md", 2, 2)), (Span("c.md", 3, 3),))


def test_all_that_a_line_may_say():
    line = '{"question": "Wann?", "expect": [], "kind": "date", "language": "de", "today": "2026-01-02", "answer": 1}'
    (question,) = parse(f"\n{line}\n\n", "x")
    assert question == Question("Wann?", (), "date", "de", dt.date(2026, 1, 2), 2)


GOOD = '{"question": "Why?", "expect": []}'


@pytest.mark.parametrize(
    ("bad", "what"),
    [
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "not a JSON object"),
        ('{"expect": []}', '"question"'),
        ('{"question": " ", "expect": []}', '"question"'),
        ('{"question": "Why?"}', '"expect"'),
        ('{"question": "Why?", "expect": "a.md"}', '"expect"'),
        ('{"question": "Why?", "expect": [1]}', '"expect"'),
        ('{"question": "Why?", "expect": [[]]}', '"expect"'),
        ('{"question": "Why?", "expect": [["a.md", 1]]}', '"expect"'),
        ('{"question": "Why?", "expect": [""]}', "empty"),
        ('{"question": "Why?", "expect": ["a.md:0"]}', "no lines"),
        ('{"question": "Why?", "expect": ["a.md:9-7"]}', "no lines"),
        ('{"question": "Why?", "expect": [], "kind": 1}', '"kind"'),
        ('{"question": "Why?", "expect": [], "today": "soon"}', '"today"'),
        ('{"question": "Why?", "expect": [], "today": 5}', '"today"'),
    ],
)
def test_a_bad_line_is_named(bad, what):
    with pytest.raises(UsageError) as error:
        parse(f"{GOOD}\n{bad}\n", "mine.jsonl")
    assert error.value.message.startswith("mine.jsonl, line 2: ")
    assert what in error.value.message


def test_a_file_without_questions_is_no_test():
    with pytest.raises(UsageError, match="holds no question"):
        parse("\n \n", "x")


def test_places_that_do_not_exist():
    asked = parse(
        '{"question": "1", "expect": ["a.md", ["b.md:2", "b.md:3"]]}\n{"question": "2", "expect": ["b.md"]}',
        "x",
    )
    assert list(strangers(asked, frozenset({"a.md"}))) == [(1, "b.md"), (2, "b.md")]
