"""What the system tells of changes in the folders of notes, so that a search among very many need not look at each.

A search asks for all that happened until now: a file made in a folder that is watched too (a cookie) comes back after
everything before it. Where it doesn't come back, or more is told than is worth taking one by one, all is to be walked.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import sys
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from localgpt.core import files
from localgpt.core.errors import StorageError

if TYPE_CHECKING:
    from watchfiles._rust_notify import RustNotify

STEP_MS = 30
"""How often is looked whether the system told of something; it is taken at the second look."""
MANY = 2000
"""Paths; of more at once all is walked. When the system drops what it can't keep, it told of as many before."""
YOUNG = 2.0
"""Seconds for which a new folder is looked at again: what was put into it before it was watched, nobody told."""
_PATIENCE = 0.5
_MODIFIED = 2
_REMOTE = re.compile(
    r"nfs|cifs|smb|9p|afs|ceph|gluster|lustre|fuse(?!blk|ctl)|vboxsf|vmhgfs|virtiofs|drvfs|ncp"
)


@dataclass(frozen=True, slots=True)
class Changes:
    """Paths of files and folders at or below which something may have changed; ``whole``: or anywhere."""

    paths: frozenset[str] = frozenset()
    whole: bool = False


class Watch:
    """Watches ``folders`` and everything below them; ``cookies`` is a folder of its own, made for it.

    ``told`` is called with each lot of changed paths, in whatever thread they came. Raises ``OSError`` where the system
    can't watch so many folders.
    """

    def __init__(
        self, folders: Sequence[Path], cookies: Path, told: Callable[[set[str]], None] = lambda _paths: None
    ) -> None:
        files.make_folder(cookies, mode=files.PRIVATE_FOLDER)
        self._cookies: Final = cookies
        self._prefix: Final = f"{cookies}/"
        self._told = told
        self._names: Final = {os.path.realpath(folder): str(folder) for folder in (*folders, cookies)}
        self._watcher: Final = _started(list(self._names))
        self._lock = threading.Lock()
        self._paths = set[str]()
        self._young = dict[str, float]()
        self._awaited, self._seen = set[str](), set[str]()
        self._whole = True
        self._numbers = itertools.count()
        self._woken = threading.Event()
        self._closed = False
        self._places: Final = {folder: _identity(folder) for folder in (*folders, cookies)}
        self.lost = False
        """Whether the folders are others by now, or nothing is told any more: then another watch is needed."""

    def wait(self, seconds: float) -> bool:
        """Wait until something changed, or the watch is lost; whether it is so. It may be told of twice."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0 and not self._closed:
            young = bool(self._young)
            found = self._watcher.watch(
                0, STEP_MS, int(1000 * min(left, YOUNG if young else left)), self._woken
            )
            woken = self._woken.is_set()
            self._woken.clear()
            if self._gather(found) or woken or young:
                return not self._closed
        return False

    def take(self, *, asking: bool = True) -> Changes:
        """All that changed since the last time, until this very moment; unless ``asking``, what is known of already."""
        whole = asking and not self._caught_up()
        with self._lock:
            self._grow_older()
            taken = Changes(frozenset(self._paths | self._young.keys()), whole or self._whole or self.lost)
            self._paths, self._whole = set(), False
        return Changes(whole=True) if len(taken.paths) > MANY else taken

    def again(self, changes: Changes) -> None:
        """Give back what could not be dealt with."""
        with self._lock:
            self._paths |= changes.paths
            self._whole |= changes.whole

    def close(self) -> None:
        """Watch no more; who waits is let go, and the system's own watch ends with the last who held this one."""
        self._closed = True
        self._woken.set()

    def _caught_up(self) -> bool:
        """Whether all that happened before is known now."""
        if self._closed or self.lost or not self._in_place():
            return False
        name = f"{next(self._numbers)}"
        cookie = self._prefix + name
        self._awaited.add(cookie)
        try:
            files.append(self._cookies / name, b"", mode=files.PRIVATE_FILE, synced=False)
            return self._arrived(cookie)
        except StorageError:
            self._lose()  # its folder is gone or full
            return False
        finally:
            self._awaited.discard(cookie)
            self._seen.discard(cookie)
            with contextlib.suppress(StorageError):
                files.remove(self._cookies / name, synced=False)

    def _arrived(self, cookie: str) -> bool:
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline and not self._closed:
            if self._gather(self._watcher.watch(0, 1, 20, None)):
                self._woken.set()  # there is something to embed
            with self._lock:
                if cookie in self._seen:
                    return True
        self._lose()
        return False

    def _in_place(self) -> bool:
        """Whether the folders are still those that were watched, and not others of the same names."""
        if all(_identity(folder) == known for folder, known in self._places.items()):
            return True
        self._lose()
        return False

    def _lose(self) -> None:
        self.lost = True
        self._woken.set()

    def _gather(self, found: object) -> bool:
        """Keep what the system told; whether anything of it is about notes."""
        if not isinstance(found, set):
            return False
        paths = {self._as_given(path) for _, path in found}
        if any(change != _MODIFIED and Path(self._as_given(path)) in self._places for change, path in found):
            self._lose()  # another may have its name and even its number by now
        cookies = {path for path in paths if path.startswith(self._prefix)}
        paths -= cookies
        paths.discard(str(self._cookies))
        with self._lock:
            self._seen |= cookies & self._awaited
            self._paths |= paths
        if paths:
            self._told(paths)
        return bool(paths)

    def _as_given(self, path: str) -> str:
        """The path below the folder as it was named: some systems tell where it really is."""
        for real, given in self._names.items():
            if path.startswith(real) and path[len(real) :][:1] in {"", os.sep}:
                return given + path[len(real) :]
        return path

    def _grow_older(self) -> None:
        now = time.monotonic()
        self._young = {path: until for path, until in self._young.items() if until > now}
        for path in self._paths:
            if path not in self._young and Path(path).is_dir():
                self._young[path] = now + YOUNG


def _identity(folder: Path) -> tuple[int, int] | None:
    try:
        status = folder.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _started(folders: list[str]) -> RustNotify:
    from watchfiles._rust_notify import RustNotify

    debug = force_polling = False
    recursive = ignore_permission_denied = True
    return RustNotify(folders, debug, force_polling, 0, recursive, ignore_permission_denied)


def is_remote(folder: Path, mounts: str = "") -> bool:
    """Whether others may change the folder without this system noticing: a network's, or another machine's.

    ``mounts`` is what ``/proc/self/mounts`` says; without one (macOS) it is taken to be local.
    """
    if not mounts and sys.platform == "linux":
        try:
            mounts = Path("/proc/self/mounts").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return False
    points = ((parts[1], parts[2]) for line in mounts.splitlines() if len(parts := line.split()) > 2)
    return _is_remote(folder.resolve(), points)


def _is_remote(folder: Path, points: Iterable[tuple[str, str]]) -> bool:
    """By the mount that the folder is on, and by those below it."""
    found = [(Path(point.replace("\\040", " ")), kind) for point, kind in points]
    above = [(len(point.parts), kind) for point, kind in found if folder.is_relative_to(point)]
    below = [kind for point, kind in found if point.is_relative_to(folder)]
    return any(_REMOTE.match(kind) for kind in (max(above, default=(0, ""))[1], *below))
