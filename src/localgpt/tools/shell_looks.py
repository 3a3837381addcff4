"""How the files of a folder look, by a walk that opens none of them; and which names in it start things."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from typing import NamedTuple

from localgpt.security.sandbox.closing import starts_things
from localgpt.tools.shell_traps import is_bare

SKIPPED = frozenset(
    {"node_modules", ".venv", "venv", "__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache"}
)
"""Folders that tools fill by the thousand: what happens in them is not looked at."""
REPOSITORY = ".git"


class Look(NamedTuple):
    """What shows that a file changed (times in nanoseconds)."""

    inode: int
    modified: int
    changed: int
    size: int


class Looks(NamedTuple):
    """A folder at one moment: its files by their path in it, and the paths of what starts things."""

    files: dict[str, Look]
    starting: frozenset[str]


def looks(root: str) -> Looks:
    """How ``root`` looks. Links are not followed; what can't be listed is not there."""
    found: dict[str, Look] = {}
    starting: set[str] = set()
    waiting = [""]
    while waiting:
        prefix = waiting.pop()
        entries = list(_listed(root, prefix))
        if is_bare(entry.name for entry in entries):
            starting.add(prefix.removesuffix("/"))
        for entry in entries:
            path = prefix + entry.name
            if starts_things(entry.name, top=not prefix):
                starting.add(path)
            if entry.is_dir(follow_symlinks=False):
                if entry.name not in SKIPPED and entry.name != REPOSITORY:
                    waiting.append(f"{path}/")
            elif not entry.is_symlink() and (look := _look(entry)) is not None:
                found[path] = look
    return Looks(found, frozenset(starting))


def _listed(root: str, prefix: str) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(f"{root}/{prefix}") as entries:
            yield from entries
    except OSError:
        return


def _look(entry: os.DirEntry[str]) -> Look | None:
    try:
        status = entry.stat(follow_symlinks=False)
    except OSError:
        return None
    if not stat.S_ISREG(status.st_mode):
        return None
    return Look(status.st_ino, status.st_mtime_ns, status.st_ctime_ns, status.st_size)
