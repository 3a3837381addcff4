"""Is the ``claude`` command there, and is somebody logged in? Judged from files and the environment, never by starting it.

A guess, then: only a request shows whether a login still holds.
"""

from __future__ import annotations

import importlib.util
import json
import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from localgpt.models.claude_cli.launch import CLOUD_PREFIXES, is_on

KEYS = ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "CLAUDE_CODE_OAUTH_TOKEN")
LOCAL_PLACES = (".local/bin", ".claude/local", ".claude/bin", ".npm-global/bin", "bin")
SYSTEM_PLACES = ("/usr/local/bin", "/opt/homebrew/bin", "/usr/bin")
SHIMS = {".cmd", ".bat", ".ps1"}
LARGEST_FILE = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Login:
    """``command`` is where it is (``None``: not here), ``by`` how it is logged in (empty: it is not)."""

    command: Path | None
    by: str

    @property
    def ready(self) -> bool:
        """Whether it can probably be used."""
        return self.command is not None and bool(self.by)


def look(command: str, env: Mapping[str, str], *, platform: str = sys.platform) -> Login:
    """What there is of it on this machine, as ``env`` shows it."""
    return Login(find(command, env), logged_in(env, platform=platform))


def find(command: str, env: Mapping[str, str]) -> Path | None:
    """Where ``command`` is: a path as it is, a name on the PATH, where installers put it, or in ``claude-agent-sdk``."""
    if "/" in command or "\\" in command:
        path = Path(command).expanduser()
        return path if _runs(path) else None
    found = shutil.which(command, path=env.get("PATH", ""))
    candidates = [Path(found)] if found else []
    candidates += [place / command for place in _places(env)]
    return next((path for path in candidates if _runs(path)), None)


def _places(env: Mapping[str, str]) -> Iterator[Path]:
    home = _home(env)
    if home is not None:
        yield from (home / place for place in LOCAL_PLACES)
        yield from (Path(place) for place in SYSTEM_PLACES)
    package = importlib.util.find_spec("claude_agent_sdk")
    for place in (package.submodule_search_locations or ()) if package else ():
        yield Path(place) / "_bundled"


def _runs(path: Path) -> bool:
    """Whether it is a program. The shims of Windows are none: they would read our flags as commands of a shell."""
    return path.suffix.lower() not in SHIMS and shutil.which(str(path), path="") is not None


def logged_in(env: Mapping[str, str], *, platform: str = sys.platform) -> str:
    """How it is logged in, in a few words; empty if nothing says so."""
    key = next((name for name in KEYS if env.get(name)), "")
    if key:
        return key
    if any(is_on(env, name) for name in CLOUD_PREFIXES):
        return "cloud account"
    folder = _settings(env)
    if folder is None:
        return ""
    return _by_files(folder, _home(env), env, platform)


def _by_files(folder: Path, home: Path | None, env: Mapping[str, str], platform: str) -> str:
    tokens = _object(_read(folder / ".credentials.json").get("claudeAiOauth"))
    if tokens.get("refreshToken") or tokens.get("accessToken"):
        return "subscription"
    beside = folder if env.get("CLAUDE_CONFIG_DIR") else home
    state = _read(beside / ".claude.json") if beside is not None else {}
    if state.get("primaryApiKey"):
        return "key of the console"
    in_keychain = platform == "darwin" and bool(state.get("oauthAccount"))
    return "subscription" if in_keychain else ""


def _home(env: Mapping[str, str]) -> Path | None:
    told = env.get("HOME") or env.get("USERPROFILE")
    return Path(told) if told else None


def _settings(env: Mapping[str, str]) -> Path | None:
    told, home = env.get("CLAUDE_CONFIG_DIR"), _home(env)
    if told:
        return Path(told)
    return home / ".claude" if home is not None else None


def _read(path: Path) -> dict[str, Any]:
    """A JSON file as an object; empty if there is none, or anything else in it."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            return {}
        return _object(json.loads(path.read_bytes()))
    except (OSError, ValueError, RecursionError):
        return {}


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
