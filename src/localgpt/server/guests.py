"""What tokens that are not the owner's are served: conversations and turns of their own, and nobody else's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from localgpt.app.turns import Listener, Live, Turns
from localgpt.app.visiting import Visit, visitor
from localgpt.core.errors import NotFound
from localgpt.server.feed import Feed
from localgpt.server.problems import Refusal
from localgpt.server.talks import Talks
from localgpt.server.tokens import Token

if TYPE_CHECKING:
    from collections.abc import Callable

    from localgpt.agent.sessions import Session
    from localgpt.app.assistant import Assistant
    from localgpt.memory.attachments import Attachment
    from localgpt.server.served import Served


class OwnTurns(Turns):
    """The turns of one guest among all of a process."""

    def __init__(self, whole: Turns) -> None:
        super().__init__()
        self._whole = whole
        self._mine: set[str] = set()

    def watch(self, listener: Listener) -> Callable[[], None]:
        """Hear of this guest's turns alone."""
        return self._whole.watch(lambda live, event: listener(live, event) if live.id in self._mine else None)

    def start(
        self,
        assistant: Assistant,
        message: str,
        *,
        session: Session,
        purpose: str = "chat",
        model: str | None = None,
        attachments: Sequence[Attachment] = (),
    ) -> Live:
        """Begin a turn of this guest's."""
        live = self._whole.start(
            assistant, message, session=session, purpose=purpose, model=model, attachments=attachments
        )
        self._mine = {live.id, *(one.id for one in self.all())}
        return live

    def get(self, turn_id: str) -> Live:
        """One of this guest's. Raises ``NotFound`` for others, too."""
        if turn_id not in self._mine:
            raise NotFound(
                f"There is no turn {turn_id[:40]!r} to follow.", hint="GET /api/turns lists yours."
            )
        return self._whole.get(turn_id)

    def running(self) -> tuple[Live, ...]:
        """Those that have not ended."""
        return tuple(live for live in self._whole.running() if live.id in self._mine)

    def all(self) -> tuple[Live, ...]:
        """Those that can be followed."""
        return tuple(live for live in self._whole.all() if live.id in self._mine)


class Guest:
    """What is kept of one token between its requests."""

    def __init__(self, whole: Turns) -> None:
        self.turns = OwnTurns(whole)
        self.talks = Talks()
        self.feed = Feed()
        self._owners: Assistant | None = None
        self._own: Assistant | None = None

    def assistant(self, owners: Assistant, token: Token) -> Assistant:
        """The assistant as this guest may use it; a new one when the owner's settings have changed."""
        if self._own is None or self._owners is not owners:
            self._owners, self._own = owners, visitor(owners, Visit(token.name, token.sha256, token.local))
        return self._own


class Guests:
    """All of them, by the hashes of their tokens."""

    def __init__(self) -> None:
        self._all: dict[str, Guest] = {}

    def served(self, here: Served, token: Token) -> Served:
        """What a request with this token is served."""
        guest = self._all.setdefault(token.sha256, Guest(here.turns))

        def assistant() -> Assistant:
            if all(one.sha256 != token.sha256 for one in here.access.tokens.list()):
                raise Refusal(401, "unauthorized", "This token counts no longer.", hint="Ask the owner.")
            return guest.assistant(here.assistant(), token)

        return replace(here, assistant=assistant, turns=guest.turns, talks=guest.talks, feed=guest.feed)
