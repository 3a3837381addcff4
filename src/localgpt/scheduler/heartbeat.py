"""The heartbeat: how it stands, what comes next, and one beat, from the gates to the log."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from localgpt.core import files
from localgpt.core.errors import BudgetReached, LocalGPTError, Locked
from localgpt.models.base import Engine
from localgpt.scheduler import log, looking, state, watch
from localgpt.scheduler.channels import Channel
from localgpt.scheduler.due import Verdict
from localgpt.scheduler.entry_run import EntryRun
from localgpt.scheduler.heartbeat_file import Entry
from localgpt.scheduler.inbox import ItemKind
from localgpt.scheduler.looking import Look
from localgpt.scheduler.reports import Beat, HeartbeatStatus, Plan, PlanItem, Run, Would
from localgpt.scheduler.rooms import Rooms
from localgpt.scheduler.state import State

logger = logging.getLogger(__name__)


class Heartbeat:
    """Looks after what stands in HEARTBEAT.md. ``channels`` are beside those of the settings."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._log = rooms.state / "heartbeat.jsonl"
        self._obstacle = ""

    @property
    def file(self) -> str:
        """The note that says what to look after, by its path in the workspace."""
        return looking.NAME

    # -- how it stands

    def status(self) -> HeartbeatStatus:
        """How it stands, from the disk alone."""
        rules, look = self._rooms.rules, self._look()
        last = next(iter(log.entries(self._log, 1)), None)
        state_word, text = self._standing(look)
        failures = max((look.state.of(one.entry.key).failures for one in look.due.verdicts), default=0)
        return HeartbeatStatus(
            enabled=rules.enabled,
            interval=rules.spelled,
            paused=look.state.paused,
            state=state_word,
            text=text,
            next_at=look.next_at if look.reason else look.now,
            budget=self._rooms.allowance.usages(),
            model=rules.model,
            hours=rules.hours.spelled,
            failures=failures,
            problems=rules.problems,
            last_event=_event(last, look.now),
        )

    def _standing(self, look: Look) -> tuple[str, str]:
        """Where it stands: behind a gate, or before something that keeps what is due from running."""
        if look.reason:
            return look.reason, look.text
        if reached := self._rooms.allowance.reached():
            return "budget", f"{reached.message} {reached.hint}"
        return ("no-model", f"{look.text} {self._obstacle}") if self._obstacle else ("due", look.text)

    def plan(self, now: datetime | None = None) -> Plan:
        """What stands in the file, when it is due, and why."""
        look = self._look(now)
        items = tuple(_planned(verdict) for verdict in look.due.verdicts)
        return Plan(look.reason or "due", look.text, items, look.next_at if look.reason else look.now)

    def log(self, limit: int = 50) -> list[dict[str, Any]]:
        """The last beats that did something, the newest first, as ``Beat.as_json`` has them."""
        return log.entries(self._log, limit)

    def pause(self, paused: bool = True) -> None:
        """Let nothing run by itself from now on, or again; resuming also forgets failures."""

        def change(known: State) -> State:
            ran = {key: replace(one, failures=0, retry=None, error="") for key, one in known.ran.items()}
            damaged = known.damaged and paused
            return replace(known, paused=paused, ran=known.ran if paused else ran, damaged=damaged)

        self._change(change)

    def answered(self, key: str) -> None:
        """Let an entry that waited for an answer go on, in its conversation."""
        now = self._rooms.clock().timestamp()

        def change(known: State) -> State:
            past = known.of(key)
            if not past.question:
                return known
            return known.put(key, replace(past, question="", started=past.last or now, continued=False))

        self._change(change)

    def stamp(self) -> object:
        """Another one whenever HEARTBEAT.md has changed or something in the inbox was answered: two looks at the disk."""
        try:
            status = (self._rooms.workspace.root / looking.NAME).stat()
            file = (status.st_mtime_ns, status.st_size)
        except OSError:
            file = (0, 0)
        return (file, self._rooms.inbox.stamp)

    # -- a beat

    async def beat(
        self, *, manual: bool = False, dry_run: bool = False, channels: Sequence[Channel] = ()
    ) -> Beat:
        """Do what is due (``manual``: what is open), or say what would be done. Without anything due: no model, no
        connection. Raises ``StorageError`` where the disk fails.
        """
        begun = time.monotonic()
        ways = (*self._rooms.channels(), *channels)
        look = await asyncio.to_thread(self._look, manual=manual)
        if look.state.damaged and not dry_run:
            await asyncio.to_thread(self._change, lambda known: known)  # put aside and told, if it isn't yet
        if look.reason:
            return _skipped(look, look.reason, look.text, look.next_at, manual=manual)
        if dry_run:
            return await self._would(look, ways)
        try:
            with files.lock(self._rooms.state / "locks" / "heartbeat.lock", timeout=0):
                look = await asyncio.to_thread(self._look, manual=manual)  # it may have run meanwhile
                beat = await self._beat(look, ways, manual=manual)
        except Locked:
            later = look.now + timedelta(minutes=1)
            return _skipped(
                look, "requests-in-flight", looking.SENTENCES["requests-in-flight"], later, manual=manual
            )
        beat = replace(beat, duration_ms=round((time.monotonic() - begun) * 1000))
        if beat.runs:
            await asyncio.to_thread(log.append, self._log, beat)
        return beat

    async def _beat(self, look: Look, ways: Sequence[Channel], *, manual: bool) -> Beat:
        if look.reason:
            return _skipped(look, look.reason, look.text, look.next_at, manual=manual)
        later = self._rooms.rules.hours.opens(look.now + timedelta(seconds=self._rooms.rules.interval or 60))
        if reached := await asyncio.to_thread(self._rooms.allowance.reached):
            text = f"{reached.message} {reached.hint}"
            await asyncio.to_thread(self._say_once_a_day, look, text)
            return _skipped(look, "budget", text, later, manual=manual)
        seen, entries = await self._changed(look, manual=manual)
        if not entries:
            after = await asyncio.to_thread(self._look)
            return _skipped(look, "unchanged", looking.SENTENCES["unchanged"], after.next_at, manual=manual)
        try:
            engine = await self._rooms.engine(self._rooms.rules.model)
        except LocalGPTError as error:
            self._obstacle = f"{error.message} {error.hint}".strip()
            return _skipped(look, "no-model", self._obstacle, later, manual=manual)
        self._obstacle = ""
        runs = await self._runs(look, entries, engine, ways, seen)
        keys = frozenset(verdict.entry.key for verdict in look.due.verdicts)
        await asyncio.to_thread(self._change, lambda known: known.without_old(keys, look.now.timestamp()))
        after = await asyncio.to_thread(self._look)
        next_at = after.next_at if after.reason else after.now
        return Beat(look.now, _status(runs), manual=manual, runs=runs, text=_told(runs), next_at=next_at)

    async def _runs(
        self,
        look: Look,
        entries: Sequence[Entry],
        engine: Engine,
        ways: Sequence[Channel],
        seen: Mapping[str, Mapping[str, str]],
    ) -> tuple[Run, ...]:
        """Each entry in a turn of its own, a few side by side."""
        running = asyncio.Semaphore(self._rooms.rules.parallel)
        work = EntryRun(self._rooms, engine, ways, self._change, look.beside, seen)

        async def one(entry: Entry) -> Run | None:
            async with running:
                try:
                    promise = await asyncio.to_thread(self._rooms.allowance.promise)
                except BudgetReached:
                    return None  # it stays due
                try:
                    return await work.run(entry, look.state.of(entry.key), promise.settle)
                finally:
                    promise.settle()

        runs = await asyncio.gather(*map(one, entries))
        return tuple(run for run in runs if run is not None)

    async def _changed(
        self, look: Look, *, manual: bool
    ) -> tuple[dict[str, dict[str, str]], tuple[Entry, ...]]:
        """What the due entries watch, and which of them run: those that watch something wait until it changes."""
        seen: dict[str, dict[str, str]] = {}
        entries: list[Entry] = []
        quiet: list[Entry] = []
        for entry in look.due.entries:
            past = look.state.of(entry.key)
            seen[entry.key] = await self._prints(entry, past.seen)
            calm = bool(entry.watch) and past.last is not None and seen[entry.key] == dict(past.seen)
            (quiet if calm and not manual and not past.session else entries).append(entry)
        if quiet:
            now = look.now.timestamp()
            await asyncio.to_thread(self._change, lambda known: _checked(known, quiet, now))
        return seen, tuple(entries)

    async def _prints(self, entry: Entry, known: Mapping[str, str]) -> dict[str, str]:
        prints = {}
        for target in entry.watch:
            try:
                prints[target] = await watch.fingerprint(
                    target, self._rooms.workspace.root, self._rooms.outbound
                )
            except LocalGPTError:  # out of reach is no change
                prints[target] = known.get(target, "")
        return prints

    async def _would(self, look: Look, ways: Sequence[Channel]) -> Beat:
        """What would be sent, and to whom."""
        try:
            engine = await self._rooms.engine(self._rooms.rules.model)
        except LocalGPTError as error:
            return _skipped(look, "no-model", f"{error.message} {error.hint}".strip(), None, manual=False)
        work = EntryRun(self._rooms, engine, ways, self._change, look.beside)
        to = ("inbox", *(channel.name for channel in ways))
        would = tuple(
            Would(entry.name, work.words(entry, look.state.of(entry.key)), engine.name, engine.local, to)
            for entry in look.due.entries
        )
        return Beat(look.now, "dry-run", text="Nothing was sent.", would=would)

    def _say_once_a_day(self, look: Look, text: str) -> None:
        fresh: list[bool] = []

        def telling(known: State) -> State:
            known, is_new = known.telling(f"budget {look.now.astimezone():%Y-%m-%d}", look.now.timestamp())
            fresh.append(is_new)
            return known

        self._change(telling)
        if fresh[0]:
            self._rooms.inbox.add(ItemKind.MESSAGE, "Heartbeat", text)

    def _look(self, now: datetime | None = None, *, manual: bool = False) -> Look:
        return looking.look(self._rooms, now or self._rooms.clock(), manual=manual)

    def _change(self, change: Callable[[State], State]) -> State:
        """Change the state on disk, whoever else changes it."""
        path, now = looking.path_of(self._rooms), self._rooms.clock()
        aside = path.with_suffix(f".damaged-{now:%Y%m%d%H%M%S}.json")
        with files.lock(self._rooms.state / "locks" / "heartbeat-state.lock"):
            known, damaged = state.mended(path, aside)
            changed = change(known.at(now.timestamp()))
            if changed != known:
                state.save(path, changed)
        if damaged:
            self._tell_damage(aside.name)
        return changed

    def _tell_damage(self, name: str) -> None:
        text = f"{looking.SENTENCES['damaged']}. The file is kept as state/{name}."
        logger.warning("The heartbeat: %s", text)
        self._rooms.inbox.add(ItemKind.MESSAGE, "Heartbeat", text)


