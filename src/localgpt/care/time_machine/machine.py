"""The time machine: what turns and the owner changed in the workspace, committed one after the other.

Called any time, by any process: one of them commits, the others pass. The journal is read from where the last commit
says it was committed up to, so a kill at any point neither loses nor repeats a commit.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from localgpt.care.time_machine import known as knowing
from localgpt.care.time_machine import pending, scan, sequence
from localgpt.care.time_machine.known import Known
from localgpt.care.time_machine.message import editor_message, turn_message
from localgpt.care.time_machine.owners import OwnersRepository
from localgpt.care.time_machine.pending import Position
from localgpt.care.time_machine.repository import Commit, Damaged, Repository, tip
from localgpt.care.time_machine.scan import Difference, Seen
from localgpt.care.time_machine.sequence import Batch, Content, Sources
from localgpt.care.time_machine.trees import FILE, LINK, Entry
from localgpt.core import files
from localgpt.core.errors import Locked, StorageError
from localgpt.core.journal import Journal, now

_ROUNDS = 3
_WORTH_KEEPING = 64 * 1024  # bytes of the journal
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class TimeMachine:
    """The history of ``workspace`` in the git repository ``folder``; ``cache`` and ``lock`` are files of its own.

    ``most`` bounds the turns that one call commits. ``owners`` is the owner's own repository, where commits are
    wanted there too.
    """

    folder: Path
    workspace: Path
    journal: Journal
    cache: Path
    lock: Path
    owners: OwnersRepository | None = None
    most: int = 200
    clock: Callable[[], datetime] = now
    _known: Known | None = field(default=None, init=False, repr=False)

    @property
    def repository(self) -> Repository:
        """The repository, for reading; making it if it isn't there."""
        return Repository(self.folder, self.workspace)

    def set_aside(self) -> list[Path]:
        """Repositories that were damaged and are kept beside the one in use."""
        return sorted(self.folder.parent.glob(f"{self.folder.name}.broken-*"))

    def waiting(self) -> bool:
        """Whether the journal may tell of changes that are not committed; takes no lock and loads no git."""
        position = knowing.position(self.cache)
        return pending.grown(self.journal.own, position or Position())

    def commit_turns(self, *, scan: bool = True) -> int:
        """Commit what was changed since, and return how many commits were made.

        A commit for each turn, and for what the owner changed in between. With ``scan`` (15 ms for 5,000 notes) the
        workspace is looked over for the owner's own edits; without, only the journal counts. Where another process
        is at it, nothing is done. A damaged repository is set aside and made anew. Raises ``StorageError``.
        """
        if not scan and not self.waiting():
            return 0
        try:
            with files.lock(self.lock, timeout=0.0):
                return self._sound(scan)
        except Locked:
            return 0

    def _sound(self, look: bool) -> int:
        try:
            return self._round(look)
        except Damaged as error:
            self._renew(error)
        except StorageError:
            try:
                self.repository.check()
            except Damaged as error:
                self._renew(error)
            else:
                raise
        return self._round(look)

    def _renew(self, error: Damaged) -> None:
        """Make place for a new repository; what the journal holds comes back into it."""
        place = self.repository.set_aside(self.clock())
        self._known = None
        _log.warning("%s It was set aside as %s", error, place.name)

    def _round(self, look: bool) -> int:
        return _Commits(self, look).run()


