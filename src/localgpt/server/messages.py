"""A conversation's messages as JSON: the Rust LocalGPT's fields, and what a page needs to show them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from localgpt.agent import citations, message_format, transcript
from localgpt.agent.sessions import Session
from localgpt.agent.transcript import Entry
from localgpt.core.values import Message, Role, Text, Thinking, ToolCall, ToolResult
from localgpt.server import shapes
from localgpt.server.rendering import Leads, render

_ROLES = {Role.USER: "user", Role.ASSISTANT: "assistant", Role.TOOL: "toolResult"}


@dataclass(frozen=True, slots=True)
class Said:
    """One message with the entry that it stands in."""

    entry: Entry
    message: Message


def said(session: Session) -> list[Said]:
    """What was said, from the beginning to where the conversation is now; a summary stands where one was made."""
    read = ((entry, _message(entry)) for entry in session.path_entries())
    return [Said(entry, message) for entry, message in read if message is not None]


def window(every: list[Said], limit: int | None, before: int | None) -> tuple[list[Said], bool]:
    """The newest ``limit`` messages before the line ``before``, and whether there are more before them.

    A few more come along, so that the first is the owner's: a reply isn't torn from its tools.
    """
    known = every if before is None else [one for one in every if one.entry.line < before]
    first = max(0, len(known) - limit) if limit is not None else 0
    while first and known[first].message.role is not Role.USER:
        first -= 1
    return known[first:], first > 0


def _message(entry: Entry) -> Message | None:
    if entry.kind == "compaction" and entry.data is not None:
        text = message_format.summary(entry.data.get("summary"), message_format.SUMMARY)
        return Message(Role.USER, (Text(text),)) if text else None
    return message_format.read(entry.message)


def as_json(
    one: Said, lines_of: Mapping[str, int | None], *, html: bool = False, leads: Leads | None = None
) -> dict[str, Any]:
    """A message. ``lines_of`` tells how many lines the places have that replies refer to, ``leads`` which of their
    links may lead away from this machine.
    """
    entry, message = one.entry, one.message
    reply = message.role is Role.ASSISTANT
    shape: dict[str, Any] = {
        "role": "system" if entry.kind == "compaction" else _ROLES[message.role],
        "content": _content(message),
        "tool_calls": [_call(call) for call in message.calls] or None,
        "tool_call_id": _result_of(message).call_id if message.role is Role.TOOL else None,
        "timestamp": transcript.milliseconds(entry.time) if entry.time else None,
        "line": entry.line,
        "turn_id": transcript.clean(message_format.own(entry.message).get("turn")),
        "model": transcript.clean(entry.message.get("model")) if reply else "",
        "thinking": "\n\n".join(
            block.text for block in message.blocks if isinstance(block, Thinking) and block.text
        ),
        "attachments": [
            {"sha256": file.sha256, "name": file.name, "media_type": file.media_type}
            for file in message.attached
        ],
        "citations": shapes.citations(citations.check(message.text, lines_of.get)) if reply else [],
        "usage": shapes.usage(message_format.read_usage(entry.message)) if reply else None,
        "stop": transcript.clean(entry.message.get("stopReason")) if reply else "",
        "is_error": message.role is Role.TOOL and _result_of(message).is_error,
    }
    if html:
        shape["html"] = render(shape["content"] or "", leads=leads)
    return shape


def cited_paths(every: list[Said]) -> set[str]:
    """The places that replies refer to."""
    replies = (one.message.text for one in every if one.message.role is Role.ASSISTANT)
    return {span.path for text in replies for span in citations.find(text)}


def _content(message: Message) -> str | None:
    if message.role is Role.TOOL:
        return _result_of(message).text
    return message.text or None


def _result_of(message: Message) -> ToolResult:
    return next(block for block in message.blocks if isinstance(block, ToolResult))


def _call(call: ToolCall) -> dict[str, str]:
    arguments = json.dumps(call.arguments, ensure_ascii=False, default=str)
    return {"id": call.id, "name": call.name, "arguments": arguments}
