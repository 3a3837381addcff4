"""Who may come in: the owner's token, the sessions of the owner's browsers, and the addresses they may ask by."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import json
import re
import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from localgpt.core import files
from localgpt.core.config import Config
from localgpt.core.errors import ConfigError
from localgpt.core.paths import Home
from localgpt.core.secrets import Keys
from localgpt.security.freeze import Freeze
from localgpt.security.kinship import Family
from localgpt.server.tokens import Token, Tokens

SHORTEST_TOKEN = 16
MOST_SESSIONS = 20
"""How many browsers stay logged in; the one that came first goes."""

_LOCAL = ("127.0.0.1", "localhost", "[::1]")
_HOST = re.compile(r"(?P<name>\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(?::(?P<port>\d{1,5}))?")


class Access:
    """The keys of one home. ``listen`` must be told the address before anything is asked."""

    def __init__(
        self, state: Path, *, token: str = "", hosts: tuple[str, ...] = (), origins: tuple[str, ...] = ()
    ) -> None:
        if token and len(token) < SHORTEST_TOKEN:
            raise ConfigError(
                f"server.auth_token has to be {SHORTEST_TOKEN} characters or more.",
                hint="Leave it out: a token is made by itself.",
            )
        self.state = state
        self.origins = tuple(origin.rstrip("/").lower() for origin in origins)
        self._own = hosts
        self._token = token
        self.tokens = Tokens(state)
        self._family = Family(state)
        self._freeze = Freeze(state)
        self._hosts = frozenset[str]()
        self._any_address = False
        self.scheme, self.port = "http", 0

    @classmethod
    def of(cls, home: Home, config: Config) -> Access:
        """As the settings say. Raises ``ConfigError`` for a token that is too short."""
        server = config.server
        return cls(
            home.state,
            token=Keys(home.root).reveal(server.auth_token),
            hosts=server.hosts,
            origins=server.cors_origins,
        )

    def listen(self, host: str, port: int, *, tls: bool = False) -> None:
        """Note where the server is reached."""
        self.scheme, self.port = ("https" if tls else "http"), port
        shown = f"[{host}]" if ":" in host else host
        with_port = {f"{name}:{port}" for name in (*_LOCAL, shown)}
        usual = {name.rpartition(":")[0] for name in with_port} if port == (443 if tls else 80) else set()
        named = {each for name in self._own for each in (name.lower(), f"{name.lower()}:{port}")}
        self._hosts = frozenset(with_port | usual | named)
        self._any_address = host in {"0.0.0.0", "::", ""}  # noqa: S104 - compared, not bound

    @property
    def url(self) -> str:
        """The page's address on this machine."""
        return f"{self.scheme}://127.0.0.1:{self.port}"

    # -- addresses

    def knows_host(self, host: str) -> bool:
        """Whether ``host`` (a Host header) is a name of ours; another one is a page that had its name rebound to us."""
        return host.lower() in self._hosts or (self._any_address and self._is_address(host))

    def _is_address(self, host: str) -> bool:
        """Whether it is a bare address with our port: no name, so nobody can have rebound it."""
        match = _HOST.fullmatch(host)
        if match is None or match["port"] != str(self.port):
            return False
        try:
            ipaddress.ip_address(match["name"].strip("[]"))
        except ValueError:
            return False
        return True

    def is_own_origin(self, origin: str, host: str) -> bool:
        """Whether a page of ``origin`` is the one that was served under ``host``."""
        origin, host = origin.lower(), host.lower()
        ours = {name.lower() for name in self._own}
        named = host in ours or host.rpartition(":")[0] in ours  # a proxy in front may speak HTTPS for us
        return origin == f"{self.scheme}://{host}" or (named and origin == f"https://{host}")

    def is_friend(self, origin: str) -> bool:
        """Whether the owner lets pages of ``origin`` use the interface (``server.cors_origins``)."""
        return origin.lower() in self.origins

    # -- the token

    @property
    def token(self) -> str:
        """The owner's token; made and kept in ``state/token`` on a first start."""
        if not self._token:
            self._token = _kept_token(self.state)
        return self._token

    def is_token(self, authorization: str) -> bool:
        """Whether an ``Authorization`` header carries the token."""
        kind, _, given = authorization.partition(" ")
        return kind.lower() == "bearer" and _same(given.strip(), self.token)

    def token_of(self, authorization: str) -> Token | None:
        """The token with a name of its own that an ``Authorization`` header carries."""
        kind, _, given = authorization.partition(" ")
        return self.tokens.find(given.strip()) if kind.lower() == "bearer" else None

    def is_ours(self, host: str, port: int) -> bool:
        """Whether a program that we have started is at the other end of a connection."""
        return self._family.is_own_connection(host, port, self.port)

    def frozen(self) -> str:
        """Why nothing runs, in a sentence; empty where things run."""
        return self._freeze.sentence()

    # -- the sessions of browsers

    @property
    def cookie(self) -> str:
        """The cookie's name: cookies are shared between ports, so it carries ours."""
        return f"localgpt-{self.port}"

    @property
    def _sessions_file(self) -> Path:
        return self.state / "browsers.json"

    def begin(self) -> tuple[str, str]:
        """Log a browser in: the cookie's value and the key for its page."""
        cookie, key = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        with files.lock(self.state / "browsers.lock"):
            held = list(self._sessions().items())[-(MOST_SESSIONS - 1) :]
            entry = {"key": _hash(key), "since": datetime.now(UTC).isoformat(timespec="seconds")}
            self._keep({**dict(held), _hash(cookie): entry})
        return cookie, key

    def is_session(self, cookie: str, key: str) -> bool:
        """Whether this cookie and this key belong to one logged-in browser."""
        entry = self._sessions().get(_hash(cookie)) if cookie and key else None
        return isinstance(entry, dict) and _same(str(entry.get("key")), _hash(key))

    def end(self, cookie: str) -> None:
        """Log a browser out."""
        with files.lock(self.state / "browsers.lock"):
            held = self._sessions()
            if held.pop(_hash(cookie), None) is not None:
                self._keep(held)

    def _sessions(self) -> dict[str, Any]:
        try:
            held = json.loads(self._sessions_file.read_bytes())
        except (OSError, ValueError):
            return {}
        return held if isinstance(held, dict) else {}

    def _keep(self, held: dict[str, Any]) -> None:
        files.replace(self._sessions_file, json.dumps(held, indent=1).encode(), mode=files.PRIVATE_FILE)


def _kept_token(state: Path) -> str:
    path = state / "token"
    files.make_folder(state, mode=files.PRIVATE_FOLDER)
    with files.lock(state / "token.lock"):
        with files.explained("read", path):
            token = path.read_text(encoding="ascii", errors="replace").strip() if path.exists() else ""
        if len(token) < SHORTEST_TOKEN:
            token = secrets.token_urlsafe(32)
            files.replace(path, f"{token}\n".encode(), mode=files.PRIVATE_FILE)
    return token


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _same(given: str, wanted: str) -> bool:
    """Compared in a time that doesn't tell how much of it is right."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), wanted.encode("utf-8", "replace"))