class _Commits:
    """One call's work, under the lock."""

    def __init__(self, machine: TimeMachine, look: bool) -> None:
        self._machine, self._look = machine, look
        self._root = os.path.realpath(machine.workspace)
        self._made = 0
        self._repository: Repository | None = None
        self._known = self._recalled()

    @property
    def _git(self) -> Repository:
        if self._repository is None:
            self._repository = self._machine.repository
        return self._repository

    def _recalled(self) -> Known:
        """What is known from last time, if it is of the repository that is there."""
        now = tip(self._machine.folder)
        known = self._machine._known  # noqa: SLF001 - its own memory
        if known is None or known.head != now:
            known = knowing.load(self._machine.cache)  # another process may have committed
        if known is not None and known.head == now:
            return known
        head = self._git.head()
        tree = self._git.commit_of(head).tree if head else ""
        seen = {path: Seen(entry.id, entry.mode) for path, entry in self._git.files(tree).items()}
        return Known(head, self._position(), seen, fresh=not head)

    def _position(self) -> Position:
        machine = self._machine.journal.machine
        found = (commit.position(machine) for commit in self._git.log())
        return next((one for one in found if one is not None), Position())

    def run(self) -> int:
        head, begin, touched = self._known.head, self._known.position, False
        for _ in range(_ROUNDS):
            done, touched = self._once()
            if done:
                break
        machine = self._machine
        machine._known = self._known  # noqa: SLF001 - as above
        if touched or head != self._known.head or _far(begin, self._known.position):
            knowing.save(machine.cache, self._known)
        return self._made

    def _once(self) -> tuple[bool, bool]:
        """Commit what there is; whether that is all, and whether something new is known of files' looks."""
        machine = self._machine
        found = scan.differences(self._root, self._known.seen) if self._look else []
        lines, end = pending.read(machine.journal.own, self._known.position)
        waiting = pending.pending(lines, end, machine.clock(), self._root)
        held = self._commit_groups(waiting)
        if len(waiting.groups) > machine.most:
            return True, True
        found = [one for one in found if os.fsdecode(one.path) not in held]
        changes = self._owners(found)
        fresh, _ = pending.read(machine.journal.own, self._known.position)
        if changes and fresh and fresh[-1].at > max((line.at for line in lines), default=Position()):
            return False, True  # a turn wrote meanwhile: the journal says which of it is whose
        found_first = {path: one for path, one in changes.items() if path not in self._known.seen}
        if self._known.fresh and found_first:
            self._commit_owners(found_first, first=True)
            changes = {path: one for path, one in changes.items() if path not in found_first}
        if changes:
            self._commit_owners(changes)
        self._known.fresh = self._known.fresh and not self._look
        return True, bool(found)

    # -- turns

    def _commit_groups(self, waiting: pending.Pending) -> frozenset[str]:
        """Commit the turns; the files that are not to be taken for the owner's."""
        groups = waiting.groups[: self._machine.most]
        held, end = waiting.held, waiting.end
        taken = sequence.unwritten(groups, self._present, self._machine.clock())
        left = waiting.groups[taken:]
        if left:
            end = left[0].begin
            held |= {write.path for group in left for write in group.writes}
        groups = [group for group in groups[:taken] if group.writes]
        blob = self._machine.journal.blob
        batches = sequence.batches(groups, Sources(self._committed, self._present, blob)) if groups else []
        for number, batch in enumerate(batches):
            following = batches[number + 1].group.begin if number + 1 < len(batches) else end
            self._commit_batch(batch, batch.group.begin if batch.own else following)
        self._known.position = end
        return held

    def _commit_batch(self, batch: Batch, position: Position) -> None:
        entries = {os.fsencode(path): self._entry(path, content) for path, content in batch.changes.items()}
        if batch.own:
            first = self._known.fresh and entries.keys().isdisjoint(self._known.seen)
            subject, trailers = editor_message(entries, self._known.seen.keys(), first=first)
        else:
            subject, trailers = turn_message(batch, self._known.seen.keys())
            if self._machine.owners is not None:
                self._machine.owners.commit(batch, subject, trailers)
        self._commit(entries, subject, trailers, batch.group.time, position)

    def _entry(self, path: str, content: Content) -> Entry | None:
        if content is None:
            return None
        seen = self._known.seen.get(os.fsencode(path))
        return Entry(FILE if seen is None or seen.mode == LINK else seen.mode, self._git.keep(content))

    def _committed(self, path: str) -> Content:
        seen = self._known.seen.get(os.fsencode(path))
        return None if seen is None else self._git.content(seen.id)

    def _present(self, path: str) -> Content:
        found = scan.content(self._root, os.fsencode(path))
        return None if found is None else found[0]

    # -- the owner

    def _owners(self, found: Sequence[Difference]) -> dict[bytes, tuple[Entry | None, Seen | None]]:
        """What of the workspace differs in truth; what only looks other is known from now on."""
        changes: dict[bytes, tuple[Entry | None, Seen | None]] = {}
        for path, look in found:
            old = self._known.seen.get(path)
            if look is None:
                if old is not None and not os.path.lexists(os.path.join(os.fsencode(self._root), path)):  # noqa: PTH118 - bytes
                    changes[path] = (None, None)
                continue
            read = scan.content(self._root, path)
            if read is None:
                continue
            data, now_look = read
            new = Seen(_id_of(data), now_look.mode, scan.lasting(now_look))
            if old is not None and (old.id, old.mode) == (new.id, new.mode):
                self._known.seen[path] = new
                continue
            changes[path] = (Entry(new.mode, self._git.keep(data)), new)
        return changes

    def _commit_owners(
        self, changes: Mapping[bytes, tuple[Entry | None, Seen | None]], *, first: bool = False
    ) -> None:
        entries = {path: entry for path, (entry, _) in changes.items()}
        subject, trailers = editor_message(entries, self._known.seen.keys(), first=first)
        looks = [seen.look.modified for _, seen in changes.values() if seen and seen.look]
        moment = self._machine.clock()
        if looks:
            moment = min(moment, datetime.fromtimestamp(max(looks) / 1e9, UTC))
        self._commit(entries, subject, trailers, moment, self._known.position)
        self._known.seen.update({path: seen for path, (_, seen) in changes.items() if seen})

    def _commit(
        self,
        entries: Mapping[bytes, Entry | None],
        subject: str,
        trailers: Sequence[tuple[str, str]],
        moment: datetime,
        position: Position,
    ) -> None:
        journal = f"{self._machine.journal.machine}/{position.month} {position.offset}"
        exact = moment.astimezone(UTC).isoformat(timespec="milliseconds")  # git's own has whole seconds
        marked = [*trailers, ("Time", exact), ("Journal", journal if position.month else "")]
        commit: Commit = self._git.commit(entries, subject, marked, moment)
        self._known.head = commit.id
        self._known.position = position
        for path, entry in entries.items():
            if entry is None:
                self._known.seen.pop(path, None)
            else:
                self._known.seen[path] = Seen(entry.id, entry.mode)
        self._made += 1


def _far(begin: Position, end: Position) -> bool:
    """Whether so much of the journal was read that it is worth remembering, even if nothing was changed."""
    return begin.month != end.month or end.offset - begin.offset > _WORTH_KEEPING


def _id_of(data: bytes) -> str:
    import hashlib

    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
