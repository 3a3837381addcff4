"""The part of the assistant that looks after the search index: what it holds, what changed last, bringing it up to date."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from localgpt.app.sharing import shared

if TYPE_CHECKING:
    from localgpt.agent.sessions import Session
    from localgpt.app.embedders import Embedders
    from localgpt.app.learning import Learning
    from localgpt.core.config import Config
    from localgpt.core.events import TurnFinished
    from localgpt.core.paths import Home
    from localgpt.memory.expecting import Verdict
    from localgpt.memory.index import Index, IndexStats, Progress, Recent
    from localgpt.memory.search import Found, Query, Searcher
    from localgpt.memory.workspace import Note

_LANGUAGE = "language"
_LEARNT_FROM = frozenset({"chat", "ask"})
"""The purposes of turns in which the owner asks something and reads the answer."""


class Rooms(Protocol):
    """What is needed of the assistant."""

    config: Config
    _clock: Callable[[], datetime]

    @property
    def home(self) -> Home: ...

    @property
    def embedders(self) -> Embedders: ...

    @property
    def learning(self) -> Learning: ...

    def _get(self, path: str, start: int = 1, end: int | None = None) -> Note: ...

    @property
    def index(self) -> Index: ...

    @property
    def searcher(self) -> Searcher: ...

    @property
    def note_folders(self) -> tuple[Path, ...]: ...

    def explained(self, query: Query, found: Found, expect: str) -> Verdict: ...


class Indexing:
    """The index, for doors."""

    async def recent(self: Rooms, limit: int = 10) -> Sequence[Recent]:
        """The notes and conversations that changed last."""
        return await asyncio.to_thread(_recent, self.index, limit)

    async def stats(self: Rooms) -> IndexStats:
        """What the index holds."""
        return await asyncio.to_thread(_stats, self.index)

    async def reindex(self: Rooms, progress: Progress | None = None, *, force: bool = False) -> IndexStats:
        """Bring the index up to date, vectors included; ``force`` makes it anew."""
        return await asyncio.to_thread(_reindex, self.index, progress, force=force)

    @shared
    def learning(self: Rooms) -> Learning:
        """The test cases that grow from use."""
        from localgpt.app.learning import Learning

        return Learning(
            self.home.state,
            self._get,
            lambda: self._clock().date(),
            lambda: setup(self.config, self.embedders.choice.name),
            wanted=self.config.memory.learn_cases,
        )

    def learn(self: Rooms, session: Session, question: str, purpose: str, finished: TurnFinished) -> None:
        """Keep what the reply to the owner's question cites as a test case for searching. Blocks; never fails.

        Not of temporary conversations, not a visitor's words, and not what ``recall`` quotes: that is the search's own choice.
        """
        visited = vars(self).get("visit") is not None  # somebody else's words
        if not visited and not session.temporary and purpose in _LEARNT_FROM and finished.model != "recall":
            self.learning.cited(question, finished.citations)

    def counsel(self: Rooms) -> tuple[str, ...]:
        """What there is to say about how notes are found, each once: a change that can be tested, a model for the
        owner's language. Blocks.
        """
        from localgpt.app.counsel import Told, for_languages
        from localgpt.memory.statistics import languages

        told, model = Told(self.home.state / "counsel.json"), self.index.embedder
        worth_a_look = model is not None and not told.has(_LANGUAGE)
        about_language = (
            for_languages(self.index.read(languages), model.name) if worth_a_look and model else ""
        )
        return tuple(filter(None, (self.learning.news(), told.once(_LANGUAGE, about_language))))

    async def explain(self: Rooms, text: str, expect: str, *, limit: int = 10) -> Verdict:
        """What became of ``expect`` (``path``, ``path:a`` or ``path:a-b``) in a search for ``text``: the first step at
        which it fell out, in a sentence, or its rank. Raises ``UsageError`` for lines that can't be.
        """
        from localgpt.memory.search import Query

        query = Query(text, limit=limit)
        return await asyncio.to_thread(lambda: self.explained(query, self.searcher.search(query), expect))

    def explained(self: Rooms, query: Query, found: Found, expect: str) -> Verdict:
        """The same for a search that was made already; blocks."""
        from localgpt.memory.questions import place_named
        from localgpt.memory.whereabouts import Folders, explain

        folders = Folders(self.home.workspace, self.note_folders)
        return explain(self.searcher, query, found, place_named(expect, "expected"), folders)


def setup(config: Config, model: str) -> dict[str, str]:
    """What may change which notes are found, as far as the owner or a new version changes it."""
    from localgpt import __version__

    memory = config.memory
    folders = ", ".join(f"{one.path}/{one.pattern}" for one in memory.paths)
    sessions = "searched" if memory.index_sessions else "not searched"
    return {"model": model, "version": __version__, "conversations": sessions, "folders": folders}


def _recent(index: Index, limit: int) -> Sequence[Recent]:
    index.catch_up()
    return index.recent(limit)


def _stats(index: Index) -> IndexStats:
    index.catch_up()
    return index.stats()


def _reindex(index: Index, progress: Progress | None, *, force: bool) -> IndexStats:
    if force:
        index.rebuild()
    index.catch_up(progress)
    index.embed(progress=progress)
    return index.stats()
