"""A background task, carried out: turns in its own conversation until there is a result, which becomes a note."""

from __future__ import annotations

import asyncio
import re
import unicodedata
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial

from localgpt.agent.provenance import Provenance
from localgpt.agent.sessions import Session
from localgpt.core import threads
from localgpt.core.errors import LocalGPTError, Locked, NotFound
from localgpt.core.events import Event, MemoryWritten, ToolStarted
from localgpt.core.values import Author, Origin, Stop
from localgpt.scheduler import acknowledgement, wording
from localgpt.scheduler.allowance import TASK, Promise
from localgpt.scheduler.channels import Channel, Message, tell
from localgpt.scheduler.inbox import Item, ItemKind
from localgpt.scheduler.rooms import Rooms
from localgpt.scheduler.tasks import Task, TaskState
from localgpt.scheduler.unattended import About, Outcome, Unattended

FOLDER = "knowledge/tasks"
KEY = "agent:main:task"
MOST_STARTS = 5
_ROUNDS = 3
"""How many times the rounds of a chat a task may use tools."""
_LOOK = 1.0
"""Seconds between two looks at whether the owner wants the task to stop."""


@dataclass(frozen=True, slots=True)
class TaskRun:
    """Carries out tasks."""

    rooms: Rooms
    channels: Sequence[Channel] = ()

    async def run(self, task_id: str) -> Task:
        """Carry out a task, or go on with it; gives how far it is then. Does nothing where somebody else does it."""
        tasks = self.rooms.tasks
        try:
            with tasks.held(task_id):
                task = await asyncio.to_thread(tasks.get, task_id)
                if task.state not in {TaskState.QUEUED, TaskState.RUNNING}:
                    return task
                return await self._held(task)
        except Locked:
            return await asyncio.to_thread(tasks.get, task_id)

    async def _held(self, task: Task) -> Task:
        interrupted = task.state is TaskState.RUNNING
        if interrupted and task.starts >= MOST_STARTS:
            return await self._ended(task, TaskState.FAILED, f"It was cut off {task.starts} times.")
        try:
            promise = await asyncio.to_thread(self.rooms.allowance.promise)
        except LocalGPTError as error:
            return await self._ended(task, TaskState.PAUSED, f"{error.message} {error.hint}".strip())
        try:
            return await self._promised(task, promise, interrupted=interrupted)
        finally:
            promise.settle()

    async def _promised(self, task: Task, promise: Promise, *, interrupted: bool) -> Task:
        try:
            engine = await self.rooms.engine(task.model or self.rooms.rules.model)
            session, words = await asyncio.to_thread(self._begin, task, interrupted)
        except LocalGPTError as error:
            return await self._ended(task, TaskState.PAUSED, f"{error.message} {error.hint}".strip())
        work = Unattended(self.rooms.house, self.rooms.inbox, self.rooms.allowance)
        about = About(TASK, f"task-{task.id}", task.title)
        outcome = Outcome(session.id)
        async with self._stoppable(task) as stopped:
            outcome = await work.run(
                session,
                engine,
                words,
                about,
                seconds=max(self.rooms.rules.timeout * _ROUNDS, 600.0),
                rounds=min(_ROUNDS * self.rooms.house().max_rounds, 100),
                seen=partial(self._progress, task),
                begun=promise.settle,
            )
        if stopped:
            return await asyncio.to_thread(self.rooms.tasks.get, task.id)
        return await self._after(task, session, outcome)

    def _begin(self, task: Task, interrupted: bool) -> tuple[Session, str]:
        """The conversation and the words; that it runs is on disk before anything is asked."""
        session = None
        if task.session:
            with suppress(NotFound):
                session = self.rooms.sessions.open(task.session)
        begun = task.begun and session is not None
        session = session or self.rooms.sessions.new(key=KEY, title=f"Task: {task.title}")
        answered = [
            item
            for item in self.rooms.inbox.answered(f"task-{task.id}")
            if item.answered and item.answered >= task.updated.replace(microsecond=0)
        ]
        known = task if begun else replace(task, begun=False)
        words = wording.for_task(known, interrupted=interrupted, answered=answered)
        self.rooms.tasks.change(
            task.id,
            state=TaskState.RUNNING,
            session=session.id,
            begun=True,
            words="",
            question="",
            starts=task.starts + 1,
        )
        return session, words

    async def _progress(self, task: Task, event: Event) -> None:
        line = ""
        if isinstance(event, ToolStarted):
            line = f"{event.call.name} {', '.join(effect.target for effect in event.effects)}".strip()
        elif isinstance(event, MemoryWritten):
            line = f"Wrote {event.span}"
        if line:
            await threads.done(self.rooms.tasks.tell, task.id, line)

    @asynccontextmanager
    async def _stoppable(self, task: Task) -> AsyncIterator[list[bool]]:
        """Cancels the work inside when the owner pauses or cancels the task, in whatever process; then says so."""
        stopped: list[bool] = []
        worker = asyncio.current_task()

        async def watch() -> None:
            while True:
                await asyncio.sleep(_LOOK)
                now = await asyncio.to_thread(self.rooms.tasks.get, task.id)
                if now.state is not TaskState.RUNNING and worker is not None:
                    stopped.append(True)
                    worker.cancel()
                    return

        watcher = asyncio.create_task(watch())
        try:
            yield stopped
        except asyncio.CancelledError:
            if not stopped or worker is None:
                raise  # somebody else stops us: the task stays as running, and goes on at the next start
            worker.uncancel()
        finally:
            watcher.cancel()

    async def _after(self, task: Task, session: Session, outcome: Outcome) -> Task:
        """What becomes of the task after a turn."""
        tasks = self.rooms.tasks
        await asyncio.to_thread(self.rooms.pass_over, session)
        now = await asyncio.to_thread(tasks.get, task.id)
        if now.state is not TaskState.RUNNING:
            return now  # paused or cancelled in the last moment
        if outcome.questions:
            item = outcome.questions[0]
            await self._tell(item)
            return await asyncio.to_thread(tasks.change, task.id, state=TaskState.WAITING, question=item.id)
        if not outcome.completed:
            state = TaskState.PAUSED if outcome.stop is Stop.BUDGET else TaskState.FAILED
            return await self._ended(task, state, outcome.error or "It ended without a reply.")
        text = acknowledgement.read(outcome.text).text or outcome.text.strip() or "(no text)"
        note = await asyncio.to_thread(self._note, task, session, outcome, text)
        return await self._ended(task, TaskState.DONE, text, note)

    async def _ended(self, task: Task, state: TaskState, text: str, note: str = "") -> Task:
        done = state is TaskState.DONE
        fields = {"note": note, "result": text[:2000]} if done else {"error": text[:1000]}
        ended = await asyncio.to_thread(self.rooms.tasks.change, task.id, state=state, **fields)
        item = await asyncio.to_thread(
            self.rooms.inbox.add,
            ItemKind.RESULT if done else ItemKind.MESSAGE,
            f"{task.title}: {'done' if done else state.value}",
            text,
            task=task.title,
            key=f"task-{task.id}",
            session=ended.session,
            note=note,
        )
        await self._tell(item)
        return ended

    async def _tell(self, item: Item) -> None:
        message = Message(item.kind.value, item.title, item.text, item.time, item.id, item.session)
        await tell((*self.rooms.channels(), *self.channels), message, self.rooms.journal.append)

    def _note(self, task: Task, session: Session, outcome: Outcome, text: str) -> str:
        """Write the result as a note under the first free name; foreign text keeps its mark."""
        provenance = Provenance()
        provenance.take_conversation(session.path_entries())
        origin = Origin.FOREIGN if Origin.FOREIGN in provenance.origins else Origin.ASSISTANT
        author = Author(origin, outcome.turn, session.id, TASK)
        quoted = "\n".join(f"> {line}".rstrip() for line in task.text.splitlines())
        body = f"# {task.title}\n\n{quoted}\n\n{text}\n\nThe conversation: session:{session.id}\n"
        for path in _names(task):
            if self.rooms.workspace.content(path) is None:
                self.rooms.workspace.replace(path, body, author, expected="")
                return path
        return ""


def _names(task: Task) -> Iterator[str]:
    """The paths that the note may have, the best first."""
    words = re.findall(r"[^\W_]+", unicodedata.normalize("NFC", task.text.lower()))[:8]
    slug = "-".join(words)[:60].strip("-") or f"task-{task.id}"
    base = f"{FOLDER}/{task.created.astimezone():%Y-%m-%d}-{slug}"
    yield f"{base}.md"
    yield f"{base}-{task.id}.md"
