"""Empty names in the place of those that a command must not make: nothing can be closed that isn't there.

They are in the workspace only while commands run there. The last run to end takes them away, and what a crash left
the next one does: a placeholder is known by being empty and by its mode.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path

from localgpt.core import files
from localgpt.core.errors import Locked
from localgpt.core.paths import short_hash

_FILE, _FOLDER = 0o1644, 0o555
"""Modes that nobody gives by chance: a file with the sticky bit. LocalGPT itself may write such a note meanwhile."""


@contextlib.contextmanager
def held(names: tuple[str, ...], workspace: str, state: Path) -> Iterator[None]:
    """Every one of ``names`` (paths; with a slash at the end: folders) is there inside. ``state`` keeps the locks."""
    locks = state / "locks" / f"sandbox-{short_hash(workspace)}"
    gate, own = locks / "gate", locks / f"run-{secrets.token_hex(8)}"
    with contextlib.ExitStack() as alive:
        with files.lock(gate):
            alive.enter_context(files.lock(own))  # inside the gate: whoever counts the others sees it held
            for name in names:
                _make(name)
        try:
            yield
        finally:
            with files.lock(gate):
                if not _others(locks, own):
                    for name in names:
                        _take_away(name)
                own.unlink(missing_ok=True)


def _make(name: str) -> None:
    path = name.rstrip("/")
    if os.path.lexists(path):
        return
    with files.explained("close", path):
        if name.endswith("/"):
            os.mkdir(path)
            os.chmod(path, _FOLDER)
        else:
            handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW, _FILE)
            os.fchmod(handle, _FILE)  # whatever the umask says: it is how it is known again
            os.close(handle)


def _others(locks: Path, own: Path) -> bool:
    """Whether another run goes on; what a crashed one left is cleared."""
    alive = False
    for path in locks.glob("run-*"):
        if path != own:
            try:
                with files.lock(path, timeout=0):
                    path.unlink(missing_ok=True)
            except Locked:
                alive = True
    return alive


def _take_away(name: str) -> None:
    """Only what is still as it was made: what somebody has written there meanwhile stays."""
    path = Path(name.rstrip("/"))
    with contextlib.suppress(OSError):
        found = path.lstat()
        if name.endswith("/"):
            if stat.S_IMODE(found.st_mode) == _FOLDER:
                path.rmdir()  # refused unless it is empty
        elif stat.S_ISREG(found.st_mode) and stat.S_IMODE(found.st_mode) == _FILE and not found.st_size:
            path.unlink()
