"""The events of a turn as JSON."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest

from localgpt.core.errors import NotFound
from localgpt.core.events import (
    Citation,
    ContextReady,
    MemoryWritten,
    Notice,
    Retracted,
    TextDelta,
    ThinkingDelta,
    ToolCalled,
    ToolFinished,
    ToolStarted,
    TurnFinished,
    TurnStarted,
)
from localgpt.core.values import Piece, PieceKind, Span, Stop, ToolCall, Usage
from localgpt.server import shapes

CALL = ToolCall("c", "read_file", {"path": "a.md"})
LIVE: Any = SimpleNamespace(id="t", session_id="s", failure=None)
DONE = TurnFinished("t", "s", "m", "hi", Stop.DONE, Usage(1, 2, 3, 4, 0.5), (Citation(Span("a.md", 1, 2)),))


@pytest.mark.parametrize(
    ("event", "frames"),
    [
        (TextDelta("x"), [{"type": "content", "delta": "x"}]),
        (TextDelta(""), []),
        (ThinkingDelta("x"), [{"type": "thinking", "delta": "x"}]),
        (ThinkingDelta("", "signature"), []),
        (Retracted(), [{"type": "retracted"}]),
        (ToolCalled(CALL), []),
        (TurnStarted("t", "s", "m"), [{"type": "started", "turn_id": "t", "model": "m"}]),
        (Notice("x"), [{"type": "notice", "level": "info", "text": "x"}]),
        (
            MemoryWritten(Span("a.md", 1, 2), "x"),
            [{"type": "memory_written", "path": "a.md", "start": 1, "end": 2, "text": "x", "turn_id": "t"}],
        ),
        (
            ToolStarted(CALL),
            [
                {
                    "type": "tool_start",
                    "name": "read_file",
                    "id": "c",
                    "detail": "a.md",
                    "arguments": {"path": "a.md"},
                }
            ],
        ),
        (
            ToolFinished(CALL, "out", is_error=True),
            [
                {
                    "type": "tool_end",
                    "name": "read_file",
                    "id": "c",
                    "output": "out",
                    "truncated": False,
                    "is_error": True,
                }
            ],
        ),
    ],
)
def test_each_event_has_its_frames(event, frames):
    assert list(shapes.frames_of(event, LIVE)) == frames


def test_the_end_has_everything_and_done_is_the_last():
    finished, done = shapes.frames_of(DONE, LIVE)
    assert done == {"type": "done"}
    assert finished["usage"] == {"input": 8, "output": 2, "cached": 3, "cost_usd": 0.5, "priced": True}
    assert finished["citations"] == [{"path": "a.md", "start": 1, "end": 2, "valid": True}]


def test_why_a_turn_failed_is_told_before_its_end():
    failed = TurnFinished("t", "s", "m", "", Stop.ERROR, error="It broke.")
    assert shapes.frames_of(failed, LIVE)[0] == {
        "type": "error",
        "error": "It broke.",
        "code": "error",
        "hint": "",
    }
    live: Any = SimpleNamespace(id="t", session_id="s", failure=NotFound("Gone.", hint="Look."))
    assert shapes.frames_of(failed, live)[0] == {
        "type": "error",
        "error": "Gone.",
        "code": "not_found",
        "hint": "Look.",
    }


def test_a_long_output_is_cut_and_says_so():
    (frame,) = shapes.frames_of(ToolFinished(CALL, "x" * 10_000), LIVE)
    assert (len(frame["output"]), frame["truncated"]) == (shapes.LONGEST_OUTPUT, True)


@pytest.mark.parametrize(
    ("arguments", "detail"),
    [
        ({}, None),
        ({"limit": 3}, None),
        ({"query": "a\nb"}, "a b"),
        ({"text": "x" * 100}, "x" * 57 + "..."),
        ({"path": ""}, None),
    ],
)
def test_what_a_tool_is_used_for_is_one_short_line(arguments, detail):
    assert shapes.detail(arguments) == detail


def test_the_context_adds_up():
    piece = Piece(PieceKind.NOTE, "text", "always loaded", "a.md", 1, 2, tokens=7)
    (frame,) = shapes.frames_of(ContextReady((piece,), 1, 10, 5, 1000), LIVE)
    assert (frame["used"], frame["window"], frame["withheld"]) == (22, 1000, 1)
    assert "text" not in frame["pieces"][0]
    json.dumps(frame)
