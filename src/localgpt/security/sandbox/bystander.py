"""A process beside the sandbox that hostile commands aim at: it listens, and tells of everything that reaches it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

_PROGRAM = """
import os, selectors, socket, sys
name, place = sys.argv[1:]
waiting = selectors.DefaultSelector()
def listen(family, kind, address, word):
    one = socket.socket(family, kind)
    one.bind(address)
    if kind == socket.SOCK_STREAM:
        one.listen()
    waiting.register(one, selectors.EVENT_READ, (word, kind))
    return one
local = ("127.0.0.1", 0)
tcp = listen(socket.AF_INET, socket.SOCK_STREAM, local, "TCP")
udp = listen(socket.AF_INET, socket.SOCK_DGRAM, local, "UDP")
listen(socket.AF_UNIX, socket.SOCK_STREAM, "\\0" + name, "an abstract socket")
listen(socket.AF_UNIX, socket.SOCK_STREAM, place, "a socket in a folder")
print(tcp.getsockname()[1], udp.getsockname()[1], flush=True)
while True:
    for key, _ in waiting.select():
        word, kind = key.data
        if kind == socket.SOCK_STREAM:
            key.fileobj.accept()[0].close()
        else:
            key.fileobj.recv(64)
        print("reached over", word, flush=True)
"""


class Bystander:
    """The process, while it is used as a context. ``secret`` stands in its environment."""

    def __init__(self, folder: Path, name: str, secret: str) -> None:
        self.name, self.socket = name, str(folder / "bystander.socket")
        self._child = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _PROGRAM, name, self.socket],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env={"SECRET": secret}, start_new_session=True,
        )  # fmt: skip
        assert self._child.stdout is not None
        os.set_blocking(self._child.stdout.fileno(), True)
        self.tcp, self.udp = map(int, self._child.stdout.readline().split())
        os.set_blocking(self._child.stdout.fileno(), False)
        self._before = self._rights()

    @property
    def process(self) -> int:
        """Its number."""
        return self._child.pid

    def harm(self) -> list[str]:
        """What has reached it, or was done to it, since it began."""
        time.sleep(0.02)  # it tells of a connection, and ends of a signal, when it gets to run
        if self._child.poll() is not None:
            return ["a process outside was killed"]
        assert self._child.stdout is not None
        told = self._child.stdout.read() or b""
        found = [f"a process outside was {line}" for line in told.decode().splitlines()]
        if self._rights() != self._before:
            found.append("a process outside was slowed down, pinned or stopped")
        return found

    def _rights(self) -> tuple[object, ...]:
        number = self._child.pid
        state = Path(f"/proc/{number}/stat").read_text("ascii").rpartition(")")[2].split()[0]
        limits = Path(f"/proc/{number}/limits").read_bytes()
        processors = os.sched_getaffinity(number) if sys.platform == "linux" else ()
        return state in "Tt", limits, processors, os.getpriority(os.PRIO_PROCESS, number)

    def end(self) -> None:
        """Let it go."""
        self._child.kill()
        self._child.wait()
        assert self._child.stdout is not None
        self._child.stdout.close()
