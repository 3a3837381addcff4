"""From what is asked for to a plan: which folders there are, which may be opened, and what is closed in them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from localgpt.core.errors import UsageError
from localgpt.core.paths import Home
from localgpt.security.policy import is_secret
from localgpt.security.sandbox import closing
from localgpt.security.sandbox.plan import SYSTEM, Limits, Plan, checked, command_of

_OF_THE_SYSTEM = ("/boot", "/dev", "/etc", "/proc", "/root", "/run", "/sys", "/var", *SYSTEM)


def plan(
    words: Iterable[str],
    home: Home,
    *,
    write: Iterable[Path] = (),
    folder: Path | None = None,
    network: bool = False,
    limits: Limits = Limits(),  # noqa: B008 - a frozen value
    environ: Mapping[str, str] = os.environ,
) -> Plan:
    """A run of ``words`` in the workspace of ``home``, which may also write the folders ``write``.

    It begins in ``folder`` (the workspace, unless told). Raises ``UsageError`` for a command that can't be one and
    for folders that are not there or may not be opened.
    """
    if not home.workspace.is_dir():
        raise UsageError(f"There is no workspace at {home.workspace} yet.", hint="'localgpt chat' makes it.")
    workspace = resolved(home.workspace)
    granted = [openable(path, home) for path in write]
    writable = list(dict.fromkeys([workspace, *granted]))
    start = resolved(folder) if folder else workspace
    if not any(start.is_relative_to(one) for one in writable):
        raise UsageError(f"{start} is not open to the command.", hint=f"Open it with --write {start}")
    return Plan(
        command=command_of(tuple(words), _shell()),
        folder=str(start),
        writable=tuple(map(str, writable)),
        closed=_closed(writable, granted),
        reserved=tuple(
            name for name in closing.reserved_in(str(workspace)) if Path(name.rstrip("/")) not in granted
        ),
        state=str(home.state),
        network=network,
        limits=checked(limits),
        environment=dict(environ),
    )


def _shell() -> str:
    """What a line is for: people and models write for bash."""
    return next((one for one in ("/bin/bash", "/usr/bin/bash") if os.access(one, os.X_OK)), "/bin/sh")


def resolved(path: Path) -> Path:
    """The folder behind a path. Raises ``UsageError`` if there is none."""
    found = Path(os.path.realpath(path))
    if not found.is_dir():
        raise UsageError(f"{path} is not a folder that is there.", hint="Check its spelling.")
    return found


def openable(path: Path, home: Home) -> Path:
    """The folder behind a path, if it may be opened to a command. Raises ``UsageError``."""
    folder = resolved(path)
    if reason := _refusal(folder, home):
        raise UsageError(
            f"{folder} can't be opened to a command: {reason}.", hint="Choose a folder in it, or another."
        )
    return folder


def _refusal(folder: Path, home: Home) -> str:
    """Why a folder is never opened; empty if it may be."""
    root, workspace = Path(os.path.realpath(home.root)), Path(os.path.realpath(home.workspace))
    users = Path(os.path.realpath(Path.home()))
    if root.is_relative_to(folder) or users.is_relative_to(folder):
        return "your settings and keys are in it"
    if folder.is_relative_to(root) and not folder.is_relative_to(workspace):
        return "LocalGPT keeps its own things there"
    inside = folder.relative_to(users) if folder.is_relative_to(users) else folder
    if is_secret(str(inside)) or is_secret(str(folder)):
        return "programs keep keys there"
    if not folder.is_relative_to(users) and any(folder.is_relative_to(one) for one in _OF_THE_SYSTEM):
        return "it belongs to the system"
    return ""


def _closed(writable: list[Path], granted: list[Path]) -> tuple[str, ...]:
    """What stays closed; a closed folder that was granted by its own name is open."""
    names = {str(path) for path in granted}
    found = {path for folder in writable for path in closing.closed_in(folder)}
    return tuple(sorted(found - names))
