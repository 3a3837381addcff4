"""What stays closed in a folder that a command may write: files that speak in prompts, start things, or configure."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from localgpt.core.paths import PROTECTED

STARTING_FILES = (".mcp.json", ".envrc", ".gitconfig", ".gitmodules", "config.toml", "CLAUDE.md", "GEMINI.md")
STARTING_FOLDERS = (
    ".git", ".githooks", ".husky", ".claude", ".codex", ".cursor", ".gemini", ".vscode", "hooks", "skills",
    ".openclaw", ".localgpt",
)  # fmt: skip
"""Names by which programs of the owner find what to run or to heed."""

RESERVED = (".git/", "skills/", "hooks/", ".mcp.json", "config.toml", *PROTECTED)
"""Names at the top of the workspace that a command can't make either (with a slash: folders)."""

_NAMES = frozenset(name.casefold() for name in (*PROTECTED, *STARTING_FILES, *STARTING_FOLDERS))
_ANYWHERE = frozenset({".git", ".mcp.json", ".claude", ".githooks", ".husky", ".envrc"})
_NEVER_NEW = _ANYWHERE | {".vscode", ".cursor", ".codex", ".gemini"}
_SKIPPED = frozenset({"node_modules", ".venv", "venv", "__pycache__"})


def starts_things(name: str, *, top: bool) -> bool:
    """Whether programs of the owner would run or heed something of that name: at the ``top`` of a folder, or below."""
    return name.casefold() in (_NAMES if top else _NEVER_NEW)


def closed_in(folder: Path) -> tuple[str, ...]:
    """The paths in ``folder`` that a command can only read: those of such names at the top, repositories below.

    Another name of the same file (a hard link), and what a closed link leads to in the folder, are closed too.
    """
    found = {str(path) for path in _named(folder)}
    found |= set(_led_to(found, folder))
    linked = {number for path in found if (number := _many_named(path))}
    if linked:
        found |= {path for path, number in _files(folder) if number in linked}
    return tuple(sorted(found))


def reserved_in(workspace: str) -> tuple[str, ...]:
    """The reserved names at the top of a workspace as paths (folders with a slash at the end)."""
    return tuple(f"{workspace}/{name}" for name in dict.fromkeys(RESERVED))


def _named(folder: Path) -> Iterator[Path]:
    for entry in os.scandir(folder):
        if entry.name.casefold() in _NAMES:
            yield Path(entry.path)
        elif entry.is_dir(follow_symlinks=False) and entry.name not in _SKIPPED:
            yield from _below(entry.path)


def _below(folder: str) -> Iterator[Path]:
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return  # what we can't list the command can't either
    for entry in entries:
        if entry.name.casefold() in _ANYWHERE:
            yield Path(entry.path)
        elif entry.is_dir(follow_symlinks=False) and entry.name not in _SKIPPED:
            yield from _below(entry.path)


def _led_to(found: set[str], folder: Path) -> Iterator[str]:
    for path in found:
        if os.path.islink(path):
            target = os.path.realpath(path)
            if target.startswith(f"{folder}/") and os.path.exists(target):
                yield target


def _many_named(path: str) -> tuple[int, int] | None:
    try:
        found = os.lstat(path)
    except OSError:
        return None
    is_file = found.st_mode & 0o170000 == 0o100000
    return (found.st_dev, found.st_ino) if is_file and found.st_nlink > 1 else None


def _files(folder: Path) -> Iterator[tuple[str, tuple[int, int]]]:
    for place, _, names in os.walk(folder):
        for name in names:
            if number := _many_named(f"{place}/{name}"):
                yield f"{place}/{name}", number
