"""What is put down before a command runs: if this process is killed meanwhile, the next one knows what was there before.

Each process has a folder in ``state/commands``, held by a lock that goes with the process; in it the contents of the
workspace's files, and while commands run, one file that says which, whose, and how each file looked.
"""

from __future__ import annotations

import contextlib
import json
import os
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

from localgpt.core import files
from localgpt.core.values import Author, Origin
from localgpt.tools.shell_looks import Look

FOLDER, _LOCK, _RUNS = "commands", "lock", "runs.json"


@dataclass(frozen=True, slots=True)
class Begun:
    """A command that was running: ``foreign`` if what it wrote may be; ``until`` (nanoseconds) it was dead for sure."""

    author: Author
    closed: frozenset[str]
    foreign: bool
    begin: int
    until: int


@dataclass(frozen=True, slots=True)
class Before:
    """What was there when commands began: each file's look and, where it was kept, its content."""

    runs: tuple[Begun, ...]
    looks: Mapping[str, Look]
    contents: Mapping[str, bytes]
    starting: frozenset[str]
    journalled: dict[Path, int] = field(default_factory=dict)


class Intents:
    """What this process has put down. ``close`` takes all of it away."""

    def __init__(self, state: Path) -> None:
        self._held = contextlib.ExitStack()
        commands = state / FOLDER
        self._folder = commands / uuid.uuid4().hex
        self._count = 0
        with files.lock(state / f"{FOLDER}.lock"):
            files.make_folder(self._folder, mode=files.PRIVATE_FOLDER)
            self._held.enter_context(files.lock(self._folder / _LOCK, timeout=0))

    def store(self) -> IO[bytes]:
        """A new file for contents; the ones before are gone."""
        old = self._contents
        self._count += 1
        made = files.new_private(self._contents)
        if old.name != self._contents.name:
            files.remove(old, synced=False)
        return made

    def put_down(
        self,
        runs: Iterable[Begun],
        known: Iterable[tuple[str, Look, int]],
        starting: Iterable[str],
        journalled: Mapping[Path, int],
    ) -> None:
        """These commands run, and the files were so; ``known`` gives each one's path, look and place in the contents."""
        told = {
            "contents": self._contents.name,
            "runs": [{**asdict(one), "closed": sorted(one.closed)} for one in runs],
            "files": {path: [*look, at] for path, look, at in known},
            "starting": sorted(starting),
            "journalled": {str(path): size for path, size in journalled.items()},
        }
        data = json.dumps(told).encode()
        files.replace(self._folder / _RUNS, data, mode=files.PRIVATE_FILE, synced=False)

    def none_run(self) -> None:
        """No command runs any more."""
        files.remove(self._folder / _RUNS, synced=False)

    def close(self) -> None:
        """Nothing of this process is left to be looked after."""
        files.remove_folder(self._folder)
        self._held.close()

    @property
    def _contents(self) -> Path:
        return self._folder / f"contents-{self._count}"


def before(folder: Path) -> Before | None:
    """What a process that is dead had put down in ``folder``; ``None`` where no command ran, or it can't be read."""
    try:
        told: dict[str, Any] = json.loads((folder / _RUNS).read_bytes())
        store = (folder / told["contents"]).read_bytes()
        looks = {path: Look(*look) for path, (*look, _) in told["files"].items()}
        places = {path: at for path, (*_, at) in told["files"].items() if at >= 0}
        contents = {path: store[at : at + looks[path].size] for path, at in places.items()}
        return Before(
            tuple(_begun(one) for one in told["runs"]),
            looks,
            {path: data for path, data in contents.items() if len(data) == looks[path].size},
            frozenset(told["starting"]),
            {Path(path): size for path, size in told["journalled"].items()},
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _begun(told: dict[str, Any]) -> Begun:
    author = Author(**{**told["author"], "origin": Origin(told["author"]["origin"])})
    return Begun(author, frozenset(told["closed"]), told["foreign"], told["begin"], told["until"])


def left(state: Path) -> list[Path]:
    """The folders of processes that have put something down, dead or alive; one look where there are none."""
    try:
        with os.scandir(state / FOLDER) as found:
            return sorted(Path(one.path) for one in found if one.is_dir(follow_symlinks=False))
    except OSError:
        return []


def lock_of(folder: Path) -> Path:
    """The lock that a process holds for as long as it lives."""
    return folder / _LOCK
