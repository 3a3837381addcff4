"""Which commands a running daemon may do for the command line, told from their words alone.

Those that own the terminal or the process, or change what the daemon stands on, stay in the caller's process: ``chat``,
``config``, ``daemon``, ``doctor``, whatever asks for help, and everything after ``-v``. Standard library only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

PLAIN: dict[str, frozenset[str] | None] = {
    "search": None,
    "remember": None,
    "memory": frozenset({"search", "get", "recent", "stats"}),
    "session": frozenset({"list", "show", "search", "export", "rename", "branch", "delete"}),
    "history": None,
    "undo": None,
    "redo": None,
    "usage": None,
    "project": frozenset({"list", "show"}),
    "heartbeat": frozenset({"status", "log", "pause", "resume"}),
    "inbox": frozenset({"list", "show", "dismiss"}),
    "task": frozenset({"list", "show", "pause", "resume", "cancel"}),
}
"""Commands, and which of their own commands (``None``: any, or none)."""

THINKING: dict[str, frozenset[str] | None] = {
    "ask": None,
    "skill": frozenset({"list"}),
}
"""The same for those that may think or look for other programs: the caller's environment has to be the daemon's."""

STARTS: dict[str, frozenset[str] | None] = {
    "chat": None,
    "ask": None,
    "research": None,
    "heartbeat": frozenset({"run"}),
    "task": frozenset({"add", "run", "resume"}),
    "model": frozenset({"test"}),
    "sandbox": frozenset({"run", "test"}),
}
"""Commands that make something run, and which of their own (``None``: all): none does while everything is frozen."""

HANDS: dict[str, frozenset[str] | None] = {
    "thaw": None,
    "grants": frozenset({"add", "revoke"}),
    "token": frozenset({"new", "revoke"}),
    "approvals": frozenset({"allow", "deny"}),
    "inbox": frozenset({"allow", "dismiss", "reply"}),
    "config": frozenset({"set", "unset", "edit", "init"}),
    "secret": frozenset({"set", "remove"}),
    "model": frozenset({"use"}),
    "memory": frozenset({"model"}),
    "project": frozenset({"add"}),
    "skill": frozenset({"add", "remove"}),
    "daemon": frozenset({"stop", "restart", "install", "uninstall"}),
    "heartbeat": frozenset({"pause", "resume"}),
    "open": None,
    "desktop": None,
}
"""Commands that only the owner gives: no program that was started by us, whatever it found."""

_HELP = frozenset({"-h", "--help", "-V", "--version"})
_FILES = ("--attach", "-o", "--output")
"""Options that name a file of the caller's: sentences about it say the name as it was typed."""


class Routed(NamedTuple):
    """A command for the daemon: its words without the global options, and those."""

    words: tuple[str, ...]
    home: str | None
    profile: str | None
    thinking: bool


def routed(arguments: Sequence[str]) -> Routed | None:
    """The command if it is one for the daemon; ``None`` where it runs in its own process."""
    words = list(arguments)
    given: dict[str, str] = {}
    while words and words[0].startswith("-"):
        option, equals, value = words.pop(0).partition("=")
        if option not in {"--home", "--profile"}:
            return None
        if not equals:
            if not words:
                return None
            value = words.pop(0)
        given[option] = value
    if not words or not _HELP.isdisjoint(words) or any(word.startswith(_FILES) for word in words):
        return None
    for thinking, table in ((False, PLAIN), (True, THINKING)):
        if words[0] in table:
            own = table[words[0]]
            if own is not None and (len(words) == 1 or words[1] not in own):
                return None
            return Routed(tuple(words), given.get("--home"), given.get("--profile"), thinking)
    return None


def says(table: Mapping[str, frozenset[str] | None], words: Sequence[str]) -> bool:
    """Whether a command, its name and what follows, is in a table. Asking for help is nothing, where it can be nothing
    else: behind an option ``-h`` may be its value, behind ``--`` a word.
    """
    if not words or words[0] not in table or _asks_for_help(words):
        return False
    own = table[words[0]]
    return own is None or next((word for word in words[1:] if not word.startswith("-")), "") in own


def _asks_for_help(words: Sequence[str]) -> bool:
    first = next((word for word in words if word.startswith("-")), "")
    return first in {"-h", "--help"}
