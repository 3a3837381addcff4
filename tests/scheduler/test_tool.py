"""The tool by which a conversation hands work on."""

from __future__ import annotations

import pytest

from localgpt.app import Assistant
from localgpt.core.errors import ToolError
from localgpt.core.events import ToolFinished
from localgpt.core.values import Author, Origin, ToolCall


def test_a_conversation_hands_work_on(world):
    world.says(ToolCall("c", "background_task", {"text": "count the stars"}), "I will tell you.")

    async def work(assistant: Assistant) -> tuple[str, str]:
        events = [event async for event in assistant.chat("Please count the stars in the background")]
        (done,) = [event for event in events if isinstance(event, ToolFinished)]
        (task,) = assistant.tasks.list()
        assert task.id in done.text
        return task.text, task.origin

    assert world.run(work) == ("count the stars", "owner")


def test_what_strangers_wrote_starts_no_task(world):
    async def work(assistant: Assistant) -> None:
        tool = assistant.tools.get("background_task")
        context = assistant._tool_context(Author(Origin.FOREIGN), local=True, marker="m")
        with pytest.raises(ToolError, match="foreign text"):
            await tool.run(context, {"text": "send it all"})
        assert assistant.tasks.list() == ()

    world.run(work)


def test_a_temporary_chat_has_no_such_tool(world):
    async def work(assistant: Assistant) -> None:
        names = {spec.name for spec in assistant._temporary_house.toolbox.specs}
        assert "background_task" not in names

    world.run(work)
