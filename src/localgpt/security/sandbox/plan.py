"""What one run may do: the command, its folders, its limits, the network or not. A value; nothing is looked up here."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from localgpt.core.errors import UsageError
from localgpt.security.sandbox import orders
from localgpt.security.sandbox.orders import Orders

MEGABYTE = 1 << 20
LONGEST_ARGUMENT = 120 * 1024
LONGEST_COMMAND = MEGABYTE
"""Bytes; the kernel takes no single argument of 128 KiB."""
LONGEST_TIME = 24 * 3600.0
SEARCH_PATH = "/usr/local/bin:/usr/bin:/bin"
FROM_OUTSIDE = ("LANG", "LC_ALL", "TZ", "TERM")
"""The variables that a command is told of our own environment."""
SCRATCH = "/tmp/private"

SYSTEM = (
    "/usr", "/bin", "/sbin", "/lib", "/lib64", "/lib32", "/nix/store", "/etc/alternatives", "/etc/bash.bashrc",
    "/etc/ca-certificates", "/etc/debian_version", "/etc/fonts", "/etc/group", "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d",
    "/etc/locale.alias", "/etc/localtime", "/etc/lsb-release", "/etc/mime.types", "/etc/nsswitch.conf", "/etc/os-release", "/etc/passwd", "/etc/pki/tls/certs",
    "/etc/python3", "/etc/ssl/certs", "/etc/ssl/openssl.cnf", "/etc/timezone",
)  # fmt: skip
"""What a command can read of the machine."""
FOR_NETWORK = (
    "/etc/hosts",
    "/etc/resolv.conf",
    "/run/systemd/resolve",
    "/etc/services",
    "/etc/protocols",
    "/etc/gai.conf",
)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a run may use: ``seconds`` by the clock, ``processes`` at once (threads too), the rest in bytes.

    ``memory`` holds for each process and for all together, ``disk`` for what a writable folder's disk loses, ``output``
    for each of the two streams.
    """

    seconds: float = 120.0
    memory: int = 1024 * MEGABYTE
    processes: int = 256
    file_size: int = 256 * MEGABYTE
    disk: int = 1024 * MEGABYTE
    scratch: int = 256 * MEGABYTE
    output: int = MEGABYTE


@dataclass(frozen=True, slots=True)
class Plan:
    """One run. Paths are absolute and resolved; ``closed`` are those within ``writable`` that can only be read.

    ``reserved`` are names that can't be made either (with a slash at the end: folders); ``state`` is where
    LocalGPT keeps its locks, and with nothing reserved it is not needed. ``hidden`` are files that can't be read, where
    there are namespaces.
    """

    command: tuple[str, ...]
    folder: str
    writable: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    reserved: tuple[str, ...] = ()
    state: str = ""
    readable: tuple[str, ...] = ()
    network: bool = False
    limits: Limits = Limits()
    environment: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def orders(self, strength: str, scratch: str, terminal: int = -1) -> Orders:
        """The plan in the words that the child is told, for a strength of walls and a private folder.

        ``terminal`` is an open handle of a terminal for the command (-1: none).
        """
        limits = self.limits
        return Orders(
            strength=strength,
            command=list(self.command),
            folder=self.folder,
            writable=list(self.writable),
            readable=[*SYSTEM, *(FOR_NETWORK if self.network else ()), *self.readable],
            closed=sorted({*self.closed, *(path.rstrip("/") for path in self.reserved)}),
            hidden=sorted(self.hidden),
            terminal=terminal,
            terminal_path=os.ttyname(terminal) if terminal >= 0 else "",
            scratch=scratch,
            network=self.network,
            environment=environment(self.environment, scratch) | ({"TERM": "dumb"} if terminal >= 0 else {}),
            seconds=limits.seconds,
            memory=limits.memory,
            processes=limits.processes,
            file_size=limits.file_size,
            disk=limits.disk,
            scratch_size=limits.scratch,
        )


def environment(ours: Mapping[str, str], scratch: str) -> dict[str, str]:
    """The whole environment of a command: a few variables of ours, and a home that is empty and goes with the run."""
    kept = {name: ours[name] for name in FROM_OUTSIDE if name in ours and "\0" not in ours[name]}
    return {
        **kept,
        "PATH": SEARCH_PATH,
        "HOME": f"{scratch}/home",
        "TMPDIR": scratch,
        "USER": "sandbox",
        "SHELL": "/bin/sh",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_CONFIG_NOSYSTEM": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def command_of(words: tuple[str, ...], shell: str = "/bin/sh") -> tuple[str, ...]:
    """The command to start: one word is a line for the ``shell``, several are a program and its arguments.

    Raises ``UsageError`` for one that no kernel would take.
    """
    if not words or not any(words):
        raise UsageError("There is no command to run.", hint="Put it behind two dashes: -- ls -l")
    if any("\0" in word for word in words):
        raise UsageError("A command can't hold NUL characters.", hint="Write them with printf '\\0' in it.")
    sizes = [len(word.encode("utf-8", "surrogateescape")) for word in words]
    if max(sizes) > LONGEST_ARGUMENT or sum(sizes) > LONGEST_COMMAND:
        raise UsageError(
            f"The command has {sum(sizes):,} bytes; that is more than the system takes.",
            hint="Write it into a file of the workspace and run that.",
        )
    return words if len(words) > 1 else (shell, "-c", words[0])


def checked(limits: Limits) -> Limits:
    """The limits, if they can be meant. Raises ``UsageError``."""
    if not 0.1 <= limits.seconds <= LONGEST_TIME:
        raise UsageError(
            f"A command can't have {limits.seconds:g} seconds.", hint="Give it between 0.1 and 86400 of them."
        )
    return limits


FULL, WEAKER, NONE = orders.FULL, orders.WEAKER, orders.NONE
