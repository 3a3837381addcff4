"""The one writer of notes.

Every write is the same four steps under one lock per file: read what is there, build the ``Change`` with the
bytes before and after, hand it to ``record`` (the journal: written ahead, so a change is never unrecorded),
then write. What reads fine stays byte for byte as its owner spelled it (``encoding``).
"""

from __future__ import annotations

import contextlib
import difflib
import hashlib
import os
import stat
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from localgpt.core import files
from localgpt.core.errors import Conflict, NotFound, StorageError, UnreadableError, UsageError
from localgpt.core.paths import short_hash
from localgpt.core.values import Author, Change, Span
from localgpt.memory import remembering
from localgpt.memory.encoding import NoteText, addition, decode, encode, lines, rewrite
from localgpt.memory.places import Place, Places

LARGEST_NOTE = 10 * 1024 * 1024
"""Bytes; a longer file is not a note."""

_NOTE_ENDINGS = {".md", ".markdown", ".txt"}
_LASTING = {"memory": "MEMORY.md", "user": "USER.md"}
_TITLES = {"MEMORY.md": "Memory", "USER.md": "User"}


@dataclass(frozen=True, slots=True)
class Note:
    """Lines ``start`` to ``end`` of a note (1-based; ``end`` is ``start - 1`` when there are none).

    ``text`` has line feeds between its lines; ``total`` counts all lines; ``sha256`` is of the whole file's bytes.
    """

    path: str
    text: str
    start: int
    end: int
    total: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Remembered:
    """Where something remembered stands, as it stands there. ``change`` is ``None`` if it was there already."""

    span: Span
    text: str
    change: Change | None


def _now() -> datetime:
    return datetime.now().astimezone()


def _unrecorded(_change: Change) -> None:
    """For a workspace without a journal."""


