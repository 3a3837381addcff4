"""``recall``: the built-in model that needs nothing. It answers with the owner's own words, and says where they stand.

An engine like any other: it sees the pieces in its prompt and acts by tool calls. What it can do is small and
certain: quote the passages that answer a question, store what it is told, and say honestly when nothing fits.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable
from dataclasses import dataclass

from localgpt.core.events import TextDelta, ToolCalled
from localgpt.core.tokens import estimate
from localgpt.core.values import Attached, Hit, Message, Role, Stop, ToolCall, ToolResult, Usage
from localgpt.models.base import EngineEvent, Finished, Request
from localgpt.models.recall.answer import compose
from localgpt.models.recall.intent import Intent, Wish, read_wish
from localgpt.models.recall.wording import Wording, wording_for

WRITTEN, ALREADY = "Written to ", "Already there: "
"""How the tool ``remember`` begins what it says to a model; the place follows."""

_FILE = "attachment:"

__all__ = ["Recall"]


@dataclass(frozen=True, slots=True)
class Recall:
    """The engine. It keeps no state: the same request gives the same answer."""

    name: str = "recall"
    local: bool = True
    context_window: int = 128_000

    async def aclose(self) -> None:
        """Nothing is kept warm."""

    async def request(self, request: Request) -> AsyncGenerator[EngineEvent, None]:
        """Answer the last message: with a tool call to store something, else with text."""
        spent = _tokens_seen(request)
        call = _call_for(request)
        if call is not None:
            yield ToolCalled(call)
            yield Finished(Stop.TOOLS, Usage(input_tokens=spent))
            return
        text = _reply(request)
        for paragraph in text.splitlines(keepends=True):
            yield TextDelta(paragraph)
        yield Finished(Stop.DONE, Usage(input_tokens=spent, output_tokens=estimate(text)))


def _call_for(request: Request) -> ToolCall | None:
    """The tool call that the owner's words ask for, unless its result is already there."""
    last = request.messages[-1] if request.messages else None
    if last is None or last.role is not Role.USER or not _offers(request, "remember"):
        return None
    wish = read_wish(last.text)
    if wish.intent is not Intent.REMEMBER or not wish.subject:
        return None
    return ToolCall(f"recall-{len(request.messages)}", "remember", {"text": wish.subject})


def _offers(request: Request, name: str) -> bool:
    return any(tool.name == name for tool in request.tools)


def _reply(request: Request) -> str:
    asked = _last_words(request.messages)
    wording = wording_for(asked)
    last = request.messages[-1] if request.messages else None
    if last is not None and last.role is Role.TOOL:
        return _after_tools(last, wording)
    wish = read_wish(asked)
    if wish.intent is Intent.STATEMENT and not _offers(request, "remember"):
        return wording.cannot_remember  # nor is it certain that the conversation is kept
    return _to_wish(wish, _passages(request), wording, _handed(request))


def _after_tools(message: Message, wording: Wording) -> str:
    results = [block for block in message.blocks if isinstance(block, ToolResult)]
    return "\n".join(_after(result, wording) for result in results)


def _after(result: ToolResult, wording: Wording) -> str:
    if result.is_error:
        return wording.failed.format(reason=result.text)
    if result.text.startswith(ALREADY):
        return wording.known.format(place=result.text.removeprefix(ALREADY))
    return wording.noted.format(place=result.text.removeprefix(WRITTEN))


def _to_wish(wish: Wish, passages: tuple[Hit, ...], wording: Wording, handed: frozenset[str]) -> str:
    match wish.intent:
        case Intent.REMEMBER:
            return wording.remember_what if not wish.subject else wording.cannot_remember
        case Intent.GREETING:
            return wording.greeting
        case Intent.THANKS:
            return wording.thanks
        case Intent.HELP:
            return wording.help
        case Intent.MODEL:
            return wording.about_models
        case Intent.STATEMENT:
            found = compose(wish.subject, passages, wording, handed)
            return wording.heard if found is None else f"{wording.heard}\n\n{wording.related}\n\n{found}"
        case Intent.QUESTION:
            return compose(wish.subject, passages, wording, handed) or wording.nothing


def _passages(request: Request) -> tuple[Hit, ...]:
    return tuple(piece.hit for piece in request.pieces if piece.hit is not None)


def _handed(request: Request) -> frozenset[str]:
    """The paths, among those of the passages, of files that the owner handed over in this conversation."""
    blocks = [
        block for message in request.messages for block in message.blocks if isinstance(block, Attached)
    ]
    digests = {block.sha256[:8] for block in blocks}
    paths = (hit.path for hit in _passages(request) if hit.path.startswith(_FILE))
    return frozenset(path for path in paths if path.removeprefix(_FILE).partition("/")[0] in digests)


def _last_words(messages: Iterable[Message]) -> str:
    return next((message.text for message in reversed(tuple(messages)) if message.role is Role.USER), "")


def _tokens_seen(request: Request) -> int:
    said = sum(estimate(message.text) for message in request.messages)
    return said + sum(piece.tokens for piece in request.pieces)
