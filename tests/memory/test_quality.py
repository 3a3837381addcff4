"""What is counted when hits are held against the evidence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localgpt.core.tokens import estimate
from localgpt.core.values import Hit, Span
from localgpt.memory.quality import (
    WHOLE,
    Figures,
    Question,
    first_paths,
    reciprocal_rank,
    share,
    shown,
    tokens_to,
    within_budget,
)


def hit(path: str, start: int, end: int, line: str = "four") -> Hit:
    return Hit(path, start, end, "\n".join([line] * (end - start + 1)), 1.0, "notes")


HITS = [hit("a", 1, 4), hit("b", 1, 2), hit("a", 9, 9)]


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [
        ([(Span("a", 2, 3),)], 1.0),
        ([(Span("a", 4, 5),)], 0.5),
        ([(Span("a", 3, 4),), (Span("c", 1, 1),)], 0.5),
        ([(Span("b", 1, WHOLE),)], 1.0),
        ([(Span("c", 1, WHOLE),)], 0.0),
        ([(Span("a", 4, 9),)], 2 / 6),
        ([(Span("c", 1, 1), Span("a", 4, 5), Span("b", 2, 2))], 1.0),
        ([(Span("c", 1, 1), Span("a", 4, 5))], 0.5),
    ],
)
def test_the_share_of_the_evidence_that_is_shown(evidence, expected):
    assert share(evidence, shown(HITS)) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("evidence", "rank"),
    [
        ([(Span("b", 2, 2),)], 2),
        ([(Span("c", 1, 1),)], None),
        ([(Span("a", 9, 9),), (Span("b", 1, WHOLE),)], 2),
    ],
)
def test_the_first_hit_with_some_evidence_counts(evidence, rank):
    assert reciprocal_rank(evidence, HITS) == (1 / rank if rank else 0)


@pytest.mark.parametrize(
    ("evidence", "lines"),
    [
        ([(Span("a", 1, 1),)], 1),
        ([(Span("a", 2, 3),)], 3),
        ([(Span("b", 1, WHOLE),)], 5),
        ([(Span("a", 9, 9),), (Span("a", 1, 1),)], 7),
        ([(Span("a", 1, 1),), (Span("c", 1, 1),)], float("inf")),
    ],
)
def test_tokens_until_all_evidence_has_come(evidence, lines):
    assert tokens_to(evidence, HITS) == lines * (estimate("four") + 1)


def test_only_whole_lines_fit_into_the_budget():
    long = "x" * 4 * 399  # 400 tokens with its end
    assert within_budget([hit("a", 1, 2, long), hit("b", 1, 1, long)]) == {("a", 1), ("a", 2)}


def test_notes_are_counted_once():
    assert first_paths(HITS, 2) == ["a", "b"]


def test_figures_are_means_over_what_can_be_answered():
    figures = Figures()
    figures.add(Question("?", ((Span("a", 1, 1),),)), HITS, 10)
    figures.add(Question("?", ((Span("b", 1, 1),), (Span("c", 1, 1),))), HITS, 30)
    figures.add(Question("?", ()), HITS, 20)
    figures.add(Question("?", ()), [], 20)
    assert (figures.questions, figures.absent, figures.silent) == (2, 2, 1)
    assert {k: figures.mean(total) for k, total in figures.recall.items()} == {1: 0.5, 5: 0.75, 10: 0.75}
    assert figures.mean(figures.reciprocal) == 0.75
    assert figures.mean(figures.any[5]) == 1
    assert figures.mean(figures.notes[5]) == 0.75
    assert figures.mean(figures.budget) == 0.75
    assert figures.median_ms == 20
    assert figures.median_tokens is None  # of two, the second never came


def test_without_questions_there_are_no_figures_but_no_error_either():
    assert (Figures().mean(0), Figures().median_tokens, Figures().median_ms) == (0, None, 0)


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(1, 9), st.integers(0, 4)), max_size=8))
def test_more_hits_never_find_less(found):
    hits = [hit(path, start, start + more) for path, start, more in found]
    evidence = [(Span("a", 3, 6),), (Span("b", 1, WHOLE), Span("a", 8, 9))]
    shares = [share(evidence, shown(hits[:k])) for k in range(len(hits) + 1)]
    assert shares == sorted(shares)
    assert (tokens_to(evidence, hits) < float("inf")) == (shares[-1] == 1)
    assert (reciprocal_rank(evidence, hits) > 0) == (shares[-1] > 0)
