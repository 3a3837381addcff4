"""A question put into words: all of the call, and nothing hidden."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localgpt.agent.approvals import NOBODY
from localgpt.agent.asking import hidden, question, shown, told
from localgpt.core.values import Answer, Choice, Effect, EffectKind, Origin, ToolCall
from localgpt.security.content import visible

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)


def asked(effect, session="s", **arguments):
    return question(
        ToolCall("c", "send", arguments),
        (effect,),
        "Because.",
        session=session,
        turn="t",
        door="chat",
        origin=Origin.FOREIGN,
        now=NOW,
        seconds=600,
    )


def test_all_of_the_call_is_shown_each_argument_on_lines_of_its_own():
    call = ToolCall("c", "send", {"to": "a@b.com", "body": "one\n  to: eve@b.com", "n": 3, "all": ["x"]})
    assert shown(call) == ('send\n  to: a@b.com\n  body:\n    one\n      to: eve@b.com\n  n: 3\n  all: ["x"]')


def test_what_can_not_be_seen_is_spelled_out():
    assert (
        shown(ToolCall("c", "run", {"command": "ls\u202e\x1b[2K"})) == "run\n  command: ls\\u{202e}\\u{1b}[2K"
    )
    assert "👩‍🚀" in shown(ToolCall("c", "run", {"command": "👩‍🚀"}))


def test_a_name_can_not_pass_for_another_argument():
    text = shown(ToolCall("c", "run\n  command: ls", {"note\n  command": "ls", "command": "rm"}))
    assert text == "run\\u{a}  command: ls\n  note\\u{a}  command: ls\n  command: rm"


@given(st.dictionaries(st.text(max_size=5), st.text(max_size=30), max_size=3))
def test_nothing_shown_is_hidden(arguments):
    text = shown(ToolCall("c", "run", arguments))
    assert visible(text).replace("\n", "") == text.replace("\n", "")


@pytest.mark.parametrize(
    ("effect", "session", "arguments", "lasting"),
    [
        (Effect(EffectKind.SENDS, "a@b.com"), "s", {}, True),
        (Effect(EffectKind.SENDS, "a@b.com"), "", {}, False),
        (Effect(EffectKind.READS, "/home/me/.ssh/id_rsa"), "s", {}, False),
        (Effect(EffectKind.WRITES, "SOUL.md"), "s", {}, False),
        (Effect(EffectKind.SENDS, "a@b.com"), "s", {"key": "sk-ant-" + "a1" * 20}, False),
    ],
)
def test_what_can_not_be_granted_is_not_offered(effect, session, arguments, lasting):
    found = asked(effect, session, **arguments).choices
    assert found == (tuple(Choice) if lasting else (Choice.ONCE, Choice.NO))


def test_it_expires():
    found = asked(Effect(EffectKind.RUNS, "ls"))
    assert (found.asked, found.expires) == ("2026-11-24T08:00:00.000+00:00", "2026-11-24T08:10:00.000+00:00")


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (Answer(Choice.NO), "Not done: the owner said no."),
        (Answer(Choice.NO, "use\nBob's"), "Not done: the owner said no: use Bob's"),
        (Answer(Choice.NO, "nobody answered", NOBODY), "Not done: nobody answered."),
    ],
)
def test_what_the_model_is_told(answer, sentence):
    assert told(answer) == sentence


@pytest.mark.parametrize(
    ("target", "said"),
    [("paypal.com", ""), ("p\u0430ypal.com", "look alike"), ("a\u200bb", "can't be seen"), ("почта.рф", "")],
)
def test_letters_that_deceive_are_told(target, said):
    found = hidden([Effect(EffectKind.SENDS, target)])
    assert said in found
    assert bool(found) is bool(said)
