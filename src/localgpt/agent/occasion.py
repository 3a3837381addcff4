"""Which parts of the owner's memory a turn is given: by what it is for, and for whom it speaks. A table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from localgpt.core.paths import ALWAYS_LOADED
from localgpt.security.policy import Caller

OWNERS_ONLY = frozenset({"MEMORY.md", "USER.md"})
"""Always-loaded notes for the owner's own eyes."""
_OWNERS_NOTES = frozenset(name.casefold() for name in OWNERS_ONLY)
_OWNERS_PLACES = ("memory/", "session:", "attachment:")


@dataclass(frozen=True, slots=True)
class Occasion:
    """What a turn is for, as the journal names it, and for whom it speaks.

    A caller who is not the owner may be ``local``: what must stay on this machine may be given to one.
    """

    purpose: str = "chat"
    caller: Caller = Caller.OWNER
    local: bool = False


@dataclass(frozen=True, slots=True)
class Share:
    """What a turn is given: always-loaded ``notes`` by name, and which other parts.

    ``ritual`` is BOOTSTRAP.md, ``days`` the daily notes at the beginning; ``private`` is false where nothing of the
    owner's own life may be given, ``local`` where nothing that must stay on this machine may be.
    """

    notes: tuple[str, ...] = ALWAYS_LOADED
    skills: bool = True
    project: bool = True
    ritual: bool = False
    days: bool = False
    passages: bool = True
    private: bool = True
    local: bool = True

    def may_quote(self, path: str) -> bool:
        """Whether a passage of ``path`` may be given: a note, or ``session:<id>``."""
        if not self.passages:
            return False
        name = path.casefold()  # some file systems open a note by any spelling
        return self.private or not (name in _OWNERS_NOTES or name.startswith(_OWNERS_PLACES))


FULL = Share(ritual=True, days=True)
LIGHT = Share(("IDENTITY.md",), skills=False, project=False, passages=False)
HELPER = Share(("AGENTS.md", "TOOLS.md"))

SHARES: Mapping[str, Share] = MappingProxyType(
    {
        "chat": FULL,
        "ask": FULL,
        "heartbeat": LIGHT,
        "task": Share(),
        "cron": LIGHT,
        "light": LIGHT,
        "subagent": HELPER,
    }
)
"""By what a turn is for; a door's own word that is not here is a conversation like ``chat``."""


def share_of(occasion: Occasion) -> Share:
    """What a turn on that occasion is given."""
    share = SHARES.get(occasion.purpose, FULL)
    if occasion.caller is Caller.OWNER:
        return share
    notes = tuple(name for name in share.notes if name not in OWNERS_ONLY)
    return replace(
        share, notes=notes, project=False, ritual=False, days=False, private=False, local=occasion.local
    )
