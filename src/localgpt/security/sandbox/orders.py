"""What the process is told that becomes the command: a plan in plain words, handed over a pipe."""

from __future__ import annotations

import marshal
import os

_LENGTH = 8
FULL, WEAKER, NONE = "full", "weaker", "none"


class Orders:
    """Everything about one run; paths are absolute and without symbolic links.

    ``strength`` is ``FULL`` (all layers), ``WEAKER`` (no namespaces) or ``NONE`` (no walls at all); ``scratch`` the private folder of a weaker run;
    ``closed`` what can only be read within ``writable``, ``hidden`` what can't be read either. ``terminal`` is the open
    handle of a terminal that the command gets, and ``terminal_path`` its device (-1 and empty: none). Memory, disk and file sizes are in bytes, ``seconds`` by the clock.
    """

    __slots__ = (
        "closed", "command", "disk", "environment", "file_size", "folder", "hidden", "memory", "network", "processes",
        "readable", "scratch", "scratch_size", "seconds", "strength", "terminal", "terminal_path", "writable",
    )  # fmt: skip

    def __init__(
        self,
        *,
        strength: str,
        command: list[str],
        folder: str,
        writable: list[str],
        readable: list[str],
        closed: list[str],
        hidden: list[str],
        terminal: int,
        terminal_path: str,
        scratch: str,
        network: bool,
        environment: dict[str, str],
        seconds: float,
        memory: int,
        processes: int,
        file_size: int,
        disk: int,
        scratch_size: int,
    ) -> None:
        self.strength, self.command, self.folder = strength, command, folder
        self.writable, self.readable, self.closed, self.scratch = writable, readable, closed, scratch
        self.hidden, self.terminal, self.terminal_path = hidden, terminal, terminal_path
        self.network, self.environment, self.seconds = network, environment, seconds
        self.memory, self.processes, self.file_size = memory, processes, file_size
        self.disk, self.scratch_size = disk, scratch_size

    def to_bytes(self) -> bytes:
        """The orders with their length in front; only the same interpreter can read them."""
        body = marshal.dumps({name: getattr(self, name) for name in self.__slots__})
        return len(body).to_bytes(_LENGTH, "little") + body


def read(pipe: int) -> Orders:
    """The orders from a pipe, which stays open behind them."""
    length = int.from_bytes(_exactly(pipe, _LENGTH), "little")
    return Orders(**marshal.loads(_exactly(pipe, length)))  # noqa: S302 - from our own parent, over its pipe


def _exactly(pipe: int, count: int) -> bytes:
    data = b""
    while len(data) < count:
        part = os.read(pipe, count - len(data))
        if not part:
            raise EOFError("the orders break off")
        data += part
    return data
