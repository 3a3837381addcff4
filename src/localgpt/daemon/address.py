"""Where the daemon of a home listens: a Unix socket in a private folder, under a short hash of the home.

Standard library only, and little of it: the command line asks here before anything else is imported.
"""

from __future__ import annotations

import os
import stat
import zlib
from collections.abc import Iterator, Mapping

LONGEST = 100
"""Bytes of a socket's path that every system takes (Linux 107, macOS 103)."""
PRIVATE = 0o700


def home_of(environ: Mapping[str, str], home: str | None, profile: str | None) -> tuple[str, str] | None:
    """The home's folder and where the workspace was moved to (else empty), as ``core.paths.locate`` finds them.

    ``None`` for the rare ones that only that function knows: a profile that the Rust LocalGPT left.
    """
    base = os.path.abspath(os.path.expanduser(home or environ.get("LOCALGPT_HOME") or "~/.localgpt"))  # noqa: PTH100, PTH111 - pathlib takes longer to import than all of this
    name = (profile if profile is not None else environ.get("LOCALGPT_PROFILE", "")).strip().lower()
    moved = environ.get("LOCALGPT_WORKSPACE", "")
    if name in {"", "default"}:
        return base, moved
    own = f"{base}-{name}"
    if not os.path.exists(own) and os.path.isdir(f"{base}/workspace-{name}"):  # noqa: PTH110, PTH112 - as above
        return None
    return own, moved


def places(environ: Mapping[str, str]) -> Iterator[str]:
    """The folders in which a socket may be, the best first; they need not be there."""
    user = os.geteuid()
    seen = set()
    for folder in (environ.get("XDG_RUNTIME_DIR", ""), f"/run/user/{user}"):
        if folder and folder not in seen and os.path.isdir(folder):  # noqa: PTH112 - as above
            seen.add(folder)
            yield f"{folder}/localgpt"
    yield f"{environ.get('TMPDIR') or '/tmp'}/localgpt-{user}"  # noqa: S108 - it is checked to be ours alone


def socket_in(folder: str, root: str) -> str:
    """The socket's path for the home at ``root``."""
    return f"{folder}/{zlib.crc32(os.fsencode(root)):08x}.sock"


def is_private(folder: str) -> bool:
    """Whether ``folder`` is one that only this user can enter, and no link to somewhere else."""
    try:
        found = os.lstat(folder)
    except OSError:
        return False
    return (
        stat.S_ISDIR(found.st_mode)
        and found.st_uid == os.geteuid()
        and not stat.S_IMODE(found.st_mode) & ~PRIVATE
    )


def found(environ: Mapping[str, str], root: str) -> Iterator[str]:
    """The paths at which a daemon of the home at ``root`` may listen: in folders that are there, and ours alone."""
    for folder in places(environ):
        path = socket_in(folder, root)
        if len(os.fsencode(path)) <= LONGEST and os.path.exists(path) and is_private(folder):  # noqa: PTH110 - as above
            yield path
