"""The emergency stop: one file that says that nothing may run, for every process of a home.

``state/frozen`` is there, or it isn't: whoever runs something looks (``frozen``, some microseconds) before and while it
runs. A file that can't be read counts as frozen, and no restart thaws anything.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from localgpt.core import files
from localgpt.core.errors import FrozenError
from localgpt.security.kinship import Family

NAME = "frozen"
LOOK = 0.2
"""Seconds between two looks of who runs something."""
_LONGEST = 500
THAW = "Run: localgpt thaw"


@dataclass(frozen=True, slots=True)
class Frozen:
    """Since when everything is stopped (ISO, empty: not known), by which door, and why."""

    since: str = ""
    by: str = ""
    why: str = ""

    @property
    def sentence(self) -> str:
        """For the owner and the model."""
        since = f" since {_by_the_clock(self.since)}" if self.since else ""
        why = f" ({self.why})" if self.why else ""
        return f"Everything is frozen{since}{why}: nothing runs until it is thawed."


class Freeze:
    """The stop of the home whose ``state`` folder this is. ``record`` is the journal's ``append``."""

    def __init__(self, state: Path, record: Callable[..., object] | None = None) -> None:
        self.path = state / NAME
        self._record = record

    def frozen(self) -> Frozen | None:
        """How things are frozen, ``None`` where they are not. What can't be read is frozen."""
        try:
            os.lstat(self.path)
        except FileNotFoundError:
            return None
        except OSError:
            return Frozen(why="the file that says why can't be read")
        return self._read()

    def sentence(self) -> str:
        """Why nothing may run; empty where it may."""
        found = self.frozen()
        return found.sentence if found else ""

    def check(self) -> None:
        """Raise ``FrozenError`` where everything is frozen."""
        if (found := self.frozen()) is not None:
            raise FrozenError(found.sentence, hint=THAW)

    def freeze(self, by: str, why: str = "") -> Frozen:
        """Stop everything of this home, and end what it has started. What is frozen stays as it was frozen first."""
        if (found := self.frozen()) is not None:
            self.end_children()
            return found
        now = datetime.now(UTC).astimezone().isoformat(timespec="seconds")
        made = Frozen(now, by, " ".join(why.split())[:_LONGEST])
        files.make_folder(self.path.parent, mode=files.PRIVATE_FOLDER)
        files.replace(self.path, json.dumps(asdict(made)).encode(), mode=files.PRIVATE_FILE)
        if self._record is not None:
            self._record("frozen", door=by, why=made.why)
        self.end_children()
        return made

    def end_children(self) -> None:
        """End every program that was started by a process of this home."""
        Family(self.path.parent).end_children()

    def thaw(self, by: str) -> Frozen | None:
        """Let things run again; gives how they were frozen, ``None`` where they were not."""
        found = self.frozen()
        if found is not None:
            files.remove(self.path)
            if self._record is not None:
                self._record("thawed", door=by)
        return found

    def _read(self) -> Frozen | None:
        try:
            told = json.loads(self.path.read_bytes())
            return Frozen(*(str(told.get(name, "")) for name in ("since", "by", "why")))
        except FileNotFoundError:
            return None if not self.path.is_symlink() else Frozen(why="it leads nowhere")
        except (OSError, ValueError, AttributeError):
            return Frozen(why="the file that says why can't be read")


def _by_the_clock(moment: str) -> str:
    """An ISO moment as this machine's clock shows it; what is none stays as it is."""
    try:
        return f"{datetime.fromisoformat(moment).astimezone():%Y-%m-%d %H:%M}"
    except (ValueError, OverflowError):
        return moment


async def watch(freeze: Freeze, on_freeze: Callable[[Frozen], object], every: float = LOOK) -> None:
    """Call ``on_freeze`` whenever things become frozen, within ``every`` seconds; to be cancelled."""
    was = None
    while True:
        now = freeze.frozen()
        if now is not None and was is None:
            on_freeze(now)
        was = now
        await asyncio.sleep(every)
