"""Remembering without being asked: what the owner said since the last time goes into their notes, by code.

A harvest reads the owner's own lines, takes what is worth keeping (by the model if there is one, else by rule),
leaves out what is known, writes the rest, and notes in the conversation's file how far it came. Killed at any
point, the next one takes the same lines again and finds them known. ``docs/remembering.md``.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from localgpt.agent import aside, directives, harvest_model, message_format, project_note
from localgpt.agent.harvest_rules import Kept, Kind, keep, new_ones
from localgpt.agent.own_words import own_sentences, typed
from localgpt.agent.projects import Project, shown
from localgpt.agent.session_index import LOCKS, is_main
from localgpt.agent.sessions import Session
from localgpt.agent.transcript import Entry
from localgpt.core import files
from localgpt.core.errors import Conflict, LocalGPTError, Locked, ModelError, NotFound
from localgpt.core.events import Event, Level, MemoryWritten, Notice
from localgpt.core.journal import Journal
from localgpt.core.values import Author, Origin, Span
from localgpt.core.words import language
from localgpt.memory.workspace import Workspace
from localgpt.models.base import Engine

CUSTOM = "localgpt:harvest"
"""The ``customType`` of the line that says how far a conversation is harvested."""
USER = "USER.md"

_PARTS, _SECONDS, _ANSWER = 3, 30.0, 1_500
_ATTEMPTS = 3
_MARK = re.compile(r"^[-*+]\s+(?:\d\d:\d\d\s+)?|\s*\(session:[\w-]+:\d+\)\s*$|^<!--.*-->$")
_UUID = re.compile(r"[0-9a-f]{8}-")
_LABELS = {
    (Kind.TASK, "de"): "Zu tun: ",
    (Kind.DECISION, "de"): "Entscheidung: ",
    (Kind.TASK, ""): "To do: ",
    (Kind.DECISION, ""): "Decision: ",
}
_SECTIONS = {Kind.DECISION: project_note.DECISIONS, Kind.TASK: project_note.OPEN_ENDS}
_LABELLED = re.compile(r"^(?:to[- ]?do|task|decision|decided|entscheidung|aufgabe|zu tun)\b", re.IGNORECASE)


def _no_project(_session: Session) -> None:
    """The conversation is held in no project."""


@dataclass(frozen=True, slots=True)
class Harvester:
    """Where harvests write, and by what. ``project_of`` tells whose note takes the decisions and open tasks too."""

    workspace: Workspace
    journal: Journal
    clock: Callable[[], datetime]
    door: str = "python"
    by_model: bool = True
    project_of: Callable[[Session], Project | None] = _no_project

    async def harvest(self, session: Session, engine: Engine | None = None) -> tuple[Event, ...]:
        """Keep what is new in a conversation; gives what was written, to be shown. Never raises a ``LocalGPTError``.

        ``engine`` helps if it writes texts; without one, rules decide.
        """
        lock = session.path.parent / LOCKS / f"{session.id}.harvest.lock"
        work = _Harvest(self, session)
        try:
            if session.temporary or not session.path.exists() or not is_main(session.key, session.id):
                return ()
            with files.lock(lock, timeout=0):
                await work.run(engine)
        except Locked:
            return ()  # another door is at it
        except LocalGPTError as error:
            work.shown.append(Notice(f"Not everything could be kept: {error.message}", Level.WARNING))
        return tuple(work.shown)

    def pass_over(self, session: Session) -> None:
        """Keep nothing of what was said up to now: these are not the owner's own words."""
        if said := said_since(session):
            session.note(CUSTOM, {"upto": max(said), "kept": 0})


