"""What of the hits fits: the likeliest lines, as they stand, each with its number."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from localgpt.core.tokens import estimate
from localgpt.core.values import Hit
from localgpt.memory.excerpts import excerpts

TEXT = "\n".join(f"line number {number} of the note about the boat" for number in range(1, 9))
HIT = Hit("a.md", 11, 18, TEXT, 0.9, "notes")
SIZE = estimate(TEXT.split("\n")[0]) + 1


def test_hits_that_fit_stay_whole():
    assert excerpts([HIT], {}, 10_000, 10) == [HIT]


def test_the_likeliest_lines_are_kept_and_those_after_each_other_are_one():
    odds = {("a.md", line): -5.0 for line in range(11, 19)} | {
        ("a.md", 12): 2.0,
        ("a.md", 13): 1.0,
        ("a.md", 17): 0.0,
    }
    found = excerpts([HIT], odds, 3 * SIZE, 10)
    assert [(hit.start, hit.end) for hit in found] == [(12, 13), (17, 17)]
    assert found[0].text == "\n".join(TEXT.split("\n")[1:3])
    assert found[0].why[-1].ranker == "excerpt"


def test_a_better_line_of_a_worse_hit_goes_before_a_worse_one_of_the_best():
    other = Hit("b.md", 1, 1, TEXT.split("\n")[0], 0.1, "notes")
    odds = {("a.md", line): -5.0 for line in range(11, 19)} | {("b.md", 1): 1.0}
    assert [hit.path for hit in excerpts([HIT, other], odds, SIZE, 10)] == ["b.md"]


def test_there_are_no_more_than_asked_for():
    odds = {("a.md", line): 1.0 for line in (11, 13, 15, 17)}
    assert [hit.start for hit in excerpts([HIT], odds, 4 * SIZE, 2)] == [11, 13]


@given(
    st.dictionaries(st.tuples(st.just("a.md"), st.integers(11, 18)), st.floats(-30, 30)),
    st.integers(1, 200),
    st.integers(1, 9),
)
def test_what_is_given_fits_and_stands_in_the_hit(odds, tokens, most):
    found = excerpts([HIT], odds, tokens, most)
    assert sum(estimate(line) + 1 for hit in found for line in hit.text.split("\n")) <= tokens
    assert len(found) <= most
    for hit in found:
        assert hit.text == "\n".join(TEXT.split("\n")[hit.start - 11 : hit.end - 10])
