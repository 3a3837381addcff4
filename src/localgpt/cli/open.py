"""`localgpt open`: the page in the browser, logged in."""

from __future__ import annotations

import json
import os
from pathlib import Path

import click

from localgpt.cli.state import CliState, pass_state
from localgpt.core import files
from localgpt.core.errors import UsageError

DOOR = "open.html"
"""The file in ``state`` that a browser is opened with; it is good for one minute and one browser."""


@click.command("open")
@click.option("--print", "only_print", is_flag=True, help="Print what to open, and open nothing.")
@pass_state
def open_page(state: CliState, only_print: bool) -> None:
    """Open the page in your browser, logged in.

    The browser gets a link that works once, within a minute; it stays logged in from then on.
    """
    folder = state.located.state
    url = running_at(folder)
    door = make_door(folder, url).as_uri()
    if not only_print and _opened(door):
        state.screen.text(f"{url} is open in your browser.\n")
        return
    state.screen.text(f"{door}\n")
    state.screen.aside(f"Open this file in a browser on this machine within a minute; it logs in at {url}.")


def running_at(folder: Path) -> str:
    """Where the page is served. Raises ``UsageError`` where no daemon serves it."""
    try:
        noted = json.loads((folder / "server.json").read_bytes())
        url, pid = str(noted["url"]), int(noted["pid"])
    except (OSError, ValueError, KeyError, TypeError):
        url, pid = "", 0
    if not url or not _is_alive(pid):
        raise UsageError("Nobody serves the page just now.", hint="Start the daemon: localgpt daemon start")
    return url


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
