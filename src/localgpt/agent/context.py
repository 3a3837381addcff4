"""What the model sees, as pieces: a stable prefix, the always-loaded notes, what the search brought, the time.

Every piece says where it is from and why it is there; their list is the turn's receipt. The prefix of a session
is made once and stays the same to the byte, so that a vendor's prompt cache hits on it: a note that changes
meanwhile comes again, as what is new in it, behind the prefix.
"""

from __future__ import annotations

import importlib.resources
import re
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache

from localgpt.agent.cutting import cut
from localgpt.agent.loaded_notes import always_loaded
from localgpt.core.errors import LocalGPTError
from localgpt.core.paths import ALWAYS_LOADED
from localgpt.core.tokens import estimate
from localgpt.core.values import (
    Egress,
    Hit,
    Media,
    Message,
    Origin,
    Piece,
    PieceKind,
    Role,
    ToolResult,
    ToolSpec,
)

SESSIONS_HELD = 64
LEAST_RESULT = 100
"""Tokens; no tool result is cut below that."""


@dataclass(frozen=True, slots=True)
class Budget:
    """How much of each part may stand in a prompt, in tokens (``passages`` in hits)."""

    window: int = 128_000
    reserve: int = 8_000
    always_loaded: int = 6_000
    passages: int = 8
    passage_tokens: int = 16_000

    @classmethod
    def of(cls, window: int, *, always_loaded: int, passages: int) -> Budget:
        """The budget for a model: in a small window each part shrinks, so that the conversation keeps half of it or so."""
        plain = cls()
        return cls(
            window,
            reserve=min(plain.reserve, window // 4),
            always_loaded=min(always_loaded, window // 5),
            passages=passages,
            passage_tokens=min(plain.passage_tokens, window // 10),
        )


@dataclass(frozen=True, slots=True)
class Context:
    """A prompt: pieces in order, the part of the conversation that fits, and how much was held back.

    ``room`` is how many tokens of conversation fit beside the pieces, ``spoken`` how many all of it has; ``window``
    is how many the model takes, ``schemas`` how many the tools' schemas are. ``attached`` are sentences on what of this
    turn's attachments the model is given, ``attached_texts`` the texts of all that are shown.
    """

    pieces: tuple[Piece, ...]
    messages: tuple[Message, ...]
    withheld: int = 0
    left_out: int = 0
    room: int = 0
    spoken: int = 0
    window: int = 0
    schemas: int = 0
    attached: tuple[str, ...] = ()
    attached_texts: tuple[str, ...] = ()

    @property
    def tokens(self) -> int:
        """About how many tokens all of it is."""
        return sum(piece.tokens for piece in self.pieces) + conversation_tokens(self.messages)


@dataclass(slots=True)
class Prefixes:
    """The stable prefixes of the sessions that are in use; the longest unused one goes first."""

    _held: OrderedDict[str, tuple[Piece, ...]] = field(default_factory=OrderedDict)

    def of(self, session: str, make: Callable[[], tuple[Piece, ...]]) -> tuple[Piece, ...]:
        """The prefix of ``session``, made by ``make`` the first time."""
        if session not in self._held:
            self._held[session] = make()
            while len(self._held) > SESSIONS_HELD:
                self._held.popitem(last=False)
        self._held.move_to_end(session)
        return self._held[session]

    def forget(self, session: str) -> None:
        """Make the prefix of ``session`` anew at its next turn."""
        self._held.pop(session, None)


@cache
def identity_text() -> str:
    """Who the assistant is and how it treats what it reads (``templates/prompt/identity.md``)."""
    place = importlib.resources.files("localgpt") / "templates" / "prompt" / "identity.md"
    return place.read_text(encoding="utf-8").strip()


def prefix(
    read: Callable[[str], str | None],
    budget: int,
    skills: Piece | None = None,
    project: Sequence[Piece] = (),
    names: Sequence[str] = ALWAYS_LOADED,
) -> tuple[Piece, ...]:
    """The stable part: identity, the list of skills, the ``project``, the notes called ``names`` under ``budget`` tokens.

    The tools' schemas travel beside the pieces, so they are not listed again.

    ``read`` gives a note's text by its name, or ``None`` if there is none.
    """
    listed = (skills,) if skills else ()
    return (identity(), *listed, *project, *always_loaded(read, budget, names))


def identity() -> Piece:
    """The piece that says who speaks."""
    return _piece(PieceKind.IDENTITY, identity_text(), "who the assistant is", stable=True)


def passage(hit: Hit, *, loaded: bool = False) -> Piece:
    """A hit as a piece.

    Foreign text comes by its place only, for a heading is text too: reading it takes a tool call that marks the turn.
    What is ``loaded`` (stands in an always-loaded note above) is not repeated, but its place is told so that it can be
    cited.
    """
    told = (hit.heading, hit.date, f"said by {hit.speaker}" if hit.speaker else "")
    facts = ", ".join(fact for fact in (told if hit.origin is not Origin.FOREIGN else (hit.date,)) if fact)
    head = f"[{hit.span}]" + (f" ({facts})" if facts else "")
    if hit.origin is Origin.FOREIGN:
        body = "(text from outside; memory_get shows it)"
    else:
        body = "(stands above)" if loaded else hit.text
    why = "; ".join(f"{reason.ranker} {reason.detail}".strip() for reason in hit.why[:3])
    return _piece(
        PieceKind.PASSAGE,
        f"{head}\n{body}",
        why or "found by search",
        source=hit.path,
        start=hit.start,
        end=hit.end,
        origin=hit.origin,
        egress=hit.egress,
        hit=hit,
    )


def runtime(moment: datetime, model: str) -> Piece:
    """What changes with each turn: the time and the model's name."""
    text = f"It is {moment:%A, %Y-%m-%d %H:%M} ({moment:%Z}). You run as {model}."
    return _piece(PieceKind.RUNTIME, text, "the time")


def permitted(pieces: Sequence[Piece], *, local: bool) -> tuple[tuple[Piece, ...], int]:
    """The pieces that may go to an engine, and how many were held back.

    This is the only gate: what must stay on this machine goes to local engines alone.
    """
    if local:
        return tuple(pieces), 0
    allowed = tuple(piece for piece in pieces if piece.egress is Egress.OPEN)
    return allowed, len(pieces) - len(allowed)


def recent(messages: Sequence[Message], tokens: int) -> tuple[tuple[Message, ...], int]:
    """The newest messages that fit into ``tokens``, beginning with a user's; and how many were left out.

    The last user message always stays, however large it is.
    """
    starts = [at for at, message in enumerate(messages) if message.role is Role.USER]
    if not starts:
        return tuple(messages), 0
    begin, spent, end = starts[-1], 0, len(messages)
    for start in reversed(starts):
        spent += sum(message_tokens(message) for message in messages[start:end])
        if spent > tokens and start != starts[-1]:
            break
        begin, end = start, start
    return tuple(messages[begin:]), begin


def fitted(messages: Sequence[Message], tokens: int) -> tuple[Message, ...]:
    """The same messages, the longest tool results cut with a mark, so that they come near to ``tokens``."""
    over = conversation_tokens(messages) - tokens
    sizes = sorted(estimate(block.text) for message in messages for block in _results(message))
    if over <= 0 or not sizes:
        return tuple(messages)
    limit = max(LEAST_RESULT, _level(sizes, sum(sizes) - over)) * 4
    return tuple(_shortened(message, limit) for message in messages)


def _level(sizes: Sequence[int], room: int) -> int:
    """The size to which the larger of ``sizes`` (sorted) must sink so that all together take ``room``."""
    for at, size in enumerate(sizes):
        share = room // (len(sizes) - at)
        if size > share:
            return share
        room -= size
    return sizes[-1]


def _results(message: Message) -> list[ToolResult]:
    return [block for block in message.blocks if isinstance(block, ToolResult)]


def _shortened(message: Message, limit: int) -> Message:
    blocks = tuple(
        replace(block, text=cut(block.text, limit, f"the result of {block.name}"))
        if isinstance(block, ToolResult)
        else block
        for block in message.blocks
    )
    return message if blocks == message.blocks else replace(message, blocks=blocks)


def conversation_tokens(messages: Sequence[Message]) -> int:
    """About how many tokens some messages are."""
    return sum(message_tokens(message) for message in messages)


def message_tokens(message: Message) -> int:
    """About how many tokens a message is, tool calls and results included."""
    total = 4
    for block in message.blocks:
        text = getattr(block, "text", None)
        if isinstance(block, Media):
            total += block.tokens
            continue
        total += estimate(text if isinstance(text, str) else str(getattr(block, "arguments", "")))
    return total


def read_quietly(read: Callable[[str], str]) -> Callable[[str], str | None]:
    """A reader that gives ``None`` for a note that is missing or can't be read: a prompt does without it."""

    def reading(name: str) -> str | None:
        try:
            return read(name)
        except LocalGPTError:
            return None

    return reading


def _piece(
    kind: PieceKind,
    text: str,
    reason: str,
    *,
    source: str = "",
    start: int = 0,
    end: int = 0,
    origin: Origin = Origin.SYSTEM,
    egress: Egress = Egress.OPEN,
    stable: bool = False,
    hit: Hit | None = None,
) -> Piece:
    piece = Piece(
        kind, text, reason, source, start, end, origin=origin, egress=egress, stable=stable, hit=hit
    )
    return replace(piece, tokens=estimate(text))


def no_prelude(_passages: Sequence[Piece]) -> tuple[Piece, ...]:
    """No recent days."""
    return ()


_UNLIKE_A_NAME = re.compile(r"[{}<>\"|*\\\n\r\t]|!!|\$\(|`")
_LONGEST_NAME = 120


def assemble(
    *,
    prefix: tuple[Piece, ...],
    news: Sequence[Piece],
    hits: Sequence[Hit],
    messages: Sequence[Message],
    moment: datetime,
    model: str,
    local: bool,
    budget: Budget,
    tools: Sequence[ToolSpec] = (),
    prelude: Callable[[Sequence[Piece]], Sequence[Piece]] = no_prelude,
) -> Context:
    """The whole prompt for one turn. The schemas of ``tools`` travel beside the pieces and take room too.

    ``local`` says whether what must stay on this machine may be given; ``prelude`` gives the recent days, from the
    passages that are shown.
    """
    # a file can be given a name that speaks; such a one is found by a tool, which marks the turn
    named = [hit for hit in hits if not speaks(hit.path)]
    found = [passage(hit, loaded=_already_loaded(hit, prefix)) for hit in named[: budget.passages]]
    passages = _within(found, budget.passage_tokens)
    every = [*prefix, *news, *prelude(passages), *passages, runtime(moment, model)]
    pieces, withheld = permitted(every, local=local)
    schemas = schema_tokens(tools)
    taken = budget.reserve + schemas + sum(piece.tokens for piece in pieces)
    room = max(budget.window - taken, 0)
    kept, left_out = recent(messages, room)
    spoken = conversation_tokens(messages)
    return Context(pieces, fitted(kept, room), withheld, left_out, room, spoken, budget.window, schemas)


def speaks(path: str) -> bool:
    """Whether a path has signs that names don't have, or is as long as a sentence."""
    name = path.partition("/")[2] if path.startswith("attachment:") else path
    return _UNLIKE_A_NAME.search(name) is not None or any(
        len(part) > _LONGEST_NAME for part in name.split("/")
    )


def _within(passages: Sequence[Piece], tokens: int) -> list[Piece]:
    """The best passages that take no more than ``tokens`` together."""
    chosen: list[Piece] = []
    for piece in passages:
        if piece.tokens <= tokens:
            chosen.append(piece)
            tokens -= piece.tokens
    return chosen


def schema_tokens(tools: Sequence[ToolSpec]) -> int:
    """About how many tokens the tools' schemas are."""
    return sum(estimate(f"{tool.name} {tool.description} {dict(tool.parameters)}") for tool in tools)


def _already_loaded(hit: Hit, prefix: Sequence[Piece]) -> bool:
    """Whether a passage stands word for word in the prefix."""
    return any(piece.source == hit.path and hit.text.strip() in piece.text for piece in prefix)
