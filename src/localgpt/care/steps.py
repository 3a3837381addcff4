"""The changes to files as the journal tells them, in the steps that can be undone. Pure: entries in, steps out.

A step is all that one turn changed, or one change that belongs to no turn. Undoing is a step too, so that it can be
undone in its turn. An entry that lacks what it should have is passed over.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from localgpt.core.errors import NotFound, UsageError

CHANGED, UNDONE = "file.changed", "turn.undone"
KINDS = (CHANGED, UNDONE)
SHORTEST_PREFIX = 4
EDITOR = "editor"
"""The door of what the owner changed with other programs; the time machine knows of it, not the journal."""

Entry: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class State:
    """A whole file at some moment."""

    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Write:
    """One change of a file; ``before`` and ``after`` are ``None`` where it was not there.

    ``marks`` stand for its new lines that are not blank (``core.journal.mark``), ``start`` and ``end`` say where
    they were; ``origin`` is whose words they are.
    """

    time: str
    path: str
    operation: str
    before: State | None
    after: State | None
    marks: tuple[str, ...] = ()
    start: int = 0
    end: int = 0
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """What can be undone at once: the writes of a turn in their order, or a single one.

    ``time`` is that of the last write (ISO, UTC). ``undoes`` names the steps that this one put back, ``undone_by`` the
    step that put this one back, if it is not in effect any more.
    """

    id: str
    time: str
    door: str
    session: str
    writes: tuple[Write, ...]
    undoes: tuple[str, ...] = ()
    undone_by: str = ""

    @property
    def paths(self) -> tuple[str, ...]:
        """The files that it changed, each once."""
        return tuple(dict.fromkeys(write.path for write in self.writes))

    def as_json(self) -> dict[str, Any]:
        """Plain JSON values, as ``localgpt history --format json`` prints them."""
        changes = [
            {"path": one.path, "op": one.operation, "start": one.start, "end": one.end, "origin": one.origin}
            for one in self.writes
        ]
        return {
            "id": self.id,
            "time": self.time,
            "door": self.door,
            "session": self.session,
            "undoes": list(self.undoes),
            "undone_by": self.undone_by,
            "changes": changes,
        }


def steps(entries: Iterable[Entry], edits: Iterable[Step] = ()) -> list[Step]:
    """The steps in ``entries`` (those of ``KINDS``, in the order of time) and the owner's ``edits``, the last first."""
    groups: dict[str, list[Entry]] = {}
    markers: list[Entry] = []
    for entry in entries:
        if entry.get("kind") == UNDONE:
            markers.append(entry)
        elif entry.get("kind") == CHANGED and write_of(entry) is not None:
            groups.setdefault(step_of(entry), []).append(entry)
    changed = {step_id: {str(entry["path"]) for entry in group} for step_id, group in groups.items()}
    undone = _undone(markers, changed)
    undoes = _undoes(markers)
    found = [
        _step(step_id, group, undoes.get(step_id, ()), undone.get(step_id, ""))
        for step_id, group in groups.items()
    ]
    found += [replace(edit, undone_by=undone.get(edit.id, "")) for edit in edits]
    return sorted(found, key=lambda step: step.time)[
        ::-1
    ]  # not reverse=True: of one moment, the later line first


def step_of(entry: Entry) -> str:
    """The id of the step that a change belongs to: its turn's, or one of its own."""
    return str(entry.get("turn") or "") or _own_id(entry)


def in_effect(found: Sequence[Step]) -> list[Step]:
    """The steps that a plain undo may take, the last first: not undone, no undoing themselves, not the owner's edits."""
    return [step for step in found if not step.undone_by and not step.undoes and step.door != EDITOR]


def undoings(found: Sequence[Step]) -> list[Step]:
    """The undoings that may be taken back, the last first: in effect, and not a taking back themselves."""
    depth: dict[str, int] = {}
    for step in reversed(found):
        depth[step.id] = 1 + max((depth.get(each, 0) for each in step.undoes), default=-1)
    return [step for step in found if depth[step.id] % 2 and not step.undone_by]


def named(found: Sequence[Step], reference: str) -> Step:
    """The step with that id or that beginning of an id. Raises ``NotFound``, or ``UsageError`` where several begin so."""
    reference = reference.strip()
    matches = [step for step in found if step.id == reference] or [
        step for step in found if len(reference) >= SHORTEST_PREFIX and step.id.startswith(reference)
    ]
    if not matches:
        raise NotFound(f"No change has the name {reference!r}.", hint="localgpt history lists them.")
    if len(matches) > 1:
        raise UsageError(f"Several changes begin with {reference!r}.", hint="Say more of the name.")
    return matches[0]


def _undone(markers: Sequence[Entry], changed: Mapping[str, set[str]]) -> dict[str, str]:
    """By which undoing each step was put back. The last first: one that was taken back itself doesn't count.

    An undoing that was killed before it came to all of its files doesn't count either: it is to be done again.
    """
    undone: dict[str, str] = {}
    for marker in reversed(markers):
        by, files = str(marker.get("by")), marker.get("files")
        whole = not isinstance(files, int) or len(changed.get(by, ())) >= files
        if by not in undone and whole:
            undone.setdefault(str(marker.get("turn")), by)
    return undone


def _undoes(markers: Sequence[Entry]) -> dict[str, list[str]]:
    """What each undoing put back."""
    found: dict[str, dict[str, None]] = {}
    for marker in markers:
        found.setdefault(str(marker.get("by")), {})[str(marker.get("turn"))] = None
    return {by: list(turns) for by, turns in found.items()}


def _step(step_id: str, group: Sequence[Entry], undoes: Iterable[str], undone_by: str) -> Step:
    writes = tuple(write for entry in group if (write := write_of(entry)) is not None)
    return Step(
        step_id,
        writes[-1].time,
        str(group[0].get("door") or ""),
        str(group[0].get("session") or ""),
        writes,
        tuple(undoes),
        undone_by,
    )


def write_of(entry: Entry) -> Write | None:
    try:
        return Write(
            str(entry.get("ts", "")),
            str(entry["path"]),
            str(entry["op"]),
            _state(entry["before"]),
            _state(entry["after"]),
            tuple(map(str, entry.get("lines") or ())),
            int(entry.get("start") or 0),
            int(entry.get("end") or 0),
            str(entry.get("origin", "")),
        )
    except (KeyError, TypeError, ValueError):
        return None


def _state(value: Mapping[str, Any] | None) -> State | None:
    return None if value is None else State(str(value["sha256"]), int(value["size"]))


def _own_id(entry: Entry) -> str:
    """The name of a change that belongs to no turn: twelve hex digits of what its line says."""
    return hashlib.sha256(json.dumps(entry, sort_keys=True).encode()).hexdigest()[:12]
