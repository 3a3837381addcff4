"""What a turn needs from the rest of the house; ``app`` makes it once and hands it in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from localgpt.agent.budget import NO_LIMITS, Budget, Spent
from localgpt.agent.context import Context
from localgpt.agent.occasion import Occasion
from localgpt.agent.scales import Scales
from localgpt.agent.sessions import Session
from localgpt.core.events import Event
from localgpt.core.journal import Journal
from localgpt.core.values import Answer, Approval, Author, Choice, Effect, Origin, ToolCall
from localgpt.models.base import Engine
from localgpt.security.policy import NO_FOLDERS, NO_GRANTS, Book, Caller, Folders, Mode
from localgpt.tools.base import Toolbox, ToolContext

ContextMaker: TypeAlias = Callable[[Session, str, Engine, int, Occasion], Context]
"""Gives the prompt for an engine, from the words just said, which stand at a line of the session's file already.

The occasion decides which parts of memory are in it."""


async def no_settling(_session: Session, _engine: Engine) -> tuple[Event, ...]:
    """Nothing of the conversation is written down."""
    return ()


def nothing_spent() -> Spent:
    """Nobody has spent anything today."""
    return Spent()


def nothing_granted(_session: str) -> Book:
    """No grants."""
    return NO_GRANTS


def not_remembered(_approval: Approval, _choice: Choice) -> object:
    """An answer counts once."""
    return None


def never_frozen() -> str:
    """Nothing was stopped."""
    return ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A call that needs the owner's word while nobody is there: what it would do, why it was not done, whose words it
    carries.
    """

    call: ToolCall
    effects: tuple[Effect, ...]
    reason: str
    origin: Origin
    turn: str
    session: str


@dataclass(frozen=True, slots=True)
class House:
    """The rooms that a turn uses, and the rules that it is under.

    ``settle`` writes what is worth keeping of a conversation into the notes, before a part of it is condensed.
    ``tool_context`` is given on whose behalf a tool acts, whether the model is on this machine, and the marker that
    fences foreign text in this turn.
    ``budget`` is what a turn and a day may cost, ``today`` tells what the day has cost so far. ``scales`` are what was
    learnt of the size of engines' tokens.
    ``unattended`` is there where the owner does not look on: stricter rules hold then, and what needs the owner's word
    is handed to it; it gives a sentence for the model on where that waits.
    ``ask`` is there where somebody can answer: it puts a question to the owner, for ``patience`` seconds.
    ``grants`` are what the owner has allowed beforehand, in a conversation; ``remember`` keeps an answer that shall count
    for longer than once.
    ``local_caller`` tells of one who is not the owner that what must stay on this machine may be given to them.
    ``folders`` are those that ``mode`` may speak of.
    ``frozen`` gives a sentence while the owner has stopped everything, else an empty text; it only looks, and quickly.
    ``lines_of`` tells how many lines a note or conversation has (``None``: not there), to check citations.
    """

    journal: Journal
    toolbox: Toolbox
    tool_context: Callable[[Author, bool, str], ToolContext]
    context: ContextMaker
    lines_of: Callable[[str], int | None]
    door: str = "python"
    mode: Mode = Mode.ASK
    caller: Caller = Caller.OWNER
    local_caller: bool = False
    max_rounds: int = 10
    max_reply_tokens: int = 4096
    settle: Callable[[Session, Engine], Awaitable[tuple[Event, ...]]] = no_settling
    budget: Budget = NO_LIMITS
    today: Callable[[], Spent] = nothing_spent
    unattended: Callable[[Waiting], str] | None = None
    scales: Scales = field(default_factory=Scales)
    ask: Callable[[Approval], Awaitable[Answer]] | None = None
    patience: float = 600.0
    grants: Callable[[str], Book] = nothing_granted
    remember: Callable[[Approval, Choice], object] = not_remembered
    frozen: Callable[[], str] = never_frozen
    folders: Folders = NO_FOLDERS
