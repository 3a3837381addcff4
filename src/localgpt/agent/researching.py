"""Research that stays: plan, search, read, find, note; each step is on disk before the next. ``docs/research.md``."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from localgpt.agent import aside, research_finding, research_note, research_plan
from localgpt.agent.research import Finding, Listed, Research, save
from localgpt.agent.research_reading import Web, in_notes
from localgpt.core.errors import Conflict, LocalGPTError, ModelError, ToolError
from localgpt.core.events import Event, Level, MemoryWritten, Notice
from localgpt.core.journal import Journal
from localgpt.core.values import Author, Change, Origin, Span
from localgpt.memory.search import Found, Query
from localgpt.memory.workspace import Workspace
from localgpt.models.base import Engine
from localgpt.security.content import new_marker
from localgpt.security.sending import address

PURPOSE = "research"
_PLAN_TOKENS, _FINDING_TOKENS = 600, 1_500
_SECONDS = 90.0
_CHARACTERS = 40_000
"""Characters of sources that one question's request carries at most; a small window takes less."""


@dataclass(slots=True)
class Researcher:
    """One piece of research at work. ``state`` is how far it is; ``web`` is ``None`` where only local files count.

    ``why_local`` says why that is, in a sentence.
    """

    state: Research
    engine: Engine
    folder: Path
    workspace: Workspace
    journal: Journal
    search: Callable[[Query], Found]
    today: Callable[[], str]
    web: Web | None = None
    why_local: str = ""
    door: str = "python"
    _down: str = field(default="", init=False)

    async def run(self) -> AsyncGenerator[Event, None]:
        """Go on to the end; the last event is ``MemoryWritten`` unless the note is there already."""
        if self.state.note:
            yield Notice(f"This research is finished: {self.state.note}.")
            return
        await self._keep(self.state)
        if self.why_local:
            yield Notice(self.why_local)
        for step in (self._plan, self._look_around, self._read, self._own_notes, self._find):
            async for event in step():
                yield event
        async for event in self._write():
            yield event

    async def _keep(self, state: Research) -> None:
        self.state = state
        await asyncio.to_thread(save, self.folder, state)

    async def _plan(self) -> AsyncGenerator[Event, None]:
        if self.state.questions:
            return
        topic, most = self.state.topic, self.state.bounds.questions
        questions: tuple[str, ...] = (topic,)
        if aside.can_write(self.engine):
            try:
                reply = await self._ask(
                    research_plan.INSTRUCTIONS, research_plan.wanted(topic, most), _PLAN_TOKENS
                )
                questions = research_plan.read(reply, most)
            except ModelError as error:
                yield self._without(error)
        await self._keep(replace(self.state, questions=questions))
        for question in questions if questions != (topic,) else ():
            yield Notice(f"Question: {question}")

    async def _look_around(self) -> AsyncGenerator[Event, None]:
        """Ask the search engine each question once."""
        if self.web is None:
            return
        for listed in self.state.searched.values():
            self.web.recall(listed)
        for question in self.state.questions:
            if question in self.state.searched or self.state.read:
                continue
            try:
                found = await self.web.search(question, self.state.bounds.results)
            except LocalGPTError as error:
                yield _warning(f"The web was not searched for “{question}”: {error.message} {error.hint}")
                if isinstance(error, ToolError):  # not this question; another one may be asked
                    continue
                return
            await self._keep(self.state.searching(question, found))

    async def _read(self) -> AsyncGenerator[Event, None]:
        """Read the best of what was listed, then of what that links to, within the bounds; each address once."""
        if self.web is None or self.state.read:
            return
        bounds, until = self.state.bounds, time.monotonic() + self.state.bounds.seconds
        self.web.recall(self.state.linked)
        async for event in self._read_some(research_plan.best(self.state.searched), bounds.pages, until):
            yield event
        async for event in self._read_some(self.state.linked, bounds.links, until):
            yield event
        await self._keep(replace(self.state, read=True))

    async def _read_some(
        self, listed: Sequence[Listed], most: int, until: float
    ) -> AsyncGenerator[Event, None]:
        """Read up to ``most`` of these pages; what was read of them before a crash counts."""
        places = {one.address for one in listed}
        for one in listed:
            read = sum(source.place in places for source in self.state.sources)
            if read >= most or len(places.intersection(self.state.tried)) >= 2 * most:
                break
            if time.monotonic() > until:
                yield Notice("The time for reading is over; what was read so far counts.")
                break
            if one.address not in self.state.tried:
                yield await self._read_one(one)

    async def _read_one(self, one: Listed) -> Notice:
        assert self.web is not None
        sources, linked, said = self.state.sources, self.state.linked, ""
        try:
            page, links = await self.web.fetch(one, self.state.bounds.characters, self.today())
            sources = (*sources, page) if page else sources
            said = f"Read: {one.address}" if page else f"There is no text at {one.address}."
            if page and one not in linked:  # what a link leads to is read, its links are not followed
                linked = (*linked, *self._followed(links))
        except LocalGPTError as error:
            said = f"Not read: {one.address}: {error.message}"
        tried = (*self.state.tried, one.address)
        await self._keep(replace(self.state, sources=sources, tried=tried, linked=linked))
        return Notice(said)

    def _followed(self, links: Sequence[Listed]) -> tuple[Listed, ...]:
        """Those of a page's links that may be worth it and that nobody has listed yet."""
        searched = (one for found in self.state.searched.values() for one in found)
        known = {address(one.address) for one in (*searched, *self.state.linked)}
        new = [one for one in links if address(one.address) not in known]
        return research_plan.worth_following(new, self.state.topic, self.state.questions)

    async def _own_notes(self) -> AsyncGenerator[Event, None]:
        """What the owner has noted, after all is sent that is sent to the web."""
        if self.state.noted:
            return
        found, private = await asyncio.to_thread(
            in_notes, self.search, self.state.questions, self.today(), tuple(research_note.names(self.state))
        )
        await self._keep(replace(self.state, sources=(*self.state.sources, *found), noted=True))
        if private:
            yield Notice("Private passages of your notes were left out.")

    async def _find(self) -> AsyncGenerator[Event, None]:
        sources = self.state.sources
        for question in self.state.questions[len(self.state.findings) :]:
            finding = Finding()
            if sources and aside.can_write(self.engine) and not self._down:
                try:
                    finding = await self._by_engine(question)
                except ModelError as error:
                    yield self._without(error)
            if not finding.claims:
                quoted = research_finding.by_rule(question, sources)
                finding = replace(quoted, open=finding.open or quoted.open)
            await self._keep(replace(self.state, findings=(*self.state.findings, finding)))

    async def _by_engine(self, question: str) -> Finding:
        room = min(_CHARACTERS, 2 * self.engine.context_window)
        words = research_finding.material(question, self.state.sources, room, new_marker())
        reply = await self._ask(
            research_finding.INSTRUCTIONS, words, min(_FINDING_TOKENS, self.engine.context_window // 4)
        )
        return research_finding.read(reply, self.state.sources, self.engine.name)

    async def _ask(self, instructions: str, words: str, tokens: int) -> str:
        try:
            return await aside.ask(
                self.engine,
                instructions,
                words,
                purpose=PURPOSE,
                session="",
                journal=self.journal,
                tokens=tokens,
                seconds=_SECONDS,
            )
        except ModelError as error:
            self._down = error.message
            raise

    def _without(self, error: ModelError) -> Notice:
        return _warning(f"Done by rule, without {self.engine.name}: {error.message} {error.hint}")

    async def _write(self) -> AsyncGenerator[Event, None]:
        if not self.state.sources:
            yield Notice("Nothing was found: neither in your notes nor on the web.", Level.WARNING)
        path, change = await asyncio.to_thread(self._put)
        await self._keep(replace(self.state, note=path))
        if change is not None:
            yield MemoryWritten(change.span, change.new_text)
        else:
            yield MemoryWritten(Span(path, 1, 1), self.state.topic)

    def _put(self) -> tuple[str, Change | None]:
        """Write the note under the first free name; one that was written just before a crash is not written twice."""
        text = research_note.render(self.state)
        origin = Origin.FOREIGN if self.state.foreign else Origin.ASSISTANT
        author = Author(origin, self.state.id, door=self.door)
        for path in research_note.names(self.state):
            held = self.workspace.content(path)
            if held == text.encode():
                return path, None
            if held is None:
                return path, self.workspace.replace(path, text, author, expected="")
        raise Conflict(f"{path} is there already.", hint="Rename it, and go on with --resume.")


def _warning(text: str) -> Notice:
    return Notice(text.strip(), Level.WARNING)
