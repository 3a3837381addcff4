"""What no model is given, wherever it is: keys of a known shape, the owner's own, and what no eye can see. Pure.

The conversation keeps what was said as it was said; only requests go without. Text that was pasted or copied into a note
may hold commands in letters that nobody sees.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TypeVar

from localgpt.core.redact import keys_only
from localgpt.core.values import Attached, Block, Media, Message, Piece, Role, Text, ToolResult
from localgpt.models.base import Request
from localgpt.security.content import visible

SAID = (
    "A key in your words was not shown to the model; it stays in the conversation. "
    "'localgpt secret set NAME' keeps one where no model sees it."
)


def without_keys(request: Request) -> Request:
    """The same request, with each key replaced by its kind and without hidden characters. What a model thought or called stays: it saw no key."""
    pieces = tuple(map(_piece, request.pieces))
    messages = tuple(_message(message) for message in request.messages)
    return replace(request, pieces=pieces, messages=messages)


def says_key(request: Request) -> bool:
    """Whether the owner's newest words hold a key, and nothing was answered yet."""
    last = request.messages[-1] if request.messages else None
    return last is not None and last.role is Role.USER and clean(last.text) != visible(last.text)


@lru_cache(maxsize=64)
def clean(text: str) -> str:
    """The text without keys and hidden characters. A prompt's long parts come again with every request."""
    return keys_only()(visible(text))


def _piece(piece: Piece) -> Piece:
    if piece.hit is not None and (text := clean(piece.hit.text)) != piece.hit.text:
        piece = replace(piece, hit=replace(piece.hit, text=text))
    return _changed(piece, clean(piece.text))


def _message(message: Message) -> Message:
    blocks = tuple(_block(block) for block in message.blocks)
    same = all(new is old for new, old in zip(blocks, message.blocks, strict=True))
    return message if same else replace(message, blocks=blocks)


def _block(block: Block) -> Block:
    if isinstance(block, Text | ToolResult | Attached | Media):
        return _changed(block, clean(block.text))
    return block


_Said = TypeVar("_Said", bound=Piece | Text | ToolResult | Attached | Media)


def _changed(block: _Said, text: str) -> _Said:
    return block if text == block.text else replace(block, text=text)
