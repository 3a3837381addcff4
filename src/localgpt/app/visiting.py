"""A caller that is not the owner: what of the assistant it is given, and what becomes of what it wants done.

A *visit* is a sibling of the owner's assistant. It has conversations of its own in a folder of its own, only reads,
notes nothing down, and is given nothing of the owner's life; what it would need a word for waits in the owner's inbox.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from localgpt.core.errors import UsageError
from localgpt.core.values import Egress

if TYPE_CHECKING:
    from localgpt.agent.house import House, Waiting
    from localgpt.app.assistant import Assistant
    from localgpt.core.values import Hit
    from localgpt.memory.search import Found
    from localgpt.scheduler.inbox import Box

FOLDER = "guests"
_NOT_FOR_VISITORS = ("background_task", "remember")


@dataclass(frozen=True, slots=True)
class Visit:
    """Who visits: ``name`` for people, ``key`` that no other visitor has. ``local`` lets private passages through."""

    name: str
    key: str
    local: bool = False

    @property
    def folder(self) -> str:
        """Where its conversations are, beside the owner's."""
        return f"{self.name}-{self.key[:12]}"


def visitor(assistant: Assistant, visit: Visit) -> Assistant:
    """The assistant as the visitor may use it."""
    from localgpt.agent.sessions import Sessions

    twin = assistant.sibling(door=f"token {visit.name}")
    twin.visit = visit
    vars(twin)["sessions"] = Sessions(place(assistant.home.sessions, visit))
    return twin


def place(sessions: Path, visit: Visit) -> Path:
    """The folder of a visitor's conversations."""
    return sessions.parent / FOLDER / visit.folder


def housed(house: House, visit: Visit, inbox: Callable[[], Box]) -> House:
    """The house for a visitor's turns."""
    from localgpt.agent.house import no_settling, nothing_granted
    from localgpt.security.policy import Caller

    def waits(waiting: Waiting) -> str:
        item = asked(waiting, visit, inbox())
        return f" It waits in the owner's inbox as a question ({item}); go on without it."

    return replace(
        house,
        caller=Caller.REMOTE,
        local_caller=visit.local,
        settle=no_settling,
        grants=nothing_granted,
        toolbox=house.toolbox.without(*_NOT_FOR_VISITORS),
        unattended=waits,
    )


def asked(waiting: Waiting, visit: Visit, inbox: Box) -> str:
    """Put what a visitor wants done into the owner's inbox; gives the question's id."""
    from localgpt.scheduler.inbox import Call, ItemKind

    effects = tuple((effect.kind.value, effect.target) for effect in waiting.effects)
    call = Call(waiting.call.name, waiting.call.arguments, effects, "foreign")
    what = ", ".join(f"{kind} {target}" for kind, target in effects)
    title = f"May the token {visit.name} have {call.tool} used? It {what}"
    name = f"token {visit.name}"
    item = inbox.add(
        ItemKind.QUESTION, title, waiting.reason, call=call, task=name, key=name, turn=waiting.turn
    )
    return item.id


def shown(found: Found, visit: Visit) -> Found:
    """What was found, as far as the visitor may see it; what is withheld is counted."""
    given = tuple(hit for hit in found.hits if may_see(hit, visit))
    withheld = len(found.hits) - len(given)
    notices = (f"{withheld} private passages are withheld from this token.",) if withheld else ()
    return replace(found, hits=given, notices=(*found.notices, *notices))


def may_see(hit: Hit, visit: Visit) -> bool:
    """Whether a passage may be given: nothing of the owner's life, and of what is private only where that was said."""
    from localgpt.agent.occasion import Occasion, share_of
    from localgpt.security.policy import Caller

    share = share_of(Occasion("chat", Caller.REMOTE, visit.local))
    return share.may_quote(hit.path) and (share.local or hit.egress is Egress.OPEN)


def refuse(visit: Visit | None, what: str) -> None:
    """Raise ``UsageError`` where a visitor wants what only the owner may."""
    if visit is not None:
        raise UsageError(
            f"The token {visit.name} may not {what}.", hint="Leave it out; the owner's settings count."
        )
