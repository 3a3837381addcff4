"""The nouns that every floor speaks in: frozen values without behaviour beyond their own shape."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar, TypeAlias


class Origin(StrEnum):
    """Who a text comes from. Only the owner's and the system's words may command."""

    OWNER = "owner"
    ASSISTANT = "assistant"
    SYSTEM = "system"
    FOREIGN = "foreign"


class Egress(StrEnum):
    """Where a text may go: ``OPEN`` to any model, ``LOCAL`` only to one on this machine."""

    OPEN = "open"
    LOCAL = "local"


class Role(StrEnum):
    """Who speaks a message of a conversation."""

    USER = "user"
    ASSISTANT = "assistant"
    TOOL = "tool"


class Stop(StrEnum):
    """Why an engine's request, or a whole turn, ended."""

    DONE = "done"
    TOOLS = "tools"
    LENGTH = "length"
    CANCELLED = "cancelled"
    BUDGET = "budget"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Text:
    """Plain text (Markdown) in a message."""

    text: str


@dataclass(frozen=True, slots=True)
class Thinking:
    """What a model thought aloud; ``signature`` is replayed to vendors that require it."""

    text: str
    signature: str = ""


@dataclass(frozen=True, slots=True)
class Media:
    """An attachment as bytes, for models that take it: an image (``image/png``) or a PDF (``application/pdf``).

    ``tokens`` is about how many it takes in a prompt. ``text`` stands for it where a model that does not take it has
    to answer instead: what is in it, fenced as foreign.
    """

    media_type: str
    data: bytes
    name: str = ""
    tokens: int = 0
    text: str = ""


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that was handed over with the owner's words, by the hash of its content.

    In a prompt ``text`` stands for it, fenced by ``marker`` as foreign, unless a ``Media`` does; elsewhere it is empty.
    """

    sha256: str
    media_type: str
    name: str
    marker: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A model's wish to use a tool; ``id`` pairs it with its result.

    Arguments that were no JSON object stand under ``UNPARSED`` as the text they came as.
    """

    UNPARSED: ClassVar[str] = "__unparsed__"
    id: str
    name: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What a tool gave back, marked with the origin of the text it brought."""

    call_id: str
    name: str
    text: str
    is_error: bool = False
    origin: Origin = Origin.SYSTEM


Block: TypeAlias = Text | Thinking | Media | Attached | ToolCall | ToolResult


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation: a user's words, a reply with its tool calls, or the tools' results."""

    role: Role
    blocks: tuple[Block, ...]

    @property
    def text(self) -> str:
        """All plain text of the message, joined."""
        return "".join(block.text for block in self.blocks if isinstance(block, Text))

    @property
    def attached(self) -> tuple[Attached, ...]:
        """The files that were handed over with it, where they are references."""
        return tuple(block for block in self.blocks if isinstance(block, Attached))

    @property
    def calls(self) -> tuple[ToolCall, ...]:
        """The tool calls in the message, in order."""
        return tuple(block for block in self.blocks if isinstance(block, ToolCall))


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens and money of one or more requests. ``cost_usd`` is 0 for models on this machine.

    ``input_tokens`` are those that neither came from a vendor's cache nor went into it. ``priced`` is false where
    somebody takes money and nobody here knows how much: ``cost_usd`` is too low then.
    """

    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    cost_usd: float = 0.0
    priced: bool = True

    @property
    def prompt_tokens(self) -> int:
        """All that the model has read, from a cache or not."""
        return self.input_tokens + self.cache_read_tokens + self.cache_write_tokens

    @property
    def tokens(self) -> int:
        """All that was read and written."""
        return self.prompt_tokens + self.output_tokens

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            self.cache_read_tokens + other.cache_read_tokens,
            self.cache_write_tokens + other.cache_write_tokens,
            self.cost_usd + other.cost_usd,
            self.priced and other.priced,
        )


@dataclass(frozen=True, slots=True)
class Span:
    """Lines ``start`` to ``end`` (1-based, both included) of ``path``.

    ``path`` is relative to the workspace with ``/`` between its parts, ``session:<id>`` for a conversation
    (lines of its JSONL file), or absolute for a folder outside the workspace.
    """

    path: str
    start: int
    end: int

    def __str__(self) -> str:
        return f"{self.path}:{self.start}" + (f"-{self.end}" if self.end != self.start else "")


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage of a note or conversation, as the index holds it.

    ``text`` is what stands in the file at ``start``..``end``. ``heading`` is the path of headings above it
    (``"Travel > Japan"``), ``date`` an ISO day (``YYYY-MM-DD``) or empty, ``speaker`` who said it in a
    conversation (empty for notes).
    """

    path: str
    start: int
    end: int
    text: str
    heading: str = ""
    date: str = ""
    speaker: str = ""
    origin: Origin = Origin.OWNER
    egress: Egress = Egress.OPEN

    @property
    def span(self) -> Span:
        """Where the passage stands."""
        return Span(self.path, self.start, self.end)


