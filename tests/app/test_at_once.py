"""Many conversations in one event loop: none waits for another, neither for its model nor for its disk."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import AsyncGenerator

import pytest
from bench.limits import stalls

from localgpt import Assistant
from localgpt.agent.sessions import Session
from localgpt.core.events import TextDelta
from localgpt.core.values import Stop, ToolCall
from localgpt.models.base import EngineEvent, Finished, Request
from localgpt.models.scripted import Scripted

TALKS = 50


class Together(Scripted):
    """Says nothing to anybody before all have asked; who says ``hang`` never hears anything."""

    def __init__(self, talks: int) -> None:
        super().__init__()
        self.all = asyncio.Barrier(talks)

    async def request(self, request: Request) -> AsyncGenerator[EngineEvent, None]:
        if request.messages[-1].text == "hang":
            yield TextDelta("One ")
            await asyncio.Event().wait()
        async with asyncio.timeout(20):
            await self.all.wait()
        for word in ("Hello ", "there."):
            yield TextDelta(word)
            await asyncio.sleep(0)
        yield Finished(Stop.DONE)


def test_fifty_are_asked_before_one_is_answered_and_one_that_hangs_delays_nobody(home):
    async def work() -> None:
        async with Assistant(home, engine=Together(TALKS)) as assistant:
            hanging = asyncio.create_task(assistant.ask("hang"))
            await asyncio.sleep(0.05)
            asked = (assistant.ask(f"I am {number}.") for number in range(TALKS))
            async with stalls() as longest:
                answers = await asyncio.gather(*asked)
            assert {(one.response, one.error) for one in answers} == {("Hello there.", "")}
            assert longest[0] < 0.5  # bench/limits.py has the true figure; a machine may be busy
            assert not hanging.done()
            hanging.cancel()
            with pytest.raises(asyncio.CancelledError):
                await hanging
            (kept,) = [info for info in assistant.sessions.list() if info.title == "hang"]
            last = assistant.sessions.open(kept.id).messages()[-1]
            assert last.text == "One "

    asyncio.run(work())


def test_a_disk_that_keeps_one_waiting_keeps_nobody_else(home, monkeypatch):
    let, write = threading.Event(), Session._write
    held: list[str] = []

    def waits(self, *bodies, **more):
        if "held up" in str(bodies):
            held.append(self.id)
            let.wait(20)
        return write(self, *bodies, **more)

    monkeypatch.setattr(Session, "_write", waits)

    async def work() -> None:
        async with Assistant(home, engine=Scripted(*["Yes."] * 9)) as assistant:
            slow = asyncio.create_task(assistant.ask("I am held up."))
            answers = [await assistant.ask(f"I am {number}.") for number in range(3)]
            assert [one.response for one in answers] == ["Yes."] * 3
            assert held
            assert not slow.done()
            let.set()
            assert (await slow).response == "Yes."

    asyncio.run(work())


def test_a_slow_disk_does_not_stop_the_loop(home, monkeypatch):
    sync, slow = os.fsync, 0.1
    calls: list[float] = []

    def crawls(descriptor: int) -> None:
        calls.append(slow)
        time.sleep(slow)
        sync(descriptor)

    async def work() -> float:
        engine = Scripted(ToolCall("c1", "memory_search", {"query": "roses"}), "Yes.")
        async with Assistant(home, engine=engine) as assistant:
            await assistant.search("roses")
            monkeypatch.setattr(os, "fsync", crawls)
            async with stalls() as longest:
                assert (await assistant.ask("Do I have roses?")).response == "Yes."
            return longest[0]

    longest = asyncio.run(work())
    assert len(calls) > 8
    assert longest < slow
