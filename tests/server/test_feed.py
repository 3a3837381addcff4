"""What happens, told to whoever listens."""

from __future__ import annotations

import asyncio

from localgpt.server.feed import Feed


def test_all_who_listen_hear_it_and_nobody_else():
    async def run():
        feed = Feed()
        feed.publish("note", path="before.md")
        with feed.listen() as one, feed.listen() as other:
            feed.publish("note", path="a.md")
            feed.publish("inbox", kind="question")
            wanted = [{"type": "note", "path": "a.md"}, {"type": "inbox", "kind": "question"}]
            assert await one.take(1) == await other.take(1) == wanted
            assert await one.take(0.01) == []
        feed.publish("note", path="after.md")
        assert await one.take(0.01) == []

    asyncio.run(run())


def test_who_waits_is_woken():
    async def run():
        feed = Feed()
        with feed.listen() as listening:
            waiting = asyncio.create_task(listening.take(5))
            await asyncio.sleep(0)
            feed.publish("task", id="1")
            assert await waiting == [{"type": "task", "id": "1"}]

    asyncio.run(run())


def test_who_is_too_slow_knows_that_something_was_lost():
    async def run():
        feed = Feed()
        with feed.listen() as listening:
            for number in range(250):
                feed.publish("note", number=number)
            assert listening.lost == 50
            assert (await listening.take(1))[0]["number"] == 50

    asyncio.run(run())
