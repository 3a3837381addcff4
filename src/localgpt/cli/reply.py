"""A reply as it comes: block by block on a terminal, plain text into a pipe; and what memory had to do with it."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import aclosing
from typing import TYPE_CHECKING, Protocol

from localgpt.cli.markdown import Blocks
from localgpt.cli.output import Screen, Styled, dim, fit
from localgpt.core.events import (
    ApprovalRequested,
    Citation,
    ContextReady,
    Event,
    Level,
    MemoryWritten,
    Notice,
    Retracted,
    TextDelta,
    ThinkingDelta,
    ToolFinished,
    ToolStarted,
    TurnFinished,
)
from localgpt.core.values import Piece, Span, Stop, ToolCall

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from localgpt.cli.asking import Asking

_TICK = 0.05
"""Seconds between two looks at the words that are still coming."""

_SHOWN_PLACES = 5

_LARGEST_RENDERED = 100_000
"""Characters; rendering a larger block would take longer than anybody waits."""

_TAKEN_BACK = "(what came so far is taken back; the reply begins again)"

_MARKER = re.compile(r"\A[-*] (?:\d\d:\d\d )?")
"""How an entry of a note begins."""


class View(Protocol):
    """Shows the events of a turn."""

    def show(self, event: Event) -> None: ...

    def stop(self) -> None:
        """The reply was stopped: show what has come."""
        ...


class PlainView:
    """Into a pipe: the reply's text as it comes on standard output, everything else on standard error."""

    def __init__(self, screen: Screen) -> None:
        self.screen = screen
        self._last = "\n"

    def show(self, event: Event) -> None:
        """Write what the event brings."""
        match event:
            case TextDelta(text) if text:
                self.screen.text(text)
                self._last = text
            case Retracted():
                self.stop()
                self.screen.aside(_TAKEN_BACK)
            case MemoryWritten():
                self.screen.aside(written(event))
            case Notice(text):
                self.screen.aside(text)
            case TurnFinished() | ApprovalRequested():
                self.stop()

    def stop(self) -> None:
        """End the line."""
        if not self._last.endswith("\n"):
            self.screen.text("\n")
        self._last = "\n"


class TerminalView:
    """On a terminal: each block is rendered when it is whole; until then its last words tick by in one line."""

    def __init__(self, screen: Screen, *, markdown: bool = True) -> None:
        self.screen = screen
        self.markdown = markdown
        self._blocks = Blocks()
        self._pieces: tuple[Piece, ...] = ()
        self._ticked = 0.0
        self._asides = False
        self._printed = False

    def show(self, event: Event) -> None:
        """Print what the event brings."""
        match event:
            case ContextReady(pieces):
                self._pieces = pieces
            case TextDelta(text):
                for block in self._blocks.feed(text):
                    self._print(block)
                self._tick(self._blocks.tail(self.screen.width))
            case ThinkingDelta(text):
                self._tick(text)
            case Retracted():
                self._take_back()
            case TurnFinished():
                self._finish(event)
            case ApprovalRequested():
                self._end_block()  # the card comes below it
                self._asides = True
            case _ if (line := aside(event, self.screen.width)) is not None:
                self._between(line)

    def stop(self) -> None:
        """Show what has come of the reply, and that it was stopped."""
        self._end_block()
        self.screen.line(dim("(stopped)"))

    def _finish(self, event: TurnFinished) -> None:
        self._end_block()
        if event.stop is Stop.LENGTH:
            self.screen.line(dim("(the model's limit of length was reached)"))
        line = memory_line(self._pieces, event.citations)
        if line and not event.error:
            self.screen.line(dim(line))

    def _take_back(self) -> None:
        """What is not printed yet is forgotten; what is printed can only be disowned."""
        self._blocks = Blocks()
        self.screen.progress("")
        if self._printed:
            self._between(dim(_TAKEN_BACK))

    def _between(self, part: Styled) -> None:
        self._end_block()
        self.screen.line(part)
        self._asides, self._printed = True, False

    def _end_block(self) -> None:
        self._print(self._blocks.end())

    def _print(self, block: str) -> None:
        self.screen.progress("")
        if not block.strip():
            return
        if self._asides:
            self.screen.line()
            self._asides = False
        self._printed = True
        if self.markdown and len(block) < _LARGEST_RENDERED:
            self.screen.markdown(block)
        else:
            self.screen.line(block)
        self.screen.line()

    def _tick(self, text: str) -> None:
        now = time.monotonic()
        if now - self._ticked >= _TICK and text.strip():
            self._ticked = now
            self.screen.progress(text.strip().splitlines()[-1], tail=True)