@dataclass(frozen=True, slots=True)
class Why:
    """One reason for a hit's place: which ranker or rule, its raw figure and what it added to the score."""

    ranker: str
    detail: str
    value: float = 0.0
    weight: float = 0.0


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that a search brought, best first. ``score`` is 0..1, ``source`` ``notes`` or ``sessions``.

    ``why`` lists what brought it and what moved it. ``cover`` is the share of the question's own words (weighted
    by their rarity) that stand in the passage, 0..1; ``cosine`` its nearness in meaning, or ``None`` without
    vectors. Together they let a reader judge whether it answers at all.
    """

    path: str
    start: int
    end: int
    text: str
    score: float
    source: str
    heading: str = ""
    date: str = ""
    speaker: str = ""
    origin: Origin = Origin.OWNER
    egress: Egress = Egress.OPEN
    why: tuple[Why, ...] = ()
    cover: float = 0.0
    cosine: float | None = None

    @property
    def span(self) -> Span:
        """Where the passage stands."""
        return Span(self.path, self.start, self.end)


class PieceKind(StrEnum):
    """What part of a prompt a piece is."""

    IDENTITY = "identity"
    SKILLS = "skills"
    NOTE = "note"
    PASSAGE = "passage"
    RUNTIME = "runtime"


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of what a model is given beside the conversation, with everything a receipt needs.

    ``stable`` pieces make up the prompt's prefix and must not change while a session lasts (the vendor's
    prompt cache hits on them). ``hit`` is there when the piece is a passage that a search brought.
    """

    kind: PieceKind
    text: str
    reason: str
    source: str = ""
    start: int = 0
    end: int = 0
    tokens: int = 0
    origin: Origin = Origin.SYSTEM
    egress: Egress = Egress.OPEN
    stable: bool = False
    hit: Hit | None = None


class EffectKind(StrEnum):
    """What a tool call does to the world. ``CHANGES`` is what lasts beyond a note: settings, jobs, services, accounts."""

    READS = "reads"
    WRITES = "writes"
    SENDS = "sends"
    RUNS = "runs"
    SPENDS = "spends"
    CHANGES = "changes"


@dataclass(frozen=True, slots=True)
class Effect:
    """One effect of a tool call: what it does and to what (a path, a host, a command).

    ``sent`` is what would leave the machine, where that is known: an address, the words of a search.
    ``sensitive`` are the arguments that decide what happens (recipient, path, URL, amount, command), as they stand in
    the call; where there are none, ``target`` is one. ``loses``: a write that replaces or deletes lines that were
    there, and does not only add. ``walled``: a program behind the sandbox's walls, without network and with no more
    folders than the workspace; what it writes is journalled and can be undone.
    """

    kind: EffectKind
    target: str
    sent: str = ""
    sensitive: tuple[str, ...] = ()
    loses: bool = False
    walled: bool = False


class Choice(StrEnum):
    """What the owner answers to a question about a call: this once, for the conversation, always just this, no."""

    ONCE = "once"
    SESSION = "session"
    ALWAYS = "always"
    NO = "no"


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """What a model needs to know of a tool; ``parameters`` is a JSON schema of an object."""

    name: str
    description: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Approval:
    """A question to the owner: may this call run, exactly so?

    ``shown`` is the call as it will run, in plain text that hides nothing. ``turn``, ``session`` and ``door`` say where
    it comes from, ``origin`` whose words it carries. ``asked`` and ``expires`` are ISO 8601 moments. ``choices`` are the
    answers that mean something: ``ALWAYS`` is absent where no standing grant can be given.
    """

    id: str
    call: ToolCall
    effects: tuple[Effect, ...]
    reason: str
    shown: str
    session: str
    turn: str
    door: str
    asked: str
    expires: str
    choices: tuple[Choice, ...]
    origin: Origin


@dataclass(frozen=True, slots=True)
class Answer:
    """The owner's answer to an ``Approval``: a choice, a word for the model, and the door that it came by."""

    choice: Choice
    word: str = ""
    door: str = ""


@dataclass(frozen=True, slots=True)
class Author:
    """On whose behalf a file is written: the origin of the text, the turn it belongs to, the door it came by."""

    origin: Origin
    turn: str = ""
    session: str = ""
    door: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One write to a file, before it happens: enough to show it, to put it back, and to blame it.

    ``before`` is ``None`` when the file is new; ``after`` is ``None`` when it is deleted. ``span`` holds the
    lines that are new (``start`` 0 when lines only went away), ``spans`` each run of them where there are several.
    ``target`` is the file's real path on disk, ``text`` the new lines where the file is not UTF-8. ``moved_from`` is
    the path that the file had before, if it was moved: its lines stay whose they were.
    """

    path: str
    target: str
    before: bytes | None
    after: bytes | None
    span: Span
    author: Author
    spans: tuple[Span, ...] = ()
    text: str | None = None
    moved_from: str = ""

    @property
    def new_text(self) -> str:
        """The lines that are new, as text; empty when lines only went away."""
        if self.text is not None:
            return self.text
        if self.after is None or self.span.start < 1:
            return ""
        # not str.splitlines(): it also breaks at form feeds and the like, and the spans would be off
        lines = self.after.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n").split("\n")
        runs = self.spans or (self.span,)
        return "\n".join(line for run in runs for line in lines[run.start - 1 : run.end])
