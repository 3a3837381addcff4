"""Open the window: the first way that works, in order; each that doesn't is told with its reason."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import time
import webbrowser
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from localgpt.core import files
from localgpt.core.errors import UsageError
from localgpt.desktop.native import SIGN
from localgpt.desktop.shells import Kind, Shell

PATIENCE = 30.0
"""Seconds in which a native window must be there; the first start of a browser engine is slow."""
SETTLED = 2.0
"""Seconds after which a Chromium that still runs, or ended well, has shown its window."""
_GLANCE = 0.05

_QUIET_CHROMIUM = (
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-domain-reliability",
    "--no-pings",
)
"""It is our window, not somebody's browser: it fetches and reports nothing by itself."""


@dataclass(frozen=True, slots=True)
class Page:
    """What is shown: ``door`` writes a page that logs in (each serves once), ``storage`` is the window's own folder."""

    door: Callable[[], Path]
    storage: Path


def show(page: Page, ways: Sequence[Shell], tell: Callable[[str], None]) -> Shell:
    """Show the page in the first way that works, until its window is closed; a browser is left to itself.

    ``tell`` is given a sentence for each better way that can't be, with its reason. Raises ``UsageError`` where
    nothing can.
    """
    reasons: list[str] = []
    for way in ways:
        reason = way.missing or _TRY[way.kind](page, way)
        if not reason:
            return way
        reasons.append(f"No {way.label.split(' ', 1)[1]}: {reason}.")
        if way is not ways[-1]:
            tell(reasons[-1])
    raise UsageError(
        f"The page can't be shown here. {reasons[-1]}",
        hint="localgpt open --print gives its address for a browser elsewhere on this machine.",
    )


def _native(page: Page, _way: Shell) -> str:
    files.make_folder(page.storage, mode=files.PRIVATE_FOLDER)
    sign = page.storage / SIGN
    files.remove(sign)
    command = [sys.executable, "-m", "localgpt.desktop.native", str(page.door()), str(page.storage)]
    with tempfile.TemporaryFile() as complaints, _started(command, complaints) as child:
        if _came_up(child, sign):
            child.wait()
            return ""
        return _last(complaints) or "it did not come up"


def _came_up(child: subprocess.Popen[bytes], sign: Path) -> bool:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if sign.exists():
            return True
        if child.poll() is not None:
            return sign.exists()
        time.sleep(_GLANCE)
    return False


def _app(page: Page, way: Shell) -> str:
    files.make_folder(page.storage, mode=files.PRIVATE_FOLDER)
    as_root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    own = f"--user-data-dir={page.storage / 'chromium'}"
    command = [way.program, f"--app={page.door().as_uri()}", own, *_QUIET_CHROMIUM, *as_root]
    began = time.monotonic()
    try:
        with tempfile.TemporaryFile() as complaints, _started(command, complaints) as child:
            code = child.wait()
            if code == 0 or time.monotonic() - began >= SETTLED:
                return ""
            return _last(complaints) or f"it ended with code {code}"
    except OSError as error:
        return f"{way.program} can't be started ({error.strerror})"


def _browser(page: Page, _way: Shell) -> str:
    return "" if webbrowser.open(page.door().as_uri()) else "no browser was found"


_TRY: dict[Kind, Callable[[Page, Shell], str]] = {
    Kind.NATIVE: _native,
    Kind.APP: _app,
    Kind.BROWSER: _browser,
}


@contextlib.contextmanager
def _started(command: Sequence[str], complaints: IO[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    """A child that does not outlive us: Ctrl-C in the terminal closes the window."""
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=complaints)
    try:
        yield child
    finally:
        if child.poll() is None:
            child.terminate()
            try:
                child.wait(3)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


def _last(complaints: IO[bytes]) -> str:
    """The last line that was complained, without its full stop."""
    complaints.seek(0)
    lines = complaints.read().decode(errors="replace").split("\n")
    said = [line.strip() for line in lines if line.strip()]
    return said[-1][:200].rstrip(".") if said else ""