def aside(event: Event, width: int) -> Styled | None:
    """What tells of an event that is not part of the reply: a line for a tool or a memory write, a whole notice."""
    match event:
        case ToolStarted(call) if call.name != "remember":
            return dim(fit(f"· {called(call)}", width - 1))
        case ToolFinished(call, text, True):
            return dim(fit(f"· {call.name}: {text}", width - 1))
        case MemoryWritten():
            return Styled(fit(written(event), width - 1), fg="green")
        case Notice(text, level):
            return Styled(text, fg="yellow") if level is Level.WARNING else dim(text)
    return None


class NoView:
    """Shows nothing: what comes of the turn is told when it has ended."""

    def show(self, event: Event) -> None:
        """Nothing is shown."""

    def stop(self) -> None:
        """Nothing was begun."""


def view(screen: Screen, *, markdown: bool = True) -> View:
    """The view that fits the screen."""
    return TerminalView(screen, markdown=markdown) if screen.terminal else PlainView(screen)


async def show(events: AsyncIterator[Event], view: View, asking: Asking | None = None) -> TurnFinished | None:
    """Show a whole turn; cancelling stops it, keeps what came, and returns None. ``asking`` asks what it wants to know."""
    import asyncio

    stream: AsyncGenerator[Event] = events  # type: ignore[assignment]
    async with aclosing(stream):
        try:
            return await _shown(stream, view, asking)
        except asyncio.CancelledError:
            await _quiet(asking)
            view.stop()
            raise
        finally:
            await _quiet(asking)


async def _shown(stream: AsyncIterator[Event], view: View, asking: Asking | None) -> TurnFinished | None:
    async for event in stream:
        view.show(event)
        if asking is not None:
            await asking.heed(event)
        if isinstance(event, TurnFinished):
            return event
    return None


async def _quiet(asking: Asking | None) -> None:
    if asking is not None:
        await asking.stop()


def memory_line(pieces: Iterable[Piece], citations: Iterable[Citation]) -> str:
    """The line that tells which memory the reply used: the places it cites, and how many more it was given."""
    cited = list(dict.fromkeys(citation.span for citation in citations if citation.valid))
    given = [Span(piece.source, piece.start, piece.end) for piece in pieces if piece.hit is not None]
    more = sum(1 for span in given if not any(_overlap(span, one) for one in cited))
    places = ", ".join(str(span) for span in cited[:_SHOWN_PLACES])
    if len(cited) > _SHOWN_PLACES:
        places += ", ..."
    if not places:
        return f"memory: {_count(more)} looked at, none cited" if more else ""
    return f"memory: {places}" + (f" ({_count(more, 'more ')} looked at)" if more else "")


def _count(passages: int, more: str = "") -> str:
    return f"{passages} {more}passage{'s' if passages != 1 else ''}"


def _overlap(one: Span, other: Span) -> bool:
    return one.path == other.path and one.start <= other.end and other.start <= one.end


def written(event: MemoryWritten) -> str:
    """One line for a memory write: where, and what; or that nothing stands there any more."""
    if not event.span.end:
        return f"- {event.span.path}  (deleted, or empty)"
    return f"+ {event.span}  {_one_line(_MARKER.sub('', event.text.strip()), 200)}"


def called(call: ToolCall) -> str:
    """One line for a tool call: its name and what it was given; of what is only true its name, of what isn't nothing."""
    given = [name if value is True else value for name, value in call.arguments.items() if value is not False]
    return f"{call.name} {', '.join(_one_line(_plain(value), 60) for value in given)}".rstrip()


def _plain(value: object) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)


def _one_line(text: str, length: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= length else line[: length - 1] + "…"
