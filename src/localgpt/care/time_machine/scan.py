"""What is in the workspace now, by a walk that reads only what looks other than last time."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from localgpt.care.time_machine.trees import FILE, LINK, PROGRAM

LARGEST_FILE = 10 * 1024 * 1024
"""Bytes; what is larger is no note and not kept."""

_SKIPPED = frozenset(
    {b"node_modules", b"__pycache__", b".cache", b".mypy_cache", b".ruff_cache", b".pytest_cache", b".venv"}
    | {b".trash", b".Trash", b".DS_Store", b"Thumbs.db", b"desktop.ini"}
)
_YOUNG = 50_000_000  # nanoseconds: a file may change once more without its time showing it


class Look(NamedTuple):
    """How a file looked: mode as git has it, and what shows that it changed (times in nanoseconds)."""

    mode: int
    modified: int
    changed: int
    size: int
    inode: int


class Seen(NamedTuple):
    """A file whose content is known: the id of the content, and how it looked then (``None``: look again)."""

    id: str
    mode: int
    look: Look | None = None


class Difference(NamedTuple):
    """A path where the workspace may differ from what is known; ``look`` is ``None`` where no file is any more."""

    path: bytes
    look: Look | None


def differences(root: str | bytes | os.PathLike[str], known: Mapping[bytes, Seen]) -> list[Difference]:
    """Which files look other than ``known``, and which are gone. A root that is not there gives nothing."""
    base = os.fsencode(root)
    if not os.path.isdir(base):  # noqa: PTH112 - paths are bytes here: names need not be UTF-8
        return []
    unread: list[bytes] = []
    there: set[bytes] = set()
    found = []
    for path, look in _files(base, unread):
        there.add(path)
        seen = known.get(path)
        if seen is None or seen.look != look:
            found.append(Difference(path, look))
    hidden = tuple(unread)
    gone = (path for path in known.keys() - there if not path.startswith(hidden))
    return found + [Difference(path, None) for path in sorted(gone)]


def _files(base: bytes, unread: list[bytes]) -> Iterator[tuple[bytes, Look]]:
    """Every file below ``base`` that is kept; what can't be listed or looked at goes to ``unread``: it isn't gone."""
    waiting = [(base, b"")]
    while waiting:
        folder, prefix = waiting.pop()
        try:
            with os.scandir(folder) as entries:
                listed = list(entries)
        except OSError:
            unread.append(prefix)
            continue
        for entry in listed:
            if skipped(entry.name):
                continue
            if entry.is_dir(follow_symlinks=False):
                waiting.append((entry.path, prefix + entry.name + b"/"))
            elif (look := _look(entry)) is not None:
                yield prefix + entry.name, look
            else:
                unread.append(prefix + entry.name)


def skipped(name: bytes) -> bool:
    """Whether a file or folder of this name is never kept: git's own, caches, files in the making."""
    lower = name.lower()
    return (
        lower in {b".git", b"git~1"}
        or name in _SKIPPED
        or (lower.startswith(b".") and lower.endswith(b".tmp"))
    )


def _look(entry: os.DirEntry[bytes]) -> Look | None:
    try:
        status = entry.stat(follow_symlinks=False)
    except OSError:
        return None
    return look_of(status)


def look_of(status: os.stat_result) -> Look | None:
    """How a file with this status looks; ``None`` for what isn't kept: devices, pipes, large files."""
    if stat.S_ISLNK(status.st_mode):
        mode = LINK
    elif not stat.S_ISREG(status.st_mode) or status.st_size > LARGEST_FILE:
        return None
    elif status.st_mode & stat.S_ISVTX and not status.st_size:
        return None  # what stands, while a command runs, where it must make nothing (sandbox/placeholders.py)
    else:
        mode = PROGRAM if status.st_mode & stat.S_IXUSR else FILE
    return Look(mode, status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino)


def content(root: str | bytes | os.PathLike[str], path: bytes) -> tuple[bytes, Look] | None:
    """The bytes of a file (of a link: where it leads) and how it looked before; ``None`` if it can't be read."""
    place = os.path.join(os.fsencode(root), path)  # noqa: PTH118 - bytes, as above
    try:
        look = look_of(os.lstat(place))
        if look is None:
            return None
        if look.mode == LINK:
            return os.readlink(place), look  # noqa: PTH115 - bytes, as above
        with open(place, "rb") as stream:  # noqa: PTH123 - bytes, as above
            return stream.read(LARGEST_FILE + 1), look
    except OSError:
        return None


def lasting(look: Look, now: int | None = None) -> Look | None:
    """``look``, if it will differ after another change; a file written in this very moment might look the same."""
    now = time.time_ns() if now is None else now
    return look if max(look.modified, look.changed) < now - _YOUNG else None
