"""The tool by which a conversation hands work on: "do this in the background and tell me"."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from localgpt.core.values import Effect, EffectKind, Origin
from localgpt.scheduler.tasks import Task
from localgpt.tools.base import Arguments, Tool, ToolContext, ToolOutput, tool


def background_tool(add: Callable[[str, str], Task]) -> Tool:
    """The tool; ``add(text, origin)`` writes a task down."""

    @tool(effects=_effects)
    def background_task(
        context: ToolContext,
        text: Annotated[str, "All of it, to be understood alone."],
    ) -> ToolOutput:
        """Do something in the background when the owner asks for that; they are told the result."""
        task = add(text, context.author.origin.value)
        return ToolOutput(
            f"Task {task.id} is written down. It runs in the background; the owner finds the result in the inbox."
        )

    return background_task


def _effects(arguments: Arguments, context: ToolContext) -> tuple[Effect, ...]:
    """A task lasts beyond its conversation; that is asked about where strangers' words may be in it."""
    if context.author.origin is not Origin.FOREIGN:
        return ()
    return (Effect(EffectKind.CHANGES, "a background task", sensitive=(str(arguments["text"]),)),)
