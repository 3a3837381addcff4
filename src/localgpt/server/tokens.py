"""Keys for programs that may less than the owner, or act for the owner: kept as hashes, shown once.

``state/tokens.json`` holds for each name its scope, the hash of its key, and when it was last used (by the hour).
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType

from localgpt.core import files
from localgpt.core.errors import Conflict, LocalGPTError, NotFound, UsageError

MOST = 100
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
_HOUR = 3600.0
PREFIX = "lgpt_"
"""How a key begins, so that it is known where it lies about."""


class Scope(StrEnum):
    """How far a key goes: search and status; conversations of its own too; all that the owner may."""

    SEARCH = "search"
    CHAT = "chat"
    OWNER = "owner"

    @property
    def rank(self) -> int:
        """The more, the further it goes."""
        return (Scope.SEARCH, Scope.CHAT, Scope.OWNER).index(self)


@dataclass(frozen=True, slots=True)
class Token:
    """A key, without the key. ``local`` lets private passages through; ``made`` and ``used`` are ISO times."""

    name: str
    scope: Scope
    sha256: str
    local: bool = False
    made: str = ""
    used: str = ""


class Tokens:
    """The keys of one home, by name."""

    def __init__(self, state: Path) -> None:
        self._file = state / "tokens.json"
        self._lock = state / "tokens.lock"
        self._stamp: tuple[int, int, int] | None = None
        self._read: Mapping[str, Token] = MappingProxyType({})
        self._noted: dict[str, float] = {}

    def new(self, name: str, scope: Scope, *, local: bool = False) -> tuple[Token, str]:
        """Make a key; gives it, for the only time. Raises ``UsageError`` and ``Conflict``."""
        if not _NAME.fullmatch(name):
            raise UsageError(
                f"{name!r} can't be the name of a token.", hint="Use up to 40 letters, digits, ., - and _."
            )
        key = PREFIX + secrets.token_urlsafe(32)
        made = Token(name, scope, _hash(key), local and scope is not Scope.OWNER, _now())
        with self._changing() as held:
            if name in held:
                raise Conflict(
                    f"There is a token {name} already.", hint=f"Revoke it first: localgpt token revoke {name}"
                )
            if len(held) >= MOST:
                raise Conflict(f"There are {MOST} tokens already.", hint="Revoke one: localgpt token")
            held[name] = made
        return made, key

    def list(self) -> tuple[Token, ...]:
        """All of them, by name."""
        return tuple(token for _, token in sorted(self._now().items()))

    def revoke(self, name: str) -> Token:
        """Let a key count no longer, from the next request on. Raises ``NotFound``."""
        with self._changing() as held:
            if name not in held:
                raise NotFound(f"There is no token {name!r}.", hint="List them: localgpt token")
            return held.pop(name)

    def find(self, key: str) -> Token | None:
        """The token that a key is of; ``None`` for a key that is none (any more)."""
        if not key.startswith(PREFIX):
            return None
        wanted = _hash(key)  # looked up by its hash: nothing can be learnt from how long that takes
        return next((one for one in self._now().values() if one.sha256 == wanted), None)

    def is_due(self, token: Token, now: float) -> bool:
        """Whether its use is to be written down: once an hour (``now`` is in seconds) is enough. Then it isn't any more."""
        if now - self._noted.get(token.sha256, -_HOUR) < _HOUR:
            return False
        self._noted[token.sha256] = now
        return True

    def note_use(self, token: Token) -> None:
        """Write down that it was used."""
        with contextlib.suppress(LocalGPTError), self._changing() as held:
            if (kept := held.get(token.name)) is not None and kept.sha256 == token.sha256:
                held[token.name] = replace(kept, used=_now())

    def _now(self) -> Mapping[str, Token]:
        stamp = _stamp(self._file)
        if stamp != self._stamp or stamp is None:
            self._read = MappingProxyType(_kept(self._file))
            self._stamp = stamp
        return self._read

    def _changing(self) -> _Changing:
        return _Changing(self._file, self._lock)


class _Changing:
    """The tokens, held for a change; written when nothing was raised."""

    def __init__(self, path: Path, lock: Path) -> None:
        self._path = path
        files.make_folder(path.parent, mode=files.PRIVATE_FOLDER)
        self._held = files.lock(lock)

    def __enter__(self) -> dict[str, Token]:
        self._held.__enter__()
        self._tokens = _kept(self._path)
        return self._tokens

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        try:
            if kind is None:
                told = [asdict(one) for one in self._tokens.values()]
                files.replace(self._path, json.dumps(told, indent=1).encode(), mode=files.PRIVATE_FILE)
        finally:
            self._held.__exit__(None, None, None)


def _kept(path: Path) -> dict[str, Token]:
    """What stands in the file; what can't be read lets nobody in."""
    try:
        told = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    found = (_token(one) for one in told) if isinstance(told, list) else ()
    return {one.name: one for one in found if one is not None}


def _token(told: object) -> Token | None:
    try:
        assert isinstance(told, dict)
        made = Token(**{**told, "scope": Scope(told["scope"])})
    except (AssertionError, KeyError, TypeError, ValueError):
        return None
    texts = (made.name, made.sha256, made.made, made.used)
    return made if all(isinstance(text, str) for text in texts) and isinstance(made.local, bool) else None


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
