"""A world of its own for a command: users, mounts, processes, network, messages and host name."""

from __future__ import annotations

import os

from localgpt.security.sandbox import kernel

MOUNTS, CGROUPS, HOST_NAME, MESSAGES, USERS, PROCESSES, NETWORK = (
    0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000,
)  # fmt: skip
_INSIDE = CGROUPS | HOST_NAME | MESSAGES | USERS | PROCESSES

FEWEST_PROCESSES = 301
"""The kernel lets no process namespace have room for fewer."""


def enter(*, network: bool) -> None:
    """Leave the machine's namespaces but that of mounts; the next child is the first process of the new one.

    Raises ``OSError``. The user is mapped onto itself alone: files keep their owner, and there is no power over anybody else's.
    """
    user, group = os.geteuid(), os.getegid()
    kernel.unshare(_INSIDE | (0 if network else NETWORK))
    _tell("setgroups", "deny")
    _tell("uid_map", f"{user} {user} 1")
    _tell("gid_map", f"{group} {group} 1")


def _tell(table: str, line: str) -> None:
    with open(f"/proc/self/{table}", "w", encoding="ascii") as file:
        file.write(line)


def bound_processes(most: int) -> None:
    """Let the namespace hold no more than ``most`` processes and threads (since Linux 6.14; before, nothing happens).

    Where the user is root this is what holds: the kernel lets root exceed the limit of processes.
    """
    try:
        with open("/proc/sys/kernel/pid_max", "w", encoding="ascii") as file:
            file.write(str(max(most, FEWEST_PROCESSES)))
    except OSError:
        return  # an older kernel has one number for the whole machine; the watch counts processes as well
