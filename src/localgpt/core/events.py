"""What a turn emits: one stream of frozen events for every door (terminal, page, API, tests).

An engine emits the first three (and ``localgpt.models.base.Finished``); the turn adds the rest.
``as_json`` gives the shape that goes over a wire: the fields, and ``type``.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar, TypeAlias

from localgpt.core.values import Approval, Choice, Effect, Piece, Span, Stop, ToolCall, Usage


@dataclass(frozen=True, slots=True)
class TextDelta:
    """More of the reply's text."""

    type: ClassVar[str] = "text"
    text: str


@dataclass(frozen=True, slots=True)
class ThinkingDelta:
    """More of what the model thinks aloud."""

    type: ClassVar[str] = "thinking"
    text: str
    signature: str = ""


@dataclass(frozen=True, slots=True)
class Retracted:
    """The text and thinking since the last request began are taken back; what counts comes again."""

    type: ClassVar[str] = "retracted"


@dataclass(frozen=True, slots=True)
class ToolCalled:
    """The engine asks for a tool; complete, with parsed arguments."""

    type: ClassVar[str] = "tool_call"
    call: ToolCall


@dataclass(frozen=True, slots=True)
class TurnStarted:
    """A turn began: the user's words are on disk."""

    type: ClassVar[str] = "turn_started"
    turn_id: str
    session_id: str
    model: str


@dataclass(frozen=True, slots=True)
class ContextReady:
    """What the model is about to see beside the conversation: the turn's receipt.

    ``conversation`` and ``schemas`` (of the tools) travel beside the pieces; in tokens, as ``window``, what it takes.
    """

    type: ClassVar[str] = "context"
    pieces: tuple[Piece, ...]
    withheld: int = 0
    conversation: int = 0
    schemas: int = 0
    window: int = 0


@dataclass(frozen=True, slots=True)
class ToolStarted:
    """A tool begins, having been allowed."""

    type: ClassVar[str] = "tool_start"
    call: ToolCall
    effects: tuple[Effect, ...] = ()


@dataclass(frozen=True, slots=True)
class ToolFinished:
    """A tool ended; ``text`` is what the model is told."""

    type: ClassVar[str] = "tool_end"
    call: ToolCall
    text: str
    is_error: bool = False


@dataclass(frozen=True, slots=True)
class MemoryWritten:
    """A note changed; shown as one line. ``text`` is what was written, ``span`` where."""

    type: ClassVar[str] = "memory_written"
    span: Span
    text: str
    change: str = ""


@dataclass(frozen=True, slots=True)
class ApprovalRequested:
    """A tool call waits for the owner's word; any door may answer it."""

    type: ClassVar[str] = "approval_request"
    approval: Approval


@dataclass(frozen=True, slots=True)
class ApprovalAnswered:
    """The question with that id has its answer; ``word`` is what the owner said with it, ``door`` where."""

    type: ClassVar[str] = "approval_answer"
    id: str
    choice: Choice
    word: str = ""
    door: str = ""


class Level(StrEnum):
    """How loud a notice is."""

    INFO = "info"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence for the owner that is not part of the reply."""

    type: ClassVar[str] = "notice"
    text: str
    level: Level = Level.INFO


@dataclass(frozen=True, slots=True)
class Citation:
    """A place that the reply refers to; ``valid`` when the lines are there."""

    span: Span
    valid: bool = True


@dataclass(frozen=True, slots=True)
class TurnFinished:
    """The turn ended and is on disk. ``response`` is the whole text of the reply."""

    type: ClassVar[str] = "turn_finished"
    turn_id: str
    session_id: str
    model: str
    response: str
    stop: Stop
    usage: Usage = Usage()
    citations: tuple[Citation, ...] = ()
    error: str = ""


Event: TypeAlias = (
    TextDelta
    | ThinkingDelta
    | Retracted
    | ToolCalled
    | TurnStarted
    | ContextReady
    | ToolStarted
    | ToolFinished
    | MemoryWritten
    | ApprovalRequested
    | ApprovalAnswered
    | Notice
    | TurnFinished
)


def as_json(event: Event) -> dict[str, Any]:
    """The event as plain JSON values: its fields, and its ``type`` first."""
    return {"type": event.type, **dataclasses.asdict(event)}
