"""The owner's keys and passwords: in the system's keyring where there is one, else in a private file, or told by a program.

A setting may hold a key itself, or say where it is: ``secret:NAME`` (kept here), ``command:op read op://…`` (what a
program prints), ``${NAME}`` (the environment, filled in by ``config``).
"""

from __future__ import annotations

import json
import re
import shlex
import threading
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from localgpt.core import files
from localgpt.core.config_names import COMMAND, KEPT, is_reference
from localgpt.core.errors import ConfigError, NotFound, StorageError, UsageError

PATIENCE = 60.0
"""Seconds that a program has for telling a key; its owner may have to touch something."""
LONGEST = 20_000
"""Characters of one key."""

_SERVICE = "localgpt"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


class Keys:
    """The keys of one home. Each is looked up when it is first needed, and kept in memory from then on."""

    def __init__(self, root: Path, *, told: Callable[[str], None] = lambda _key: None) -> None:
        """``told`` is given each key that was looked up: it is to be kept out of logs from then on."""
        self._root = root
        self._told = told
        self._found: dict[str, str] = {}
        self._looking = threading.Lock()

    def reveal(self, value: str) -> str:
        """The key that a setting means. May wait for a program or its owner, so call it in a thread.

        Raises ``ConfigError`` where there is none; what a program printed is in no sentence.
        """
        if not is_reference(value):
            return value
        with self._looking:
            if value not in self._found:
                self._found[value] = self._look_up(value)
                self._told(self._found[value])
            return self._found[value]

    def _look_up(self, value: str) -> str:
        if value.startswith(COMMAND):
            return told_by(value.removeprefix(COMMAND))
        name = value.removeprefix(KEPT).strip()
        if not (key := self.get(name)):
            raise ConfigError(
                f"No key is kept under the name {name}.", hint=f"Keep it with: localgpt secret set {name}"
            )
        return key

    # -- what is kept here

    def names(self) -> dict[str, str]:
        """The names of all keys, each with where it is: ``keyring`` or ``file``."""
        return {name: "file" if kept else "keyring" for name, kept in sorted(self._load().items())}

    def get(self, name: str) -> str:
        """The key of that name, or an empty text."""
        kept = self._load().get(name, "")
        if kept is not None:
            return kept
        ring = keyring()
        return (_asked(ring, "get_password", _SERVICE, self._entry(name)) or "") if ring else ""

    def set(self, name: str, key: str) -> str:
        """Keep a key; tells where: ``keyring`` or ``file``. Raises ``UsageError`` for what can't be one."""
        if not _NAME.fullmatch(name):
            raise UsageError(
                f"{name!r} can't be a key's name.", hint="Use letters, digits, dots, dashes and underscores."
            )
        if not key.strip() or "\0" in key or len(key) > LONGEST:
            raise UsageError("That can't be a key: it is empty, too long, or holds a NUL character.")
        ring = keyring()
        if ring is not None:
            _asked(ring, "set_password", _SERVICE, self._entry(name), key)
        self._change(name, None if ring else key)
        self._found.pop(f"{KEPT}{name}", None)
        return "keyring" if ring else "file"

    def remove(self, name: str) -> None:
        """Forget a key. Raises ``NotFound``."""
        if name not in self._load():
            raise NotFound(f"No key is kept under the name {name}.", hint="List them: localgpt secret list")
        if self._load()[name] is None and (ring := keyring()) is not None:
            _asked(ring, "delete_password", _SERVICE, self._entry(name))
        with files.lock(self._root / "state" / "secrets.lock"):
            self._keep({one: key for one, key in self._load().items() if one != name})
        self._found.pop(f"{KEPT}{name}", None)

    def _entry(self, name: str) -> str:
        """The name in the keyring: two homes of one owner don't share keys."""
        return f"{self._root}:{name}"

    @property
    def _path(self) -> Path:
        return self._root / "secrets.json"

    def _change(self, name: str, key: str | None) -> None:
        files.make_folder(self._root / "state", mode=files.PRIVATE_FOLDER)
        with files.lock(self._root / "state" / "secrets.lock"):
            self._keep({**self._load(), name: key})

    def _keep(self, held: dict[str, str | None]) -> None:
        files.replace(self._path, json.dumps(held, indent=1).encode(), mode=files.PRIVATE_FILE)

    def _load(self) -> dict[str, str | None]:
        """Keys by name; ``None`` for those in the keyring."""
        with files.explained("read", self._path):
            text = self._path.read_bytes() if self._path.exists() else b"{}"
        try:
            held: Any = json.loads(text)
        except ValueError as error:
            raise StorageError(
                f"{self._path} is damaged.",
                hint="Move it away, and keep your keys again: localgpt secret set NAME",
            ) from error
        pairs = held.items() if isinstance(held, dict) else ()
        return {str(name): key for name, key in pairs if key is None or isinstance(key, str)}


def told_by(line: str) -> str:
    """The first line that a program prints; it is run without a shell. Raises ``ConfigError``."""
    import subprocess

    try:
        words = shlex.split(line)
        if not words:
            raise ValueError("there is no program")  # noqa: TRY301 - one sentence for all that it can't be
        done = subprocess.run(
            words, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE, check=False
        )
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise _no_key(line, f"it can't be started: {reason}") from error
    except subprocess.TimeoutExpired as error:
        raise _no_key(line, f"it took more than {PATIENCE:.0f} seconds") from error
    key = done.stdout.decode("utf-8", "replace").partition("\n")[0].strip()
    if done.returncode != 0:
        raise _no_key(line, f"it ended with {done.returncode}")
    if not key:
        raise _no_key(line, "it printed nothing")
    return key[:LONGEST]


def _no_key(line: str, reason: str) -> ConfigError:
    name = (line.split() or ["the program"])[0]
    return ConfigError(
        f"{name} told no key: {reason}.", hint="Try in a shell what stands behind command: in the settings."
    )


def keyring() -> ModuleType | None:
    """The library for the system's keyring, if it is installed (``pip install 'localgpt-py[keyring]'``) and has one."""
    try:
        import keyring as library
        from keyring.backends import fail
    except ImportError:
        return None
    try:
        backend = library.get_keyring()
    except Exception:  # noqa: BLE001 - desktops' keyrings fail in ways of their own; the file is there
        return None
    return None if isinstance(backend, fail.Keyring) or backend.priority <= 0 else library


def _asked(ring: ModuleType, what: str, *arguments: str) -> str | None:
    try:
        answer: str | None = getattr(ring, what)(*arguments)
    except Exception as error:  # each backend has errors of its own
        raise StorageError(
            f"The system's keyring refused ({type(error).__name__}).", hint="Unlock it and try again."
        ) from error
    return answer
