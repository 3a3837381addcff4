"""The program's logs as a person reads them: the last lines, those since a moment or of a level, and what is added."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from localgpt.core import files
from localgpt.core.logs import LEVELS, day_of, file_of, files_in

_PAUSE = 0.2  # seconds
_BLOCK = 64 * 1024


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a log. What is no JSON of ours (a crash tore it) is all ``message``, of level ``info``."""

    time: datetime | None
    level: str
    logger: str
    message: str
    fields: dict[str, Any]

    @property
    def text(self) -> str:
        """The line for people: local time, level, message, fields."""
        when = f"{self.time.astimezone():%Y-%m-%d %H:%M:%S} " if self.time else ""
        extra = "".join(f" {name}={_shown(value)}" for name, value in self.fields.items())
        where = self.logger.removeprefix("localgpt.")
        return f"{when}{self.level.upper():<7} {where + ': ' if where else ''}{self.message}{extra}"

    def as_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        when = self.time.isoformat(timespec="milliseconds") if self.time else None
        line = {"time": when, "level": self.level, "logger": self.logger, "message": self.message}
        return line | ({"fields": self.fields} if self.fields else {})


@dataclass(frozen=True, slots=True)
class Tail:
    """The last lines of today's log (of the last day that has one, where today has none), as text for people.

    ``total_lines`` and ``file_size_bytes`` are of the whole file.
    """

    lines: tuple[str, ...]
    total_lines: int
    file_size_bytes: int


def tail(folder: Path, lines: int, *, today: datetime | None = None) -> Tail:
    """The last ``lines`` of the newest log in ``folder``; an empty one where there is none."""
    own = file_of(folder, today or datetime.now().astimezone())
    found = [own] if own.exists() else files_in(folder)[-1:]
    if not found:
        return Tail((), 0, 0)
    with files.explained("read", found[0]):
        data = found[0].read_bytes()
    every = data.splitlines()
    last = every[-lines:] if lines > 0 else []
    return Tail(tuple(parse(raw).text for raw in last), len(every), len(data))


def lines(folder: Path, *, level: str = "debug", since: datetime | None = None, most: int = 0) -> list[Line]:
    """The lines of all days, the oldest first: of ``level`` or worse, from ``since`` on, at most the last ``most``."""
    found: list[Line] = []
    for path in reversed(files_in(folder)):
        own = [line for line in _lines_of(path) if _wanted(line, level, since)]
        found = own + found
        if (most and len(found) >= most) or (since and day_of(path) < f"{since.astimezone():%Y-%m-%d}"):
            break
    return found[-most:] if most else found


def follow(
    folder: Path,
    *,
    level: str = "debug",
    wait: Callable[[float], object] = time.sleep,
    clock: Callable[[], datetime] = datetime.now,
) -> Iterator[Line]:
    """What is added from now on, for ever; ``wait`` is called with seconds between looks and may end it by raising."""
    path = file_of(folder, clock())
    return _follow(folder, level, wait, clock, path, path.stat().st_size if path.exists() else 0)


def _follow(
    folder: Path,
    level: str,
    wait: Callable[[float], object],
    clock: Callable[[], datetime],
    path: Path,
    read: int,
) -> Iterator[Line]:
    while True:
        raw, read = _added(path, read)
        yield from (line for line in map(parse, raw) if _wanted(line, level, None))
        today = file_of(folder, clock())
        if today != path or _shrunk(path, read):
            path, read = today, 0
        elif not raw:
            wait(_PAUSE)


def parse(raw: bytes) -> Line:
    """One line as it stands in a file."""
    try:
        value = json.loads(raw)
        fields = value.get("fields")
        return Line(
            datetime.fromisoformat(value["time"]),
            str(value["level"]),
            str(value["logger"]),
            str(value["message"]),
            fields if isinstance(fields, dict) else {},
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return Line(None, "info", "", raw.decode("utf-8", "replace").rstrip("\n"), {})


def _lines_of(path: Path) -> list[Line]:
    with files.explained("read", path):
        return [parse(raw) for raw in path.read_bytes().splitlines()]


def _wanted(line: Line, level: str, since: datetime | None) -> bool:
    known = LEVELS.get(line.level, logging.CRITICAL if line.level == "critical" else logging.INFO)
    late = since is None or (line.time is not None and line.time >= since)
    return known >= LEVELS[level] and late


def _added(path: Path, read: int) -> tuple[list[bytes], int]:
    """Whole lines from byte ``read`` on, and where they end."""
    try:
        with path.open("rb") as stream:
            stream.seek(read)
            data = stream.read(_BLOCK * 16)
    except FileNotFoundError:
        return [], read
    end = data.rfind(b"\n") + 1
    return data[:end].splitlines(), read + end


def _shrunk(path: Path, read: int) -> bool:
    """Whether the file was full and another one began."""
    try:
        return path.stat().st_size < read
    except OSError:
        return read > 0


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
