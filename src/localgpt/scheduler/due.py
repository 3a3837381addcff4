"""What is due, and why; and when the next is. Pure: from the file, what ran when, the rules and the time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from localgpt.scheduler import duration
from localgpt.scheduler.heartbeat_file import Entry, HeartbeatFile, Kind
from localgpt.scheduler.rules import Rules
from localgpt.scheduler.state import Ran, State

MISSING = Entry(Kind.PROSE, "HEARTBEAT.md", "", key="prose:missing")
"""Stands for a file that is not there: as in OpenClaw, that is not the same as an empty one."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether an entry is due, when it is next (``None``: not by itself), and a sentence on why.

    ``held``: not even the owner's wish makes it run now; it waits for an answer, or for a day to come.
    """

    entry: Entry
    due: bool
    next_at: datetime | None
    why: str
    held: bool = False


@dataclass(frozen=True, slots=True)
class Due:
    """The verdicts on all entries; ``reason`` is empty when any is due, else a word as OpenClaw has it."""

    verdicts: tuple[Verdict, ...]
    reason: str
    next_at: datetime | None

    @property
    def entries(self) -> tuple[Entry, ...]:
        """What is due."""
        return tuple(verdict.entry for verdict in self.verdicts if verdict.due)


def due(now: datetime, file: HeartbeatFile | None, state: State, rules: Rules) -> Due:
    """What of ``file`` (``None``: it is not there) is due at ``now``, an aware moment. Gates are not asked here."""
    entries = (MISSING,) if file is None else file.entries
    state = state.at(now.timestamp())
    verdicts = tuple(_judge(entry, now, state.of(entry.key), rules) for entry in entries)
    if any(verdict.due for verdict in verdicts):
        return Due(verdicts, "", now)
    coming = earliest(verdict.next_at for verdict in verdicts)
    if file is not None and file.empty:
        return Due(verdicts, "empty-heartbeat-file", None)
    tasks = any(entry.kind is Kind.TASK for entry in entries)
    return Due(verdicts, "no-tasks-due" if tasks else "nothing-due", coming)


def earliest(moments: Iterable[datetime | None]) -> datetime | None:
    """The first of some moments."""
    return min((moment for moment in moments if moment is not None), default=None)


def _judge(entry: Entry, now: datetime, ran: Ran, rules: Rules) -> Verdict:
    every = rules.interval if entry.every is None else entry.every
    if every < 0:
        return Verdict(entry, due=False, next_at=None, why="Never: its interval can't be read.", held=True)
    if ran.question:
        return Verdict(
            entry,
            due=False,
            next_at=None,
            why=f"It waits for your answer in the inbox ({ran.question}).",
            held=True,
        )
    if entry.not_before is not None and (moment := _aware(entry.not_before, rules)) > now:
        return Verdict(
            entry, due=False, next_at=moment, why=f"Not before {entry.not_before:%Y-%m-%d %H:%M}.", held=True
        )
    if ran.retry is not None and ran.retry > now.timestamp():
        moment = datetime.fromtimestamp(ran.retry, UTC)
        rests = "and rests until" if ran.given_up else "next try"
        often = "once" if ran.failures == 1 else f"{ran.failures} times"
        why = f"It failed {often}, {rests} {_when(ran.retry, rules)}: {ran.error}"
        return Verdict(entry, due=False, next_at=moment, why=why)
    if ran.session and ran.started is not None and not ran.continued:
        return Verdict(
            entry,
            due=True,
            next_at=now,
            why="It goes on where it was cut off, or where your answer was missing.",
        )
    last = max(
        (moment for moment in (ran.last, ran.checked, ran.started) if moment is not None), default=None
    )
    if last is None:
        return Verdict(entry, due=True, next_at=now, why="It never ran.")
    after = last + every
    if now.timestamp() >= after:
        return Verdict(
            entry,
            due=True,
            next_at=now,
            why=f"Every {duration.spelled(every)}, and last {_when(last, rules)}.",
        )
    moment = datetime.fromtimestamp(after, UTC)
    return Verdict(
        entry, due=False, next_at=moment, why=f"Every {duration.spelled(every)}; last {_when(last, rules)}."
    )


def _aware(moment: datetime, rules: Rules) -> datetime:
    zone = rules.hours.zone
    return (moment.astimezone() if zone is None else moment.replace(tzinfo=zone)).astimezone(UTC)


def _when(seconds: float, rules: Rules) -> str:
    return f"{rules.hours.local(datetime.fromtimestamp(seconds, UTC)):%Y-%m-%d %H:%M}"
