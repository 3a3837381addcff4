"""The daemon's loop, for a moment of real time."""

from __future__ import annotations

import asyncio
import os

from tests.scheduler.test_heartbeat import Slow

from localgpt.app import Assistant
from localgpt.scheduler import loop


async def until(condition) -> None:
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 - files, and nobody who tells
            await asyncio.sleep(0.02)


def attended(world, work) -> None:
    async def whole(assistant: Assistant) -> None:
        stop = asyncio.Event()
        running = asyncio.create_task(
            loop.attend(lambda: assistant, [world.told], stop, clock=lambda: world.now)
        )
        try:
            await work(assistant)
        finally:
            stop.set()
            async with asyncio.timeout(10):
                await running

    world.run(whole)


def test_it_beats_when_something_comes_and_runs_tasks_beside(world, monkeypatch):
    monkeypatch.setattr(loop, "GLANCE", 0.05)
    world.write("")
    world.says(*["DONE. It is done."] * 2)

    async def work(assistant: Assistant) -> None:
        await asyncio.sleep(0.2)
        assert world.engine.requests == []
        world.file.write_text("- [ ] Look around\n")
        os.utime(world.file, (1, 1))
        await until(lambda: "[x]" in world.file.read_text())
        task = assistant.tasks.add("Count the stars")
        await until(lambda: assistant.tasks.get(task.id).state.ended and len(world.told.messages) > 1)

    attended(world, work)
    assert [one.kind for one in world.told.messages] == ["message", "result"]


def test_stopped_in_the_middle_everything_goes_on_at_the_next_start(world, monkeypatch):
    monkeypatch.setattr(loop, "GLANCE", 0.05)
    world.write("- [ ] Look around\n")
    world.engine = Slow(30)

    async def work(assistant: Assistant) -> None:
        assistant.tasks.add("Count the stars")
        await until(lambda: len(world.engine.requests) == 2)

    attended(world, work)
    assert "goes on" in world.plan().items[0].why

    async def waiting(assistant: Assistant) -> int:
        return len(assistant.tasks.waiting())

    assert world.run(waiting) == 1


def test_an_idle_loop_asks_nobody_and_looks_seldom(world, monkeypatch):
    looks = []
    monkeypatch.setattr(loop, "SHORTEST_SLEEP", 0.01)

    async def work(assistant: Assistant) -> None:
        beat = assistant.heartbeat.beat

        async def counted(**options):
            looks.append(options)
            return await beat(**options)

        monkeypatch.setattr(assistant.heartbeat, "beat", counted)
        await asyncio.sleep(0.5)

    attended(world, work)
    assert len(looks) <= 1
    assert world.kinds() == []


def test_a_beat_that_breaks_does_not_end_those_to_come(world, monkeypatch):
    monkeypatch.setattr(loop, "LONGEST_SLEEP", 0.05)
    world.write("- [ ] Look around\n")
    world.says("DONE")

    async def work(assistant: Assistant) -> None:
        beat = assistant.heartbeat.beat
        broken = [RuntimeError("a bug"), OSError("full")]

        async def breaking(**options):
            if broken:
                raise broken.pop()
            return await beat(**options)

        monkeypatch.setattr(assistant.heartbeat, "beat", breaking)
        await until(lambda: "[x]" in world.file.read_text())

    attended(world, work)
