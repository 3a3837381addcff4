"""The events of a turn as the JSON that goes over the wire: the Rust LocalGPT's shapes with more in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from localgpt.app.question import as_json
from localgpt.app.turns import Live
from localgpt.core.events import (
    ApprovalAnswered,
    ApprovalRequested,
    Citation,
    ContextReady,
    Event,
    MemoryWritten,
    Notice,
    Retracted,
    TextDelta,
    ThinkingDelta,
    ToolFinished,
    ToolStarted,
    TurnFinished,
    TurnStarted,
)
from localgpt.core.values import ToolCall, Usage
from localgpt.security.content import visible

Frame: TypeAlias = dict[str, Any]

LONGEST_OUTPUT = 4000
_DETAIL = 60
_DETAILS = ("path", "query", "url", "to", "name", "text")
"""The arguments that say best what a tool is used for, the best first."""


def opening(live: Live) -> Frame:
    """The first frame of every stream."""
    return {"type": "session", "session_id": live.session_id, "turn_id": live.id}


def frames_of(event: Event, live: Live) -> Sequence[Frame]:
    """What is sent of an event; nothing for those that only the house needs."""
    match event:
        case TextDelta(text):
            return ({"type": "content", "delta": text},) if text else ()
        case ThinkingDelta(text):
            return ({"type": "thinking", "delta": text},) if text else ()
        case Retracted():
            return ({"type": "retracted"},)
        case TurnFinished():
            return (*_error(event, live), {"type": "finished", **outcome(event)}, {"type": "done"})
        case _:
            frame = _frame(event, live)
            return (frame,) if frame else ()


def _frame(event: Event, live: Live) -> Frame | None:
    match event:
        case TurnStarted(turn_id, _, model):
            return {"type": "started", "turn_id": turn_id, "model": model}
        case ToolStarted(call):
            return _tool_start(call)
        case ToolFinished(call, text, is_error):
            return _tool_end(call, text, is_error=is_error)
        case ContextReady():
            return _context(event)
        case ApprovalRequested(approval):
            return {"type": "approval_request", **as_json(approval)}
        case ApprovalAnswered(name, choice, word, door):
            answer = {"choice": choice.value, "word": visible(word), "door": door}
            return {"type": "approval_answer", "id": name, **answer}
        case MemoryWritten(span, text):
            place = {"path": span.path, "start": span.start, "end": span.end}
            return {"type": "memory_written", **place, "text": text, "turn_id": live.id}
        case Notice(text, level):
            return {"type": "notice", "level": level.value, "text": text}
        case _:
            return None


def _tool_start(call: ToolCall) -> Frame:
    shape = {"type": "tool_start", "name": call.name, "id": call.id}
    return {**shape, "detail": detail(call.arguments), "arguments": dict(call.arguments)}


def detail(arguments: Mapping[str, Any]) -> str | None:
    """What a tool is used for, on one short line."""
    found = (arguments[name] for name in _DETAILS if isinstance(arguments.get(name), str))
    line = " ".join(next(found, "").split())
    return (line if len(line) <= _DETAIL else line[: _DETAIL - 3] + "...") or None


def _tool_end(call: ToolCall, text: str, *, is_error: bool) -> Frame:
    shape = {"type": "tool_end", "name": call.name, "id": call.id, "output": text[:LONGEST_OUTPUT]}
    return {**shape, "truncated": len(text) > LONGEST_OUTPUT, "is_error": is_error}


def _context(event: ContextReady) -> Frame:
    pieces = [
        {
            "kind": piece.kind.value,
            "source": piece.source,
            "start": piece.start,
            "end": piece.end,
            "tokens": piece.tokens,
            "reason": piece.reason,
            "origin": piece.origin.value,
        }
        for piece in event.pieces
    ]
    used = sum(piece.tokens for piece in event.pieces) + event.conversation + event.schemas
    shape = {"type": "context", "window": event.window, "used": used, "pieces": pieces}
    return {**shape, "withheld": event.withheld, "conversation": event.conversation, "schemas": event.schemas}


def _error(event: TurnFinished, live: Live) -> Sequence[Frame]:
    if live.failure is not None:
        failure = live.failure
        told = {"error": failure.message, "code": failure.code, "hint": failure.hint}
        return ({"type": "error", **told},)
    return (
        ({"type": "error", "error": event.error, "code": event.stop.value, "hint": ""},)
        if event.error
        else ()
    )


def outcome(event: TurnFinished) -> Frame:
    """How a turn ended."""
    return {
        "turn_id": event.turn_id,
        "session_id": event.session_id,
        "response": event.response,
        "stop": event.stop.value,
        "error": event.error,
        "model": event.model,
        "usage": usage(event.usage),
        "citations": citations(event.citations),
    }


def usage(used: Usage) -> Frame:
    """Tokens and money: ``input`` is all that was read, ``cached`` the part of it that came from a vendor's cache."""
    return {
        "input": used.prompt_tokens,
        "output": used.output_tokens,
        "cached": used.cache_read_tokens,
        "cost_usd": used.cost_usd,
        "priced": used.priced,
    }


def citations(cited: Sequence[Citation]) -> list[Frame]:
    """The places that a reply refers to."""
    return [
        {"path": one.span.path, "start": one.span.start, "end": one.span.end, "valid": one.valid}
        for one in cited
    ]
