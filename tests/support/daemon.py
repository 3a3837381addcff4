"""A real daemon in a process of its own, on a home of a test."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

PATIENCE = 30.0


@dataclass(frozen=True)
class Ran:
    """What a command printed, and its exit code."""

    out: bytes
    err: bytes
    code: int


class RealDaemon:
    """``with RealDaemon(home) as daemon: daemon.run("search", "harbour")``.

    ``run`` is a command of its own process that finds the daemon, ``run_alone`` one that doesn't.
    """

    def __init__(self, root: Path, environ: Mapping[str, str] | None = None) -> None:
        self.root = root
        self._runtime = Path(tempfile.mkdtemp(prefix="lg-", dir="/tmp"))  # a socket's path has to be short
        self.environ = {**os.environ, **(environ or {}), "XDG_RUNTIME_DIR": str(self._runtime)}
        self.environ["LOCALGPT_HOME"] = str(root)
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        shutil.rmtree(self._runtime, ignore_errors=True)

    def start(self) -> None:
        """Start it and wait until it is ready."""
        output = self._runtime / "output"
        with output.open("ab") as told:
            self.process = subprocess.Popen(
                command("daemon", "start", "-f"),
                env=self.environ,
                stdin=subprocess.DEVNULL,
                stdout=told,
                stderr=told,
            )
        self.until(lambda: self.record.get("ready") and self.record["pid"] == self.pid)

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    @property
    def output(self) -> str:
        return (self._runtime / "output").read_text()

    @property
    def record(self) -> dict[str, Any]:
        try:
            found: dict[str, Any] = json.loads((self.root / "state" / "daemon.json").read_bytes())
        except (OSError, ValueError):
            return {}
        return found

    def until(self, true: Any, seconds: float = PATIENCE) -> None:
        """Wait until ``true()``; fails when that takes too long, or the daemon ends."""
        deadline = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < deadline, f"it took too long; the daemon said: {self.output}"
            assert self.process is None or self.process.poll() is None or true(), self.output
            time.sleep(0.01)

    def kill(self) -> None:
        """As a power cut does."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def run(self, *words: str, **options: Any) -> Ran:
        """A command with the daemon at hand."""
        return ran(words, self.environ, **options)

    def run_alone(self, *words: str, **options: Any) -> Ran:
        """The same in a process of its own: where the workspace is, is said in other words than the daemon was told."""
        return ran(words, {**self.environ, "LOCALGPT_WORKSPACE": str(self.root / "workspace")}, **options)

    def spawn(self, *words: str, **options: Any) -> subprocess.Popen[bytes]:
        """A command that goes on while the test does other things; its streams are pipes unless given."""
        streams = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        return subprocess.Popen(command(*words), env=self.environ, **{**streams, **options})

    def status(self) -> dict[str, Any]:
        """How the daemon says it is."""
        done = self.run("daemon", "status", "--format", "json")
        assert done.code == 0, done
        found: dict[str, Any] = json.loads(done.out)
        return found

    def served(self) -> int:
        """How many commands the daemon has done."""
        return int(self.status()["served"])

    def running(self) -> int:
        """How many commands run in it now."""
        return int(self.status()["commands"])


def command(*words: str) -> list[str]:
    """The command line of this source tree."""
    return [sys.executable, "-m", "localgpt", *words]


def ran(words: tuple[str, ...], environ: Mapping[str, str], **options: Any) -> Ran:
    """Run a command to its end."""
    given = {"input": b"", "timeout": PATIENCE, **options}
    done = subprocess.run(command(*words), env=environ, capture_output=True, check=False, **given)
    return Ran(done.stdout, done.stderr, done.returncode)


def settled(home: Any, more: str = "") -> None:
    """A home whose daemon takes any free port and searches by words only."""
    home.root.mkdir(mode=0o700, parents=True)
    home.config.write_text(f'[server]\nport = 0\n[memory]\nembedding_provider = "none"\n{more}')
    home.config.chmod(0o600)
