"""What other processes of the home do reaches the pages that are open."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import cast

from localgpt.server import neighbours
from localgpt.server.feed import Feed
from localgpt.server.served import Served


def test_a_question_and_a_stop_elsewhere_are_told_to_those_who_listen(tmp_path, monkeypatch):
    monkeypatch.setattr(neighbours, "LOOK", 0.01)
    feed = Feed()
    assistant = SimpleNamespace(home=SimpleNamespace(state=tmp_path))
    here = cast("Served", SimpleNamespace(assistant=lambda: assistant, feed=feed))

    async def work() -> list[str]:
        following = asyncio.create_task(neighbours.follow(here))
        await asyncio.sleep(0.03)
        with feed.listen() as listening:
            await asyncio.sleep(0.05)
            (tmp_path / "approvals").mkdir()
            first = await listening.take(2)
            (tmp_path / "frozen").write_text("{}")
            second = await listening.take(2)
            quiet = await listening.take(0.05)
        following.cancel()
        return [one["type"] for one in (*first, *second, *quiet)]

    assert asyncio.run(work()) == ["approval", "freeze"]


def test_nothing_is_there(tmp_path):
    assert neighbours.changed(tmp_path / "nothing") == 0
