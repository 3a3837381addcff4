"""From journalled writes to what is committed: exact contents, and the owner's edits in between. Pure.

The journal has the hash and size of a file before and after each write. Its bytes are a blob beside the journal, or
the beginning of what stands there later: lines that were added at the end leave the bytes before them as they were.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import EllipsisType
from typing import TypeAlias

from localgpt.care.steps import State, Write
from localgpt.care.time_machine.pending import Group
from localgpt.core.journal import digest

Content: TypeAlias = bytes | None
"""A whole file; ``None`` where there is none."""

UNWRITTEN_FOR = timedelta(seconds=10)
"""So long after a journal line its write may still be under way."""


@dataclass(slots=True)
class Batch:
    """What becomes one commit: a turn's changes (``group``), or the owner's before that turn (``own``).

    ``mixed`` are files that the owner had edited before the turn's change could be told from theirs.
    """

    group: Group
    own: bool = False
    changes: dict[str, Content] = field(default_factory=dict)
    mixed: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Sources:
    """Where contents come from: as committed last, as on the disk now, and from the journal's blobs by hash."""

    committed: Callable[[str], Content]
    present: Callable[[str], Content]
    blob: Callable[[str], Content]


def unwritten(groups: Sequence[Group], present: Callable[[str], Content], now: datetime) -> int:
    """How many groups can be taken: up to one whose file is still as before, since its write is on the way.

    A write that never came (a crash) is taken out of its group.
    """
    last: dict[str, tuple[Group, Write]] = {}
    for group in groups:
        for write in list(group.writes):
            earlier = last.get(write.path)
            if earlier and earlier[1].before == write.before != earlier[1].after:
                earlier[0].writes.remove(earlier[1])
            last[write.path] = (group, write)
    waiting = []
    for path, (group, write) in last.items():
        if write.before == write.after or state(present(path)) != write.before:
            continue
        if now - datetime.fromisoformat(write.time) < UNWRITTEN_FOR:
            waiting.append(groups.index(group))
        else:
            group.writes.remove(write)
    return min(waiting, default=len(groups))


def batches(groups: Sequence[Group], sources: Sources) -> list[Batch]:
    """What is to be committed for ``groups``, in order; where nothing differs from what is committed, nothing."""
    teller = _Teller(groups, sources)
    found = [batch for group in groups for batch in teller.of(group)]
    return [batch for batch in found if batch.changes]


def state(content: Content) -> State | None:
    """A content as the journal tells of it."""
    return None if content is None else State(digest(content), len(content))


class _Teller:
    def __init__(self, groups: Sequence[Group], sources: Sources) -> None:
        self._sources = sources
        self._now: dict[str, Content] = {}
        self._hashes: dict[str, list[str]] = {}
        self._left: dict[str, int] = {}
        for write in (write for group in groups for write in group.writes):
            self._left[write.path] = self._left.get(write.path, 0) + 1
            states = (write.before, write.after)
            self._hashes.setdefault(write.path, []).extend(one.sha256 for one in states if one)

    def of(self, group: Group) -> Iterable[Batch]:
        owner, turn = Batch(group, own=True), Batch(group)
        for write in group.writes:
            self._left[write.path] -= 1
            have = self._have(write.path)
            if state(have) == write.after:
                continue
            if state(have) != write.before and (before := self._known(write.path, write.before)) is not ...:
                if write.path in turn.changes:
                    yield from (owner, turn)
                    owner, turn = Batch(group, own=True), Batch(group)
                owner.changes[write.path] = self._now[write.path] = before
            self._take(write, turn)
        yield from (owner, turn)

    def _take(self, write: Write, turn: Batch) -> None:
        after = self._known(write.path, write.after)
        if after is ...:
            if self._left[write.path]:
                return  # a later write says how the file was then
            after = self._sources.present(write.path)
            turn.mixed.append(write.path)
        if after != self._have(write.path):
            turn.changes[write.path] = self._now[write.path] = after

    def _have(self, path: str) -> Content:
        if path not in self._now:
            self._now[path] = self._sources.committed(path)
        return self._now[path]

    def _known(self, path: str, wanted: State | None) -> Content | EllipsisType:
        """The content with that state; ``...`` if nobody has it any more."""
        if wanted is None:
            return None
        for content in self._candidates(path, wanted):
            start = content[: wanted.size]
            if len(start) == wanted.size and digest(start) == wanted.sha256:
                return start
        return ...

    def _candidates(self, path: str, wanted: State) -> Iterable[bytes]:
        whole = (self._sources.blob(wanted.sha256), self._have(path), self._sources.present(path))
        yield from (one for one in whole if one is not None)
        for sha256 in self._hashes.get(path, ()):
            if (content := self._sources.blob(sha256)) is not None:
                yield content
