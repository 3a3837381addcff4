"""A control group for one run where the machine lends us one (cgroup v2): memory and processes counted by the kernel."""

from __future__ import annotations

import os
import time

ROOT = "/sys/fs/cgroup"
_NEEDED = {"memory", "pids"}


def home(root: str = ROOT, mine: str = "/proc/self/cgroup") -> tuple[str, str]:
    """The group beside our own in which one of ours may be made, or why there is none: one of the two is empty."""
    own = next((line[3:] for line in _lines(mine) if line.startswith("0::")), "")
    if not own or not os.path.exists(f"{root}/cgroup.controllers"):
        return "", "this machine has no cgroup v2"
    parent = root + (os.path.dirname(own) if own != "/" else "")
    parent = parent.rstrip("/")
    lent = set(" ".join(_lines(f"{parent}/cgroup.subtree_control")).split())
    if not lent >= _NEEDED:
        return "", "memory and processes are not counted in our group"
    if not os.access(parent, os.W_OK) or not os.access(f"{parent}/cgroup.procs", os.W_OK):
        return "", "our group belongs to somebody else"
    return parent, ""


def _lines(path: str) -> list[str]:
    try:
        with open(path, encoding="ascii") as file:
            return file.read().splitlines()
    except OSError:
        return []


def make(parent: str, *, memory: int, processes: int) -> str:
    """A new group below ``parent`` with limits (bytes, processes); its folder. Raises ``OSError``."""
    group = f"{parent}/localgpt-sandbox-{os.getpid()}"
    os.mkdir(group)
    try:
        _set(group, "memory.max", str(memory))
        _set(group, "pids.max", str(processes))
        if os.path.exists(f"{group}/memory.swap.max"):
            _set(group, "memory.swap.max", "0")
    except OSError:
        remove(group)
        raise
    return group


def join(group: str) -> None:
    """Put this process, and what it will start, into the group."""
    _set(group, "cgroup.procs", "0")


def remove(group: str) -> None:
    """End what is left in the group and delete it."""
    for _ in range(50):
        try:
            if os.path.exists(f"{group}/cgroup.kill"):
                _set(group, "cgroup.kill", "1")
            os.rmdir(group)
        except OSError:
            time.sleep(0.01)  # its processes are still ending
        else:
            return


def _set(group: str, name: str, value: str) -> None:
    with open(f"{group}/{name}", "w", encoding="ascii") as file:
        file.write(value)
