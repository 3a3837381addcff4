"""Logging a browser in: a one-time code that the owner's command writes down and the server takes, once.

The command and the server share nothing but the owner's ``state`` folder: whoever can write there is the owner.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import time
from html import escape
from pathlib import Path

from localgpt.core import files
from localgpt.core.errors import LocalGPTError, StorageError

SECONDS = 60
"""How long a code may be used."""
ADDRESS = "server.json"
"""The file in ``state`` that says where the server is reached while it runs."""
_FOLDER = "login"
_CODE = re.compile(r"[A-Za-z0-9_-]{20,100}")


def write_code(state: Path, now: float | None = None) -> str:
    """Make a code that may be used once in the next minute; only its hash is written down."""
    code = secrets.token_urlsafe(32)
    folder = state / _FOLDER
    files.make_folder(folder, mode=files.PRIVATE_FOLDER)
    _sweep(folder, now)
    expires = (time.time() if now is None else now) + SECONDS
    files.replace(_place(state, code), json.dumps({"expires": expires}).encode(), mode=files.PRIVATE_FILE)
    return code


def take_code(state: Path, code: str, now: float | None = None) -> bool:
    """Whether ``code`` is good; it is not any more from then on."""
    if not _CODE.fullmatch(code):
        return False
    place = _place(state, code)
    taken = place.with_suffix(".taken")
    try:
        files.move(place, taken)  # only one of several who try at once succeeds
    except StorageError:
        return False
    try:
        expires = float(json.loads(taken.read_bytes())["expires"])
    except (OSError, ValueError, KeyError, TypeError):
        return False
    finally:
        files.remove(taken)
    now = time.time() if now is None else now
    return now < expires <= now + SECONDS  # a clock that was set back makes none last longer


def _place(state: Path, code: str) -> Path:
    return state / _FOLDER / f"{hashlib.sha256(code.encode()).hexdigest()}.json"


def _sweep(folder: Path, now: float | None) -> None:
    """Delete codes that nobody used."""
    for place in folder.glob("*.json"):
        try:
            if place.stat().st_mtime < (time.time() if now is None else now) - SECONDS:
                files.remove(place)
        except (OSError, LocalGPTError):  # somebody else was quicker
            continue


def note_address(state: Path, url: str, pid: int) -> None:
    """Write down where the server is reached."""
    content = json.dumps({"url": url, "pid": pid}).encode()
    files.replace(state / ADDRESS, content, mode=files.PRIVATE_FILE)


def forget_address(state: Path) -> None:
    """Nobody is reached there any more."""
    files.remove(state / ADDRESS)


_HEAD = '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>LocalGPT</title>'


def door(url: str, code: str) -> str:
    """The page that the owner's browser is opened with: a file only the owner can read, which posts the code."""
    return (
        f'{_HEAD}<form method="post" action="{escape(url)}/login"><input type="hidden" name="code" value="{escape(code)}">'
        "<button>Open LocalGPT</button></form><script>document.forms[0].submit()</script></html>\n"
    )


def welcome(key: str) -> str:
    """What a good code is answered with: a script of ours keeps the key and goes on to the page."""
    return (
        f'{_HEAD}<meta name="localgpt-key" content="{escape(key)}">'
        '<script type="module" src="/ui/login.js"></script>'
        "<noscript><p>LocalGPT's page needs JavaScript.</p></noscript></html>\n"
    )


def too_late() -> str:
    """What a used or old code is answered with."""
    return (
        f"{_HEAD}<h1>This link was used already, or is too old</h1>"
        "<p>Each one opens the page once, within a minute. Run <code>localgpt open</code> for a new one.</p></html>\n"
    )
