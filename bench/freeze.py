"""How soon everything ends after ``localgpt freeze``: python bench/freeze.py [RUNS]

A real daemon with a slow engine, twenty turns over HTTP, a background task, a program that it started and that hid
behind two forks, and a question asked outside of it. Measured from the file of the stop to the end of each; the start of
the command, which is Python's, apart.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from localgpt.models.base import EngineEvent, Request

TURNS = 20


class Slow:
    """An engine that goes on and on. The first request starts a program that hides behind two forks."""

    name, local, context_window = "slow", True, 128_000

    def __init__(self, place: Path) -> None:
        self.place = place

    def takes(self, media_type: str) -> bool:
        return not media_type

    async def aclose(self) -> None:
        pass

    async def request(self, request: Request) -> AsyncGenerator[EngineEvent, None]:
        from localgpt.core.events import TextDelta

        if request.messages and not self.place.exists():
            self.place.write_text("")
            await asyncio.create_subprocess_exec(sys.executable, "-c", _HIDDEN, str(self.place))
        while True:
            yield TextDelta("word ")
            await asyncio.sleep(0.05)


_HIDDEN = """
import os, sys, time
if os.fork(): os._exit(0)
os.setsid()
if os.fork(): os._exit(0)
open(sys.argv[1], "w").write(str(os.getpid()))
time.sleep(600)
"""


def daemon(root: Path) -> None:
    """Be the daemon."""
    from localgpt.app import Assistant
    from localgpt.cli.daemon import run_call
    from localgpt.core import paths
    from localgpt.daemon.main import Daemon

    home = paths.locate(home=root)
    engine = Slow(root / "hidden")
    asyncio.run(Daemon(home, run_call, make=lambda home: Assistant(home, engine=engine)).run())


def asked(port: int, token: str, path: str, body: object = None) -> dict[str, object]:
    """One request."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data)
    request.add_header("Authorization", f"Bearer {token}")
    request.add_header("Content-Type", "application/json")
    with urllib.request.urlopen(request, timeout=10) as answer:
        told: dict[str, object] = json.loads(answer.read())
        return told


def until(true: Callable[[], bool], seconds: float = 20.0) -> float:
    """Wait for it; gives when it was so."""
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(0.01)
    return time.monotonic()


def task_ended(root: Path) -> bool:
    """Whether the journal has the end of a task's turn."""
    lines = [line for file in (root / "journal").rglob("*.jsonl") for line in file.read_text().splitlines()]
    return any('"turn.finished"' in line and '"task"' in line for line in lines)


def gone(pid: int) -> bool:
    """Whether a process has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except OSError:
        return True


def once() -> dict[str, float]:
    """Freeze once; seconds until each kind of thing had ended."""
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as held:
        root = Path(folder) / "home"
        root.mkdir()
        (root / "config.toml").write_text("[server]\nport = 0\n[memory]\nembedding_provider = 'none'\n")
        words = [sys.executable, "-m", "localgpt", "--home", str(root)]
        apart = [sys.executable, "-c", _ASK, str(root)]
        process = subprocess.Popen(
            [sys.executable, __file__, "--daemon", str(root)], stderr=subprocess.DEVNULL
        )
        held.callback(process.wait)
        held.callback(process.terminate)
        record = root / "state" / "daemon.json"
        until(lambda: record.exists() and json.loads(record.read_text()).get("ready", False))
        port, token = json.loads(record.read_text())["port"], (root / "state" / "token").read_text().strip()
        subprocess.run([*words, "task", "add", "Go on and on."], check=True, capture_output=True)
        outside = subprocess.Popen(apart, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        held.callback(outside.kill)
        for _ in range(TURNS):
            streamed(port, token, held)
        running = lambda: asked(port, token, "/api/status")["running_turns"]  # noqa: E731
        until(lambda: running() == TURNS)
        until(lambda: bool((root / "hidden").exists() and (root / "hidden").read_text()))
        hidden = int((root / "hidden").read_text())
        task = root / "state" / "tasks"
        until(lambda: any('"running"' in one.read_text() for one in task.glob("*.json")))
        time.sleep(1)
        return ends(words, running, hidden, outside, root)


_ASK = """
import asyncio, sys
sys.path.insert(0, "bench")
from pathlib import Path
from localgpt.app import Assistant
from freeze import Slow
place = Path(sys.argv[1]) / "other"
place.write_text("")
asyncio.run(Assistant(sys.argv[1], engine=Slow(place)).ask("Go on."))
"""


def streamed(port: int, token: str, held: contextlib.ExitStack) -> None:
    """Begin a turn and leave it to itself."""
    data = json.dumps({"message": "Go on."}).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{port}/api/chat/stream", data)
    request.add_header("Authorization", f"Bearer {token}")
    request.add_header("Content-Type", "application/json")
    held.enter_context(urllib.request.urlopen(request, timeout=30)).readline()


def ends(
    words: list[str],
    running: Callable[[], object],
    hidden: int,
    outside: subprocess.Popen[bytes],
    root: Path,
) -> dict[str, float]:
    """Freeze, and see when each has ended, from when the command had written the file."""
    typed = time.monotonic()
    quiet = subprocess.DEVNULL
    freezing = subprocess.Popen([*words, "freeze", "measured"], stdout=quiet, stderr=quiet)
    begin = until((root / "state" / "frozen").exists)
    wanted: dict[str, Callable[[], bool]] = {
        "hidden program": lambda: gone(hidden),
        "turns": lambda: running() == 0,
        "task": lambda: task_ended(root),
        "ask outside": lambda: outside.poll() is not None,
        "command": lambda: freezing.poll() is not None,
    }
    found: dict[str, float] = {"command's start": begin - typed}
    while wanted.keys() - found.keys() and time.monotonic() - begin < 10:
        for name in wanted.keys() - found.keys():
            if wanted[name]():
                found[name] = time.monotonic() - begin
        time.sleep(0.01)
    return found


def main(runs: int) -> None:
    """Print the figures."""
    every = [once() for _ in range(runs)]
    for name in ("command's start", "command", "hidden program", "turns", "task", "ask outside"):
        seconds = sorted(one.get(name, float("inf")) for one in every)
        p95 = seconds[min(len(seconds) - 1, int(len(seconds) * 0.95))]
        print(f"{name:<16} median {statistics.median(seconds) * 1000:6.0f} ms   p95 {p95 * 1000:6.0f} ms")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--daemon"]:
        daemon(Path(sys.argv[2]))
    else:
        os.environ.setdefault("LOCALGPT_HOME", "/nonexistent")
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
