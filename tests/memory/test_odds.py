"""How likely a line answers: its words, the lines beside it, its meaning, who says it."""

from __future__ import annotations

import datetime as dt
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localgpt.memory.odds import chance, lines, neighbours, odds, together
from localgpt.memory.plan import plan
from localgpt.memory.ranking import rarity


def judged(question: str, text: str, *, far: list[float] | None = None, behind: float = 0.0) -> list[float]:
    planned = plan(question, ("en",), dt.date(2026, 11, 24))
    found = lines(text, "en")
    rarities = rarity({}, 100, planned.terms)
    return odds(found, planned.terms, rarities, behind, far or [0.0] * len(found))


def test_lines_keep_their_places_and_blank_ones_are_none():
    found = lines("# Boat\n\nAnna: Who has the key?\nIt hangs here", "en")
    assert [line.at for line in found] == [0, 2, 3]
    assert [line.asks for line in found] == [False, True, False]
    assert [line.speaker for line in found] == [frozenset(), frozenset({"anna"}), frozenset()]


@pytest.mark.parametrize("text", ["https://a.example/b: c", "12: 30", "a" * 40 + ": b", "Anna:"])
def test_what_is_no_speaker(text):
    assert lines(text, "en")[0].speaker == frozenset()


def test_the_line_with_the_words_is_likelier_and_those_beside_it_too():
    has, beside, away, far_away = judged(
        "boat key", "the boat key\nit hangs here\nit rains a lot\nit snows a bit"
    )
    assert has > beside > away
    assert away == pytest.approx(far_away, abs=0.2)


def test_a_line_further_from_the_meaning_is_less_likely():
    near, far = judged("boat", "one line here\nsame line here", far=[0.0, 0.2])
    assert near > far


def test_a_passage_behind_the_best_is_less_likely():
    assert judged("boat", "the boat", behind=0.3) < judged("boat", "the boat")


def test_who_is_asked_about_speaks_for_themselves():
    about, other = judged(
        "What does Melanie paint?", "Melanie: a sunrise this time\nCaroline: a sunrise this time"
    )
    assert about > other + 2
    same, again = judged("What is painted?", "Melanie: a sunrise this time\nCaroline: a sunrise this time")
    assert abs(same - again) < 1


def test_a_line_that_asks_is_less_likely():
    tells, asks = judged("boat", "it is a boat.\nis it a boat??")
    assert tells > asks


@given(st.lists(st.floats(-20, 20), min_size=1, max_size=30))
def test_any_of_some_lines_is_at_least_as_likely_as_each(logarithms):
    assert together(logarithms) >= max(logarithms) - 1e-6 or together(logarithms) > 13
    none = math.prod(1 - chance(each) for each in logarithms)
    assert chance(together(logarithms)) == pytest.approx(1 - none, abs=1e-5)


@given(st.floats(-500, 500))
def test_a_chance_is_between_0_and_1(logarithm):
    assert 0 <= chance(logarithm) <= 1


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("the key of the boat roof", 2 / 3),
        ("the key\nof the boat\nin the roof", 0.0),
        ("the key is where nobody would ever look for a boat", 0.0),
        ("", 0.0),
    ],
)
def test_words_that_follow_each_other_stand_together_in_a_line(text, share):
    planned = plan("key boat roof", ("en",), dt.date(2026, 11, 24))
    assert neighbours(lines(text, "en"), planned.terms) == pytest.approx(share)
