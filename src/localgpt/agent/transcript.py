"""The lines of a conversation's file and the tree they make (OpenClaw's classic JSONL v3). Pure: bytes in, bytes out.

Every line is kept byte for byte, whether it is known, unknown or broken. An entry's parent is found when its line is
read, and always stands before it, so that no file can make a reader go round in circles:

- ``parentId`` names it; a name that isn't there (its line is broken) means the entry before;
- ``null`` makes a root; but after an entry without id (v1, the Rust LocalGPT) it means the entry before;
- an entry without ``id`` or ``parentId`` goes on from the entry before.
"""

from __future__ import annotations

import io
import json
import math
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeAlias

VERSION = 3
HEADER = "session"
SIDE = "side"
"""The ``appendMode`` of an entry that stands beside the conversation: it is written but doesn't become the leaf."""
KINDS = (
    "message",
    "compaction",
    "branch_summary",
    "custom",
    "custom_message",
    "model_change",
    "thinking_level_change",
    "label",
    "session_info",
    "reset",
)
"""The entries that become the leaf; every other is kept, and only passed on the way to the root."""
_BOM = b"\xef\xbb\xbf"
_SCAN: Callable[[str, int], tuple[Any, int]] = json.JSONDecoder().scan_once  # type: ignore[attr-defined]

Json: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: its number (1-based), its bytes with their newline, and what they say.

    ``data`` is ``None`` where the line is no JSON object. ``parent`` is the line of the entry it goes on from, 0 for
    none; ``id`` is empty in files that had none.
    """

    line: int
    raw: bytes
    data: Json | None
    id: str = ""
    parent: int = 0

    @property
    def kind(self) -> str:
        """``message``, ``compaction``, ``custom`` … as the line calls itself; empty for a broken line."""
        kind = self.data.get("type") if self.data is not None else None
        return kind if isinstance(kind, str) else ""

    @property
    def message(self) -> Json:
        """The message of a ``message`` entry; empty for every other."""
        message = self.data.get("message") if self.data is not None and self.kind == "message" else None
        return message if isinstance(message, dict) else {}

    @property
    def time(self) -> datetime | None:
        """When it was written (aware), if the line says so."""
        if self.data is None:
            return None
        return parse_time(self.data.get("timestamp")) or parse_time(self.message.get("timestamp"))


class Transcript:
    """A conversation's lines, fed as the file grows, and the place at which it goes on.

    ``leaf`` is the line of the entry that ends the conversation as it is now, ``next_parent`` the line that a new
    entry goes on from (0: nothing yet); they differ only where a ``leaf`` line says so.
    """

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.header: Json = {}
        self.leaf = 0
        self.next_parent = 0
        self._lines: dict[str, int] = {}

    def feed(self, data: bytes) -> list[Entry]:
        """Read more of the file and return its entries. After a torn line nothing more may be fed."""
        begin = len(self.entries)
        for line, (raw, said) in enumerate(parse_lines(data), begin + 1):
            self.entries.append(self._read(raw, said, line))
        return self.entries[begin:]

    @property
    def torn(self) -> bool:
        """Whether the last line has no newline: its writer was stopped, or didn't care."""
        return bool(self.entries) and not self.entries[-1].raw.endswith(b"\n")

    @property
    def empty(self) -> bool:
        """Whether there is neither a header nor an entry (a file of nothing but broken lines is empty)."""
        return not self.header and not any(entry.kind for entry in self.entries)

    def path(self) -> list[Entry]:
        """The entries from the root to the leaf."""
        found = []
        line = self.leaf
        while line:
            entry = self.entries[line - 1]
            found.append(entry)
            line = entry.parent
        return found[::-1]

    def line_of(self, entry_id: object) -> int:
        """The line of the entry with that id, 0 when there is none."""
        return self._lines.get(entry_id, 0) if isinstance(entry_id, str) else 0

    def line_at(self, index: object) -> int:
        """The line of the ``index``-th readable line, header included (how v1 compactions count), 0 when none."""
        if not isinstance(index, int):
            return 0
        readable = [entry for entry in self.entries if entry.data is not None]
        return readable[index].line if 0 <= index < len(readable) else 0

    def parent_id(self) -> str | None:
        """The ``parentId`` of the next entry; ``None`` at the beginning and after an entry without id."""
        return (self.entries[self.next_parent - 1].id or None) if self.next_parent else None

    def new_id(self) -> str:
        """Eight hex digits that no entry has."""
        while (fresh := secrets.token_hex(4)) in self._lines:
            pass
        return fresh

    def _read(self, raw: bytes, data: dict[str, Any] | None, line: int) -> Entry:
        kind = data.get("type") if data is not None else None
        if data is None or not isinstance(kind, str):
            return Entry(line, raw, data)
        if kind == HEADER:
            self.header = self.header or data
            return Entry(line, raw, data)
        entry_id = data.get("id")
        if not isinstance(entry_id, str):
            entry_id = ""
        move = self._move(data) if kind == "leaf" else None
        parent = move[0] if move else self._parent(data, entry_id)
        self._go_on(line, parent, data, move)
        if entry_id:
            self._lines[entry_id] = line
        return Entry(line, raw, data, entry_id, parent)

    def _parent(self, data: Json, entry_id: str) -> int:
        named = data.get("parentId")
        if isinstance(named, str):
            return self._lines.get(named) or self.next_parent
        is_root = bool(entry_id) and "parentId" in data and named is None
        return 0 if is_root and self.parent_id() is not None else self.next_parent

    def _move(self, data: Json) -> tuple[int, int] | None:
        """The leaf and the next parent that a ``leaf`` line names; ``None`` when it names what isn't there."""
        target = data.get("targetId", "")
        to = target if data.get("appendMode") == SIDE else data.get("appendParentId", target)
        if any(each is not None and not self.line_of(each) for each in (target, to)):
            return None
        return self.line_of(target), self.line_of(to)

    def _go_on(self, line: int, parent: int, data: Json, move: tuple[int, int] | None) -> None:
        """Where the conversation stands after a line. Nobody's own kinds of entries are passed through, not shown."""
        if move:
            self.leaf, self.next_parent = move
        elif data["type"] in KINDS and data.get("appendMode") != SIDE:
            self.leaf = self.next_parent = line
        elif data["type"] not in KINDS and parent == self.next_parent:
            self.next_parent = line


