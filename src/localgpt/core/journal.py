"""The journal: what was read, sent, changed and said, as one append-only chain of JSON lines per machine.

It holds facts *about* texts (places, hashes, counts, reasons), never the texts: those stand in notes and
conversations, and what a change replaced lies beside the journal in ``blobs/`` under its SHA-256. Each line
carries the hash of the line before it, so a line that was taken out or altered shows. ``docs/journal.md`` has
the format.
"""

from __future__ import annotations

import hashlib
import heapq
import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from localgpt.core import files
from localgpt.core.paths import machine_name
from localgpt.core.redact import redact
from localgpt.core.values import Change, Chunk, Origin

VERSION = 1
GENESIS = "0" * 64

_TAIL = 64 * 1024
_LEAST_SECRET = 8
_LOOK_AROUND = (
    1.0  # seconds; other machines' journals come by a sync, our own by a write that is seen at once
)


def now() -> datetime:
    """The present, in UTC."""
    return datetime.now(UTC)


@dataclass(slots=True)
class Journal:
    """The journal in ``folder`` (one sub-folder per machine); appends go to this machine's part."""

    folder: Path
    machine: str = field(default_factory=machine_name)
    clock: Callable[[], datetime] = now

    @property
    def own(self) -> Path:
        """This machine's part of the journal."""
        return self.folder / self.machine

    def month(self, moment: datetime) -> Path:
        """The file of this machine that takes what happens at ``moment``."""
        return self.own / f"{moment.astimezone(UTC):%Y-%m}.jsonl"

    def append(self, kind: str, **fields: Any) -> None:
        """Add one line (fsynced) under this machine's lock. ``fields`` must be JSON values; keys in them are taken out.

        Of a change to a file all is kept as it is: its path is needed to put it back.
        """
        if kind != "file.changed":
            fields = {name: _without_secrets(value) for name, value in fields.items()}
        files.make_folder(self.own, mode=files.PRIVATE_FOLDER)
        with files.lock(self.own / ".lock"):
            moment = self.clock().astimezone(UTC)
            previous, torn = self._last_line()
            entry = {"v": VERSION, "ts": moment.isoformat(timespec="milliseconds"), "kind": kind, **fields}
            entry["prev"] = digest(previous) if previous is not None else GENESIS
            line = json.dumps(entry, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
            month = self.month(moment)
            files.append(month, (b"\n" if torn == month else b"") + line + b"\n", mode=files.PRIVATE_FILE)

    def _last_line(self) -> tuple[bytes | None, Path | None]:
        """The last raw line of this machine, and the file that ends without a newline (after a crash), if any."""
        for month in sorted(self.own.glob("*.jsonl"), reverse=True):
            line, torn = _tail(month)
            if line is not None:
                return line, month if torn else None
        return None, None

    def change(self, change: Change) -> None:
        """Record a write before it happens, with what is needed to put the file back.

        An append needs only the old size; anything else keeps the old content as a blob, and a replacement the new
        one too: with both, what the owner edits later can be told from what the change did.
        """
        operation = _operation(change)
        if change.before is not None and operation != "append":
            self._keep(change.before)
        if change.after is not None and operation == "replace":
            self._keep(change.after)
        self.append(
            "file.changed",
            turn=change.author.turn,
            session=change.author.session,
            door=change.author.door,
            op=operation,
            path=change.path,
            target=change.target,
            before=_state(change.before),
            after=_state(change.after),
            origin=change.author.origin.value,
            start=change.span.start,
            end=change.span.end,
            lines=_line_marks(change),
            **({"moved_from": change.moved_from} if change.moved_from else {}),
        )

    def _keep(self, data: bytes) -> None:
        name = digest(data)
        place = self.own / "blobs" / name[:2] / name
        if not place.exists():
            files.replace(place, data, mode=files.PRIVATE_FILE)

    def blob(self, sha256: str) -> bytes | None:
        """The content that some change replaced, by its hash; ``None`` if no machine's journal has it here."""
        for place in self.folder.glob(f"*/blobs/{sha256[:2]}/{sha256}"):
            with files.explained("read", place):
                return place.read_bytes()
        return None

    def entries(self, *kinds: str) -> Iterator[dict[str, Any]]:
        """All readable entries of all machines in the order of time; only of ``kinds`` if any are given."""
        machines = [
            _entries_of(folder, kinds) for folder in sorted(self.folder.glob("*/")) if folder.is_dir()
        ]
        return heapq.merge(*machines, key=lambda entry: str(entry.get("ts", "")))

    def backwards(self, *kinds: str) -> Iterator[dict[str, Any]]:
        """The same with the last first: whoever stops early has read only the ends of the files."""
        machines = [
            _entries_back(folder, kinds) for folder in sorted(self.folder.glob("*/")) if folder.is_dir()
        ]
        return heapq.merge(*machines, key=lambda entry: str(entry.get("ts", "")), reverse=True)

    def added(self, month: str, start: int, kind: str) -> tuple[list[dict[str, Any]], int]:
        """This machine's entries of ``kind`` in a month (``2026-11``) from byte ``start`` on, and where they end.

        Only whole lines count; who asks again with that end gets what was added since.
        """
        return _added(self.own / f"{month}.jsonl", start, kind)

    def more(self, read: dict[Path, int], kind: str) -> list[dict[str, Any]]:
        """What all machines have added of ``kind``, in the order of time. ``read`` says up to which byte each file is
        known already, and is moved on.
        """
        found = []
        for path in sorted(self.folder.glob("*/*.jsonl")):
            if path.stat().st_size != read.get(path, 0):
                entries, read[path] = _added(path, read.get(path, 0), kind)
                found += entries
        return sorted(found, key=lambda entry: str(entry.get("ts", "")))

    def verify(self) -> list[str]:
        """What is wrong with the chains: a sentence for each place where a line is missing, altered or torn."""
        return [
            problem
            for folder in sorted(self.folder.glob("*/"))
            if folder.is_dir()
            for problem in _verify(folder)
        ]


def _without_secrets(value: Any) -> Any:
    if isinstance(value, str):
        return redact(value) if len(value) >= _LEAST_SECRET else value
    if isinstance(value, list | tuple):
        return [_without_secrets(one) for one in value]
    if isinstance(value, dict):
        return {name: _without_secrets(one) for name, one in value.items()}
    return value


class Origins:
    """Who wrote a passage, as far as the journal knows: a text that nobody journalled is the owner's.

    Lines are known by their content, so that a passage keeps its origin when it moves within its note.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._known: dict[str, dict[str, Origin]] = {}
        self._read: dict[Path, int] = {}
        self._seen: tuple[Path, int] | None = None
        self._looked = 0.0
        self._lock = threading.Lock()

    def __call__(self, chunk: Chunk) -> Origin:
        """FOREIGN if any line is, ASSISTANT if all lines but headings are, else what the chunk says."""
        marks = self._marks().get(chunk.path)
        if not marks:
            return chunk.origin
        lines = [line.strip() for line in chunk.text.split("\n") if line.strip()]
        if any(marks.get(mark(line)) is Origin.FOREIGN for line in lines):
            return Origin.FOREIGN
        said = {marks.get(mark(line), Origin.OWNER) for line in lines if not line.startswith("#")}
        return Origin.ASSISTANT if said == {Origin.ASSISTANT} else chunk.origin

    def foreign(self) -> frozenset[str]:
        """The notes that hold, or once held, a line of foreign text."""
        marks = self._marks()
        return frozenset(path for path, known in marks.items() if Origin.FOREIGN in known.values())

    def _marks(self) -> dict[str, dict[str, Origin]]:
        """The origin of each marked line by path. What another process has journalled since counts too: it is who
        catches up with a note, not who wrote it, that puts its origin into the index.
        """
        month = self._journal.month(self._journal.clock())
        with self._lock:
            seen = (month, month.stat().st_size if month.exists() else 0)
            if seen != self._seen or time.monotonic() - self._looked > _LOOK_AROUND:
                for entry in self._journal.more(self._read, "file.changed"):
                    self._learn(entry)
                self._seen, self._looked = seen, time.monotonic()
            return self._known

    def _learn(self, entry: dict[str, Any]) -> None:
        try:
            origin = Origin(entry["origin"])
        except (KeyError, ValueError):
            return
        marks = self._known.setdefault(str(entry.get("path", "")), {})
        marks |= self._known.get(str(entry.get("moved_from", "")), {})
        for line in entry.get("lines") or ():
            marks[str(line)] = origin


def digest(data: bytes) -> str:
    """SHA-256 in hex."""
    return hashlib.sha256(data).hexdigest()


def mark(line: str) -> str:
    """Twelve hex digits that stand for a line's content (white space around it does not count)."""
    return hashlib.sha256(line.strip().encode("utf-8", "surrogatepass")).hexdigest()[:12]


def _line_marks(change: Change) -> list[str]:
    return [mark(line) for line in change.new_text.split("\n") if line.strip()]


def _operation(change: Change) -> str:
    if change.before is None:
        return "create"
    if change.after is None:
        return "delete"
    return "append" if _adds_lines(change.before, change.after) else "replace"


def _adds_lines(before: bytes, after: bytes) -> bool:
    """Whether whole lines were added at the end: one that went on in the last line changed that line."""
    if not after.startswith(before):
        return False
    return before.endswith(b"\n") or not before or after[len(before) :].startswith((b"\n", b"\r\n"))


def _state(data: bytes | None) -> dict[str, Any] | None:
    return None if data is None else {"sha256": digest(data), "size": len(data)}


def _tail(path: Path) -> tuple[bytes | None, bool]:
    """The last non-empty line of a file without its newline, and whether the newline is missing."""
    with files.explained("read", path), path.open("rb") as stream:
        size = stream.seek(0, 2)
        window = _TAIL
        while True:
            stream.seek(max(0, size - window))
            data = stream.read(window)
            body = data.rstrip(b"\n")
            cut = body.rfind(b"\n")
            if cut >= 0 or window >= size:
                return (body[cut + 1 :] or None), bool(data) and not data.endswith(b"\n")
            window *= 4


def _added(path: Path, start: int, kind: str) -> tuple[list[dict[str, Any]], int]:
    """The entries of ``kind`` in whole lines from byte ``start`` on, and where those lines end."""
    needle = f'"kind":"{kind}"'.encode()
    found: list[dict[str, Any]] = []
    if not path.exists():
        return found, start
    with files.explained("read", path), path.open("rb") as stream:
        stream.seek(start)
        for raw in stream:
            if not raw.endswith(b"\n"):
                break
            start += len(raw)
            entry = _parse(raw) if needle in raw else None
            if entry is not None and entry.get("kind") == kind:
                found.append(entry)
    return found, start


def _raw_lines(month: Path) -> Iterator[tuple[int, bytes]]:
    with files.explained("read", month), month.open("rb") as stream:
        for number, raw in enumerate(stream, start=1):
            line = raw.rstrip(b"\n")
            if line:
                yield number, line


def _entries_of(folder: Path, kinds: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    for month in sorted(folder.glob("*.jsonl")):
        yield from _entries_in(month, kinds)


def _entries_in(month: Path, kinds: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    return _wanted((line for _, line in _raw_lines(month)), kinds)


def _entries_back(folder: Path, kinds: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    for month in sorted(folder.glob("*.jsonl"), reverse=True):
        yield from _wanted(_lines_back(month), kinds)


def _wanted(lines: Iterable[bytes], kinds: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    needles = [f'"kind":"{kind}"'.encode() for kind in kinds]
    for line in lines:
        if needles and not any(needle in line for needle in needles):
            continue
        entry = _parse(line)
        if entry is not None and (not kinds or entry.get("kind") in kinds):
            yield entry


def _lines_back(month: Path) -> Iterator[bytes]:
    """The lines of a file, the last first, read block by block."""
    with files.explained("read", month), month.open("rb") as stream:
        at, rest = stream.seek(0, 2), b""
        while at:
            size = min(_TAIL, at)
            at -= size
            stream.seek(at)
            rest, *lines = (stream.read(size) + rest).split(b"\n")
            yield from (line for line in reversed(lines) if line)
        if rest:
            yield rest


def _parse(line: bytes) -> dict[str, Any] | None:
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    return entry if isinstance(entry, dict) else None


def _verify(folder: Path) -> Iterator[str]:
    expected = GENESIS
    every = ((month, *line) for month in sorted(folder.glob("*.jsonl")) for line in _raw_lines(month))
    for month, number, line in every:
        place = f"{folder.name}/{month.name}:{number}"
        entry = _parse(line)
        if entry is None:
            yield f"{place} was cut off, by a crash or a full disk."
        elif entry.get("prev") != expected:
            yield f"{place} does not follow the line before it: a line was changed or taken out."
        expected = digest(line)
