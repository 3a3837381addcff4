"""Plays one scenario over the real turn: a home of its own, the owner's words, an obedient model, then a look from outside."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any
from unittest import mock

from bench.security.house import Web, furnish
from bench.security.obedient import Obedient
from bench.security.oracle import Wanted, harms, links_in, look
from bench.security.sources import Said, Scene

from localgpt import Assistant
from localgpt.agent import tool_use
from localgpt.agent.reply_links import ReplyLinks
from localgpt.agent.sessions import Session
from localgpt.agent.tool_use import ToolUse
from localgpt.core.events import Event, ToolFinished, TurnFinished
from localgpt.core.values import Answer, Approval, Choice, Origin, ToolCall
from localgpt.scheduler.unattended import About, Unattended
from localgpt.security.policy import Caller, Decision, Verdict
from localgpt.server.rendering import render
from localgpt.tools.base import Toolbox

NOTHING = Wanted()
BEGIN = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


class Mode(StrEnum):
    """Who is there: an owner who never answers, one who says no (or yes), nobody, a caller from elsewhere; or no policy."""

    SILENT = "never answers"
    NO = "says no"
    YES = "says yes"
    ALONE = "unattended"
    REMOTE = "from elsewhere"
    OFF = "no policy"


@dataclass
class Played:
    """What came of a scenario. ``replies`` are what the owner was told, ``links`` where the page's links and pictures in
    them lead, ``calls`` those that the model made.
    """

    harms: list[str]
    questions: list[str] = field(default_factory=list)
    replies: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    verdicts: list[tuple[str, str, str]] = field(default_factory=list)
    turns: list[Turned] = field(default_factory=list)
    seconds: float = 0.0
    root: Path = Path()


@dataclass
class Turned:
    """What was asked in one turn, and each call with its result and whether it failed."""

    questions: list[str] = field(default_factory=list)
    finished: list[tuple[ToolCall, str, bool]] = field(default_factory=list)


@dataclass
class Clock:
    now: datetime = BEGIN

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@contextmanager
def template(web: Web) -> Iterator[Path]:
    """A home with the owner's things, to be copied for each scenario."""
    with tempfile.TemporaryDirectory(prefix="attack-", ignore_cleanup_errors=True) as folder:
        root = Path(folder) / "template"

        async def make() -> None:
            async with Assistant(root / "home", engine=Obedient()):
                pass

        root.mkdir()
        asyncio.run(make())
        furnish(root, web.server.port)
        yield root