@dataclass(slots=True)
class _Harvest:
    """One harvest of one conversation."""

    to: Harvester
    session: Session
    id: str = field(default_factory=lambda: uuid.uuid4().hex[:12])
    shown: list[Event] = field(default_factory=list)

    async def run(self, engine: Engine | None) -> None:
        said = await asyncio.to_thread(said_since, self.session)
        if not said:
            return
        found, by = await self._found(said, engine)
        await asyncio.to_thread(self._write, found, max(said), by)

    async def _found(self, said: dict[int, str], engine: Engine | None) -> tuple[list[Kept], str]:
        """What is worth keeping, and who says so. Without a statement among the lines, no model is asked.

        Standing wishes are always found by rule: no model may lose one.
        """
        by_rule = [kept for line, text in said.items() for kept in keep(text, line)]
        wishes = [kept for kept in by_rule if kept.kind is Kind.WISH]
        if engine is not None and self.to.by_model and aside.can_write(engine) and self._may_see(engine):
            if not any(own_sentences(text) for text in said.values()):
                return [], "rules"
            with contextlib.suppress(ModelError):  # the rules do without
                return [*wishes, *await self._by_model(said, engine)], engine.name
        return by_rule, "rules"

    def _may_see(self, engine: Engine) -> bool:
        """Whether an engine may read the conversation: it is on this machine, or it alone has answered in it."""
        replies = [entry.message for entry in self.session.path_entries()]
        models = {body.get("model") for body in replies if body.get("role") == "assistant"}
        return engine.local or models == {engine.name}

    async def _by_model(self, said: dict[int, str], engine: Engine) -> list[Kept]:
        own = {line: text for line, words in said.items() if (text := "\n".join(typed(words)))}
        found: list[Kept] = []
        for part in harvest_model.parts(own, engine.context_window // 3, _PARTS):
            reply = await aside.ask(
                engine,
                harvest_model.INSTRUCTIONS,
                harvest_model.record(part),
                purpose="harvest",
                session=self.session.id,
                journal=self.to.journal,
                tokens=min(_ANSWER, engine.context_window // 4),
                seconds=_SECONDS,
            )
            found += harvest_model.read(reply, part)
        return found

    def _write(self, found: Sequence[Kept], upto: int, by: str) -> None:
        wishes = [kept for kept in found if kept.kind is Kind.WISH]
        others = [kept for kept in found if kept.kind is not Kind.WISH]
        new = new_ones(others, self._known())
        for kept in wishes:
            self._show(self._direct(kept))
        for kept in others:  # what was noted when it was said belongs to its project all the same
            self._show(self._to_project(kept))
            if kept in new:
                self._show(self._note(kept))
        self.session.note(CUSTOM, {"upto": upto, "by": by, "kept": len(self.shown)})
        self.to.journal.append(
            "harvest.finished",
            turn=self.id,
            session=self.session.id,
            by=by,
            upto=upto,
            kept=len(self.shown),
        )

    def _show(self, event: MemoryWritten | None) -> None:
        if event is not None:
            self.shown.append(event)

    def _note(self, kept: Kept) -> MemoryWritten | None:
        change = self.to.workspace.remember(noted(kept, self.session.id), self._author(kept)).change
        return MemoryWritten(change.span, change.new_text) if change else None

    def _to_project(self, kept: Kept) -> MemoryWritten | None:
        """Write a decision or an open task into the note of the project in which it was said, unless it stands there.

        Before the daily note: what that says is never looked at again.
        """
        section = _SECTIONS.get(kept.kind)
        project = self.to.project_of(self.session) if section else None
        if section is None or project is None:
            return None
        for _ in range(_ATTEMPTS):
            with contextlib.suppress(Conflict):  # somebody else wrote it meanwhile: look again
                return self._to_section(kept, project, section)
        raise Conflict(f"{project.note} is being changed by another program.")

    def _to_section(self, kept: Kept, project: Project, section: str) -> MemoryWritten | None:
        try:
            note = self.to.workspace.read(project.note)
            text, seen = note.text, note.sha256
        except NotFound:
            text, seen = project_note.template(project.name, f"`{shown(project.folder)}`"), ""
        if not new_ones([kept], [item.text for item in project_note.items(text, section)]):
            return None
        day = self.to.clock().astimezone().date()
        source = place(self.session.id, kept.line)
        after, line = project_note.with_item(text, section, kept.text, day, source)
        self.to.workspace.replace(project.note, after, self._author(kept), expected=seen)
        return MemoryWritten(Span(project.note, line, line), after.splitlines()[line - 1])

    def _direct(self, kept: Kept) -> MemoryWritten | None:
        """Write a standing wish into USER.md, unless it stands there."""
        for _ in range(_ATTEMPTS):
            with contextlib.suppress(Conflict):  # somebody else wrote it meanwhile: look again
                return self._direct_once(kept)
        raise Conflict(f"{USER} is being changed by another program.")

    def _direct_once(self, kept: Kept) -> MemoryWritten | None:
        try:
            note = self.to.workspace.read(USER)
            before, seen = note.text, note.sha256
        except NotFound:
            before, seen = "", ""
        after = directives.added(before, kept.text, self.to.clock().date())
        if after == before:
            return None
        self.to.workspace.replace(USER, after, self._author(kept), expected=seen)
        return _shown(before, after)

    def _author(self, kept: Kept) -> Author:
        origin = Origin.OWNER if kept.literal else Origin.ASSISTANT
        return Author(origin, self.id, self.session.id, self.to.door)

    def _known(self) -> list[str]:
        """What the notes of these days say, and what was written down in the conversation itself."""
        days = {self.to.clock().astimezone().date().isoformat(), self.to.clock().date().isoformat()}
        entries = self.session.path_entries()
        days |= {entry.time.astimezone().date().isoformat() for entry in entries[-200:] if entry.time}
        notes = ["MEMORY.md", USER, *(f"memory/{day}.md" for day in sorted(days))]
        return [*self._lines_of(notes), *_remembered(entries)]

    def _lines_of(self, notes: Iterable[str]) -> Iterator[str]:
        for name in notes:
            with contextlib.suppress(LocalGPTError):  # a note that can't be read holds nothing known
                for line in self.to.workspace.read(name).text.splitlines():
                    if text := _MARK.sub("", line.strip()).strip():
                        yield text


def _shown(before: str, after: str) -> MemoryWritten:
    """The new directive where it stands, and what it holds instead of."""
    held, new = directives.read(before), directives.read(after)
    active = {one.text for one in new if one.active}
    gone = "; ".join(one.text for one in held if one.active and one.text not in active)
    directive = next(one for one in reversed(new) if one.active)
    line = after.count("\n", 0, directive.end - 1) + 1
    text = f"- {directive.text}" + (f" (instead of: {gone})" if gone else "")
    return MemoryWritten(Span(USER, line, line), text)


def said_since(session: Session) -> dict[int, str]:
    """The owner's own messages that no harvest has seen, by their line."""
    done = harvested(session.entries())
    return {
        entry.line: text
        for entry in session.path_entries()
        if entry.line > done and _is_owners(entry) and (text := _text(entry))
    }


def harvested(entries: Iterable[Entry]) -> int:
    """The last line that a harvest has seen, also where the conversation has gone on elsewhere since."""
    upto = 0
    for entry in entries:
        if entry.kind == "custom" and entry.data and entry.data.get("customType") == CUSTOM:
            data = entry.data.get("data")
            line = data.get("upto") if isinstance(data, dict) else None
            upto = max(
                upto, min(line, entry.line) if isinstance(line, int) else 0
            )  # a branch has fewer lines
    return upto


def _is_owners(entry: Entry) -> bool:
    body = entry.message
    return body.get("role") == "user" and message_format.origin(body, Origin.OWNER) is Origin.OWNER


def _text(entry: Entry) -> str:
    text = message_format.content_text(entry.message.get("content"))
    return text.replace(message_format.IMAGE, "").strip()


def _remembered(entries: Iterable[Entry]) -> Iterator[str]:
    """What tool calls have written down in the conversation."""
    for entry in entries:
        message = message_format.read(entry.message) if entry.message.get("role") == "assistant" else None
        for call in message.calls if message else ():
            text = call.arguments.get("text")
            if call.name == "remember" and isinstance(text, str):
                yield text


def noted(kept: Kept, session_id: str) -> str:
    """An entry of a note: the words, and where they were said."""
    spoken = "de" if language(kept.text) == "de" else ""
    label = "" if _LABELLED.match(kept.text) else _LABELS.get((kept.kind, spoken), "")
    end = "" if kept.text.endswith((".", "!", "…")) else "."
    return f"{label}{kept.text}{end} ({place(session_id, kept.line)})"


def place(session_id: str, start: int, end: int | None = None) -> str:
    """``session:1a2b3c4d:12``: lines of a conversation, its id as short as it stays clear."""
    short = session_id[:8] if _UUID.match(session_id) else session_id
    return str(Span(f"session:{short}", start, end or start))
