"""What a reply to a heartbeat amounts to: OpenClaw's vectors, and replies that say that a task is done."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localgpt.scheduler.acknowledgement import TOKEN, Reply, read


@pytest.mark.parametrize(
    "reply",
    [
        "HEARTBEAT_OK",
        "**HEARTBEAT_OK**",
        "<b>HEARTBEAT_OK</b>.",
        "`HEARTBEAT_OK`",
        " \n_HEARTBEAT_OK_ \n",
        "HEARTBEAT_OK!!!",
        "HEARTBEAT_OK HEARTBEAT_OK",
        "All quiet. HEARTBEAT_OK",
        "HEARTBEAT_OK: all quiet.",
        "HEARTBEAT_OK " + "x" * 300,
        "HEARTBEAT_OK" + "x" * 300,
        "x" * 300 + "\n\nHEARTBEAT_OK.",
        "NO_REPLY",
        "no_reply",
        "No_Reply.",
    ],
)
def test_nothing_to_tell(reply):
    assert read(reply) == Reply("", acknowledged=True)


@pytest.mark.parametrize(
    ("reply", "told", "acknowledged"),
    [
        ("HEARTBEAT_OK " + "x" * 301, "x" * 301, True),
        ("x" * 301 + " HEARTBEAT_OK", "x" * 301, True),
        ("**HEARTBEAT_OK** " + "x" * 400 + " HEARTBEAT_OK.", "x" * 400, True),
        ("He said HEARTBEAT_OK to me.", "He said HEARTBEAT_OK to me.", False),
        ("Not NO_REPLY at all", "Not NO_REPLY at all", False),
        ("The plants need water.", "The plants need water.", False),
        ("", "", False),
    ],
)
def test_what_is_told(reply, told, acknowledged):
    assert read(reply) == Reply(told, acknowledged)


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        ("DONE", ""),
        ("DONE. It stands in a.md.", "It stands in a.md."),
        ("**DONE** — It stands in a.md.", "It stands in a.md."),
        ("DONE\n\nIt stands\nin a.md.", "It stands\nin a.md."),
    ],
)
def test_a_task_that_is_done_says_so(reply, told):
    assert read(reply) == Reply(told, done=True)


@pytest.mark.parametrize("reply", ["Donella is here", "DONELLA is here", "It is DONE", "done with it?"])
def test_other_words_are_not_done(reply):
    assert read(reply) == Reply(reply)


def test_how_much_may_stand_beside_is_a_setting():
    assert read("HEARTBEAT_OK 12345", 5).silent
    assert read("HEARTBEAT_OK 123456", 5).text == "123456"


@given(st.text(max_size=60), st.integers(0, 3), st.integers(0, 3))
def test_tokens_at_the_edges_are_never_told(text, before, after):
    reply = " ".join([TOKEN] * before + [text] + [TOKEN] * after)
    told = read(reply, 0).text
    assert not told.startswith(TOKEN) or not before
    if TOKEN not in text and (before or after):
        assert TOKEN not in told


def test_long_replies_take_no_time():
    begun = time.perf_counter()
    for reply in ("*" * 200_000, "<b>" * 60_000 + TOKEN, TOKEN * 20_000, "* " * 90_000 + TOKEN + "!"):
        read(reply)
    assert time.perf_counter() - begun < 2
