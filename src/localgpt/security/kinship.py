"""Which processes are children of ours: they may not speak as the owner, whatever token or socket they find.

Who starts programs (the daemon, a conversation in a terminal) joins the *family* of its home. On Linux it becomes the
one that orphans go to, so that a child can't hide behind two forks; a process is a child of ours if one of its
ancestors is in the family. Elsewhere nobody can tell, and nobody is refused.
"""

from __future__ import annotations

import contextlib
import ctypes
import ipaddress
import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from localgpt.core import files

PROC = Path("/proc")
_FOLDER = "family"
_PR_SET_CHILD_SUBREAPER = 36
_DEEPEST = 1000
_SECONDS_OF_A_ZOMBIE = 5.0
_LOOKS_AGAIN = (0.01, 0.05)
TELLS = sys.platform == "linux"
"""Whether this system says who descends from whom."""


class Family:
    """The processes of one home that start programs; a file for each in ``state/family``."""

    def __init__(self, state: Path, proc: Path = PROC) -> None:
        self._folder = state / _FOLDER
        self._proc = proc
        self._joined: frozenset[int] = frozenset()

    def join(self) -> None:
        """Be one of them from now on, and the one that orphaned children go to."""
        if not TELLS:
            return
        files.make_folder(self._folder, mode=files.PRIVATE_FOLDER)
        for pid, born in self._written():
            if birth(pid, self._proc) != born:
                files.remove(self._folder / str(pid))
        files.replace(self._place(os.getpid()), birth(os.getpid()).encode(), mode=files.PRIVATE_FILE)
        self._joined = frozenset({os.getpid()})
        _take_orphans(on=True)

    def leave(self) -> None:
        """End it."""
        self._joined = frozenset()
        if TELLS:
            _take_orphans(on=False)
        if TELLS and self._place(os.getpid()).exists():
            files.remove(self._place(os.getpid()))

    def members(self) -> frozenset[int]:
        """Those that live."""
        written = {pid for pid, born in self._written() if born and birth(pid, self._proc) == born}
        return self._joined | written  # this one counts, whoever deletes its file

    def is_own_child(self, pid: int) -> bool:
        """Whether a process descends from one of them; one that has gone can't be told, and counts as one."""
        if not TELLS:
            return False
        members = self.members()
        if not members:
            return False
        above = list(ancestors(pid, self._proc))
        return not above or not members.isdisjoint(above)

    def children(self) -> frozenset[int]:
        """All that descend from them now."""
        members = self.members()
        return descendants(members, self._proc) - members if members else frozenset()

    def is_own_connection(self, host: str, port: int, ours: int = 0) -> bool:
        """Whether the other end of a connection, at that address, to the port of ``ours``, is a child of ours.

        One on this machine that has gone counts as one, and so does one that hides what it has open. False for another
        machine's, and where nobody can tell.
        """
        inode = self._seen(host, port, ours) if TELLS else None
        if inode is None:
            return TELLS and is_loopback(host)
        return inode == 0 or any(holds_socket(pid, inode, self._proc) for pid in self.children())

    def _seen(self, host: str, port: int, ours: int) -> int | None:
        """The socket at an address; looked for again where it is not seen: the table changes while it is read."""
        inode = socket_at(host, port, ours, self._proc)
        for wait in _LOOKS_AGAIN:
            if inode:
                break
            time.sleep(wait)
            inode = socket_at(host, port, ours, self._proc)
        return inode

    def end_children(self) -> int:
        """Kill all that descend from them, at once; gives how many. Where nobody can tell, none."""
        found = self.children() - {os.getpid()} if TELLS else frozenset[int]()
        for pid in found:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        return len(found)

    def _place(self, pid: int) -> Path:
        return self._folder / str(pid)

    def _written(self) -> Iterator[tuple[int, str]]:
        try:
            names = os.listdir(self._folder)  # noqa: PTH208 - names, not paths
        except OSError:
            return
        for name in filter(str.isdecimal, names):
            try:
                yield int(name), self._place(int(name)).read_text(encoding="ascii")
            except (OSError, ValueError):
                continue


def _take_orphans(*, on: bool) -> None:
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, int(on), 0, 0, 0)


