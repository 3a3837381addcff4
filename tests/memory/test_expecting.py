"""The verdict is the first step at which a place fell out; the others don't matter any more."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localgpt.core.values import Hit, Span, Why
from localgpt.memory.expecting import Facts, Nearness, Step, lacking, named, rank_of, verdict
from localgpt.memory.quality import WHOLE

PLACE = Span("a.md", 1, WHOLE)


def hit(path: str, score: float, *why: Why, start: int = 1, end: int = 3) -> Hit:
    return Hit(path, start, end, "text", score, "notes", why=why)


ONE = hit("b.md", 0.8, Why("text", "", 0, 0.5), Why("date", "", 0, 0.1))
OWN = hit("a.md", 0.3, Why("text", "", 0, 0.2), Why("question", "", 0, -0.1))


@pytest.mark.parametrize(
    ("facts", "step"),
    [
        (Facts(PLACE, rank=1, shown=(OWN,), missing=True), Step.FOUND),
        (Facts(PLACE, missing=True, problem="x"), Step.MISSING),
        (Facts(PLACE, left_out="hidden", indexed=False), Step.LEFT_OUT),
        (Facts(PLACE, problem="too large", indexed=False), Step.UNREADABLE),
        (Facts(PLACE, indexed=False), Step.WAITING),
        (Facts(PLACE, filtered="x"), Step.NO_LINES),
        (Facts(PLACE, passages=1, filtered="x"), Step.FILTERED),
        (Facts(PLACE, passages=1), Step.UNRELATED),
        (Facts(PLACE, passages=1, brought=True, later=(3, OWN), shown=(ONE,), twin=ONE), Step.OUTRANKED),
        (Facts(PLACE, passages=1, brought=True, twin=ONE), Step.DUPLICATE),
        (Facts(PLACE, passages=1, brought=True, looked=1000), Step.BEYOND),
    ],
)
def test_the_first_step_counts(facts, step):
    found = verdict(facts)
    assert (found.step, found.place) == (step, "a.md")
    assert found.sentence.startswith(("a.md", "There is no a.md"))


def test_what_sets_another_before_it():
    assert lacking(OWN, ONE) == "text (-0.30), date (-0.10), question (-0.10)"
    assert lacking(ONE, ONE) == ""


def test_beyond_all_that_were_looked_at_still_has_figures():
    facts = Facts(PLACE, passages=1, brought=True, looked=1000, nearness=Nearness(("boat",), 0.31))
    assert verdict(facts).sentence == (
        "a.md is not among the best 1000: it has boat, its cosine is 0.31, and others have more."
    )


def test_how_a_place_is_named():
    assert (named(PLACE), named(Span("a.md", 3, 5))) == ("a.md", "a.md:3-5")


@given(st.integers(1, 9), st.integers(0, 5), st.integers(1, 9), st.integers(0, 5))
def test_a_hit_counts_if_it_shows_a_line_of_the_place(start, more, first, length):
    place, shown = Span("a.md", start, start + more), hit("a.md", 0.5, start=first, end=first + length)
    overlap = set(range(start, start + more + 1)) & set(range(first, first + length + 1))
    assert rank_of(place, [ONE, shown]) == (2 if overlap else 0)
