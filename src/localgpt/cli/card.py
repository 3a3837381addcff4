"""The card that asks whether a tool call may run: what is printed, and what is understood. Nothing here reads or writes.

The call stands behind a bar on each line, so that nothing in it can pass for a part of the card.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from localgpt.app.question import all_of_it, why
from localgpt.cli.output import Styled, bold, dim
from localgpt.core.values import Answer, Approval, Choice, Origin
from localgpt.security.content import visible

LONGEST = 16_000
"""Characters of a call that are shown; of a longer one the beginning and the end, and it is said."""
WORD = "What shall it be told? "
_KEYS = {
    Choice.ONCE: ("y", "once", ("yes", "once")),
    Choice.SESSION: ("s", "this session", ("session",)),
    Choice.ALWAYS: ("a", "always this exact thing", ("always",)),
    Choice.NO: ("n", "no", ("no",)),
}
_TAB = 4


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody typed: an answer, ``None`` for what is none; with ``asks`` its word comes with another line."""

    answer: Answer | None
    asks: bool = False


def lines(
    approval: Approval, width: int, *, most: int = LONGEST, answers: bool = True
) -> Iterator[tuple[str | Styled, ...]]:
    """The card, line by line, for a terminal of ``width`` columns; without ``answers`` it is only to be read."""
    yield Styled("? May this run? ", fg="yellow", bold=True), bold(_name(approval))
    yield from _told("", all_of_it(approval), width)
    yield from call(approval.shown, width, most)
    yield from _told("why it asks: ", why(approval), width)
    if approval.origin is Origin.FOREIGN:
        yield (Styled("  It has read text of others before it asked for this.", fg="yellow"),)
    if answers:
        yield (f"  {keys(approval.choices)}",)
    yield (dim(f"  {'Enter sends it. ' * answers}{until(approval.expires)}"),)


def _told(head: str, text: str, width: int) -> Iterator[tuple[str | Styled, ...]]:
    """A text of one line, broken below its head so that no part of it begins a line of the terminal."""
    for at, part in enumerate(wrapped(head + text, max(width - 5, 20))):
        yield ("    ", part) if at else ("  ", dim(head), part.removeprefix(head))


def call(shown: str, width: int, most: int = LONGEST) -> Iterator[tuple[str | Styled, ...]]:
    """A call as it will run: each of its lines behind a bar, broken ones behind another."""
    text = visible(shown)
    left = len(text) - most
    if left > 0:
        yield (
            Styled(
                f"  The call has {len(text):,} characters; {left:,} in its middle are not shown here:",
                fg="red",
            ),
        )
        text = f"{text[: most // 2]}\n[... {left:,} characters are left out ...]\n{text[-(most // 2) :]}"
    for line in text.split("\n"):
        for at, part in enumerate(folded(line.expandtabs(_TAB), max(width - 5, 10))):
            yield (Styled("  ┊ " if at else "  │ ", fg="yellow"), part)


def wrapped(text: str, columns: int) -> Iterator[str]:
    """A text in pieces that are at most ``columns`` wide, broken between words where there are any."""
    while (piece := next(folded(text, columns))) != text:
        cut = piece.rfind(" ") if text[len(piece)] != " " else 0
        piece = piece[:cut] if cut > len(piece) // 3 else piece
        yield piece
        text = text[len(piece) :].lstrip()
    yield text


def folded(line: str, columns: int) -> Iterator[str]:
    """A line in pieces that are at most ``columns`` wide on a terminal; an empty one is one piece."""
    begin = used = 0
    for at, character in enumerate(line):
        wide = _width(character)
        if used + wide > columns:
            yield line[begin:at]
            begin, used = at, 0
        used += wide
    yield line[begin:]


def _width(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def keys(choices: Sequence[Choice]) -> str:
    """The answers that there are, each with its key."""
    offered = [f"[{key}] {words}" for choice, (key, words, _) in _KEYS.items() if choice in choices]
    return "  ".join([*offered, "[w] no, with a word"])


def understood(typed: str, choices: Sequence[Choice]) -> Said:
    """What a typed line means: a key or a word of an answer that is offered, alone; after ``n`` and ``w`` more."""
    first, _, rest = typed.strip().partition(" ")
    rest = rest.strip()
    if first.lower() in {"w", "n", "no"} and rest:
        return Said(Answer(Choice.NO, rest))
    if first.lower() == "w":
        return Said(None, asks=True)
    for choice, (key, _, words) in _KEYS.items():
        if choice in choices and not rest and first.lower() in {key, *words}:
            return Said(Answer(choice))
    return Said(None)


def until(expires: str) -> str:
    """How long it waits, in a sentence; empty where the moment can't be read."""
    try:
        return f"Without an answer by {datetime.fromisoformat(expires).astimezone():%H:%M:%S} it is a no."
    except ValueError:
        return ""


def _name(approval: Approval) -> str:
    return " ".join(visible(approval.call.name).split())
