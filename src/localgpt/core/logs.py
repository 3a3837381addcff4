"""Logs of the program: one JSON line for each thing worth telling, in a private file a day, without secrets or texts.

The daemon writes from the level of the settings on, a command only warnings and worse. Several processes append to
one file: each line is a single write at its end. ``docs/logs.md`` has the format; ``core/log_reading.py`` reads it.
"""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from localgpt.core import files
from localgpt.core.errors import LocalGPTError, StorageError
from localgpt.core.redact import Redactor

if TYPE_CHECKING:
    from localgpt.core.config import Config
    from localgpt.core.paths import Home

OURS = "localgpt"
LEVELS = {
    "error": logging.ERROR,
    "warn": logging.WARNING,
    "warning": logging.WARNING,
    "info": logging.INFO,
    "debug": logging.DEBUG,
    "trace": logging.DEBUG,
}
"""What ``logging.level`` may be (``warn`` and ``trace`` as the Rust LocalGPT spells them)."""

LARGEST_FILE = 10 * 1024 * 1024
MOST_FILES = 20
"""Of all days together: with ``LARGEST_FILE``, logs never take more than 200 MB."""
LONGEST_MESSAGE = 2000

_FRAMES = 30
_OWN_ATTRIBUTES = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}


def setup(home: Home, config: Config, *, daemon: bool = False, verbose: bool = False) -> None:
    """From now on write what is logged into the home's ``logs/``; called again, it changes nothing but for a daemon.

    ``daemon``: from ``logging.level`` on, and what other libraries warn of. ``verbose``: from ``debug`` on.
    Nothing is made before there is something to write, and a log that can't be written never stops anybody.
    """
    ours, everybody = logging.getLogger(OURS), logging.getLogger()
    old = [one for one in (*ours.handlers, *everybody.handlers) if isinstance(one, LogFile)]
    if old and not daemon:
        return
    for one in old:
        ours.removeHandler(one)
        everybody.removeHandler(one)
    wanted = logging.DEBUG if verbose else LEVELS[config.logging.level]
    level = wanted if daemon or verbose else logging.WARNING
    handler = LogFile(home.logs, days=config.logging.retention_days, secrets=tuple(config.secrets.values()))
    handler.setLevel(level)
    (everybody if daemon else ours).addHandler(handler)
    ours.setLevel(level)


def file_of(folder: Path, day: datetime) -> Path:
    """The file that takes the lines of a day: ``localgpt-2026-11-23.log``."""
    return folder / f"{OURS}-{day:%Y-%m-%d}.log"


def files_in(folder: Path) -> list[Path]:
    """All log files, the oldest first; what a full file of a day became comes before what went on after it."""
    return sorted(folder.glob(f"{OURS}-????-??-??*.log"), key=_age)


def day_of(path: Path) -> str:
    """The day of a log file: ``2026-11-23``."""
    return _age(path)[0]


def _age(path: Path) -> tuple[str, int, int]:
    day, _, part = path.name.removeprefix(f"{OURS}-").removesuffix(".log").partition(".")
    return day, 0 if part else 1, int(part) if part.isdigit() else 0


def _now() -> datetime:
    return datetime.now().astimezone()


class LogFile(logging.Handler):
    """Appends each record as one line; begins a new file each day and when one is full, and takes the old away.

    ``days`` says for how many days files are kept (0: until there are ``MOST_FILES``).
    """

    def __init__(
        self,
        folder: Path,
        *,
        days: int = 0,
        secrets: tuple[str, ...] = (),
        clock: Callable[[], datetime] = _now,
    ) -> None:
        super().__init__()
        self.folder = folder
        self._days, self._secrets, self._clock = days, secrets, clock
        self._redact: Redactor | None = None
        self._pruned = ""

    def emit(self, record: logging.LogRecord) -> None:
        """Write the record; where that can't be, it is lost: logging must never end what it tells of."""
        try:
            now = self._clock()
            line = (
                as_line(record, now, self._redactor(), quoting=self.level == logging.DEBUG).encode(
                    "utf-8", "backslashreplace"
                )
                + b"\n"
            )
            self._write(file_of(self.folder, now), line, now)
        except (StorageError, OSError, ValueError, TypeError):
            return

    def _redactor(self) -> Redactor:
        if self._redact is None:
            self._redact = Redactor(self._secrets)
        return self._redact

    def _write(self, path: Path, line: bytes, now: datetime) -> None:
        if self._pruned and not self.folder.parent.exists():
            return  # the home was taken away while the program ran: it must not be made again for a line
        if self._pruned != path.name:
            files.make_folder(self.folder, mode=files.PRIVATE_FOLDER)
            self._prune(now)
            self._pruned = path.name
        if _size(path) + len(line) > LARGEST_FILE:
            self._rotate(path, len(line), now)
        files.append(path, line, mode=files.PRIVATE_FILE, synced=False)

    def _rotate(self, path: Path, more: int, now: datetime) -> None:
        """A full file gets the next number of its day; of several processes only the first one does it."""
        with files.lock(self.folder / ".lock", timeout=1.0):
            if _size(path) + more > LARGEST_FILE:
                taken = [_age(one)[2] for one in self.folder.glob(f"{path.stem}.*.log")]
                files.move(path, path.with_name(f"{path.stem}.{max(taken, default=0) + 1}.log"))
        self._prune(now)

    def _prune(self, now: datetime) -> None:
        for path in _too_old(files_in(self.folder), now, self._days):
            with suppress(StorageError):
                files.remove(path)


def _too_old(found: list[Path], now: datetime, days: int) -> Iterator[Path]:
    first = f"{now - timedelta(days=days - 1):%Y-%m-%d}" if days else ""
    surplus = len(found) - MOST_FILES
    yield from (path for number, path in enumerate(found) if number < surplus or day_of(path) < first)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def as_line(
    record: logging.LogRecord, now: datetime, redact: Callable[[str], str], *, quoting: bool = False
) -> str:
    """The record as one line of JSON: ``time``, ``level``, ``logger``, ``message``, and ``fields`` where there are any.

    Errors of others may quote what they choke on, a note or a message: they are told in words only when ``quoting``.
    """
    line: dict[str, Any] = {
        "time": now.isoformat(timespec="milliseconds"),
        "level": record.levelname.lower(),
        "logger": record.name,
        "message": _cut(redact(record.getMessage())),
    }
    if fields := _fields(record, quoting=quoting):
        line["fields"] = {name: _plain(value, redact) for name, value in fields.items()}
    return json.dumps(line, ensure_ascii=False, separators=(",", ":"))


def _fields(record: logging.LogRecord, *, quoting: bool) -> Mapping[str, Any]:
    """What was given as ``extra``, and what is known of an exception."""
    fields = {name: value for name, value in vars(record).items() if name not in _OWN_ATTRIBUTES}
    error = record.exc_info[1] if record.exc_info else None
    if error is not None:
        told = quoting or isinstance(error, LocalGPTError | OSError)
        fields["error"] = f"{type(error).__name__}: {error}" if told else type(error).__name__
        frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
        fields["at"] = [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames]
    return fields


def _short(filename: str) -> str:
    return "/".join(Path(filename).parts[-3:])


def _plain(value: Any, redact: Callable[[str], str]) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, list | tuple):
        return [_plain(one, redact) for one in value]
    return _cut(redact(str(value)))


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_MESSAGE else text[: LONGEST_MESSAGE - 1] + "…"
