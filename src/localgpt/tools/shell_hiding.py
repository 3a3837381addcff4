"""What a command must not read in the workspace: places of keys, and for models elsewhere what is private."""

from __future__ import annotations

import os
from collections.abc import Iterable

from localgpt.security.policy import is_secret


def hidden(root: str, paths: Iterable[str], private: Iterable[str]) -> tuple[str, ...]:
    """The whole paths: ``paths`` that hold keys, by their names, ``private`` ones, and repositories that know these."""
    secret = {path for path in paths if _may_be_secret(path) and is_secret(path)}
    private = set(private)
    found = {f"{root}/{path}" for path in secret | private}
    return tuple(sorted(found | {place for path in private for place in repositories(root, path)}))


def _may_be_secret(path: str) -> bool:
    """Quickly: thousands of paths are asked about for each command, and nearly all are plain notes."""
    return (
        not path.endswith(".md")
        or "/." in path
        or path.startswith((".", "keyrings/"))
        or "/keyrings/" in path
    )


def repositories(root: str, path: str) -> Iterable[str]:
    """The repositories that a file may be committed to: what was in it stands in their history."""
    folder = root
    for part in ("", *path.split("/")[:-1]):
        folder = f"{folder}/{part}" if part else folder
        if os.path.lexists(f"{folder}/.git"):
            yield f"{folder}/.git"
