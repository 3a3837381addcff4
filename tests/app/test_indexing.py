"""What the index holds, as doors ask for it."""

from __future__ import annotations

import asyncio

import pytest

from localgpt.app import Assistant
from localgpt.core.errors import UsageError


def test_it_counts_lists_and_is_made_anew(home):
    async def work() -> None:
        async with Assistant(home) as assistant:
            before = await assistant.stats()
            written = await assistant.remember("The spare key is under the third pot.")
            after = await assistant.stats()
            assert after.chunks > before.chunks
            (last,) = await assistant.recent(1)
            assert last.path == written.span.path
            anew = await assistant.reindex(force=True)
            assert (anew.notes, anew.chunks) == (after.notes, after.chunks)

    asyncio.run(work())


def test_it_says_what_became_of_a_note(home):
    async def work() -> None:
        async with Assistant(home) as assistant:
            written = await assistant.remember("The spare key is under the third pot.")
            came = await assistant.explain("spare key", written.span.path)
            assert (came.step, came.rank) == ("found", 1)
            gone = await assistant.explain("spare key", "nowhere.md:4")
            assert (gone.place, gone.step) == ("nowhere.md:4", "missing")
            with pytest.raises(UsageError, match="names no lines"):
                await assistant.explain("spare key", "nowhere.md:4-2")

    asyncio.run(work())
