"""What a model sees of a conversation: the path to the leaf, summaries in place of what they stand for, whole pairs.

Whatever is in the file, and wherever a turn was killed, what comes out is a conversation that can go on: each tool
call is followed by its result, and there is no result without its call.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from localgpt.agent import message_format
from localgpt.agent.transcript import Entry, Transcript
from localgpt.core.values import Message, Origin, Role, Text, ToolCall, ToolResult

INTERRUPTED = "interrupted: the turn ended before this tool gave a result"


def messages(transcript: Transcript) -> list[Message]:
    """The conversation as the next request sends it."""
    seen = (message for entry in kept(transcript) if (message := seen_in(entry)))
    return paired(seen)


def kept(transcript: Transcript) -> list[Entry]:
    """The entries of the path that still count: the last compaction first, what it kept, and what came after it."""
    path = transcript.path()
    cuts = (at for at in range(len(path) - 1, -1, -1) if path[at].kind in {"compaction", "reset"})
    cut = next(cuts, None)
    if cut is None:
        return path
    if path[cut].kind == "reset":
        return path[cut + 1 :]
    return [path[cut], *_before(transcript, path[:cut], path[cut]), *path[cut + 1 :]]


def _before(transcript: Transcript, path: list[Entry], compaction: Entry) -> list[Entry]:
    """What a compaction kept of the entries before it, without the compactions among them."""
    data = compaction.data or {}
    first = transcript.line_of(data.get("firstKeptEntryId")) or transcript.line_at(
        data.get("firstKeptEntryIndex")
    )
    lines = [entry.line for entry in path]
    if first not in lines:
        return []
    rest = path[lines.index(first) :]
    start = max((at + 1 for at, entry in enumerate(rest) if entry.kind == "reset"), default=0)
    return [entry for entry in rest[start:] if entry.kind != "compaction"]


def seen_in(entry: Entry) -> Message | None:
    """What one entry says to a model; ``None`` for notes, settings, labels and everything unknown."""
    data = entry.data or {}
    match data.get("type"):
        case "message":
            body = data.get("message")
            return message_format.read(body) if isinstance(body, dict) else None
        case "custom_message":
            text = message_format.content_text(data.get("content"))
        case "compaction":
            text = message_format.summary(data.get("summary"), message_format.SUMMARY)
        case "branch_summary":
            text = message_format.summary(data.get("summary"), message_format.BRANCH)
        case _:
            text = ""
    return Message(Role.USER, (Text(text),)) if text else None


@dataclass(slots=True)
class _Turn:
    """A message, and the results of its calls as they turn up (in the order of the calls)."""

    message: Message
    results: list[ToolResult | None] = field(default_factory=list)


def paired(conversation: Iterable[Message]) -> list[Message]:
    """The same conversation with every call's result right behind it.

    A result that comes late (another process wrote in between) moves to its call; a call without one is answered
    with an error; a result without a call is dropped. Ids may be used again: a result belongs to the latest call.
    """
    turns: list[_Turn] = []
    waiting: dict[str, list[tuple[_Turn, int]]] = {}
    for message in conversation:
        if message.role is Role.TOOL:
            _answer(message, waiting)
            continue
        calls = message.calls if message.role is Role.ASSISTANT else ()
        turn = _Turn(message, [None] * len(calls))
        turns.append(turn)
        for call in calls:
            waiting.pop(call.id, None)
        for at, call in enumerate(calls):
            waiting.setdefault(call.id, []).append((turn, at))
    return [message for turn in turns for message in _whole(turn)]


def _answer(message: Message, waiting: dict[str, list[tuple[_Turn, int]]]) -> None:
    for result in message.blocks:
        if isinstance(result, ToolResult) and waiting.get(result.call_id):
            turn, at = waiting[result.call_id].pop(0)
            turn.results[at] = result


def _whole(turn: _Turn) -> Iterator[Message]:
    yield turn.message
    if turn.results:
        pairs = zip(turn.message.calls, turn.results, strict=True)
        yield Message(Role.TOOL, tuple(_result(call, result) for call, result in pairs))


def _result(call: ToolCall, result: ToolResult | None) -> ToolResult:
    if result is None:
        return ToolResult(call.id, call.name, INTERRUPTED, is_error=True, origin=Origin.SYSTEM)
    return result if result.name else replace(result, name=call.name)