def _checked(known: State, entries: Sequence[Entry], now: float) -> State:
    for entry in entries:
        known = known.put(entry.key, replace(known.of(entry.key), checked=now))
    return known


def _skipped(look: Look, reason: str, text: str, next_at: datetime | None, *, manual: bool) -> Beat:
    return Beat(look.now, "skipped", reason, text, manual=manual, next_at=next_at)


def _status(runs: Sequence[Run]) -> str:
    found = {run.status for run in runs}
    return next((one for one in ("failed", "timed_out", "sent", "waiting") if one in found), "ok")


def _told(runs: Sequence[Run]) -> str:
    said = sum(run.status in {"sent", "waiting"} for run in runs)
    wrong = sum(run.status in {"failed", "timed_out"} for run in runs)
    parts = [f"{len(runs)} run{'' if len(runs) == 1 else 's'}"]
    parts += [f"{said} with something to tell"] if said else ["nothing to tell"] if not wrong else []
    return ", ".join([*parts, *([f"{wrong} failed"] if wrong else [])]) + "."


def _planned(verdict: Verdict) -> PlanItem:
    entry = verdict.entry
    return PlanItem(
        entry.name, entry.kind.value, verdict.due, verdict.next_at, verdict.why, entry.watch, entry.line
    )


def _event(last: dict[str, Any] | None, now: datetime) -> dict[str, Any] | None:
    """The last beat in the shape of the Rust LocalGPT."""
    if last is None:
        return None
    names = ("ts", "status", "duration_ms", "preview", "reason")
    age = max(int(now.timestamp() - float(last.get("ts") or 0) / 1000), 0)
    return {**{name: last.get(name) for name in names}, "age_seconds": age}
