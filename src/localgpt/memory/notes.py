"""The notes on disk as a source of the index: found by a cheap walk of stats, read and cut into chunks on demand."""

from __future__ import annotations

import os
import re
import stat
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

from localgpt.core.errors import NotFound, UnreadableError
from localgpt.core.files import storage_error
from localgpt.memory.chunks import chunks
from localgpt.memory.encoding import decode
from localgpt.memory.ignoring import NAME as IGNORE
from localgpt.memory.ignoring import Rules
from localgpt.memory.source import Document, Part, Stamp

LARGEST = 10_000_000
"""Bytes; what is larger is no note."""

_SUFFIXES = (".md", ".markdown", ".txt")
_SKIPPED = frozenset({"node_modules", "__pycache__"})


@dataclass(frozen=True, slots=True)
class ExtraFolder:
    """A folder outside the workspace whose files are notes too; ``pattern`` is matched below it."""

    path: Path
    pattern: str = "**/*.md"


class NotesSource:
    """Markdown and plain text under ``root`` and the extra folders; hidden files and folders are left alone."""

    name = "notes"

    def __init__(self, root: Path, extra: Sequence[ExtraFolder] = ()) -> None:
        self._root = root
        self._extra = tuple(extra)
        self._elsewhere: dict[str, str] = {}  # names that are spelled otherwise on disk
        self._twins, self._linked = False, False

    def scan(self) -> Iterator[Stamp]:
        """Every note with its size and time, each file once; what can't be listed is not there."""
        self._twins = False
        walk = _Walk()
        seen = set[str]()
        for base in self._bases():
            for stamp in self._stamps(base, walk.files(base), seen):
                seen.add(stamp.path)
                yield stamp
        self._linked = walk.linked

    def part(self, paths: Collection[str]) -> Part | None:
        """The notes at and below ``paths``; ``None`` where names alone don't tell (links, names spelled alike)."""
        if self._is_unsure() or any(map(_is_rule, paths)):
            return None
        bases = list(self._bases())
        places, stamps = set[str](), dict[str, Stamp]()
        for path in paths:
            for base in bases:
                inside = base.inside(path)
                if inside is None or _is_hidden(inside):
                    continue
                if not inside or not _is_plain(inside) or (found := self._below(base, path, inside)) is None:
                    return None
                places.add(base.prefix + inside)
                stamps |= {stamp.path: stamp for stamp in found}
                break
        return None if self._is_unsure() else Part(frozenset(places), stamps)

    def _is_unsure(self) -> bool:
        return self._linked or self._twins

    def _below(self, base: _Base, path: str, inside: str) -> list[Stamp] | None:
        """The notes at a path and below it; ``None`` when there are links."""
        if base.rules.reason(inside):
            return []
        parent = inside.rpartition("/")[0]
        walk = _Walk()
        entry = _entry(path)
        if entry is None:
            return []
        above = f"{base.prefix}{parent}/" if parent else base.prefix
        found = list(self._stamps(base, walk.of_entries(base, [entry], above), set()))
        return None if walk.linked else found

    def _bases(self) -> Iterator[_Base]:
        yield _base(str(self._root), "", None)
        for folder in self._extra:
            whole = str(folder.path).rstrip("/")
            yield _base(whole, f"{whole}/", _glob(folder.pattern))

    def _stamps(
        self, base: _Base, found: Iterable[tuple[str, os.DirEntry[str]]], seen: set[str]
    ) -> Iterator[Stamp]:
        for prefix, entry in found:
            if not base.takes(prefix + entry.name):
                continue
            try:
                status = entry.stat()
            except OSError:
                continue  # gone, or a link to nowhere
            if stat.S_ISREG(status.st_mode):
                # a restored or copied file may keep its old mtime; its ctime moves all the same
                changed = max(status.st_mtime_ns, status.st_ctime_ns)
                yield Stamp(self._name(prefix, entry, seen), status.st_size, changed)

    def read(self, path: str, resume: int = 0) -> Document:  # noqa: ARG002 - notes are always read whole
        """The note's chunks. Raises ``NotFound``, ``UnreadableError`` (binary, too large) or ``StorageError``."""
        target = self._elsewhere.get(path) or f"{self._root}/{path}"
        try:
            with open(target, "rb", buffering=0) as file:  # noqa: PTH123 - a Path and a buffer take as long as the rest
                data, size = _content(file)
        except FileNotFoundError as error:
            raise NotFound(f"There is no note {path}.") from error
        except OSError as error:
            raise storage_error(error, "read", path) from error
        if len(data) > LARGEST:
            raise UnreadableError(
                f"{path} is too large to be a note ({size / 1e6:.0f} MB).",
                hint=f"Notes of up to {LARGEST // 1_000_000} MB are indexed; split it.",
            )
        return Document(tuple(chunks(path, decode(data, path).text)))

    def _name(self, prefix: str, entry: os.DirEntry[str], seen: set[str]) -> str:
        """The path as the index has it: composed letters, ``/``, no bytes that aren't text."""
        given = prefix + entry.name
        if given.isascii():
            if prefix.startswith(os.sep):
                self._elsewhere[given] = entry.path
            return given
        name = unicodedata.normalize("NFC", os.fsencode(given).decode("utf-8", "replace"))
        if name in seen:
            name = f"{name} ({os.fsencode(given).hex()[-8:]})"  # twins that differ only in how letters are spelled
            self._twins = True
        self._elsewhere[name] = entry.path
        return name


