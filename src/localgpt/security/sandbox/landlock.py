"""Landlock: which files a process may touch, from now on and for all its children; the kernel keeps to it."""

from __future__ import annotations

import errno
import os
import stat
import struct

from localgpt.security.sandbox import kernel

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR, REMOVE_DIR, REMOVE_FILE = (1 << bit for bit in range(6))
MAKE_CHAR, MAKE_DIR, MAKE_REG, MAKE_SOCK, MAKE_FIFO, MAKE_BLOCK, MAKE_SYM = (1 << bit for bit in range(6, 13))
REFER, TRUNCATE, IOCTL_DEV = (1 << bit for bit in range(13, 16))

READ = EXECUTE | READ_FILE | READ_DIR
WRITE = READ | WRITE_FILE | REMOVE_DIR | REMOVE_FILE | MAKE_DIR | MAKE_REG | MAKE_SYM | REFER | TRUNCATE
"""No named pipes and sockets: a program of the owner's that opens one would wait for ever."""
SCRATCH = WRITE | MAKE_FIFO | MAKE_SOCK
DEVICE = READ_FILE | WRITE_FILE | IOCTL_DEV
_OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV

_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15}
_TCP = 3
_SCOPES = 3
_CONNECT = 2
PORTS = (22, 53, 80, 443, 853, 9418)
"""Where a command with the network may connect to over TCP: SSH, names, the web, git. No others of this machine's services."""
NETWORK_SINCE, SCOPES_SINCE = 4, 6
"""The versions that know TCP, and that keep signals and abstract sockets inside."""

OLDEST = 3
"""Before this version a file could be emptied that must not be written."""


def restrict(rules: list[tuple[str, int]], *, network: bool) -> None:
    """Refuse this process every file but those below the paths of ``rules``, with the rights given there.

    A path that is not there is left out; so is one that a symbolic link has been put into. Raises ``OSError``.
    """
    version = kernel.landlock_version()
    if version < OLDEST:
        raise OSError(0, f"Landlock {version} is too old, {OLDEST} is needed")
    handled = (1 << _RIGHTS.get(version, 16)) - 1
    ruleset = _make(version, handled)
    for path, rights in rules:
        _allow(ruleset, path, rights & handled)
    if network and version >= NETWORK_SINCE:
        for port in PORTS:
            kernel.call("landlock_add_rule", ruleset, 2, struct.pack("<QQ", _CONNECT, port), 0)
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    kernel.call("landlock_restrict_self", ruleset, 0)
    os.close(ruleset)


def _make(version: int, handled: int) -> int:
    words = [handled]
    if version >= NETWORK_SINCE:
        words.append(_TCP)
    if version >= SCOPES_SINCE:
        words.append(_SCOPES)
    attributes = struct.pack(f"<{len(words)}Q", *words)
    return kernel.call("landlock_create_ruleset", attributes, len(attributes), 0)


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        place = kernel.open_place(path)
    except OSError as error:
        if error.errno in {errno.ENOENT, errno.ELOOP}:
            return
        raise
    try:
        if not stat.S_ISDIR(os.fstat(place).st_mode):
            rights &= _OF_FILES
        kernel.call("landlock_add_rule", ruleset, 1, struct.pack("<Qi", rights, place), 0)
    finally:
        os.close(place)


def carved(folder: str, closed: list[str]) -> list[tuple[str, int]]:
    """Rules that let write in ``folder`` but not in the ``closed`` paths: Landlock can't take a right away again.

    So a folder that holds a closed path can only be read, and all else in it is allowed by name: no new name can be
    made there.
    """
    below = [path for path in closed if path.startswith(folder.rstrip("/") + "/")]
    if not below:
        return [(folder, WRITE)]
    rules = [(folder, READ)]
    for entry in os.scandir(folder):
        if entry.path in closed or entry.is_symlink():
            continue
        if entry.is_dir(follow_symlinks=False):
            rules += carved(entry.path, below)
        else:
            rules.append((entry.path, WRITE))
    return rules
