"""What the journal says was changed and is not committed yet, in the order of time, put together by turns."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from localgpt.care.steps import CHANGED, UNDONE, Write, write_of
from localgpt.core import files

_KINDS = (CHANGED, UNDONE, "turn.started", "turn.finished")
_NEEDLES = tuple(f'"kind":"{kind}"'.encode() for kind in _KINDS)

_BEFORE = 256 * 1024  # bytes

LONGEST_TURN = timedelta(minutes=10)
"""A turn that has not ended by then is not waited for: it was killed, or is a long one and gets several commits."""


class Position(NamedTuple):
    """How far a machine's journal is committed: the month's name (``2026-11``; empty: nothing) and a byte in it."""

    month: str = ""
    offset: int = 0


class Placed(NamedTuple):
    """A line of the journal, and where it begins."""

    entry: Mapping[str, Any]
    at: Position


Lines: TypeAlias = Sequence[Placed]


@dataclass(slots=True)
class Group:
    """The writes of one turn, or a single one that belongs to none; ``begin`` is the place of its first line."""

    turn: str
    session: str
    door: str
    begin: Position
    writes: list[Write] = field(default_factory=list)
    undoes: tuple[str, ...] = ()

    @property
    def time(self) -> datetime:
        """When its last write was."""
        return datetime.fromisoformat(self.writes[-1].time)


class Pending(NamedTuple):
    """What is to be committed, where the journal goes on after it, and the files of turns that are not over yet."""

    groups: list[Group]
    end: Position
    held: frozenset[str]


def read(own: Path, since: Position) -> tuple[list[Placed], Position]:
    """The lines of this machine's journal (the folder ``own``) from ``since`` on that matter here, and where they end.

    From shortly before, too, which turns began and ended: one of them may still go on. A journal that is shorter than it was is another one: what it holds is passed over.
    """
    found: list[Placed] = []
    end = since
    for path in sorted(own.glob("*.jsonl")):
        if path.stem < since.month:
            continue
        start = since.offset if path.stem == since.month else 0
        with files.explained("read", path), path.open("rb") as stream:
            size = stream.seek(0, 2)
            if size < start:
                end = Position(path.stem, size)
                continue
            begin = max(start - _BEFORE, 0)
            stream.seek(begin)
            begin += len(stream.readline()) if begin else 0
            end = Position(path.stem, _gather(stream, Position(path.stem, begin), found))
    return [line for line in found if line.at >= since or line.entry["kind"] != CHANGED], end


def _gather(stream: Iterable[bytes], at: Position, found: list[Placed]) -> int:
    month, offset = at
    for raw in stream:
        if not raw.endswith(b"\n"):
            break
        if any(needle in raw for needle in _NEEDLES) and (entry := _parsed(raw)) is not None:
            found.append(Placed(entry, Position(month, offset)))
        offset += len(raw)
    return offset


def _parsed(raw: bytes) -> Mapping[str, Any] | None:
    try:
        entry = json.loads(raw)
    except ValueError:
        return None
    return entry if isinstance(entry, dict) and entry.get("kind") in _KINDS else None


def grown(own: Path, since: Position) -> bool:
    """Whether a change may have been journalled since; costs a few stats."""
    newest = max(own.glob("*.jsonl"), default=None)
    if newest is None:
        return False
    if newest.stem == since.month and newest.stat().st_size == since.offset:
        return False
    lines, _ = read(own, since)
    return any(line.entry["kind"] == CHANGED for line in lines)  # those before ``since`` are left out


def pending(lines: Lines, end: Position, now: datetime, root: str) -> Pending:
    """The groups that can be committed: all up to the first write of a turn that still goes on.

    Paths are those below ``root`` (the workspace without symbolic links); what was written elsewhere isn't ours.
    """
    undoes = _undoes(lines)
    alive = _open(lines, now)
    groups: list[Group] = []
    for number, (entry, at) in enumerate(lines):
        if (write := _write(entry, root)) is None:
            continue
        turn = str(entry.get("turn") or "")
        if turn in alive:
            rest = (_write(line.entry, root) for line in lines[number:])
            return Pending(groups, at, frozenset(one.path for one in rest if one is not None))
        _add(groups, write, entry, at, undoes.get(turn, ()))
    return Pending(groups, end, frozenset())


def _write(entry: Mapping[str, Any], root: str) -> Write | None:
    """The write that a line tells of, with its path below ``root`` as it is spelled on the disk."""
    target = str(entry.get("target") or "")
    if entry["kind"] != CHANGED or not target.startswith(root + os.sep):
        return None
    write = write_of(entry)
    path = target.removeprefix(root + os.sep).replace(os.sep, "/")
    return None if write is None else replace(write, path=path)


def _add(
    groups: list[Group], write: Write, entry: Mapping[str, Any], at: Position, undoes: Iterable[str]
) -> None:
    """Put a write to its turn's group, unless another one has changed the same file since."""
    turn = str(entry.get("turn") or "")
    for group in reversed(groups):
        if turn and group.turn == turn:
            group.writes.append(write)
            return
        if any(other.path == write.path for other in group.writes):
            break
    session, door = str(entry.get("session") or ""), str(entry.get("door") or "")
    groups.append(Group(turn, session, door, at, [write], tuple(undoes)))


def _undoes(lines: Lines) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for entry, _ in lines:
        if entry["kind"] == UNDONE:
            found.setdefault(str(entry.get("by")), []).append(str(entry.get("turn")))
    return found


def _open(lines: Lines, now: datetime) -> set[str]:
    """The turns that began and neither ended, nor were followed by another one in their conversation."""
    running: dict[str, str] = {}
    for entry, _ in lines:
        session = str(entry.get("session") or entry.get("turn"))
        if entry["kind"] == "turn.started" and _is_young(entry, now):
            running[session] = str(entry.get("turn"))
        elif entry["kind"] == "turn.finished" and running.get(session) == str(entry.get("turn")):
            del running[session]
    return set(running.values())


def _is_young(entry: Mapping[str, Any], now: datetime) -> bool:
    try:
        return now - datetime.fromisoformat(str(entry.get("ts"))) < LONGEST_TURN
    except (ValueError, TypeError):
        return False
