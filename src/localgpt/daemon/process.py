"""The daemon as a process: started apart from its terminal, waited for, and told to stop."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from localgpt.core import files
from localgpt.core.errors import LocalGPTError, NotFound, StorageError
from localgpt.core.paths import Home
from localgpt.daemon import address, lock, status
from localgpt.daemon.lock import Record

STARTING = 20.0
"""Seconds that a daemon has for being ready."""
_STEP = 0.02
_HARDER = 15.0
"""Seconds after the grace, in which it ends on its own; then it is killed."""


class NotRunning(NotFound):
    """There is no daemon to be told anything."""


def not_running(home: Home) -> NotRunning:
    """The error for a home without a daemon."""
    return NotRunning(f"No daemon runs for {home.root}.", hint="'localgpt daemon start' starts one.")


def command(home: Home) -> list[str]:
    """The command line of a daemon in the foreground."""
    return [sys.executable, "-m", "localgpt", "--home", str(home.root), "daemon", "start", "--foreground"]


def start(home: Home) -> Record:
    """Start the home's daemon and wait until it is ready. Raises its error, or ``Locked`` when there is one."""
    output = home.logs / "daemon-output.log"
    files.make_folder(home.root, mode=files.PRIVATE_FOLDER)
    files.make_folder(home.logs, mode=files.PRIVATE_FOLDER)
    files.replace(output, b"", mode=files.PRIVATE_FILE)
    child = _spawned(home, output)
    deadline = time.monotonic() + STARTING
    while time.monotonic() < deadline:
        record = lock.read(home)
        if record is not None and record.pid == child.pid and record.ready:
            return record
        if child.poll() is not None:
            raise _failure(output)
        time.sleep(_STEP)
    child.terminate()
    raise StorageError(f"The daemon was not ready within {STARTING:.0f} seconds.", hint=f"See {output}.")


def _spawned(home: Home, output: Path) -> subprocess.Popen[bytes]:
    environ = {name: value for name, value in os.environ.items() if name != "LOCALGPT_PROFILE"}
    if home.workspace != home.root / "workspace":
        environ["LOCALGPT_WORKSPACE"] = str(home.workspace)
    with files.explained("write", output), output.open("ab") as told:
        return subprocess.Popen(
            command(home),
            stdin=subprocess.DEVNULL,
            stdout=told,
            stderr=told,
            start_new_session=True,
            cwd=home.root,
            env=environ,
        )


def _failure(output: Path) -> LocalGPTError:
    """The error that a daemon told before it ended."""
    told = ""
    with contextlib.suppress(OSError):
        told = output.read_text(encoding="utf-8", errors="replace")
    rows = [row.strip() for row in told.splitlines() if row.strip()]
    sentence = next((row.removeprefix("Error: ") for row in rows if row.startswith("Error: ")), "")
    hint = rows[-1] if len(rows) > 1 and not rows[-1].startswith("Error: ") else ""
    if sentence:
        return LocalGPTError(sentence, hint=hint)
    return LocalGPTError("The daemon ended as soon as it began.", hint=f"See {output}.")


def stop(home: Home, grace: float) -> Record:
    """Tell the home's daemon to stop, and wait for its end. Raises ``NotRunning``."""
    record = lock.running(home)
    if record is None:
        raise not_running(home)
    if not record.pid:
        record = _recalled(home)
    for number, patience in ((signal.SIGTERM, grace + _HARDER), (signal.SIGKILL, _HARDER)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(record.pid, number)
        if _ended(home, record, patience):
            return record
    raise StorageError(f"The daemon (process {record.pid}) does not end.", hint="End it by hand.")


def _recalled(home: Home) -> Record:
    """The record of a daemon whose file was deleted, as it says itself. Raises ``StorageError`` where it doesn't."""
    for path in address.found(os.environ, str(home.root)):
        if (told := status.asked(path)) is not None:
            return Record(told.pid, told.started, told.version, socket=path, ready=True)
    raise StorageError(
        f"A daemon runs for {home.root}, but nobody knows its process.", hint="End it by hand."
    )


def _ended(home: Home, record: Record, patience: float) -> bool:
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        found = lock.running(home)
        if found is None or found.pid not in {0, record.pid}:
            return True
        time.sleep(_STEP)
    return False
