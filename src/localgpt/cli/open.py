"""`localgpt open`: the page in the browser, logged in."""

from __future__ import annotations

import contextlib
import json
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from localgpt.cli.state import CliState, pass_state
from localgpt.core import files
from localgpt.core.errors import Locked, UsageError

if TYPE_CHECKING:
    from localgpt.daemon.lock import Record

DOOR = "open.html"
"""The file in ``state`` that a browser is opened with; it is good for one minute and one browser."""


_PATIENCE = 15.0
"""Seconds for a daemon that has just begun to serve its page; it is ready for commands before that."""
_GLANCE = 0.05


@click.command("open")
@click.option("--print", "only_print", is_flag=True, help="Print what to open, and open nothing.")
@pass_state
def open_page(state: CliState, only_print: bool) -> None:
    """Open the page in your browser, logged in.

    The daemon is started if it doesn't run. The browser gets a link that works once, within a minute; it stays logged
    in from then on.
    """
    url = served(state)
    door = make_door(state.located.state, url).as_uri()
    if not only_print and _opened(door):
        state.screen.text(f"{url} is open in your browser.\n")
        return
    state.screen.text(f"{door}\n")
    state.screen.aside(f"Open this file in a browser on this machine within a minute; it logs in at {url}.")


def served(state: CliState) -> str:
    """Where the page is served; a daemon is started if none runs. Raises ``UsageError`` where it serves none."""
    from localgpt.daemon import lock, process

    if not state.config.server.enabled:
        raise UsageError(
            "The page is switched off (server.enabled).", hint="localgpt config set server.enabled true"
        )
    home = state.located
    if lock.running(home) is None:
        with contextlib.suppress(Locked):  # somebody else was quicker
            process.start(home)
            state.screen.aside("The daemon was started; 'localgpt daemon stop' stops it.")
    end = time.monotonic() + _PATIENCE
    while not (url := _noted(home.state, record := lock.running(home))):
        if time.monotonic() > end or (record is not None and record.ready and not record.port):
            raise UsageError("The daemon serves no page.", hint="'localgpt daemon status' says why.")
        time.sleep(_GLANCE)
    return url


def _noted(folder: Path, record: Record | None) -> str:
    """Where the daemon says that it serves the page; empty where only a dead one said so."""
    try:
        noted = json.loads((folder / "server.json").read_bytes())
        url, pid = str(noted["url"]), int(noted["pid"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""
    is_another = record is not None and record.pid not in {0, pid}
    return "" if is_another or not _is_alive(pid) else url


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except (OSError, OverflowError):
        return False
    return True


def make_door(folder: Path, url: str) -> Path:
    """Write the file that logs a browser in."""
    from localgpt.server.login import door, write_code

    path = folder / DOOR
    files.remove(path)  # replacing would keep the mode of one that somebody has opened to others
    files.replace(path, door(url, write_code(folder)).encode(), mode=files.PRIVATE_FILE)
    return path


def _opened(address: str) -> bool:
    import webbrowser

    try:
        return webbrowser.open(address)
    except webbrowser.Error:
        return False
