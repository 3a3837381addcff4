"""Turns that live without whoever asked: any number may read along, go away and come back; stopping is a wish of its own.

Turns of one conversation come one after the other, those of different ones side by side. Everything here belongs to
one event loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
import uuid
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeAlias

from localgpt.agent.reply_links import ReplyLinks
from localgpt.core.errors import LocalGPTError, NotFound
from localgpt.core.events import Event, Retracted, TextDelta, TurnFinished, TurnStarted
from localgpt.core.values import Stop

if TYPE_CHECKING:
    from localgpt.agent.sessions import Session
    from localgpt.app.assistant import Assistant
    from localgpt.memory.attachments import Attachment

KEPT_SECONDS = 600.0
KEPT_COUNT = 200
KEPT_BYTES = 16_000_000
"""How long, how many and how large the finished turns are whose events can still be read."""
_LEAVING = 5.0
"""Seconds that interrupted turns have for putting down what came."""
NEVER_BEGAN = "It was stopped before it began; nothing of it was kept."
BROKE = "Something went wrong in this program; what came is kept."

Listener: TypeAlias = "Callable[[Live, Event], None]"

_log = logging.getLogger(__name__)


class Live:
    """One turn that runs, or ran a short while ago. ``failure`` is why it could not even begin.

    Its events are numbered from 1 on; the last is always ``TurnFinished``. ``leads`` tells which links of its reply may
    lead away from this machine. Made by ``Turns.start``.
    """

    def __init__(self, session: Session, message: str, model: str) -> None:
        self.id = uuid.uuid4().hex[:12]
        self.session_id = session.id
        self.leads = ReplyLinks(session)
        self.message = message
        self.model = model
        self.started_at = datetime.now(UTC)
        self.ended_at = 0.0
        self.done = False
        self.failure: LocalGPTError | None = None
        self.size = 0
        self._log: list[Event] = []
        self._news = asyncio.Event()
        self.task: asyncio.Task[None] | None = None
        self._begun = False
        self._leaving = False

    @property
    def last(self) -> int:
        """The number of the newest event, 0 when there is none yet."""
        return len(self._log)

    @property
    def finished(self) -> TurnFinished:
        """How it ended; only to be asked when it is ``done``."""
        event = self._log[-1]
        assert isinstance(event, TurnFinished)
        return event

    def since(self, after: int) -> list[tuple[int, Event]]:
        """The events after number ``after`` that have come so far, each with its number."""
        after = max(after, 0)
        return list(enumerate(self._log[after:], after + 1))

    async def news(self, after: int, timeout: float | None = None) -> None:  # noqa: ASYNC109 - running out is no error
        """Wait for an event after number ``after``, or ``timeout`` seconds."""
        if self.last > after or self.done:
            return
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._news.wait(), timeout)

    async def events(self, after: int = 0) -> AsyncIterator[tuple[int, Event]]:
        """The events after number ``after``, each with its number, as they come; ends with ``TurnFinished``."""
        while True:
            for number, event in self.since(after):
                yield number, event
                after = number
            if self.done and after >= self.last:
                return
            await self.news(after)

    async def over(self) -> None:
        """Wait for its end, however it ends."""
        while not self.done:
            await self.news(self.last)

    async def wait(self) -> TurnFinished:
        """Wait for its end. Raises ``failure`` where it could not begin."""
        await self.over()
        if self.failure is not None:
            raise self.failure
        return self.finished

    def stop(self) -> None:
        """Interrupt it; what came is kept. One that still waits for another turn never begins."""
        if self.task is not None and not self.done:
            self.task.cancel()

    def leave(self) -> None:
        """Interrupt it, but let one that still waits begin, so that the owner's words are kept."""
        if self._begun:
            self.stop()
        self._leaving = True

    def _take(self, event: Event) -> None:
        self._log.append(event)
        self.size += _size(event)
        news, self._news = self._news, asyncio.Event()
        news.set()

    def _said(self) -> str:
        """The reply so far, as far as its events tell."""
        said: list[str] = []
        for event in self._log:
            match event:
                case TextDelta(text):
                    said.append(text)
                case Retracted():
                    said.clear()
        return "".join(said)

    def _ending(self, stop: Stop, error: str = "") -> TurnFinished:
        """The end of a turn that could not say it itself."""
        began = next((event for event in self._log if isinstance(event, TurnStarted)), None)
        model = began.model if began else self.model
        return TurnFinished(self.id, self.session_id, model, self._said(), stop, error=error)

    async def run(self, assistant: Assistant, before: Sequence[Live], how: _How, told: Listener) -> None:
        """All of the turn, after those ``before`` it; never raises."""
        ending = self._ending(Stop.CANCELLED, NEVER_BEGAN)
        try:
            for live in before:
                await live.over()
            events = assistant.chat(
                self.message,
                session=how.session,
                model=self.model or None,
                purpose=how.purpose,
                attachments=how.attachments,
                turn=self.id,
            )
            async with contextlib.aclosing(events):
                async for event in events:
                    self._tell(event, told)
                    if self._leaving and isinstance(event, TurnStarted):
                        break
            ending = self._ending(Stop.CANCELLED)
        except asyncio.CancelledError:  # nobody awaits this task for its result: the wish to stop ends here
            ending = self._ending(Stop.CANCELLED, "" if self._begun else NEVER_BEGAN)
        except LocalGPTError as error:
            self.failure = error
            ending = self._ending(Stop.ERROR, f"{error.message} {error.hint}".strip())
        except Exception:  # noqa: BLE001 - the turn's readers must be told of a bug too
            _log.exception("turn %s broke", self.id)
            ending = self._ending(Stop.ERROR, BROKE)
        finally:
            self._end(ending, told)

    def gone(self, told: Listener) -> None:
        """Its task is over. One that was cancelled before its first step has not run, and so could not say it."""
        if not self.done:
            self._end(self._ending(Stop.CANCELLED, NEVER_BEGAN), told)

    def _tell(self, event: Event, told: Listener) -> None:
        if isinstance(event, TurnFinished):
            self.done, self.ended_at = True, asyncio.get_running_loop().time()
        self._begun = self._begun or isinstance(event, TurnStarted)
        self._take(event)
        told(self, event)

    def _end(self, ending: TurnFinished, told: Listener) -> None:
        if not self.done:
            self._tell(ending, told)