class Workspace:
    """The owner's folder of notes, and the other folders they have opened.

    ``locks`` is the folder for lock files (the home's state, never the workspace). ``allowed`` folders may be
    read and written, ``readable`` ones read; ``forbidden`` ones neither, wherever they are.
    ``record`` gets each ``Change`` before it happens; if it raises, nothing is written.
    """

    def __init__(
        self,
        root: Path,
        *,
        locks: Path,
        allowed: Sequence[Path] = (),
        readable: Sequence[Path] = (),
        forbidden: Sequence[Path] = (),
        record: Callable[[Change], None] = _unrecorded,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        self.root = root
        self._places = Places(root, allowed=allowed, readable=readable, forbidden=forbidden)
        self._locks = locks
        self._record = record
        self._clock = clock

    def locate(self, path: str, *, writing: bool = False) -> Place:
        """The file that ``path`` means, resolved. Raises ``OutsideError`` (not open) or ``UsageError`` (no path)."""
        return self._places.locate(path, writing=writing)

    def read(self, path: str, start: int = 1, end: int | None = None) -> Note:
        """Lines ``start`` to ``end`` of a note; lines it doesn't have are left out.

        Raises ``NotFound``, ``OutsideError``, ``UnreadableError`` (no text, or more than ``LARGEST_NOTE``).
        """
        place = self.locate(path)
        data = _bytes(place)
        if data is None:
            raise _not_found(place)
        every = lines(decode(data, place.name).text)
        start = max(start, 1)
        end = max(min(len(every) if end is None else end, len(every)), start - 1)
        return Note(place.name, "".join(every[start - 1 : end]), start, end, len(every), _sha256(data))

    def replace(self, path: str, text: str, author: Author, *, expected: str | None = None) -> Change:
        """Make ``text`` the whole note, atomically; what is there already is no change and not recorded.

        ``expected`` is the ``sha256`` the note was read at (empty: it must not be there yet); if the file is
        another by now, ``Conflict`` is raised and nothing is written.
        """
        place = self._writable(path)
        with self._locked(place):
            before = _bytes(place)
            _check_expected(place, before, expected)
            return self._replace(_rewriting(place, before, text, author))

    def append(self, path: str, text: str, author: Author) -> Change:
        """Add ``text`` as new lines at the note's end (made if missing)."""
        place = self._writable(path)
        with self._locked(place):
            return self._append(place, _bytes(place), text, author)

    def remember(self, text: str, author: Author, to: str = "daily") -> Remembered:
        """Write ``text`` as one list item: into today's note, ``memory``, ``user``, or a note by its path.

        What the note says already (today's note, for ``daily``) is not written twice.
        """
        if remembering.is_blank(text):
            raise UsageError("There is nothing to remember.", hint="Give the text to keep.")
        now = self._clock()
        place = self._writable(_target_of(to, now))
        title = _TITLES.get(place.name) or place.target.stem
        entry = (
            remembering.daily_entry(text, now)
            if to == "daily"
            else remembering.lasting_entry(text, now.date())
        )
        with self._locked(place):
            before = _bytes(place)
            note = decode(before or b"", place.name).text
            if found := remembering.find(note, entry):
                return Remembered(_span(place, found, len(entry.lines)), _shown(entry), None)
            text = remembering.addition(note, entry, title)
            change = self._append(place, before, text, author, last=len(entry.lines))
        first = change.span.end - len(entry.lines) + 1
        return Remembered(_span(place, first, len(entry.lines)), _shown(entry), change)

    def remembering(self, to: str) -> str:
        """The path that ``remember`` would write to now. Raises ``UsageError`` when ``to`` is no note."""
        return _target_of(to, self._clock())

    def delete(self, path: str, author: Author, *, expected: str | None = None) -> Change:
        """Delete a note; its bytes are in the recorded ``Change``. ``expected`` as in ``replace``."""
        place = self._writable(path)
        with self._locked(place):
            before = _bytes(place)
            if before is None:
                raise _not_found(place)
            _check_expected(place, before, expected)
            change = Change(place.name, str(place.target), before, None, Span(place.name, 0, 0), author)
            self._record(change)
            files.remove(place.target)
            return change

    def move(self, path: str, to: str, author: Author, *, expected: str | None = None) -> Change:
        """Give a note another path, to the byte; returns the change that made it there.

        Recorded as two changes, the new file and the old one's end: killed in between, both are there. ``expected`` as
        in ``replace``. Raises ``NotFound``, and ``Conflict`` when something is at ``to`` already.
        """
        old, new = self._writable(path), self._writable(to)
        if old.target == new.target:
            raise UsageError(f"{old.name} has that name already.", hint="Give another one.")
        with contextlib.ExitStack() as locks:
            for place in sorted(
                (old, new), key=lambda one: str(one.target)
            ):  # one order, or two moves could wait for
                locks.enter_context(self._locked(place))  # each other
            data = _bytes(old)
            if data is None:
                raise _not_found(old)
            _check_expected(old, data, expected)
            _check_expected(new, _bytes(new), "")
            whole, made = str(old.target), str(new.target)
            change = Change(
                new.name, made, None, data, Span(new.name, 0, 0), author, text="", moved_from=old.name
            )
            self._record(change)
            files.replace(new.target, data)
            self._record(Change(old.name, whole, data, None, Span(old.name, 0, 0), author))
            files.remove(old.target)
            return change

    def content(self, path: str) -> bytes | None:
        """A file's bytes, whatever they are; ``None`` when it is not there."""
        return _bytes(self.locate(path))

    def restore(self, path: str, data: bytes | None, author: Author, *, expected: bytes | None) -> Change:
        """Make a file what it was, to the byte (``None``: not there), if it is still as ``expected``, else ``Conflict``.

        Recorded as any change, but nobody's new words: each line stays whose it was.
        """
        place = self._writable(path)
        with self._locked(place):
            before = _bytes(place)
            _check_expected(place, before, "" if expected is None else _sha256(expected))
            change = Change(
                place.name, str(place.target), before, data, Span(place.name, 0, 0), author, text=""
            )
            if before != data:
                self._record(change)
                _put(place.target, data)
            return change

    def _writable(self, path: str) -> Place:
        place = self.locate(path, writing=True)
        if place.target.exists() and not os.access(place.target, os.W_OK):
            # an atomic replace would go through: it needs the folder's permission, not the file's
            raise StorageError(
                f"Can't write {place.name}: it is read-only.",
                hint="Make the file writable, or name another one.",
            )
        return place

    def _locked(self, place: Place) -> AbstractContextManager[None]:
        return files.lock(self._locks / f"note-{short_hash(str(place.target))}.lock")

    def _replace(self, change: Change) -> Change:
        if change.after is not None and change.after != change.before:
            self._record(change)
            files.replace(Path(change.target), change.after)
        return change

    def _append(
        self, place: Place, before: bytes | None, text: str, author: Author, last: int | None = None
    ) -> Change:
        """Add to the file itself, not by replacing it.

        An editor knows nothing of our lock. What it saves between our reading and our writing would be lost
        by a replace; added bytes lose nothing, and reach a program that holds the file open. The entry has
        lines of its own, so a crash in mid-write can tear only this one, which nobody was told is there yet.
        Only the ``last`` lines count as the author's: a title made for them does not.
        """
        _check_text(text, place)
        note = decode(before or b"", place.name)
        try:
            added = addition(note, text)
        except UnicodeEncodeError:  # an old encoding without these letters: the note becomes UTF-8
            joined = note.text + addition(NoteText(note.text), text).decode()
            return self._replace(_rewriting(place, before, joined, author))
        after = _checked_size((before or b"") + added, place)
        every = lines(decode(after, place.name).text)
        first = len(lines(note.text)) + 1 if last is None else len(every) - last + 1
        span = Span(place.name, first, len(every))
        new = "".join(every[first - 1 :]).removesuffix("\n")
        change = Change(place.name, str(place.target), before, after, span, author, (span,), new)
        self._record(change)
        files.append(place.target, added)
        return change


def _put(target: Path, data: bytes | None) -> None:
    if data is None:
        files.remove(target)
    else:
        files.replace(target, data)


def _rewriting(place: Place, before: bytes | None, text: str, author: Author) -> Change:
    _check_text(text, place)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    note = decode(before or b"", place.name)
    if text and not text.endswith("\n") and (not note.text or note.text.endswith("\n")):
        text += "\n"
    new = rewrite(before or b"", note, text)
    spans = tuple(Span(place.name, first, last) for first, last in new.spans)
    whole = Span(place.name, spans[0].start, spans[-1].end) if spans else Span(place.name, 0, 0)
    data = _checked_size(new.data, place)
    every = lines(text)
    lately = "".join(line for span in spans for line in every[span.start - 1 : span.end])
    return Change(
        place.name, str(place.target), before, data, whole, author, spans, lately.removesuffix("\n")
    )


def _bytes(place: Place) -> bytes | None:
    """The file's bytes, ``None`` if it is not there. Never waits on a pipe, never reads a device."""
    flags = (
        os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    )
    with files.explained("read", place.name):
        try:
            descriptor = os.open(place.target, flags)
        except FileNotFoundError:
            return None
        try:
            _check_kind(os.fstat(descriptor), place)
            with os.fdopen(descriptor, "rb", closefd=False) as file:
                return file.read(LARGEST_NOTE + 1)
        finally:
            os.close(descriptor)


def _check_kind(status: os.stat_result, place: Place) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise UnreadableError(f"{place.name} is a folder.", hint="Name a file in it.")
    if not stat.S_ISREG(status.st_mode):
        raise UnreadableError(f"{place.name} is a device or a pipe, not a file.", hint="Name a text file.")
    if status.st_size > LARGEST_NOTE:
        raise _too_large(place, status.st_size)


def _too_large(place: Place, size: int) -> UnreadableError:
    return UnreadableError(
        f"{place.name} has {size / 1024**2:.1f} MB; a note may have {LARGEST_NOTE // 1024**2}.",
        hint="Split it, or keep it outside the workspace.",
    )


def _checked_size(data: bytes, place: Place) -> bytes:
    if len(data) > LARGEST_NOTE:
        raise _too_large(place, len(data))
    return data


def _check_text(text: str, place: Place) -> None:
    decode(encode(text), place.name)  # what could not be read back as text is not written


def _check_expected(place: Place, before: bytes | None, expected: str | None) -> None:
    found = "" if before is None else _sha256(before)
    if expected is None or expected == found:
        return
    if not expected:
        raise Conflict(f"{place.name} is there already.", hint="Read it first, or choose another name.")
    raise Conflict(
        f"{place.name} has changed since it was read."
        if found
        else f"{place.name} is gone since it was read.",
        hint="Read it again and repeat the change.",
    )


def _not_found(place: Place) -> NotFound:
    try:
        with os.scandir(place.target.parent) as found:
            names = [entry.name for entry in found]
    except OSError:
        names = []
    near = difflib.get_close_matches(place.target.name, names[:2000], n=1)
    return NotFound(
        f"There is no file {place.name}.",
        hint=f"Did you mean {near[0]}?" if near else "Search, or list the folder.",
    )


def _target_of(to: str, now: datetime) -> str:
    if to == "daily":
        return f"memory/{now:%Y-%m-%d}.md"
    if to in _LASTING:
        return _LASTING[to]
    if not to.rpartition("/")[2].strip(" ."):
        raise UsageError(f"{to!r} names no note.", hint="Name a Markdown file, or daily, memory or user.")
    ending = Path(to).suffix.lower()
    if ending and ending not in _NOTE_ENDINGS:
        raise UsageError(f"{to} is no note.", hint="Name a Markdown file, or daily, memory or user.")
    return to if ending else f"{to}.md"


def _span(place: Place, first: int, count: int) -> Span:
    return Span(place.name, first, first + count - 1)


def _shown(entry: remembering.Entry) -> str:
    return "\n".join(entry.lines)


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
