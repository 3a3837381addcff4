"""Remembering without being asked, as doors use it: for one conversation that ends, or all that have rested a while."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from localgpt.core.config import Config
from localgpt.core.events import Event, MemoryWritten, Notice
from localgpt.core.journal import Journal
from localgpt.models.base import Engine

if TYPE_CHECKING:
    from localgpt.agent.projects import Project
    from localgpt.agent.sessions import Session, Sessions
    from localgpt.app.talk import Talk
    from localgpt.memory.workspace import Workspace

OLDEST = timedelta(days=7)
MOST = 20
NOTHING = "There is nothing to condense yet."


class Settling:
    """What becomes of conversations: their harvest into the notes, and their compaction."""

    def __init__(
        self,
        config: Config,
        sessions: Sessions,
        workspace: Workspace,
        journal: Journal,
        project_of: Callable[[Session], Project | None],
        *,
        clock: Callable[[], datetime],
        door: str,
    ) -> None:
        from localgpt.agent.harvest import Harvester

        self._wanted = config.memory.harvest
        self._sessions = sessions
        self._journal = journal
        self._clock = clock
        by_model = config.memory.harvest_by_model
        self._harvester = Harvester(workspace, journal, clock, door, by_model=by_model, project_of=project_of)
        self._seen: dict[str, datetime] = {}

    async def one(self, session: Session, engine: Engine | None = None) -> tuple[Event, ...]:
        """Keep what is worth it of one conversation, unless the settings say no; gives what was written."""
        return await self._harvester.harvest(session, engine) if self._wanted else ()

    async def rested(self, minutes: int) -> tuple[Event, ...]:
        """The same, by rule, for each that was used lately and rests now; looks at each only once."""
        shown: list[Event] = []
        for session in await asyncio.to_thread(lambda: list(self._resting(minutes))) if self._wanted else ():
            shown += await self._harvester.harvest(session)
        return tuple(shown)

    def _resting(self, minutes: int) -> Iterator[Session]:
        now = self._clock()
        for info in self._sessions.list(MOST):
            rests = timedelta(minutes=minutes) <= now - info.updated <= OLDEST
            if rests and self._seen.get(info.id) != info.updated:
                self._seen[info.id] = info.updated
                yield self._sessions.open(info.id)

    def pass_over(self, session: Session) -> None:
        """Never keep what was said up to now."""
        self._harvester.pass_over(session)

    async def compact(self, session: Session, engine: Engine, window: int, wishes: str) -> tuple[Event, ...]:
        """Condense all but the last part of a conversation now; what is worth keeping is kept first."""
        from localgpt.agent.compaction import KEEP, Compactor
        from localgpt.agent.context import conversation_tokens
        from localgpt.agent.temporary import discreet_journal

        kept = await self.one(session, engine)
        keep = min(KEEP, conversation_tokens(session.messages()) // 4)
        journal = discreet_journal(self._journal) if session.temporary else self._journal
        done = await Compactor(session, engine, journal, window).condense(keep, wishes)
        return (*kept, Notice(done.sentence if done else NOTHING))


async def left(talk: Talk) -> str:
    """Keep what is worth it of the conversation that a chat leaves; gives what was written, as Markdown to append."""
    kept = lines(await talk.settle())
    return "\n".join(["\n\nNoted from the one before:", "", *kept]) if kept else ""


def lines(events: Sequence[Event]) -> list[str]:
    """What was written, as items of a Markdown list; and what else there is to say."""
    rows = []
    for event in events:
        if isinstance(event, MemoryWritten):
            rows.append(f"- [{event.span}] {' '.join(event.text.split()).removeprefix('- ')}")
        elif isinstance(event, Notice):
            rows.append(f"- {event.text}")
    return rows
