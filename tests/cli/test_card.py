from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.app.test_question import question

from localgpt.cli import card
from localgpt.core.values import Answer, Choice, Effect, EffectKind

ALL = tuple(Choice)


def printed(*, shown: str, reason: str = "You did not ask for it.", width: int = 60) -> list[str]:
    approval = question(Effect(EffectKind.RUNS, "make"), shown=shown, reason=reason)
    return [
        "".join(part if isinstance(part, str) else part.text for part in line)
        for line in card.lines(approval, width)
    ]


def test_a_card():
    assert printed(shown="make test")[:6] == [
        "? May this run? shell",
        "  runs a program that may reach more than the workspace",
        "  │ make test",
        "  why it asks: You did not ask for it.",
        "  It has read text of others before it asked for this.",
        "  [y] once  [n] no  [w] no, with a word",
    ]


@given(st.text(max_size=400), st.integers(20, 120))
def test_nothing_in_a_call_looks_like_the_card(shown, width):
    lines = printed(shown=shown, width=width)
    begin = next(at for at, line in enumerate(lines) if line.startswith("  │ "))
    body = lines[begin : next(at for at, line in enumerate(lines) if line.startswith("  why it asks: "))]
    assert all(line.startswith(("  │ ", "  ┊ ")) for line in body)
    assert not any("\n" in line or "\x1b" in line for line in lines)


@given(st.text(max_size=600), st.integers(40, 120))
def test_nothing_in_a_reason_looks_like_the_card(reason, width):
    lines = printed(shown="make", reason=reason, width=width)
    begin = lines.index("  │ make") + 1
    end = lines.index("  It has read text of others before it asked for this.")
    assert lines[begin].startswith("  why it asks: ")
    assert all(line.startswith("    ") for line in lines[begin + 1 : end])
    assert not any("\n" in line or sum(map(card._width, line)) > width for line in lines[begin:end])


@given(st.text(alphabet="ab\u4e2d\u0301 ", max_size=80), st.integers(2, 30))
def test_folding_loses_nothing_and_fits(line, columns):
    parts = list(card.folded(line, columns))
    assert "".join(parts) == line
    assert all(sum(map(card._width, part)) <= columns for part in parts)


def test_words_stay_whole_where_they_can():
    assert list(card.wrapped("why it asks: a word of many", 12)) == ["why it asks:", "a word of", "many"]
    assert list(card.wrapped("x" * 25, 10)) == ["x" * 10, "x" * 10, "x" * 5]
    assert list(card.wrapped("", 10)) == [""]


def test_a_long_call_is_whole_and_a_very_long_one_says_what_is_missing():
    whole = "x" * card.LONGEST
    assert "".join(line[4:] for line in printed(shown=whole)[2:-4]) == whole
    lines = printed(shown=whole + "end of it")
    assert lines[2] == "  The call has 16,009 characters; 9 in its middle are not shown here:"
    assert "  │ [... 9 characters are left out ...]" in lines
    assert any(line.endswith("end of it") for line in lines)


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("y", Answer(Choice.ONCE)),
        (" YES ", Answer(Choice.ONCE)),
        ("once", Answer(Choice.ONCE)),
        ("s", Answer(Choice.SESSION)),
        ("a", Answer(Choice.ALWAYS)),
        ("n", Answer(Choice.NO)),
        ("n use the other file", Answer(Choice.NO, "use the other file")),
        ("w  not now ", Answer(Choice.NO, "not now")),
    ],
)
def test_what_answers(typed, answer):
    assert card.understood(typed, ALL) == card.Said(answer)


@pytest.mark.parametrize("typed", ["", "q", "yy", "yes please", "s p", "a lways", "sess", "ja"])
def test_what_is_no_answer(typed):
    assert card.understood(typed, ALL) == card.Said(None)


def test_w_alone_asks_for_the_word():
    assert card.understood("w", ALL) == card.Said(None, asks=True)


def test_only_what_is_offered_can_be_answered():
    some = (Choice.ONCE, Choice.NO)
    assert card.understood("a", some) == card.understood("session", some) == card.Said(None)
    assert card.keys(some) == "[y] once  [n] no  [w] no, with a word"
    assert card.keys(ALL) == (
        "[y] once  [s] this session  [a] always this exact thing  [n] no  [w] no, with a word"
    )


def test_until_when():
    assert card.until("2026-11-24T01:10:00+00:00").endswith("it is a no.")
    assert card.until("some day") == ""
