"""Server-sent events: a turn as it goes, from any of its events on, with its text rendered if that is wished for."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

from fastapi.responses import StreamingResponse

from localgpt.agent.transcript import sayable
from localgpt.app.turns import Live
from localgpt.core.events import Event, Retracted, TextDelta, ToolStarted, TurnFinished
from localgpt.server.rendering import Growing, Leads, render
from localgpt.server.shapes import Frame, frames_of, opening

KEEP_ALIVE = 15.0
"""Seconds of silence after which a comment is sent: proxies and browsers take silence for an end."""
RENDER_PAUSE = 0.08
"""Seconds between two renderings of a reply that grows; more where one takes long."""
DONE = "data: [DONE]\n\n"
COMMENT = ": still here\n\n"
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}

Made = TypeVar("Made")
_RENDERING = ThreadPoolExecutor(2, "rendering")

DOCUMENTED: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Server-sent events; each is one line of JSON with a `type`. See docs/api.md.",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
}


class Blocks:
    """The rendered blocks of a reply that grows. A block never spans a tool call, so that each keeps its place."""

    def __init__(self, leads: Leads | None = None) -> None:
        self.blocks: list[str] = []
        self._first = 0
        self._leads = leads
        self._growing = Growing(leads=leads)
        self._waiting: list[str] = []
        self._said: list[list[str]] = [[]]

    def add(self, text: str) -> None:
        """Take more text."""
        self._waiting.append(text)
        self._said[-1].append(text)

    def cut(self) -> list[Frame]:
        """Begin a new block, whatever was said so far; the blocks that changed until here."""
        changed = self.changed()
        self._first = len(self.blocks)
        self._growing = Growing(leads=self._leads)
        self._said.append([])
        return changed

    def retract(self) -> int:
        """Take back what was said since the last tool call; the number of the first block that goes."""
        del self.blocks[self._first :]
        self._growing = Growing(leads=self._leads)
        self._waiting.clear()
        self._said[-1].clear()
        return self._first

    def changed(self) -> list[Frame]:
        """The blocks that are new or other than before."""
        if not self._waiting:
            return []
        text = "".join(self._waiting)
        self._waiting.clear()
        changed = [(self._first + at, html) for at, html in self._growing.feed(text)]
        for block, html in changed:
            self.blocks[block : block + 1] = [html]
        while self.blocks and not self.blocks[-1]:
            self.blocks.pop()
        return [_html(block, html) for block, html in changed]

    @property
    def is_behind(self) -> bool:
        """Whether there is text that is not rendered yet."""
        return bool(self._waiting)

    def whole(self) -> str:
        """All of the reply as one piece of HTML."""
        return render("\n\n".join("".join(said) for said in self._said if said), leads=self._leads)


async def _beside(work: Callable[[], Made]) -> Made:
    """What ``work`` gives, made beside the event loop, and not behind the long work that its other threads may have."""
    return await asyncio.get_running_loop().run_in_executor(_RENDERING, work)


def _html(block: int, html: str) -> Frame:
    return {"type": "html", "block": block, "html": html}


class Telling:
    """Turns a turn's events into frames for one reader, who knows those up to number ``after`` already."""

    def __init__(self, live: Live, after: int, *, rendered: bool) -> None:
        self._live = live
        self.after = after
        self._blocks = Blocks(live.leads) if rendered else None
        self._next = 0.0
        self._catch_up()

    def _catch_up(self) -> None:
        """Render what the reader knows already, for what comes goes on from there."""
        if self._blocks is not None:
            for number, event in self._live.since(0):
                if number <= self.after:
                    self._render(event)
            self._blocks.changed()

    def known(self) -> list[Frame]:
        """The blocks of what the reader knows already; it may have missed some."""
        return [_html(at, html) for at, html in enumerate(self._blocks.blocks)] if self._blocks else []

    async def batches(self) -> AsyncIterator[list[tuple[int, Frame]]]:
        """Frames as they come, each with the number from which on a reader that has it goes on.

        An empty batch says that nothing happened for a while; the last one has the turn's end.
        """
        while True:
            now, events, last = time.monotonic(), self._live.since(self.after), self._live.last
            if self._renders(
                events, now
            ):  # not in the loop: many replies that end at once would stop everything
                batch = await _beside(partial(self._batch, events, last, now))
            else:
                batch = self._batch(events, last, now)
            if batch:
                yield batch
            if self._live.done and self.after >= self._live.last:
                return
            patience = self._patience(now)
            await self._live.news(self.after, patience)
            if patience >= KEEP_ALIVE and self._live.last <= self.after and not self._live.done:
                yield []

    def _renders(self, events: Sequence[tuple[int, Event]], now: float) -> bool:
        """Whether these events have something rendered; most only wait for it."""
        ends = (isinstance(event, ToolStarted | TurnFinished) for _, event in events)
        return self._blocks is not None and (now >= self._next or any(ends))

    def _batch(self, events: Sequence[tuple[int, Event]], last: int, now: float) -> list[tuple[int, Frame]]:
        batch = [frame for number, event in events for frame in self._next_of(number, event)]
        self.after = max(self.after, last)
        return [*batch, *((self.after, frame) for frame in self._due(now))]

    def _next_of(self, number: int, event: Event) -> list[tuple[int, Frame]]:
        """An event's frames; only the last has its number, so that who goes on from there misses none."""
        frames = self.take(event)
        last = len(frames) - 1
        return [(number - (at < last), frame) for at, frame in enumerate(frames)]

    def take(self, event: Event) -> list[Frame]:
        """The frames of the next event."""
        rendered = self._render(event)
        told = [*frames_of(event, self._live)]
        if self._blocks is not None and isinstance(event, Retracted):
            told = [{**told[0], "block": self._blocks.retract()}]
        if self._blocks is not None and isinstance(event, TurnFinished):
            html = {"html": self._blocks.whole()}
            told = [{**frame, **html} if frame["type"] == "finished" else frame for frame in told]
        return [*rendered, *told]

    def _render(self, event: Event) -> list[Frame]:
        if self._blocks is None:
            return []
        match event:
            case TextDelta(text):
                self._blocks.add(text)
            case Retracted():
                self._blocks.retract()
            case ToolStarted():
                return self._blocks.cut()
            case TurnFinished():
                return self._blocks.changed()
        return []

    def _due(self, now: float) -> list[Frame]:
        """The blocks that changed, if it is time to send them."""
        if self._blocks is None or now < self._next:
            return []
        frames = self._blocks.changed()
        if frames:
            self._next = now + max(RENDER_PAUSE, 8 * (time.monotonic() - now))
        return frames

    def _patience(self, now: float) -> float:
        """Seconds until something is to be sent even if nothing happens."""
        if self._blocks is not None and self._blocks.is_behind:
            return max(0.0, self._next - now)
        return KEEP_ALIVE


