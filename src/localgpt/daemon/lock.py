"""One daemon per home: a lock of the operating system, and beside it who holds it."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime

from localgpt import __version__
from localgpt.core import files
from localgpt.core.errors import LocalGPTError, Locked
from localgpt.core.paths import Home

_PATIENCE = 0.5
"""Seconds: somebody who only looks whether the lock is held has it for a moment."""


@dataclass(frozen=True, slots=True)
class Record:
    """Who holds the lock: ``started`` is an ISO time, ``port`` that of the page (0: none), ``socket`` the commands'."""

    pid: int
    started: str
    version: str = __version__
    port: int = 0
    socket: str = ""
    ready: bool = False

    @classmethod
    def mine(cls) -> Record:
        """This process, which has just begun."""
        return cls(os.getpid(), datetime.now().astimezone().isoformat(timespec="seconds"))


@contextlib.contextmanager
def held(home: Home) -> Iterator[None]:
    """Hold the home as its daemon. Raises ``Locked`` naming the one that does; a dead one's lock is free by itself."""
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(files.lock(home.state / "daemon.lock", timeout=_PATIENCE))
        except Locked as error:
            raise Locked(_told(read(home)), hint="'localgpt daemon status' shows it.") from error
        try:
            yield
        finally:
            with contextlib.suppress(LocalGPTError):
                if home.state.is_dir():
                    files.remove(home.state / "daemon.json")


def _told(record: Record | None) -> str:
    who = f" (process {record.pid}, since {record.started})" if record else ""
    return f"A daemon runs for this home already{who}."


def write(home: Home, record: Record) -> None:
    """Say who holds the lock; only for its holder."""
    text = json.dumps(asdict(record), indent=2) + "\n"
    files.replace(home.state / "daemon.json", text.encode(), mode=files.PRIVATE_FILE)


def read(home: Home) -> Record | None:
    """What the last holder wrote of itself; it may be dead."""
    try:
        return Record(**json.loads((home.state / "daemon.json").read_bytes()))
    except (OSError, ValueError, TypeError):
        return None


def running(home: Home) -> Record | None:
    """The daemon that holds the home now; a process id that another program got since doesn't count."""
    path = home.state / "daemon.lock"
    if not path.exists():
        return None
    try:
        with files.lock(path, timeout=0):
            return None
    except Locked:
        return read(home) or Record(0, "")
