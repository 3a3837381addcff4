"""One message as it stands in a conversation's file: OpenClaw's v3 shape written; v1, v2 and the Rust LocalGPT's read.

What is ours alone (turn, origin) stands in ``message.details.localgpt``, which others ignore.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from localgpt.agent.transcript import Json, clean, sayable
from localgpt.core.values import (
    Attached,
    Block,
    Media,
    Message,
    Origin,
    Role,
    Stop,
    Text,
    Thinking,
    ToolCall,
    ToolResult,
    Usage,
)

OWN = "localgpt"
SUMMARY = "What was said before this point, in summary:\n\n"
BRANCH = "What was tried on a branch that was left, in summary:\n\n"
RUST_SUMMARY = "Previous conversation summary"
IMAGE = "[an image that is not shown here]"

_STOPS = {
    Stop.DONE: "stop",
    Stop.TOOLS: "toolUse",
    Stop.LENGTH: "length",
    Stop.CANCELLED: "aborted",
    Stop.BUDGET: "aborted",
    Stop.ERROR: "error",
}
_SPEAKERS = {"user": Role.USER, "assistant": Role.ASSISTANT}
_IMAGES = ("image", "image_url")
_HASH = re.compile(r"[0-9a-f]{64}")
_MARKER = re.compile(r"[0-9a-f]{4,64}")

Body: TypeAlias = dict[str, Any]


def write(
    message: Message,
    *,
    model: str = "",
    provider: str = "",
    usage: Usage | None = None,
    stop: Stop | None = None,
    own: Json | None = None,
) -> list[Body]:
    """The ``message`` objects for one message: one for a user's or a model's, one per result for the tools'."""
    if message.role is Role.TOOL:
        results = (block for block in message.blocks if isinstance(block, ToolResult))
        return [_write_result(result, own or {}) for result in results]
    body: Body = {"role": message.role.value, "content": [*_write_blocks(message.blocks)]}
    noted = {**(own or {}), **_write_attached(message.blocks)}
    if message.role is Role.ASSISTANT:
        body |= {
            "api": OWN,
            "provider": provider or model.partition("/")[0],
            "model": model,
            "usage": _write_usage(usage or Usage()),
            "stopReason": _STOPS[stop or (Stop.TOOLS if message.calls else Stop.DONE)],
        }
    return [body | {"details": {OWN: noted}} if noted else body]


def _write_blocks(blocks: Iterable[Block]) -> Iterator[Body]:
    for block in blocks:
        match block:
            case Text(text):
                yield {"type": "text", "text": text}
            case Thinking(text, signature):
                signed = {"thinkingSignature": signature} if signature else {}
                yield {"type": "thinking", "thinking": text} | signed
            case ToolCall(call_id, name, arguments):
                yield {"type": "toolCall", "id": call_id, "name": name, "arguments": dict(arguments)}
            case ToolResult() | Attached() | Media():
                pass  # results are messages of their own, attachments stand in the details


def _write_attached(blocks: Iterable[Block]) -> Body:
    """What the details say of the files that were handed over: never their content."""
    found = [block for block in blocks if isinstance(block, Attached)]
    names = ("sha256", "media_type", "name", "marker")
    return (
        {"attachments": [{name: getattr(block, name) for name in names} for block in found]} if found else {}
    )


def _write_result(result: ToolResult, own: Json) -> Body:
    return {
        "role": "toolResult",
        "toolCallId": result.call_id,
        "toolName": result.name,
        "content": [{"type": "text", "text": result.text}],
        "isError": result.is_error,
        "details": {OWN: {**own, "origin": result.origin.value}},
    }


def _write_usage(usage: Usage) -> Body:
    """OpenClaw wants every figure there; of the cost only the total is known."""
    parts = (usage.input_tokens, usage.output_tokens, usage.cache_read_tokens, usage.cache_write_tokens)
    names = ("input", "output", "cacheRead", "cacheWrite")
    cost = dict.fromkeys(names, 0) | {"total": usage.cost_usd}
    return dict(zip(names, parts, strict=True)) | {"totalTokens": sum(parts), "cost": cost}


def read(body: Json) -> Message | None:
    """The message in a ``message`` object; ``None`` when a model has nothing to see in it.

    A role that is nobody's of the three (a hook's, a shell command's) reads as words of the user, as in OpenClaw.
    """
    role, content = body.get("role"), body.get("content")
    if (text := _only_text(content)) and role in _SPEAKERS and not _has_more(body):
        return Message(_SPEAKERS[role], (Text(text),))
    match role:
        case "user" | "custom" | "hookMessage":
            blocks: Iterable[Block] = [*attached(body), *_texts(content)]
        case "assistant":
            blocks = [*_reply(content), *_rust_calls(body.get("toolCalls"))]
        case "toolResult" | "tool":
            return Message(Role.TOOL, (_read_result(body),))
        case _:
            blocks = [Text(text)] if (text := _other(body)) else []
    blocks = tuple(blocks)
    if not any(isinstance(block, Text | ToolCall | Attached) for block in blocks):
        return None
    return Message(Role.ASSISTANT if role == "assistant" else Role.USER, blocks)