async def told(live: Live, after: int = 0, *, rendered: bool = False) -> AsyncIterator[str]:
    """A turn as server-sent events, from the one after number ``after`` on; ends with ``[DONE]``."""
    telling = await _beside(partial(Telling, live, after, rendered=rendered))
    yield _lines(live, [(telling.after, frame) for frame in (opening(live), *telling.known())])
    async for batch in telling.batches():
        yield _lines(live, batch) or COMMENT
    yield DONE


def _lines(live: Live, batch: Sequence[tuple[int, Frame]]) -> str:
    return "".join(f"id: {live.id}:{number}\n{data(frame)}" for number, frame in batch)


def data(frame: Frame) -> str:
    """One event of a stream."""
    return f"data: {sound(frame)}\n\n"


def sound(frame: Frame) -> str:
    """A frame as JSON that every reader can take, on one line."""
    try:
        text = _dump(frame)
        text.encode()
    except ValueError:  # NaN, or half a character
        text = _dump(sayable(frame))
    return text


def _dump(frame: Frame) -> str:
    return json.dumps(frame, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=str)


def response(stream: AsyncIterator[str]) -> StreamingResponse:
    """The HTTP response of a stream."""
    return StreamingResponse(stream, media_type="text/event-stream", headers=HEADERS)


def number_after(turn_id: str, after: int | None, last_event: str) -> int:
    """From which event on a reader wants to go on: as it says itself, or by its ``Last-Event-ID``."""
    if after is not None:
        return after
    name, _, number = last_event.partition(":")
    return int(number) if name == turn_id and number.isdecimal() and len(number) < 10 else 0
