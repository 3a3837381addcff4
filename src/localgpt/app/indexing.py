"""The part of the assistant that looks after the search index: what it holds, what changed last, bringing it up to date."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from localgpt.core.paths import Home
    from localgpt.memory.expecting import Verdict
    from localgpt.memory.index import Index, IndexStats, Progress, Recent
    from localgpt.memory.search import Found, Query, Searcher


class Rooms(Protocol):
    """What is needed of the assistant."""

    @property
    def home(self) -> Home: ...

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
