"""Background tasks as doors use them."""

from __future__ import annotations

import pytest
from tests.scheduler.test_heartbeat import Slow

from localgpt.app import Assistant
from localgpt.core.errors import UsageError


def test_a_few_run_side_by_side(world):
    world.set("heartbeat.parallel", "2")
    world.engine = Slow(0.2)

    async def work(assistant: Assistant) -> list[str]:
        for number in range(5):
            assistant.tasks.add(f"task {number}")
        return [task.state.value for task in await assistant.tasks.run_waiting()]

    assert world.run(work) == ["done"] * 5
    assert world.engine.most == 2


def test_an_action_by_its_name(world):
    async def work(assistant: Assistant) -> None:
        task = assistant.tasks.add("a")
        assert assistant.tasks.act(task.id, "pause").state == "paused"
        assert assistant.tasks.act(task.id, "resume").state == "queued"
        assert assistant.tasks.act(task.id, "cancel").state == "cancelled"
        with pytest.raises(UsageError, match="'eat'"):
            assistant.tasks.act(task.id, "eat")

    world.run(work)


def test_the_stamp_tells_of_a_new_task(world):
    async def work(assistant: Assistant) -> None:
        before = assistant.tasks.stamp()
        task = assistant.tasks.add("a")
        assert assistant.tasks.stamp() != before
        assert await assistant.tasks.run(assistant.tasks.cancel(task.id).id) == assistant.tasks.get(task.id)

    world.run(work)
    assert world.engine.requests == []