class _How:
    """What else a turn is begun with."""

    def __init__(self, session: Session, purpose: str, attachments: Sequence[Attachment]) -> None:
        self.session = session
        self.purpose = purpose
        self.attachments = tuple(attachments)


class Turns:
    """All turns of one process."""

    def __init__(self) -> None:
        self._all: dict[str, Live] = {}
        self._listeners: list[Listener] = []

    def watch(self, listener: Listener) -> Callable[[], None]:
        """Call ``listener`` with each event of every turn, until what this gives is called. It must be quick."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def start(
        self,
        assistant: Assistant,
        message: str,
        *,
        session: Session,
        purpose: str = "chat",
        model: str | None = None,
        attachments: Sequence[Attachment] = (),
    ) -> Live:
        """Begin a turn, behind those of the same conversation; it needs nobody to read it."""
        self._sweep()
        live = Live(session, message, model or "")
        before = self.in_session(session.id)
        self._all[live.id] = live
        run = live.run(assistant, before, _How(session, purpose, attachments), self._told)
        live.task = asyncio.create_task(run, name=f"turn {live.id}")
        live.task.add_done_callback(lambda _: live.gone(self._told))
        live.task.add_done_callback(self._sweep_later)
        return live

    def get(self, turn_id: str) -> Live:
        """The turn with that id, while it runs and about ten minutes longer. Raises ``NotFound``."""
        self._sweep()
        if (live := self._all.get(turn_id)) is None:
            raise NotFound(
                f"There is no turn {turn_id!r} to follow.",
                hint="A turn that ended a while ago stands in its conversation.",
            )
        return live

    def running(self) -> tuple[Live, ...]:
        """The turns that have not ended, the oldest first; those that wait for their turn too."""
        return tuple(live for live in self._all.values() if not live.done)

    def all(self) -> tuple[Live, ...]:
        """The turns that can be followed, the oldest first."""
        self._sweep()
        return tuple(self._all.values())

    def in_session(self, session_id: str) -> tuple[Live, ...]:
        """The turns of one conversation that have not ended."""
        return tuple(live for live in self.running() if live.session_id == session_id)

    async def stop_all(self, grace: float) -> None:
        """Let all turns finish for ``grace`` seconds, then interrupt them; what came of each is kept."""
        await self._ended(grace)
        for live in self.running():
            live.leave()
        await self._ended(_LEAVING)
        for live in self.running():
            live.stop()
        await self._ended(_LEAVING)

    async def _ended(self, seconds: float) -> None:
        tasks = {live.task for live in self.running() if live.task is not None}
        if tasks:
            await asyncio.wait(tasks, timeout=seconds)

    def _told(self, live: Live, event: Event) -> None:
        for listener in tuple(self._listeners):
            try:
                listener(live, event)
            except Exception:  # noqa: BLE001 - a listener's bug must not end a turn
                _log.exception("a listener of turns broke")

    def _sweep_later(self, _task: asyncio.Task[None]) -> None:
        asyncio.get_running_loop().call_later(KEPT_SECONDS + 1, self._sweep)

    def _sweep(self) -> None:
        """Forget what ended long ago, and the oldest of what is too many or too large."""
        for live in _too_old(list(self._all.values()), asyncio.get_running_loop().time()):
            del self._all[live.id]


def _too_old(turns: list[Live], now: float) -> Iterator[Live]:
    count = size = 0
    for live in sorted((live for live in turns if live.done), key=lambda live: -live.ended_at):
        count, size = count + 1, size + live.size
        if now - live.ended_at > KEPT_SECONDS or count > KEPT_COUNT or size > KEPT_BYTES:
            yield live


def _size(event: Event) -> int:
    """About how many bytes an event takes."""
    return 200 + sum(
        sys.getsizeof(value) for name in event.__slots__ if isinstance(value := getattr(event, name), str)
    )
