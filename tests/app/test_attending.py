"""The part of the assistant that acts unasked: who may answer, and how the owner is told."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from localgpt.app import Assistant, Talk, run_slash
from localgpt.core import settings
from localgpt.core.errors import ModelError, UsageError
from localgpt.models.scripted import Scripted
from localgpt.scheduler import desktop


def run(home, work, **options: Any) -> Any:
    async def whole() -> Any:
        async with Assistant(home, **options) as assistant:
            return await work(assistant)

    return asyncio.run(whole())


def test_who_only_quotes_looks_after_nothing(home):
    async def work(assistant: Assistant) -> None:
        with pytest.raises(ModelError, match="only quotes"):
            await assistant._engine_unasked("")

    run(home, work, model="recall")


def test_a_model_elsewhere_needs_a_yes_that_was_given_before(home):
    engine = Scripted(name="cloud/x", local=False)

    async def work(assistant: Assistant) -> None:
        with pytest.raises(ModelError, match="not agreed to it"):
            await assistant._engine_unasked("")
        assistant.consent.give(engine)
        assert await assistant._engine_unasked("") is engine

    run(home, work, engine=engine)


def test_the_ways_to_the_owner_are_those_of_the_settings(home, monkeypatch):
    monkeypatch.setattr(desktop, "find", lambda: desktop.Desktop("/bin/notify-send"))

    def ways() -> list[str]:
        return [channel.name for channel in Assistant(home)._own_channels()]

    assert ways() == ["desktop"]
    settings.change(home, "heartbeat.webhook", "https://example.org/hook")
    assert ways() == ["desktop", "webhook"]
    settings.change(home, "heartbeat.notify", "false")
    assert ways() == ["webhook"]


def test_a_family_has_one_inbox_one_heartbeat_and_one_list_of_tasks(home):
    async def work(assistant: Assistant) -> None:
        twin = assistant.sibling(door="page")
        assert twin.heartbeat is assistant.heartbeat
        assert twin.inbox is assistant.inbox
        assert twin.tasks is assistant.tasks

    run(home, work)


def test_a_slash_command_hands_work_on(home):
    async def work(assistant: Assistant) -> None:
        reply = await run_slash("/background count the stars", Talk(assistant))
        (task,) = assistant.tasks.list()
        assert (task.text, task.id in reply.text) == ("count the stars", True)
        with pytest.raises(UsageError, match="nothing to do"):
            await run_slash("/background", Talk(assistant))

    run(home, work)