def _only_text(content: object) -> str:
    """The text of a ``content`` of one plain block, as nearly all are; empty for every other."""
    block = content[0] if isinstance(content, list) and len(content) == 1 else None
    text = block.get("text") if isinstance(block, dict) and block.get("type") == "text" else None
    return clean(text)


def _has_more(body: Json) -> bool:
    return "details" in body or "toolCalls" in body


def attached(body: Json) -> tuple[Attached, ...]:
    """The files that were handed over with a message."""
    noted = own(body).get("attachments")
    found = (_read_attached(one) for one in (noted if isinstance(noted, list) else ()))
    return tuple(one for one in found if one)


def _read_attached(noted: object) -> Attached | None:
    if not isinstance(noted, dict) or not _HASH.fullmatch(str(noted.get("sha256"))):
        return None
    marker = str(noted.get("marker"))
    kind, name = (" ".join(clean(noted.get(field)).split()) for field in ("media_type", "name"))
    return Attached(noted["sha256"], kind, name, marker) if _MARKER.fullmatch(marker) else None


def own(body: Json) -> Json:
    """What this program noted in a message: ``turn``, ``origin``, whatever its caller added."""
    details = body.get("details")
    noted = details.get(OWN) if isinstance(details, dict) else None
    return noted if isinstance(noted, dict) else {}


def origin(body: Json, otherwise: Origin) -> Origin:
    """The origin noted in a message, else ``otherwise``."""
    noted = own(body).get("origin")
    return Origin(noted) if noted in tuple(Origin) else otherwise


def content_text(content: object) -> str:
    """All plain text of a ``content`` (a string, or a list of blocks), joined."""
    return "".join(block.text for block in _texts(content))


def read_usage(body: Json) -> Usage:
    """What a reply used; zeros where it doesn't say."""
    usage = body.get("usage")
    if not isinstance(usage, dict):
        return Usage()
    names = ("input", "output", "cacheRead", "cacheWrite")
    read, written, cache_read, cache_written = (int(_number(usage.get(name))) for name in names)
    cost = usage.get("cost")
    total = _number(cost.get("total") if isinstance(cost, dict) else cost)
    return Usage(read, written, cache_read, cache_written, total)


def _number(value: object) -> float:
    """A figure that can be added up; 0 for anything else."""
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e15:
        return float(value)
    return 0.0


def _texts(content: object) -> Iterator[Text]:
    for block in [content] if isinstance(content, str) else content if isinstance(content, list) else ():
        if isinstance(block, str) and block:
            yield Text(clean(block))
        elif isinstance(block, dict) and block.get("type") == "text" and block.get("text"):
            yield Text(clean(block["text"]))
        elif isinstance(block, dict) and block.get("type") in _IMAGES:
            yield Text(IMAGE)


def _reply(content: object) -> Iterator[Block]:
    for block in content if isinstance(content, list) else [content]:
        if isinstance(block, dict) and block.get("type") == "thinking":
            yield Thinking(clean(block.get("thinking")), clean(block.get("thinkingSignature")))
        elif isinstance(block, dict) and block.get("type") == "toolCall":
            yield _call(block)
        else:
            yield from _texts([block])


def _rust_calls(calls: object) -> Iterator[ToolCall]:
    for call in calls if isinstance(calls, list) else ():
        if isinstance(call, dict):
            yield _call(call)


def _call(block: Mapping[str, Any]) -> ToolCall:
    arguments = block.get("arguments")
    if isinstance(arguments, str):
        try:
            arguments = json.loads(arguments)
        except (ValueError, RecursionError):
            arguments = {"text": clean(arguments)}
    given = sayable(arguments) if isinstance(arguments, dict) else {}
    return ToolCall(clean(block.get("id")), clean(block.get("name")), given)


def _read_result(body: Json) -> ToolResult:
    """A result nobody marked is foreign: another program's tools may have brought anything."""
    return ToolResult(
        clean(body.get("toolCallId")),
        clean(body.get("toolName")),
        content_text(body.get("content")),
        is_error=body.get("isError") is True,
        origin=origin(body, Origin.FOREIGN),
    )


def _other(body: Json) -> str:
    match body.get("role"):
        case "bashExecution" if body.get("excludeFromContext") is not True:
            return f"I ran `{clean(body.get('command'))}`:\n\n{clean(body.get('output'))}"
        case "compactionSummary":
            return summary(body.get("summary"), SUMMARY)
        case "branchSummary":
            return summary(body.get("summary"), BRANCH)
        case "system":
            text = content_text(body.get("content"))
            return text if text.startswith(RUST_SUMMARY) else ""
        case _:
            return ""


def summary(text: object, preamble: str) -> str:
    """A summary with the words that say what it is; empty for an empty one."""
    return preamble + clean(text) if clean(text) else ""
