"""System calls that Python has no name for, through the C library: each returns, or raises ``OSError``."""

from __future__ import annotations

import ctypes
import os
import struct

from localgpt.security.sandbox import numbers

_LIBC = ctypes.CDLL(None, use_errno=True)
_LIBC.syscall.restype = ctypes.c_long

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_CAPBSET_DROP, PR_SET_CHILD_SUBREAPER = 1, 4, 24, 36
PR_SET_NO_NEW_PRIVS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL = 38, 47, 4
_CAPABILITY_VERSION_3 = 0x20080522
_SIG_DFL = 0
SIGKILL, SIGPIPE, SIGCONT, SIGSTOP, SIGXFSZ = 9, 13, 18, 19, 25

AT_FDCWD = -100
AT_EMPTY_PATH, AT_RECURSIVE = 0x1000, 0x8000
_OPEN_TREE_CLONE = 1
_RESOLVE_NO_SYMLINKS = 4
_FROM_EMPTY, _TO_EMPTY = 0x4, 0x40


def call(name: str, *arguments: int | bytes | None) -> int:
    """Make the system call ``name``; integers go as words, bytes as pointers to them."""
    return _made(_LIBC.syscall(ctypes.c_long(numbers.of_this_machine()[name]), *map(_word, arguments)), name)


def _word(value: int | bytes | None) -> ctypes.c_long | bytes | None:
    return ctypes.c_long(value) if isinstance(value, int) else value


def _made(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def prctl(option: int, *values: int) -> None:
    """One of the process's own switches."""
    words = [ctypes.c_ulong(value) for value in (*values, 0, 0, 0, 0)[:4]]
    _made(_LIBC.prctl(ctypes.c_int(option), *words), f"prctl {option}")


def unshare(flags: int) -> None:
    """Leave the namespaces named by ``flags`` for new ones."""
    _made(_LIBC.unshare(ctypes.c_int(flags)), "unshare")


def mount(kind: str, place: str, flags: int, data: str = "") -> None:
    """Mount a file system without a device (tmpfs, proc), or change how an old mount spreads (no kind)."""
    kind_bytes = kind.encode() or None
    _made(
        _LIBC.mount(
            kind_bytes or b"none", os.fsencode(place), kind_bytes, ctypes.c_ulong(flags), data.encode()
        ),
        f"mount {kind} on {place}",
    )


def detach(place: str) -> None:
    """Take the mount at ``place`` away, with those below it."""
    _made(_LIBC.umount2(os.fsencode(place), ctypes.c_int(2)), f"unmount {place}")


def open_place(path: str) -> int:
    """A handle on a path that has no symbolic link in it (``ELOOP`` if one has been put there since it was judged)."""
    how = struct.pack("<QQQ", os.O_PATH | os.O_CLOEXEC, 0, _RESOLVE_NO_SYMLINKS)
    return call("openat2", AT_FDCWD, os.fsencode(path), how, len(how))


def clone_tree(place: int, attributes: int) -> int:
    """A copy of the mounts at the handle ``place``, all of them with these attributes, attached nowhere yet."""
    tree = call("open_tree", place, b"", _OPEN_TREE_CLONE | AT_EMPTY_PATH | AT_RECURSIVE | os.O_CLOEXEC)
    setting = struct.pack("<QQQQ", attributes, 0, 0, 0)
    call("mount_setattr", tree, b"", AT_EMPTY_PATH | AT_RECURSIVE, setting, len(setting))
    return tree


def attach_tree(tree: int, place: int) -> None:
    """Show what ``clone_tree`` copied at the handle ``place``."""
    call("move_mount", tree, b"", place, b"", _FROM_EMPTY | _TO_EMPTY)


def drop_capabilities() -> None:
    """Give up every privilege of root, and the ways to get one back."""
    for capability in range(64):
        try:
            prctl(PR_CAPBSET_DROP, capability)
        except OSError:
            break  # the last one that this kernel knows; without the privilege to drop, capset below still holds
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL)
    call("capset", struct.pack("<Ii", _CAPABILITY_VERSION_3, 0), bytes(24))


def default_signals() -> None:
    """Undo what the interpreter did to signals: a command expects to die of a closed pipe."""
    for number in (SIGPIPE, SIGXFSZ):
        _LIBC.signal(ctypes.c_int(number), ctypes.c_void_p(_SIG_DFL))


def landlock_version() -> int:
    """The version of Landlock that this kernel speaks; 0 if none."""
    try:
        return call("landlock_create_ruleset", None, 0, 1)
    except (OSError, NotImplementedError):
        return 0


def install_filter(program: bytes) -> None:
    """Let the kernel judge every system call of this process and its children by a BPF program."""
    held = ctypes.create_string_buffer(program, len(program))
    head = struct.pack("<HxxxxxxQ", len(program) // 8, ctypes.addressof(held))
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    call("seccomp", 1, 0, head)