def parse_lines(data: bytes) -> Iterator[tuple[bytes, dict[str, Any] | None]]:
    """Each line of ``data``, with what ``parse_line`` makes of it.

    JSON is scanned where it stands: a copy of each line, and a search for the blanks around it, take as long as the
    scanning itself.
    """
    try:
        text = data.decode("utf-8")
    except ValueError:
        text = ""
    begin = 0
    for raw in io.BytesIO(data):
        end = text.find("\n", begin) if text else -1
        yield raw, _scanned(text, begin, end) or parse_line(raw)
        begin = end + 1


def _scanned(text: str, begin: int, end: int) -> dict[str, Any] | None:
    """The JSON object that takes all of ``text`` from ``begin`` to ``end``; ``None`` where it is not as plain as that."""
    if end < 0:
        return None
    try:
        found, stopped = _SCAN(text, begin)
    except (StopIteration, ValueError, RecursionError):
        return None
    return found if stopped == end and isinstance(found, dict) else None


def parse_line(raw: bytes) -> dict[str, Any] | None:
    """The JSON object in a line, or ``None``: broken, not UTF-8, too deeply nested, or no object."""
    try:
        data = json.loads(raw.removeprefix(_BOM).decode("utf-8"))
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None


def write_line(data: Json) -> bytes:
    """One line for ``data``, newline included; what no reader could read (NaN, lone surrogates) is replaced."""
    try:
        return _dump(data)
    except ValueError:
        return _dump(sayable(data))


def _dump(data: Json) -> bytes:
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=str)
    return text.encode("utf-8") + b"\n"


def sayable(value: Any) -> Any:
    """A JSON value without what nothing could write: lone surrogates are replaced, NaN and infinities ``None``."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, Mapping):
        return {clean(str(key)): sayable(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [sayable(inner) for inner in value]
    return value


def header(session_id: str, *, cwd: str, time: datetime) -> dict[str, Any]:
    """The first line of a new file."""
    return {"type": HEADER, "version": VERSION, "id": session_id, "timestamp": iso(time), "cwd": cwd}


def iso(time: datetime) -> str:
    """``2026-11-23T17:54:27.123Z``, as JavaScript writes it."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def milliseconds(time: datetime) -> int:
    """Since 1970."""
    return round(time.timestamp() * 1000)


def parse_time(value: object) -> datetime | None:
    """A time (aware) from an ISO text or milliseconds since 1970; ``None`` for anything else."""
    try:
        if isinstance(value, str):
            time = datetime.fromisoformat(value)
            return time if time.tzinfo else time.replace(tzinfo=UTC)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        pass
    return None


def clean(value: object) -> str:
    """The text in a JSON value without lone surrogates (nothing could store or print those); empty for no text."""
    if not isinstance(value, str):
        return ""
    if value.isascii():
        return value
    return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
