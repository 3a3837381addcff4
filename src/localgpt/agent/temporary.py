"""Conversations that leave nothing: kept in a private folder for temporary files while they last, then deleted.

They are never indexed, listed or harvested, and their turns may only read. The journal tells that there was such a
turn, on which model, and what left the machine; never what was looked at.
"""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from localgpt.agent.house import House, no_settling
from localgpt.agent.metering import figures
from localgpt.agent.sessions import Sessions
from localgpt.core import files
from localgpt.core.errors import StorageError
from localgpt.core.journal import Journal, now
from localgpt.core.values import Usage
from localgpt.security.policy import Mode

PREFIX = "localgpt-temporary-"

TOLD = {
    "turn.started": {"turn", "door", "model", "local", "purpose"},
    "request.sent": {"turn", "engine", "local", "pieces", "messages"},
    "request.answered": {"turn", "engine", "model", "local", "purpose", "stop", *figures(Usage())},
    "tool.called": {"turn", "name", "verdict"},
    "tool.finished": {"turn", "ok"},
    "turn.finished": {"turn", "stop", "model", "purpose", *figures(Usage())},
}
"""What the journal may know of a temporary turn: counts, names of models and tools, no places and no texts."""


class Discreet(Journal):
    """A journal that is told only that something happened in a temporary turn."""

    def append(self, kind: str, **fields: Any) -> None:
        """Add what may be told of this; nothing, of kinds that it doesn't know."""
        if kind in TOLD:
            told = {name: value for name, value in fields.items() if name in TOLD[kind]}
            Journal.append(self, kind, **told, temporary=True)


def discreet_journal(journal: Journal) -> Discreet:
    """The same journal for temporary conversations."""
    return Discreet(journal.folder, journal.machine, journal.clock)


def discreet(house: House) -> House:
    """The same house for temporary turns: they only read, nothing of them is written down, and little is told."""
    return replace(
        house,
        journal=discreet_journal(house.journal),
        toolbox=house.toolbox.without("remember", "background_task"),
        mode=Mode.READ_ONLY,
        settle=no_settling,
    )


@contextlib.contextmanager
def temporary_sessions(clock: Callable[[], datetime] = now) -> Iterator[Sessions]:
    """A place for temporary conversations, deleted at the end; what a crash left of earlier ones is deleted first."""
    _sweep(Path(tempfile.gettempdir()))
    folder = files.private_folder(PREFIX)
    try:
        with files.lock(_lock_of(folder)):
            yield Sessions(folder, clock=clock, temporary=True)
    finally:
        files.remove_folder(folder)


def _sweep(place: Path) -> None:
    """Delete the folders that nobody holds any more: their process is gone."""
    for folder in place.glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError, StorageError):  # it is held, or not ours: it stays
            if _is_ours(folder):
                with files.lock(_lock_of(folder), timeout=0):
                    files.remove_folder(folder)


def _is_ours(folder: Path) -> bool:
    status = folder.lstat()
    return stat.S_ISDIR(status.st_mode) and status.st_uid == getattr(os, "getuid", lambda: 0)()


def _lock_of(folder: Path) -> Path:
    return folder / ".alive"
