"""What is looked at before a command runs: whether everything is frozen, and whether a child of ours has called it.

Tables of words, so that a test can hold every command to them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from localgpt.core.errors import UsageError

if TYPE_CHECKING:
    from localgpt.core.paths import Home

Words = Mapping[str, frozenset[str] | None]

STARTS: Words = {
    "chat": None,
    "ask": None,
    "research": None,
    "heartbeat": frozenset({"run"}),
    "task": frozenset({"add", "run", "resume"}),
    "model": frozenset({"test"}),
    "sandbox": frozenset({"run", "test"}),
}
"""Commands that make something run, and which of their own (``None``: all): none does while everything is frozen."""

HANDS: Words = {
    "thaw": None,
    "grants": frozenset({"add", "revoke"}),
    "token": frozenset({"new", "revoke"}),
    "approvals": frozenset({"answer", "allow", "deny"}),
    "inbox": frozenset({"allow", "dismiss", "reply"}),
    "config": frozenset({"set", "unset", "edit", "init"}),
    "secret": frozenset({"set", "remove"}),
    "model": frozenset({"use"}),
    "skill": frozenset({"add", "remove"}),
    "daemon": frozenset({"stop", "restart", "install", "uninstall"}),
    "heartbeat": frozenset({"pause", "resume"}),
    "open": None,
    "desktop": None,
}
"""Commands that only the owner gives: no program that was started by us, whatever it found."""

_HELP = frozenset({"-h", "--help"})


def says(table: Words, words: Sequence[str]) -> bool:
    """Whether a command, its name and what follows, is in a table. Asking for help is nothing."""
    if not words or words[0] not in table or not _HELP.isdisjoint(words):
        return False
    own = table[words[0]]
    return own is None or any(word in own for word in words[1:])


@contextmanager
def guarded(words: Sequence[str], locate: Callable[[], Home], *, hosted: bool) -> Iterator[None]:
    """Around a command. Raises ``FrozenError``, or ``UsageError`` for a child of ours that speaks as the owner.

    ``hosted`` is true in the daemon, which has looked who calls and has joined the family itself.
    """
    starts = says(STARTS, words)
    if not starts and not says(HANDS, words):
        yield
        return
    from localgpt.security.freeze import Freeze
    from localgpt.security.kinship import Family

    home = locate()
    family = Family(home.state)
    if starts:
        Freeze(home.state).check()
    elif not hosted and family.is_own_child(os.getpid()):
        raise UsageError(
            "A program that LocalGPT has started may not speak as its owner.",
            hint="Type it in a terminal of your own.",
        )
    if not starts or hosted or not home.root.is_dir():
        yield
        return
    family.join()
    try:
        yield
    finally:
        family.leave()
