"""How the daemon is, as values: what ``localgpt daemon status`` shows."""

from __future__ import annotations

import json
import socket
from dataclasses import asdict, dataclass

from localgpt.daemon import wire

_PATIENCE = 2.0


@dataclass(frozen=True, slots=True)
class PartStatus:
    """A part of the daemon: ``state`` is ``running``, ``failing``, ``waiting`` or ``done``."""

    name: str
    state: str
    problem: str = ""
    failures: int = 0


@dataclass(frozen=True, slots=True)
class Status:
    """The daemon: times in ISO, ``address`` of the page (empty: none), memory in megabytes (0: unknown)."""

    pid: int
    version: str
    started: str
    home: str
    address: str
    turns: int
    commands: int
    served: int
    memory_mb: float
    problem: str
    parts: tuple[PartStatus, ...]
    frozen: str = ""
    """Why nothing runs, in a sentence; empty where things run."""

    def as_json(self) -> str:
        """For the local socket, and for programs."""
        return json.dumps(asdict(self))

    @classmethod
    def of_json(cls, text: str) -> Status:
        """What ``as_json`` made."""
        fields = json.loads(text)
        return cls(**{**fields, "parts": tuple(PartStatus(**part) for part in fields["parts"])})


def asked(path: str) -> Status | None:
    """Ask the daemon that listens at ``path``; ``None`` when it doesn't say."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
            line.settimeout(_PATIENCE)
            line.connect(path)
            line.sendall(wire.packed(wire.STATUS))
            return Status.of_json(wire.receive(line.recv).texts[0])
    except (OSError, ValueError, TypeError, KeyError, IndexError, wire.Gone, wire.Garbled):
        return None


def memory_mb() -> float:
    """This process's own share of memory (PSS) in megabytes; 0 where the system doesn't tell."""
    try:
        with open("/proc/self/smaps_rollup", encoding="ascii") as told:  # noqa: PTH123 - no path of ours
            rows = [line.split() for line in told]
    except OSError:
        return 0.0
    return next((int(row[1]) / 1024 for row in rows if row[0] == "Pss:"), 0.0)


def descriptors_wide(wanted: int = 65_536) -> None:
    """Let this process open as many files as it may: each command brings some."""
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
