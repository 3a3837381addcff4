"""The tool by which a conversation hands work on: "do this in the background and tell me"."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from localgpt.core.errors import ToolError
from localgpt.core.values import Origin
from localgpt.scheduler.tasks import Task
from localgpt.tools.base import Tool, ToolContext, ToolOutput, no_effects, tool


def background_tool(add: Callable[[str, str], Task]) -> Tool:
    """The tool; ``add(text, origin)`` writes a task down."""

    @tool(effects=no_effects)
    def background_task(
        context: ToolContext,
        text: Annotated[str, "All of it, to be understood alone."],
    ) -> ToolOutput:
        """Do something in the background when the owner asks for that; they are told the result."""
        if context.author.origin is Origin.FOREIGN:
            raise ToolError(
                "This conversation has read foreign text, so it can't start tasks.",
                hint="The owner can, by typing /background and what is to be done.",
            )
        task = add(text, context.author.origin.value)
        return ToolOutput(
            f"Task {task.id} is written down. It runs in the background; the owner finds the result in the inbox."
        )

    return background_task
