"""Neighbours that were both found are one hit, but nothing private comes to something open."""

from __future__ import annotations

from dataclasses import replace

import pytest

from localgpt.core.values import Egress, Hit, Origin
from localgpt.memory.joining import Placed, joined

FIRST = Placed(Hit("a.md", 1, 2, "one\ntwo", 0.9, "notes", heading="A"), 0.9, next=4)
SECOND = Placed(Hit("a.md", 4, 4, "four", 0.8, "notes", heading="A"), 0.8, next=5)
THIRD = Placed(Hit("a.md", 5, 5, "five", 0.7, "notes", heading="A"), 0.7)


@pytest.mark.parametrize("found", [[FIRST, SECOND], [replace(SECOND, score=1.0), FIRST]])
def test_two_passages_after_each_other_are_one(found):
    (hit,) = joined(found)
    assert (hit.start, hit.end, hit.text) == (1, 4, "one\ntwo\n\nfour")
    assert hit.why[-1].ranker == "beside"
    assert len(hit.text.split("\n")) == hit.end - hit.start + 1


def test_the_better_ones_place_and_score_count():
    other = Placed(Hit("b.md", 1, 1, "b", 0.85, "notes"), 0.85)
    assert [(hit.path, hit.score) for hit in joined([FIRST, other, SECOND])] == [
        ("a.md", 0.9),
        ("b.md", 0.85),
    ]


def test_no_more_than_two():
    assert [(hit.start, hit.end) for hit in joined([FIRST, SECOND, THIRD])] == [(1, 4), (5, 5)]


@pytest.mark.parametrize(
    "change",
    [
        {"egress": Egress.LOCAL},
        {"origin": Origin.FOREIGN},
        {"heading": "B"},
        {"date": "2026-01-01"},
        {"path": "b.md"},
        {"source": "sessions"},
        {"speaker": "owner"},
        {"start": 5, "end": 5},
    ],
)
def test_what_is_of_another_kind_or_not_the_next_stays_apart(change):
    assert len(joined([FIRST, replace(SECOND, hit=replace(SECOND.hit, **change))])) == 2


def test_a_neighbour_that_hardly_answers_stays_where_it_is():
    assert len(joined([FIRST, replace(SECOND, score=0.2)])) == 2


def test_messages_of_a_conversation_are_never_joined():
    said = [replace(one, hit=replace(one.hit, source="sessions")) for one in (FIRST, SECOND)]
    assert len(joined(said)) == 2
