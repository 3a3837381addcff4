"""The file system that a command sees: the system to read, the folders it may write, a scratch of its own, nothing else."""

from __future__ import annotations

import errno
import os
import stat
import time

from localgpt.security.sandbox import kernel, namespaces
from localgpt.security.sandbox.orders import Orders

_READ_ONLY, _NO_PRIVILEGES, _NO_DEVICES, _NO_PROGRAMS = 1, 2, 4, 8
_RECURSIVE, _PRIVATE = 16384, 1 << 18
_REMOUNT, _BIND = 32, 4096

SITE = "/sys"
"""Where the room is built before it becomes the root: a folder that every Linux has and no command is shown."""
_NOTHING = {True: ".nothing-in", False: ".nothing-at"}
"""What stands in ``/dev`` for folders and files that are hidden."""
_TRIES = 50
DEVICES = ("null", "zero", "full", "random", "urandom")
_LINKS = {"fd": "/proc/self/fd", "stdin": "fd/0", "stdout": "fd/1", "stderr": "fd/2"}


def build(orders: Orders) -> None:
    """Make the room and move in; the process is the first of its namespaces. Raises ``OSError``."""
    kernel.unshare(namespaces.MOUNTS)  # here, so that who watches from outside still sees the machine
    kernel.mount("", "/", _RECURSIVE | _PRIVATE)
    kernel.mount("tmpfs", SITE, _NO_PRIVILEGES | _NO_DEVICES, "size=4m,mode=755")
    _furnish(orders)
    for path in orders.readable:
        _show(path, _READ_ONLY)
    shown = dict.fromkeys((*pinned(orders), *orders.writable), 0)
    shown |= dict.fromkeys(orders.closed, _READ_ONLY)
    for path, flag in sorted(shown.items()):  # a folder before what is in it
        _show(path, flag)
    if orders.hidden:
        os.mkdir(f"{SITE}/dev/{_NOTHING[True]}", 0)
        _make_place(f"{SITE}/dev/{_NOTHING[False]}", folder=False)
        os.chmod(f"{SITE}/dev/{_NOTHING[False]}", 0)
    for path in orders.hidden:
        _hide(path)
    _move_in()


def pinned(orders: Orders) -> list[str]:
    """The folders between a writable one and what is closed in it: shown by themselves, they can't be moved away."""
    found = []
    for path in (*orders.closed, *orders.hidden):
        base = next((one for one in orders.writable if path.startswith(f"{one}/")), path)
        parts = path[len(base) + 1 :].split("/")[:-1]
        found += [f"{base}/{'/'.join(parts[: end + 1])}" for end in range(len(parts))]
    held = tuple(f"{path}/" for path in orders.closed)
    return [
        path for path in found if not path.startswith(held)
    ]  # what is closed can't be moved, and stays closed


def _furnish(orders: Orders) -> None:
    for name in ("proc", "dev", "tmp"):
        os.mkdir(f"{SITE}/{name}")
    flags = _NO_PRIVILEGES | _NO_DEVICES
    kernel.mount("tmpfs", f"{SITE}/tmp", flags, f"size={orders.scratch_size},nr_inodes=65536,mode=1777")
    kernel.mount("tmpfs", f"{SITE}/dev", _NO_PRIVILEGES, "size=64k,mode=755")
    for name in DEVICES:
        _show(f"/dev/{name}", 0, _NO_PRIVILEGES)
    for path in terminal_of(orders):
        _show(path, 0, _NO_PRIVILEGES)
    for name, target in _LINKS.items():
        os.symlink(target, f"{SITE}/dev/{name}")
    os.mkdir(f"{SITE}/dev/shm")
    kernel.mount("tmpfs", f"{SITE}/dev/shm", flags, f"size={orders.scratch_size // 4},mode=1777")


