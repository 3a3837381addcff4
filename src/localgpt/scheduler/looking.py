"""A look at what a beat would do now: the gates in their order, then the file. Disk only, no model, no connection."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from localgpt.core.errors import LocalGPTError, NotFound
from localgpt.scheduler import due as dueness
from localgpt.scheduler import heartbeat_file, state
from localgpt.scheduler.due import Due
from localgpt.scheduler.heartbeat_file import HeartbeatFile
from localgpt.scheduler.rooms import Rooms
from localgpt.scheduler.rules import Rules
from localgpt.scheduler.state import State

NAME = "HEARTBEAT.md"
SETTLED = 20.0
"""Seconds for which the file has to be left alone: half a sentence is no wish."""

_NOTHING = Due((), "", None)
SENTENCES = {
    "disabled": "It is switched off (heartbeat.enabled).",
    "off": "It never runs by itself: heartbeat.interval is 0m.",
    "paused": "It is paused: localgpt heartbeat resume",
    "damaged": "What it remembered could not be read, so it is paused: localgpt heartbeat resume",
    "quiet-hours": "These are not its hours (heartbeat.active_hours).",
    "too-large": f"HEARTBEAT.md has more than {heartbeat_file.LARGEST // 1024} KB; it is not read.",
    "unreadable": "HEARTBEAT.md can't be read.",
    "just-edited": "HEARTBEAT.md is being edited.",
    "empty-heartbeat-file": "Nothing stands in HEARTBEAT.md, so nothing runs.",
    "no-tasks-due": "No task is due.",
    "nothing-due": "Nothing is due.",
    "requests-in-flight": "Another beat is at work.",
    "unchanged": "Nothing that is watched has changed.",
    "due": "Something is due.",
}
"""What each reason means, for people."""


@dataclass(frozen=True, slots=True)
class Look:
    """``reason`` is empty where something is due. ``text`` is a sentence, ``file`` ``None`` where there is none."""

    now: datetime
    reason: str
    text: str
    next_at: datetime | None
    due: Due
    state: State
    file: HeartbeatFile | None = None

    @property
    def beside(self) -> str:
        """The prose that goes along with each task."""
        return self.file.beside if self.file else ""


def look(rooms: Rooms, now: datetime, *, manual: bool = False) -> Look:
    """What a beat would do at ``now``; where the owner wants it (``manual``), only the file is asked."""
    rules, known = rooms.rules, state.load(path_of(rooms)).at(now.timestamp())
    reason, next_at = ("", None) if manual else _gate(rules, known, now)
    file: HeartbeatFile | None = None
    due = _NOTHING
    fault = ""
    try:
        fault, file = _file(rooms)
        due = dueness.due(now, file, known, rules) if not fault else due
    except LocalGPTError as error:
        return Look(now, reason or "unreadable", f"{error.message} {error.hint}".strip(), None, due, known)
    edited = _edited(rooms.workspace.root / NAME, now)
    if not reason and fault:
        reason = fault
    elif not reason and edited and due.entries and not manual:
        reason, next_at = "just-edited", edited
    elif not reason and manual:
        due = _wanted(due, now)
        reason = "" if due.entries else due.reason or "nothing-due"
    elif not reason:
        reason = due.reason
        next_at = None if due.next_at is None else rules.hours.opens(due.next_at)
    return Look(now, reason, SENTENCES[reason or "due"], next_at, due, known, file)


def path_of(rooms: Rooms) -> Path:
    """Where the heartbeat's memory is."""
    return rooms.state / "heartbeat.json"


def _gate(rules: Rules, known: State, now: datetime) -> tuple[str, datetime | None]:
    if not rules.enabled:
        return "disabled", None
    if not rules.interval:
        return "off", None
    if known.paused:
        return "damaged" if known.damaged else "paused", None
    if not rules.hours.open(now):
        return "quiet-hours", rules.hours.opens(now)
    return "", None


def _file(rooms: Rooms) -> tuple[str, HeartbeatFile | None]:
    """What is wrong with the file, and what it says."""
    path = rooms.workspace.root / NAME
    try:
        if path.stat().st_size > heartbeat_file.LARGEST:
            return "too-large", None
        return "", heartbeat_file.read(rooms.workspace.read(NAME).text)
    except (FileNotFoundError, NotFound):
        return "", None
    except OSError:
        return "unreadable", None


def _edited(path: Path, now: datetime) -> datetime | None:
    """When the file counts as left alone, if it does not yet."""
    try:
        written = path.stat().st_mtime
    except OSError:
        return None
    age = now.timestamp() - written
    return datetime.fromtimestamp(written, UTC) + timedelta(seconds=SETTLED) if 0 <= age < SETTLED else None


def _wanted(due: Due, now: datetime) -> Due:
    """All that is open, whenever it ran: but for what waits for an answer, or for a day to come."""
    verdicts = tuple(
        replace(one, due=True, next_at=now, why="You want it now.") if not one.held else one
        for one in due.verdicts
    )
    return replace(due, verdicts=verdicts)
