"""HEARTBEAT.md, read: what to look after unasked. OpenClaw's meaning, with open boxes as a queue and ``watch:``.

Pure. ``docs/heartbeat.md`` has the format.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from localgpt.scheduler import duration

LARGEST = 256 * 1024
"""Bytes; a longer file is not read."""
MOST_ITEMS = 200

_BOX = re.compile(r"[-*+]\s{1,4}\[([ xX]?)\]\s{1,8}(\S.*)")
_STUB = re.compile(r"[-*+](?:\s{1,8}\[[ xX]?\])?")
_HEADING = re.compile(r"#+(?:\s|$)")
_FENCE = re.compile(r"(?:```|~~~)\s{0,8}[\w+-]{0,40}")
_NAMED = re.compile(r"-\s{1,8}name:\s{0,8}(.*)")
_NAMELESS = re.compile(r"-\s{1,8}(?:interval|prompt|watch):")
_FIELD = re.compile(r"\s{1,40}(interval|prompt|watch):\s{0,8}(.*)")
_WATCH = re.compile(r"watch:\s{0,8}(\S.*)", re.IGNORECASE)
_YEARS = range(1971, 9000)  # others have no place on some clocks
_MOMENT = re.compile(r"(?<!\S)@([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[ T]([0-9]{1,2}:[0-9]{2}))?(?!\S)")


class Kind(StrEnum):
    """What an entry is: one of a ``tasks:`` block, an open box, or all the rest of the text."""

    TASK = "task"
    BOX = "box"
    PROSE = "prose"


@dataclass(frozen=True, slots=True)
class Entry:
    """Something to look after. ``prompt`` is the owner's text; ``watch`` lists what has to change before it is due.

    ``every`` is in seconds: ``None`` is the heartbeat's interval, and a negative one is never due (it could not be
    read). ``not_before`` is a naive moment of the owner's clock. ``line`` is a box's, 1-based.
    """

    kind: Kind
    name: str
    prompt: str
    every: float | None = None
    watch: tuple[str, ...] = ()
    not_before: datetime | None = None
    line: int = 0
    key: str = ""


@dataclass(frozen=True, slots=True)
class HeartbeatFile:
    """What stands in HEARTBEAT.md. ``beside`` is the prose where there are tasks: it goes along with each of them."""

    entries: tuple[Entry, ...] = ()
    empty: bool = True
    beside: str = ""
    ticked: int = 0


def is_empty(text: str) -> bool:
    """Whether nothing in the text asks for anything: comments, headings, empty list items and fences do not."""
    return not any(_says_something(line) for line in without_comments(text).split("\n"))


def _says_something(line: str) -> bool:
    line = line.strip()
    return bool(line) and not (_HEADING.match(line) or _STUB.fullmatch(line) or _FENCE.fullmatch(line))


def without_comments(text: str) -> str:
    """The text without ``<!-- … -->``, over several lines too; each line keeps its number."""
    parts: list[str] = []
    place = 0
    while (begin := text.find("<!--", place)) >= 0:
        end = text.find("-->", begin + 4)
        if end < 0:
            break  # never closed: it is text
        parts += [text[place:begin], "\n" * text.count("\n", begin, end)]
        place = end + 3
    return "".join([*parts, text[place:]])


def read(text: str) -> HeartbeatFile:
    """What ``text`` asks for."""
    if is_empty(text):
        return HeartbeatFile()
    lines = without_comments(text).split("\n")
    block, taken = _block(lines)
    tasks = tuple(_tasks(lines[slice(*block)])) if block else ()
    boxes, ticked = _boxes(lines, taken)
    prose, watch = _prose(lines, taken)
    entries = [*tasks, *boxes]
    if prose and not tasks:
        entries.append(Entry(Kind.PROSE, "HEARTBEAT.md", prose, watch=watch))
    return HeartbeatFile(
        _keyed(entries[:MOST_ITEMS]), empty=False, beside=prose if tasks else "", ticked=ticked
    )


def _block(lines: list[str]) -> tuple[tuple[int, int] | None, set[int]]:
    """Where the items of the ``tasks:`` block stand, and the lines that belong to it."""
    begin = next((number for number, line in enumerate(lines) if line.strip() == "tasks:"), None)
    if begin is None:
        return None, set()
    end = begin + 1
    while end < len(lines) and _goes_on(lines[end]):
        end += 1
    return (begin + 1, end), set(range(begin, end))


def _goes_on(line: str) -> bool:
    """Whether a line still belongs to a ``tasks:`` block: an item, what is indented, or nothing."""
    return not line.strip() or line[0].isspace() or bool(_NAMED.match(line) or _NAMELESS.match(line))


def _tasks(lines: list[str]) -> Iterator[Entry]:
    """The items with a name, an interval and a prompt; without one of them an item does not count."""
    for fields in _items(lines):
        if all(fields.get(name) for name in ("name", "interval", "prompt")):
            every = duration.seconds(fields["interval"])
            watch = (fields["watch"],) if fields.get("watch") else ()
            name, prompt = fields["name"], fields["prompt"]
            yield Entry(Kind.TASK, name, prompt, -1.0 if every is None else every, watch)


def _items(lines: list[str]) -> Iterator[dict[str, str]]:
    """The fields of each item."""
    fields: dict[str, str] = {}
    for line in lines:
        named = _NAMED.match(line.lstrip())
        if named or _NAMELESS.match(line.lstrip()):
            yield fields
            fields = {"name": _unquoted(named[1])} if named else {}
        elif field := _FIELD.fullmatch(line):
            fields[field[1]] = _unquoted(field[2])
    yield fields


def _unquoted(text: str) -> str:
    text = text.strip()
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else text


def _boxes(lines: list[str], taken: set[int]) -> tuple[list[Entry], int]:
    """The open boxes with what is indented below them, and how many are ticked; their lines are then taken."""
    found: list[Entry] = []
    ticked = 0
    for number, line in enumerate(lines):
        box = _BOX.fullmatch(line.rstrip()) if number not in taken else None
        if box is None:
            continue
        end = number + 1
        while end < len(lines) and lines[end].strip() and lines[end][0].isspace():
            end += 1
        taken.update(range(number, end))
        ticked += box[1] in {"x", "X"}
        if box[1] not in {"x", "X"}:
            found.append(_box(box[2].strip(), lines[number + 1 : end], number + 1))
    return found, ticked


def _box(words: str, below: list[str], line: int) -> Entry:
    watch = tuple(match[1].strip() for row in below if (match := _WATCH.fullmatch(row.strip())))
    rest = [row.rstrip() for row in below if not _WATCH.fullmatch(row.strip())]
    entry = Entry(Kind.BOX, words, "\n".join([words, *rest]), watch=watch, line=line)
    return replace(entry, not_before=_moment(words))


def _moment(words: str) -> datetime | None:
    """The first ``@2026-11-27`` or ``@2026-11-27 09:00`` in the words that is a moment."""
    for found in _MOMENT.finditer(words):
        try:
            moment = datetime.fromisoformat(f"{found[1]}T{(found[2] or '0:00').zfill(5)}")
        except ValueError:
            continue
        if moment.year in _YEARS:
            return moment
    return None


def _prose(lines: list[str], taken: set[int]) -> tuple[str, tuple[str, ...]]:
    """What else is said, headings kept where anything is; and what it watches."""
    rest = [line for number, line in enumerate(lines) if number not in taken]
    watch = tuple(match[1].strip() for line in rest if (match := _WATCH.fullmatch(line)))
    rest = [line for line in rest if not _WATCH.fullmatch(line)]
    return ("\n".join(rest).strip() if any(map(_says_something, rest)) else ""), watch


def _keyed(entries: list[Entry]) -> tuple[Entry, ...]:
    """Each with a key that no other has: tasks by name, boxes by their words, so that they may move."""
    seen: dict[str, int] = {}
    keyed = []
    for entry in entries:
        own = (
            entry.name if entry.kind is Kind.TASK else _short(entry.prompt if entry.kind is Kind.BOX else "")
        )
        key = f"{entry.kind}:{own[:80]}"
        seen[key] = seen.get(key, 0) + 1
        keyed.append(replace(entry, key=key if seen[key] == 1 else f"{key}#{seen[key]}"))
    return tuple(keyed)


def _short(text: str) -> str:
    return (
        hashlib.sha256(" ".join(text.split()).encode("utf-8", "surrogatepass")).hexdigest()[:10]
        if text
        else ""
    )


def with_tick(text: str, entry: Entry) -> str | None:
    """The text with that box ticked, wherever it stands by now; ``None`` if it is not open there any more."""
    found = next((one for one in read(text).entries if one.key == entry.key and one.kind is Kind.BOX), None)
    if found is None:
        return None
    lines = text.split("\n")
    lines[found.line - 1] = re.sub(r"\[ ?\]", "[x]", lines[found.line - 1], count=1)
    return "\n".join(lines)
