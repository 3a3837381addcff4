"""What commands change in the workspace: seen by how files look before and after, and journalled so that undo works.

Written down after the fact, unlike what the workspace writes: nobody knows beforehand what a command will do. What
shows that somebody else did it (a file that is closed to commands, a moment when none ran, a line of the journal)
is not the command's.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from localgpt.core.journal import Journal, digest
from localgpt.core.values import Author, Change, Origin
from localgpt.tools.shell_change import change_of
from localgpt.tools.shell_intent import Before, Begun, Intents
from localgpt.tools.shell_looks import Look, Looks, looks
from localgpt.tools.shell_preimages import Preimages, read
from localgpt.tools.shell_readers import Readers
from localgpt.tools.shell_traps import defused

MOST_CHANGES = 2_000
"""Files that one command's changes are journalled of; the rest is counted."""
_PATIENCE = 20.0
"""Seconds beyond its own after which a command is dead for sure."""
_SLACK = 20_000_000
"""Nanoseconds that the kernel's clock of files may be behind."""


@dataclass(frozen=True, slots=True)
class Settled:
    """What was new: journalled ``changes``, files whose old content was not kept, and sentences on what was defused."""

    changes: tuple[Change, ...] = ()
    unkept: tuple[str, ...] = ()
    defused: tuple[str, ...] = ()

    def __add__(self, other: Settled) -> Settled:
        return Settled(self.changes + other.changes, self.unkept + other.unkept, self.defused + other.defused)


@dataclass(eq=False, slots=True)
class Run:
    """A command as the ledger knows it: on whose behalf it runs, what is closed to it, what it may have read."""

    author: Author
    closed: frozenset[str]
    readers: Readers
    foreign: bool
    journalled: dict[Path, int]
    may_read: bool = False
    seconds: float = 0.0
    begin: int = field(default_factory=time.time_ns)
    end: int = 0

    @property
    def is_foreign(self) -> bool:
        """Whether what it writes and says may be made of foreign text."""
        return self.foreign or self.readers.opened


