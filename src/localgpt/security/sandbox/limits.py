"""What the kernel lets each process of a command use."""

from __future__ import annotations

import os
import resource

from localgpt.security.sandbox import orders
from localgpt.security.sandbox.orders import Orders

_FILES = 1024


def apply(told: Orders, already_running: int = 0) -> None:
    """Set the limits of this process and its children.

    ``already_running`` processes and threads of the same user count as the command's own (a namespace of users has
    none when it begins).
    """
    fixed = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_MEMLOCK: 0,
        resource.RLIMIT_MSGQUEUE: 0,
        resource.RLIMIT_FSIZE: told.file_size,
        resource.RLIMIT_DATA: told.memory,
        resource.RLIMIT_NOFILE: _FILES,
        resource.RLIMIT_NPROC: told.processes + already_running,
    }
    for which, wanted in fixed.items():
        highest = resource.getrlimit(which)[1]
        allowed = wanted if highest == resource.RLIM_INFINITY else min(wanted, highest)
        resource.setrlimit(which, (allowed, allowed))


def hold(told: Orders, *, counted: bool) -> None:
    """Refuse to begin where nothing would bound the number of processes. Raises ``OSError``.

    The kernel exempts root from its limit of them; a namespace, or a control group (``counted``), holds root too.
    """
    if told.strength == orders.WEAKER and os.geteuid() == 0 and not counted:
        raise OSError(0, "root can't be held to a number of processes without namespaces or a cgroup")


def be_first_to_go() -> None:
    """Where the machine runs out of memory, the command is what it ends."""
    try:
        with open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:
            file.write("1000")
    except OSError:
        return  # a container without it; the other limits hold


def threads_of(user: int) -> int:
    """How many processes and threads a user has on this machine."""
    count = 0
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                if os.stat(f"/proc/{name}").st_uid == user:
                    count += len(os.listdir(f"/proc/{name}/task"))
            except OSError:
                continue  # it has just ended
    return count
