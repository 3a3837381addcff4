"""One entry of HEARTBEAT.md, carried out: the turn, what its reply amounts to, the box ticked, the owner told."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from localgpt.agent.sessions import Session
from localgpt.core import files
from localgpt.core.errors import Conflict, LocalGPTError, NotFound
from localgpt.core.values import Author, Origin
from localgpt.models.base import Engine
from localgpt.scheduler import acknowledgement, heartbeat_file, wording
from localgpt.scheduler.acknowledgement import Reply
from localgpt.scheduler.allowance import HEARTBEAT
from localgpt.scheduler.channels import Channel, Message, tell
from localgpt.scheduler.heartbeat_file import Entry, Kind
from localgpt.scheduler.inbox import Item, ItemKind
from localgpt.scheduler.looking import NAME
from localgpt.scheduler.reports import Run
from localgpt.scheduler.rooms import Rooms
from localgpt.scheduler.state import Ran, State
from localgpt.scheduler.unattended import About, Outcome, Unattended

KEY = "agent:main:heartbeat"
_TRIES = 3

Change = Callable[[Callable[[State], State]], State]
"""Changes the state on disk and gives what it is then."""


@dataclass(frozen=True, slots=True)
class EntryRun:
    """Carries out entries of one beat on ``engine``. ``seen`` are the fingerprints of what each entry watches."""

    rooms: Rooms
    engine: Engine
    channels: Sequence[Channel]
    change: Change
    beside: str = ""
    seen: Mapping[str, Mapping[str, str]] | None = None

    async def run(self, entry: Entry, past: Ran, begun: Callable[[], None] = lambda: None) -> Run:
        """Carry out ``entry`` from the words to the telling; ``begun`` is called when the journal has its turn."""
        session, words, started = await asyncio.to_thread(self._begin, entry, past)
        outcome = await Unattended(self.rooms.house, self.rooms.inbox, self.rooms.allowance).run(
            session,
            self.engine,
            words,
            About(HEARTBEAT, entry.key, entry.name),
            seconds=self.rooms.rules.timeout,
            begun=begun,
        )
        run = Run(
            entry.name,
            entry.kind.value,
            "ok",
            session=session.id,
            turn=outcome.turn,
            model=outcome.model,
            usage=outcome.usage,
            waiting=tuple(item.id for item in outcome.questions),
            key=entry.key,
        )
        if not outcome.completed:
            return await self._failed(run, outcome)
        return await self._completed(run, entry, session, outcome, started)

    def words(self, entry: Entry, past: Ran) -> str:
        """What is said for an entry."""
        now = (self.seen or {}).get(entry.key, {})
        changed = [target for target, mark in now.items() if past.seen and past.seen.get(target) != mark]
        return wording.for_entry(entry, beside=self.beside, own=self.rooms.rules.prompt, changed=changed)

    def _begin(self, entry: Entry, past: Ran) -> tuple[Session, str, float]:
        """The conversation and the words, noted before anything is asked: a run that is cut off goes on in it."""
        started = self.rooms.clock().timestamp()
        session, words = None, self.words(entry, past)
        if past.session and past.started is not None and not past.continued:
            with suppress(NotFound):
                session = self.rooms.sessions.open(past.session)
                answered = [item for item in self.rooms.inbox.answered(entry.key) if _since(item, past)]
                words = wording.going_on(answered) or wording.CUT_OFF
        continued = session is not None
        session = session or self.rooms.sessions.new(key=KEY, title=f"Heartbeat: {entry.name}"[:80])
        begun = session.id
        self.change(
            lambda state: state.put(
                entry.key, replace(state.of(entry.key), session=begun, started=started, continued=continued)
            )
        )
        return session, words, started

    async def _failed(self, run: Run, outcome: Outcome) -> Run:
        """Let it rest for twice as long as before; after three times for a day, with one message."""
        rules, now = self.rooms.rules, self.rooms.clock().timestamp()
        error = outcome.error or "It ended without a reply."
        state = await asyncio.to_thread(
            self.change,
            lambda state: state.put(run.key, state.of(run.key).failed(now, rules.interval or 60.0, error)),
        )
        run = replace(run, status="timed_out" if outcome.timed_out else "failed", error=error)
        if state.of(run.key).failures == 3:
            text = f"It failed three times and rests for a day. {error}"
            item = await asyncio.to_thread(self._add, run, f"Heartbeat: {run.name}", text)
            ways = await tell(self.channels, _message(item), self.rooms.journal.append)
            run = replace(run, told=("inbox", *ways))
        return run

    async def _completed(
        self, run: Run, entry: Entry, session: Session, outcome: Outcome, started: float
    ) -> Run:
        reply = acknowledgement.read(outcome.text, self.rooms.rules.ack_max_chars)
        waits = run.waiting[0] if run.waiting else ""
        seen = (self.seen or {}).get(entry.key, {})
        if entry.kind is Kind.BOX and not waits and (reply.done or not reply.acknowledged):
            run = replace(run, ticked=await asyncio.to_thread(self._tick, entry, run))
        run, item = await asyncio.to_thread(self._note, replace(run, text=reply.text), reply)
        done = Ran(last=started, seen=seen, question=waits, session=session.id if waits else "")
        await asyncio.to_thread(self.change, lambda state: state.put(entry.key, done))
        for question in outcome.questions:
            await tell(self.channels, _message(question), self.rooms.journal.append)
        if item is not None:
            ways = await tell(self.channels, _message(item), self.rooms.journal.append)
            run = replace(run, told=("inbox", *ways))
        await asyncio.to_thread(self._leave, session, keep=bool(reply.text or outcome.traces))
        return run

    def _note(self, run: Run, reply: Reply) -> tuple[Run, Item | None]:
        """Put what there is to tell into the inbox, unless it was told today: before the run counts, or it could be lost."""
        if run.waiting:
            run = replace(run, status="waiting")
        if reply.silent:
            return run, None
        words = f"{run.key}\n{' '.join(reply.text.split())}"
        mark = hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()[:16]
        now = self.rooms.clock().timestamp()
        fresh: list[bool] = []

        def telling(state: State) -> State:
            state, is_new = state.telling(mark, now)
            fresh.append(is_new)
            return state

        self.change(telling)
        said = "sent" if fresh[0] else "repeated"
        run = replace(run, status=said if run.status == "ok" else run.status)
        return run, self._add(run, run.name, reply.text) if fresh[0] else None

    def _add(self, run: Run, title: str, text: str) -> Item:
        return self.rooms.inbox.add(
            ItemKind.MESSAGE, title, text, task=run.name, key=run.key, session=run.session, turn=run.turn
        )

    def _tick(self, entry: Entry, run: Run) -> bool:
        """Tick the box in the file, wherever it stands by now: a change like any other, and undone like one."""
        workspace = self.rooms.workspace
        author = Author(Origin.SYSTEM, run.turn, run.session, HEARTBEAT)
        for _ in range(_TRIES):
            try:
                note = workspace.read(NAME)
                if (text := heartbeat_file.with_tick(note.text, entry)) is None:
                    return False
                workspace.replace(NAME, text, author, expected=note.sha256)
            except Conflict:  # the owner is editing it: read it again
                continue
            except LocalGPTError:
                return False
            return True
        return False

    def _leave(self, session: Session, *, keep: bool) -> None:
        """A conversation in which nothing came up is not kept; the journal knows of its turn."""
        self.rooms.pass_over(session)
        if not keep:
            with suppress(NotFound):
                files.remove(self.rooms.sessions.delete(session))


def _since(item: Item, past: Ran) -> bool:
    return past.last is None or (item.answered is not None and item.answered.timestamp() >= past.last)


def _message(item: Item) -> Message:
    return Message(item.kind.value, item.title, item.text, item.time, item.id, item.session)