@dataclass(frozen=True, slots=True)
class _Base:
    """A folder of notes: what its notes' names begin with, which files are notes, and what its owner leaves out."""

    folder: str
    prefix: str
    wanted: re.Pattern[str] | None
    rules: Rules

    def inside(self, path: str) -> str | None:
        """A path as it is named in this folder (empty: the folder itself); ``None`` when it is elsewhere."""
        if path == self.folder:
            return ""
        beginning = self.folder.rstrip("/") + "/"
        return path[len(beginning) :] if path.startswith(beginning) else None

    def takes(self, name: str) -> bool:
        """Whether a file is a note, by the whole name that it would have."""
        inside = name[len(self.prefix) :]
        fits = self.wanted.fullmatch(inside) if self.wanted else inside.lower().endswith(_SUFFIXES)
        return bool(fits) and not (self.rules.rules and self.rules.covers(inside))

    def enters(self, name: str) -> bool:
        """Whether a folder may hold notes."""
        return not (self.rules.rules and self.rules.covers(name[len(self.prefix) :], folder=True))


def _base(folder: str, prefix: str, wanted: re.Pattern[str] | None) -> _Base:
    try:
        rules = Rules.parse((Path(folder) / IGNORE).read_text(encoding="utf-8", errors="replace"))
    except OSError:
        rules = Rules()
    return _Base(folder, prefix, wanted, rules)


def _content(file: FileIO) -> tuple[bytes, int]:
    """A file's bytes, at most one more than a note may have, and its size."""
    size = os.fstat(file.fileno()).st_size
    parts, left = list[bytes](), LARGEST + 1
    while left and (part := file.read(min(left, size + 1))):
        parts.append(part)
        left -= len(part)
    return b"".join(parts), size


def _is_rule(path: str) -> bool:
    return path.endswith("/" + IGNORE)


def _is_hidden(inside: str) -> bool:
    return any(part.startswith(".") or part in _SKIPPED for part in inside.split("/"))


def _is_plain(inside: str) -> bool:
    """Whether a name is spelled as the index has it."""
    return inside.isascii() or (unicodedata.is_normalized("NFC", inside) and "\ufffd" not in inside)


class _Walk:
    """One way through folders, each entered once; ``linked`` when a link was met."""

    def __init__(self) -> None:
        self.linked = False
        self._walked: set[tuple[int, int]] = set()

    def files(self, base: _Base) -> Iterator[tuple[str, os.DirEntry[str]]]:
        """The files below a folder with the path of the one that they are in. Linked folders come last."""
        return self.of_entries(base, _entries(base.folder, self._walked), base.prefix)

    def of_entries(
        self, base: _Base, entries: list[os.DirEntry[str]], prefix: str
    ) -> Iterator[tuple[str, os.DirEntry[str]]]:
        """The files among ``entries`` and below the folders among them."""
        waiting, links = list[tuple[str, str]](), list[tuple[str, str]]()
        while True:
            for entry in entries:
                if entry.name.startswith(".") or entry.name in _SKIPPED:
                    continue
                is_link = entry.is_symlink()
                self.linked |= is_link
                if not _is_folder(entry):
                    yield prefix, entry
                elif base.enters(prefix + entry.name):
                    (links if is_link else waiting).append((entry.path, f"{prefix}{entry.name}/"))
            if not (waiting or links):
                return
            folder, prefix = waiting.pop() if waiting else links.pop()
            entries = _entries(folder, self._walked)


def _entry(path: str) -> os.DirEntry[str] | None:
    """What a folder would list under this path."""
    folder, name = os.path.split(path)
    try:
        with os.scandir(folder) as entries:
            return next((entry for entry in entries if entry.name == name), None)
    except OSError:
        return None


def _entries(folder: str, walked: set[tuple[int, int]]) -> list[os.DirEntry[str]]:
    try:
        status = os.stat(folder)  # noqa: PTH116 - the walk is on strings, Path objects double its time
        identity = (status.st_dev, status.st_ino)
        if identity in walked:
            return []
        walked.add(identity)
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError:
        return []  # gone, or not ours to list


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False  # a loop of links


_GLOB = {"**/": "(?:[^/]+/)*", "**": ".*", "*": "[^/]*", "?": "[^/]"}


def _glob(pattern: str) -> re.Pattern[str]:
    """``**/`` is any folders, ``*`` any letters of one name, ``?`` one letter."""
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", pattern)
    return re.compile("".join(_GLOB.get(part) or re.escape(part) for part in parts), re.DOTALL)