def birth(pid: int, proc: Path = PROC) -> str:
    """When a process began, in the system's ticks: with its number it is never another one. Empty if it is gone."""
    found = _fields(pid, proc)
    return found[19] if len(found) > 19 else ""


def ancestors(pid: int, proc: Path = PROC) -> Iterator[int]:
    """The parent of a process, the parent's parent, and so on."""
    for _ in range(_DEEPEST):
        found = _fields(pid, proc)
        if len(found) < 2:
            return
        pid = int(found[1])
        if pid <= 0:
            return
        yield pid


def descendants(roots: frozenset[int], proc: Path = PROC) -> frozenset[int]:
    """``roots`` and all that descend from them."""
    parents = {int(one): _parent(int(one), proc) for one in os.listdir(proc) if one.isdecimal()}  # noqa: PTH208
    found = set(roots)
    while more := {pid for pid, parent in parents.items() if parent in found and pid not in found}:
        found |= more
    return frozenset(found)


def holds_socket(pid: int, inode: int, proc: Path = PROC) -> bool:
    """Whether a process has a socket open; one that hides what it has open counts as if it did."""
    wanted = f"socket:[{inode}]"
    try:
        names = os.listdir(proc / str(pid) / "fd")  # noqa: PTH208 - names, not paths
    except FileNotFoundError:
        return False
    except OSError:
        return True
    for name in names:
        try:
            if os.readlink(proc / str(pid) / "fd" / name) == wanted:  # noqa: PTH115 - one system call each
                return True
        except OSError:
            continue
    return False


def is_loopback(host: str) -> bool:
    """Whether an address is this machine's for itself."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def socket_at(host: str, port: int, ours: int = 0, proc: Path = PROC) -> int | None:
    """The inode of the socket at an address of this machine that is connected to the port of ``ours`` (0: to any); 0 if
    its process has gone, ``None`` if there is none.
    """
    found: int | None = None
    for name, version in (("tcp", 4), ("tcp6", 6)):
        try:
            rows = (proc / "net" / name).read_text(encoding="ascii").splitlines()[1:]
        except OSError:
            continue
        for row in map(str.split, rows):
            address, _, own = row[1].partition(":")
            other = int(row[2].partition(":")[2], 16)
            if int(own, 16) != port or other != (ours or other):
                continue
            if _same_address(_address(address, version), host):
                found = int(row[9])
                if found:
                    return found
    return found


def _address(written: str, version: int) -> str:
    """An address as the kernel writes it: words of four bytes, each in the machine's order."""
    words = bytes.fromhex(written)
    turned = b"".join(words[at : at + 4][::-1] for at in range(0, len(words), 4))
    packed = turned if sys.byteorder == "little" else words
    return str(ipaddress.IPv4Address(packed) if version == 4 else ipaddress.IPv6Address(packed))


def _same_address(one: str, other: str) -> bool:
    try:
        return _plain(one) == _plain(other)
    except ValueError:
        return False


def _plain(written: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """An address, without the dress of one kind in the other."""
    found = ipaddress.ip_address(written)
    return found.ipv4_mapped or found if isinstance(found, ipaddress.IPv6Address) else found


def reap(seen: dict[int, float], now: float) -> None:
    """Bury children of this process that have ended some seconds ago: whoever waits for his own is quicker.

    ``seen`` is kept between calls.
    """
    dead = set(_own_zombies())
    for pid in set(seen) - dead:
        del seen[pid]
    for pid in dead:
        if now - seen.setdefault(pid, now) >= _SECONDS_OF_A_ZOMBIE:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)


def _own_zombies() -> Iterator[int]:
    me = os.getpid()
    for name in os.listdir(PROC):  # noqa: PTH208 - names, not paths
        if name.isdecimal():
            found = _fields(int(name), PROC)
            if len(found) > 1 and found[0] == "Z" and found[1] == str(me):
                yield int(name)


def _parent(pid: int, proc: Path) -> int:
    found = _fields(pid, proc)
    return int(found[1]) if len(found) > 1 else -1


def _fields(pid: int, proc: Path) -> list[str]:
    """What ``stat`` says after a process's name (which may hold anything): state, parent, …"""
    try:
        told = (proc / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    return told.rpartition(")")[2].split()
