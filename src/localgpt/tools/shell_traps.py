"""What a command made that would start something later: hooks, settings of tools. Taken the sting out, and told."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from localgpt.core import files
from localgpt.core.errors import StorageError

ENDING = ".quarantined"
_SECTION = re.compile(
    r"\[(core|remote|branch|user|init|pull|push|submodule|extensions|commit|fetch)( \"[^\"\\]*\")?\]",
    re.IGNORECASE,
)
_SETTING = re.compile(
    r"(repositoryformatversion|filemode|bare|logallrefupdates|ignorecase|precomposeunicode|symlinks|autocrlf|eol|"
    r"url|pushurl|fetch|tagopt|remote|merge|rebase|description|name|email|defaultbranch|default|active|objectformat|"
    r"prune|partialclone(filter)?|promisor|worktreeconfig)\s*=(?!\s*\"?\w+::)[^\\]*",
    re.IGNORECASE,
)
"""What git itself writes into the settings of a repository; anything else may start a program."""
_LARGEST = 1024 * 1024


def defused(root: str, made: frozenset[str]) -> tuple[str, ...]:
    """Make harmless what was ``made`` (paths in ``root``); a sentence for each that needed it."""
    found: list[str] = []
    for path in sorted(made):
        if any(path.startswith(f"{other}/") for other in made):
            continue  # it goes with what it is in
        place = f"{root}/{path}"
        if is_repository(path) or is_bare(_names(place)):
            found += _repository(root, path)
        elif moved := _set_aside(place):
            found.append(f"{path} would start something, so it is {moved} now.")
    return tuple(found)


def is_repository(path: str) -> bool:
    """Whether git takes it for a repository by its name."""
    return path.rpartition("/")[2].casefold() == ".git"


def is_bare(names: Iterable[str]) -> bool:
    """Whether git takes a folder that holds these names for a repository."""
    return {"HEAD", "objects", "refs"} <= set(names)


def _repository(root: str, path: str) -> Iterator[str]:
    """A repository stays one, without hooks that run and settings that start programs; those in it, too."""
    folder = f"{root}/{path}"
    if not _is_folder(folder):  # a file that leads to a repository elsewhere, or a link
        if moved := _set_aside(folder):
            yield f"{path} leads to a repository elsewhere, so it is {moved} now."
        return
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in {"objects", "refs", "logs"}]
        inner = os.path.relpath(place, root)
        if "hooks" in (*folders, *names) and any(
            not one.endswith(".sample") for one in _names(f"{place}/hooks")
        ):
            if moved := _set_aside(f"{place}/hooks"):
                yield f"{inner} has hooks that run, so their folder is {moved} now."
            folders[:] = [name for name in folders if name != "hooks"]
        for name in ("config", "config.worktree"):
            if (
                name in names
                and _starts_programs(f"{place}/{name}")
                and (moved := _set_aside(f"{place}/{name}"))
            ):
                yield f"{inner}/{name} would start programs, so it is {moved} now."


def _is_folder(path: str) -> bool:
    return Path(path).is_dir() and not Path(path).is_symlink()


def _names(folder: str) -> list[str]:
    if Path(folder).is_symlink():
        return ["a link"]
    with contextlib.suppress(OSError):
        return sorted(one.name for one in Path(folder).iterdir())
    return []


def _starts_programs(path: str) -> bool:
    if Path(path).is_symlink():
        return True
    try:
        with Path(path).open(encoding="utf-8", errors="replace") as file:
            text = file.read(_LARGEST + 1)
    except OSError:
        return False
    return len(text) > _LARGEST or not all(map(_is_harmless, text.split("\n")))


def _is_harmless(line: str) -> bool:
    line = line.strip()
    return (
        not line
        or line.startswith(("#", ";"))
        or _SECTION.fullmatch(line) is not None
        or _SETTING.fullmatch(line) is not None
    )


def _set_aside(path: str) -> str:
    """Rename it so that nobody finds it; its new name, empty if it is gone already."""
    for number in range(100):
        new = f"{path}{ENDING}{number or ''}"
        if os.path.lexists(new):
            continue
        with contextlib.suppress(StorageError):
            files.move(Path(path), Path(new))
            return new.rpartition("/")[2]
        return ""
    return ""