def _show(path: str, flag: int, always: int = _NO_PRIVILEGES | _NO_DEVICES) -> None:
    """Let ``path`` be seen in the room, where it is outside; a link is shown as the link it is."""
    try:
        found = os.lstat(path)
    except FileNotFoundError:
        return
    target = SITE + path
    if stat.S_ISLNK(found.st_mode):
        _make_link(os.readlink(path), target)
        return
    source = kernel.open_place(path)
    _make_place(target, folder=stat.S_ISDIR(os.fstat(source).st_mode))
    place = kernel.open_place(target)
    tree = kernel.clone_tree(source, always | flag)
    kernel.attach_tree(tree, place)
    for handle in (source, place, tree):
        os.close(handle)


def _hide(path: str) -> None:
    """Put something empty that nobody may open in the place of the file or folder ``path``, if that is there."""
    try:
        place = kernel.open_place(SITE + path)
    except OSError as error:
        if error.errno in {errno.ENOENT, errno.ENOTDIR}:
            return
        raise
    nothing = kernel.open_place(f"{SITE}/dev/{_NOTHING[stat.S_ISDIR(os.fstat(place).st_mode)]}")
    tree = kernel.clone_tree(nothing, _NO_PRIVILEGES | _NO_DEVICES | _READ_ONLY)
    kernel.attach_tree(tree, place)
    for handle in (place, nothing, tree):
        os.close(handle)


def terminal_of(orders: Orders) -> tuple[str, ...]:
    """The devices of the command's terminal, if it has one: its own name, and the one that always means it."""
    return ("/dev/tty", orders.terminal_path) if orders.terminal_path else ()


def _make_link(leads_to: str, target: str) -> None:
    os.makedirs(os.path.dirname(target), exist_ok=True)
    if not os.path.lexists(target):
        os.symlink(leads_to, target)


def _make_place(target: str, *, folder: bool) -> None:
    if os.path.lexists(target):
        return
    os.makedirs(target if folder else os.path.dirname(target), exist_ok=True)
    if not folder:
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600))


def _move_in() -> None:
    kernel.mount(
        "proc", f"{SITE}/proc", _NO_PRIVILEGES | _NO_DEVICES | _NO_PROGRAMS
    )  # while the old one is still seen
    os.chdir(SITE)
    kernel.call("pivot_root", b".", b".")  # the old root now lies on the new one, and is taken away at once
    kernel.detach(".")
    os.chdir("/")


def closed_again(orders: Orders, links: frozenset[str]) -> bool:
    """Close what somebody outside replaced, which took its mount away; whether all of it is closed.

    For process 1, while the others are stopped. ``links`` of what is closed are held by Landlock alone. What is not
    there any more can't be closed: a command could make it anew.
    """
    for _ in range(_TRIES):
        try:
            _close_all(orders, links)
        except OSError:  # the next one is replaced at this very moment, or it is gone
            time.sleep(0.001)
        else:
            return True
    return False


def _close_all(orders: Orders, links: frozenset[str]) -> None:
    for path in orders.closed:
        if path not in links and not _is_held(path):
            _cover(path, kernel.open_place(path))
    for path in orders.hidden:
        if not _is_held(path):
            folder = stat.S_ISDIR(os.lstat(path).st_mode)
            _cover(path, kernel.open_place(f"/dev/{_NOTHING[folder]}"))


def _is_held(path: str) -> bool:
    place = kernel.open_place(path)
    try:
        return bool(os.fstatvfs(place).f_flag & os.ST_RDONLY)
    finally:
        os.close(place)


def _cover(path: str, source: int) -> None:
    place = kernel.open_place(path)
    tree = kernel.clone_tree(source, _NO_PRIVILEGES | _NO_DEVICES | _READ_ONLY)
    kernel.attach_tree(tree, place)
    for handle in (source, place, tree):
        os.close(handle)


def close() -> None:
    """Make what is left of the room unchangeable: nothing new beside the folders, and no switch in ``/proc``."""
    held = _REMOUNT | _BIND | _READ_ONLY | _NO_PRIVILEGES | _NO_DEVICES
    kernel.mount("", "/", held)
    kernel.mount("", "/dev", _REMOUNT | _BIND | _READ_ONLY | _NO_PRIVILEGES)
    kernel.mount("", "/proc", held | _NO_PROGRAMS)