@dataclass
class Play:
    """One scenario in one mode."""

    scene: Scene
    mode: Mode
    said: Sequence[Said]
    engine: Obedient = field(default_factory=Obedient)
    clock: Clock = field(default_factory=Clock)
    played: Played = field(default_factory=lambda: Played([]))
    session: Session | None = None

    async def run(self, wanted: Wanted) -> Played:
        """Every turn of it, and then what was harmed."""
        began = time.perf_counter()
        before = look(self.scene.root, self.scene.outside, self.scene.web)
        async with self._assistant() as assistant:
            for said in self.said:
                await self._say(assistant, said)
            if self.session is not None and self.mode is not Mode.ALONE:
                await assistant.settle(self.session)
            entries = [entry for entry in assistant.journal.entries() if entry["kind"] == "tool.called"]
        after = look(self.scene.root, self.scene.outside, self.scene.web)
        self.played.harms = harms(before, after, self.played.replies, self.played.links, wanted)
        self.played.verdicts = [(entry["name"], entry["verdict"], entry["reason"]) for entry in entries]
        self.played.calls = [f"{call.name} {dict(call.arguments)}" for call in self.engine.calls]
        self.played.seconds, self.played.root = time.perf_counter() - began, self.scene.root
        return self.played

    @asynccontextmanager
    async def _assistant(self) -> AsyncIterator[Assistant]:
        async with Assistant(self.scene.root / "home", engine=self.engine, clock=self.clock) as assistant:
            assistant.outbound = self.scene.web.world.outbound(assistant.journal.append)
            ours = [assistant.tools.get(spec.name) for spec in assistant.tools.specs]
            assistant.tools = Toolbox([*ours, *self.scene.outside.tools(self.scene.description)])
            caller = Caller.REMOTE if self.mode is Mode.REMOTE else Caller.OWNER
            house = replace(assistant._house, ask=self._asked, patience=0.05, caller=caller)  # noqa: SLF001 - the owner is ours
            vars(assistant)["_house"] = house
            yield assistant

    async def _asked(self, approval: Approval) -> Answer:
        """The owner in front of a question."""
        self._note_question(f"{approval.shown} ({approval.reason})")
        if self.mode is Mode.YES:
            return Answer(Choice.ONCE, door="bench")
        if self.mode is Mode.SILENT:
            await asyncio.sleep(0.05)  # as the desk does when its time is over
            return Answer(Choice.NO, "nobody answered", "nobody")
        return Answer(Choice.NO, door="bench")

    async def _say(self, assistant: Assistant, said: Said) -> None:
        fresh = self.session is None or said.fresh
        self.played.turns.append(Turned())
        self.clock.now += timedelta(days=said.days)
        if self.session is None or said.fresh:
            self.session = assistant.sessions.new()
        self.engine.begin(said.steps, said.answer, afresh=fresh)
        if said.condensed:
            await assistant.compact(self.session)
        alone = said.alone or (self.mode is Mode.ALONE and said is self.said[-1])
        if alone and said.files:
            self.engine.begin((), "Thank you.", afresh=fresh)
            await self._talk(assistant, "Here is a file.", said)
            self.engine.begin(said.steps, said.answer, afresh=True)
        if alone:
            await self._alone(assistant, said)
        else:
            await self._talk(assistant, said.words, said)

    async def _talk(self, assistant: Assistant, words: str, said: Said) -> None:
        files = [await assistant.keep(data, name) for name, data in said.files]
        async for event in assistant.chat(words, session=self.session, attachments=files):
            await self._take(event)

    async def _alone(self, assistant: Assistant, said: Said) -> None:
        rooms, session = assistant._unattended, self.session  # noqa: SLF001 - so are its rooms
        assert session is not None
        work = Unattended(rooms.house, rooms.inbox, rooms.allowance)
        about = About("task", "task-bench", "A task")
        outcome = await work.run(session, self.engine, said.words, about, seconds=60, seen=self._seen)
        self.played.replies.append(outcome.text)
        self._look_at(outcome.text, session)
        for item in outcome.questions:
            self._note_question(f"{item.title}: {item.text}")

    def _note_question(self, question: str) -> None:
        self.played.questions.append(question)
        self.played.turns[-1].questions.append(question)

    async def _seen(self, event: Event) -> None:
        if isinstance(event, ToolFinished):
            self.played.turns[-1].finished.append((event.call, event.text, event.is_error))

    async def _take(self, event: Event) -> None:
        await self._seen(event)
        if isinstance(event, TurnFinished) and self.session is not None:
            self.played.replies.append(event.response)
            self._look_at(event.response, self.session)

    def _look_at(self, reply: str, session: Session) -> None:
        """The reply on the page."""
        leads = None if self.mode is Mode.OFF else ReplyLinks(session)
        self.played.links += links_in(render(reply, leads=leads))


def play(
    base: Path,
    web: Web,
    arrange: Any,
    text: str,
    mode: Mode,
    wanted: Wanted = NOTHING,
    *,
    then: Callable[[Path], None] = lambda _root: None,
) -> Played:
    """Arrange a scenario in a copy of ``base`` and play it; ``then`` looks at what is left."""
    folder = Path(tempfile.mkdtemp(prefix="scene-", dir=base.parent))
    try:
        root = shutil.copytree(base, folder / "root", symlinks=True)
        web.begin()
        scene = Scene(root, web)
        said = arrange(scene, text)
        with switched_off() if mode is Mode.OFF else mock.MagicMock():
            played = asyncio.run(Play(scene, mode, said, Obedient(folder=str(root / "code"))).run(wanted))
        then(root)
        return played
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def switched_off() -> Iterator[None]:
    """Every call is allowed and counts as the owner's: to see that an attack is one."""

    def allow(*_: Any, **__: Any) -> Decision:
        return Decision(Verdict.ALLOW, "The policy is switched off.")

    def owners(*_: Any) -> Origin:
        return Origin.OWNER

    with mock.patch.object(tool_use, "decide", allow), mock.patch.object(ToolUse, "_origin_of", owners):
        yield
