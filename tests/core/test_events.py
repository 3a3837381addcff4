"""Events go over a wire as plain JSON: their type, and their fields."""

from __future__ import annotations

import json
from typing import get_args

import pytest

from localgpt.core import events
from localgpt.core.events import (
    ApprovalAnswered,
    ApprovalRequested,
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
    as_json,
)
from localgpt.core.values import (
    Approval,
    Choice,
    Effect,
    EffectKind,
    Hit,
    Origin,
    Piece,
    PieceKind,
    Span,
    Stop,
    ToolCall,
    Usage,
    Why,
)

CALL = ToolCall("1", "read_file", {"path": "a.md", "start": 1})
HIT = Hit("a.md", 1, 2, "text", 0.9, "notes", why=(Why("words", "text"),), cosine=0.5)
QUESTION = Approval(
    "a1",
    CALL,
    (Effect(EffectKind.RUNS, "ls", sensitive=("ls",), walled=True),),
    "It runs ls.",
    "ls",
    "s1",
    "t1",
    "cli",
    "2026-03-01T12:00:00+00:00",
    "2026-03-01T12:10:00+00:00",
    (Choice.ONCE, Choice.NO),
    Origin.ASSISTANT,
)
ONE_OF_EACH: list[events.Event] = [
    TextDelta("Hel"),
    ThinkingDelta("hm"),
    Retracted(),
    ToolCalled(CALL),
    TurnStarted("t1", "s1", "recall"),
    ContextReady((Piece(PieceKind.PASSAGE, "text", "found", hit=HIT),), withheld=1),
    ToolStarted(CALL, (Effect(EffectKind.READS, "a.md"),)),
    ToolFinished(CALL, "text"),
    MemoryWritten(Span("a.md", 1, 1), "text"),
    Notice("Careful."),
    ApprovalRequested(QUESTION),
    ApprovalAnswered("a1", Choice.NO, "not now", "page"),
    TurnFinished("t1", "s1", "recall", "Hello", Stop.DONE, Usage(1, 2), (Citation(Span("a.md", 1, 1)),)),
]


def test_there_is_an_example_of_every_event():
    assert {type(event) for event in ONE_OF_EACH} == set(get_args(events.Event))


@pytest.mark.parametrize("event", ONE_OF_EACH, ids=lambda event: event.type)
def test_an_event_survives_the_wire(event):
    wire = json.loads(json.dumps(as_json(event)))
    assert wire.pop("type") == event.type
    assert list(wire) == [field for field in event.__dataclass_fields__ if field != "type"]


def test_types_tell_events_apart():
    assert len({event.type for event in ONE_OF_EACH}) == len(ONE_OF_EACH)


def test_what_is_inside_travels_too():
    assert as_json(ONE_OF_EACH[3])["call"] == {
        "id": "1",
        "name": "read_file",
        "arguments": dict(CALL.arguments),
    }
    assert as_json(ONE_OF_EACH[5])["pieces"][0]["hit"]["why"][0]["ranker"] == "words"
    assert as_json(ONE_OF_EACH[-1])["stop"] == "done"