class Ledger:
    """The changes of one workspace by the commands of this process; safe in any thread."""

    def __init__(self, root: Path, journal: Journal, intents: Intents | None = None) -> None:
        self._root = os.path.realpath(root)
        self._journal = journal
        self._intents = intents
        self._preimages = Preimages(self._root, store=intents.store) if intents else Preimages(self._root)
        self._starting: frozenset[str] = frozenset()
        self._runs: list[Run] = []
        self._own: set[tuple[str, str | None]] = set()
        self._lock = threading.Lock()

    @property
    def root(self) -> str:
        """The workspace without symbolic links."""
        return self._root

    @property
    def paths(self) -> frozenset[str]:
        """The files that are known, by their paths in the workspace."""
        return self._preimages.paths

    def look(self) -> tuple[str, ...]:
        """Know every file as it is now; gives the notes (paths in the workspace) that hold something private."""
        with self._lock:
            self._catch_up()
            return self._preimages.private

    def begin(
        self,
        author: Author,
        closed: Iterable[str],
        watched: Iterable[str],
        *,
        foreign: bool,
        seconds: float = 0.0,
    ) -> Run:
        """A command is about to run for at most so many ``seconds``, after ``look``. It is foreign if it opens one of
        the files ``watched``.
        """
        eyes = frozenset(watched)
        readers = Readers(() if foreign else eyes)
        run = Run(author, frozenset(closed), readers, foreign, self._journalled(), bool(eyes), seconds)
        with self._lock:
            self._runs.append(run)
            try:
                self._put_down()
            except BaseException:
                self._runs.remove(run)
                readers.close()
                raise
        return run

    def settle(self, run: Run, *, over: bool) -> Settled:
        """Journal what is new since the last look. ``over``: the run has ended."""
        with self._lock:
            if over:
                run.end = time.time_ns()
                run.readers.close()
            try:
                return self._settle(run)
            finally:
                if over:
                    self._runs.remove(run)
                if not self._runs:
                    self._own.clear()
                self._put_down()

    def close(self) -> None:
        """Let go of what is known."""
        with self._lock:
            self._preimages.close()
            if self._intents:
                self._intents.close()

    def settle_left(self, before: Before) -> Settled:
        """Journal what commands of a process that was killed have changed since ``before``."""
        for path, look in before.looks.items():
            self._preimages.learn(path, look, before.contents.get(path))
        self._starting = before.starting
        last = before.runs[-1]
        foreign = any(one.foreign for one in before.runs)
        closed = frozenset.intersection(*(one.closed for one in before.runs))
        run = Run(last.author, closed, Readers(()), foreign, dict(before.journalled))
        run.begin, run.end = min(one.begin for one in before.runs), max(one.until for one in before.runs)
        with self._lock:
            self._runs.append(run)
            return self._settle(run)

    def _put_down(self) -> None:
        """Which commands run, for whoever comes after us if we are killed."""
        if self._intents is None:
            return
        if not self._runs:
            self._intents.none_run()
            return
        begun = [_begun(one) for one in self._runs]
        oldest = min(self._runs, key=lambda one: one.begin)
        self._intents.put_down(begun, self._preimages.told(), self._starting, oldest.journalled)

    def _journalled(self) -> dict[Path, int]:
        return {path: path.stat().st_size for path in self._journal.folder.glob("*/*.jsonl")}

    def _catch_up(self) -> None:
        """What happened while no command ran is nobody's here; while one runs, it is that one's."""
        if self._runs:
            self._settle(self._runs[-1])
            return
        now = looks(self._root)
        self._starting = now.starting
        self._preimages.look_again(now.files)

    def _settle(self, run: Run) -> Settled:
        now = looks(self._root)
        made = now.starting - self._starting
        told = defused(self._root, frozenset(path for path in made if not self._is_closed(path)))
        if told:
            now = looks(self._root)
        self._starting = now.starting
        author = run.author
        if any(one.is_foreign for one in self._runs):
            author = replace(author, origin=Origin.FOREIGN)
        elif author.origin is Origin.OWNER:  # the owner said the command, not what it wrote
            author = replace(author, origin=Origin.ASSISTANT)
        changes, unkept = self._written(run, now, author)
        return Settled(tuple(changes), tuple(unkept), told)

    def _written(self, run: Run, now: Looks, author: Author) -> tuple[list[Change], list[str]]:
        known = self._preimages
        differing = [path for path, look in now.files.items() if not self._is_same(path, look)]
        gone = sorted(known.paths - now.files.keys())
        others = self._by_others()
        moved = self._moved(gone, differing, now)
        changes: list[Change] = []
        unkept: list[str] = []
        for path in sorted(differing):
            look = now.files[path]
            data = read(f"{self._root}/{path}", look)
            before, was = known.content(path), path in known
            known.learn(path, look, data)
            if not self._is_of(run, path, look, data, others) or (
                was and data is not None and before == data
            ):
                continue
            origin = moved.get(path, "")
            if (
                data is None
                or (was and before is None)
                or not _journallable(path)
                or len(changes) >= MOST_CHANGES
            ):
                unkept.append(path)
            else:
                changes.append(change_of(path, f"{self._root}/{path}", before, data, author, origin))
        for path in gone:
            before = known.content(path)
            known.forget(path)
            if (f"{self._root}/{path}", None) in others or self._is_closed(path):
                continue
            if before is None or not _journallable(path) or len(changes) >= MOST_CHANGES:
                unkept.append(path)
            else:
                changes.append(change_of(path, f"{self._root}/{path}", before, None, author))
        for change in changes:
            self._journal.change(change)
            self._own.add((change.target, None if change.after is None else digest(change.after)))
        return changes, unkept

    def _is_same(self, path: str, look: Look) -> bool:
        kept = self._preimages.known(path)
        return kept is not None and kept.look == look

    def _moved(self, gone: Iterable[str], differing: Iterable[str], now: Looks) -> dict[str, str]:
        """Files that are the ones which are gone, by another name: their lines stay whose they were."""
        left = {kept.look.inode: path for path in gone if (kept := self._preimages.known(path)) is not None}
        found = {}
        for path in differing:
            old = left.get(now.files[path].inode)
            kept = self._preimages.known(old) if old else None
            if (
                old
                and kept
                and path not in self._preimages
                and kept.look.modified == now.files[path].modified
            ):
                found[path] = old
        return found

    def _is_of(
        self, run: Run, path: str, look: Look, data: bytes | None, others: frozenset[tuple[str, str | None]]
    ) -> bool:
        """Whether a command can have done it, as far as can be told."""
        if self._is_closed(path):
            return False
        if look.changed < min(one.begin for one in self._runs) - _SLACK:
            return False
        if len(self._runs) == 1 and run.end and look.changed > run.end + _SLACK:
            return False
        return data is None or (f"{self._root}/{path}", digest(data)) not in others

    def _is_closed(self, path: str) -> bool:
        """A file that no command which runs could write."""
        place = f"{self._root}/{path}"
        return all(
            place in one.closed or any(place.startswith(f"{folder}/") for folder in one.closed)
            for one in self._runs
        )

    def _by_others(self) -> frozenset[tuple[str, str | None]]:
        """What the journal says was written meanwhile, by anybody: the file, and the hash of what it is now."""
        since = min(self._runs, key=lambda one: one.begin).journalled
        entries = self._journal.more(dict(since), "file.changed")
        found = {(str(entry.get("target")), (entry.get("after") or {}).get("sha256")) for entry in entries}
        return frozenset(found - self._own)


def _begun(run: Run) -> Begun:
    """A command as it is put down: what it may read counts as read, for nobody will know."""
    until = run.begin + int((run.seconds + _PATIENCE) * 1e9)
    return Begun(run.author, run.closed, run.foreign or run.may_read, run.begin, until)


def _journallable(path: str) -> bool:
    """Whether its name can be written down: it is text."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True
