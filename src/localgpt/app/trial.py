"""One small request to a model, to see whether it works, how fast, and what it takes for it."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from localgpt.core.events import TextDelta, ThinkingDelta
from localgpt.core.values import Usage
from localgpt.models.base import Engine, EngineEvent, Finished, Request, Wrapper

if TYPE_CHECKING:
    from localgpt.app.assistant import Assistant

PURPOSE = "test"
INSTRUCTIONS = "You are being tested. Answer with the one word: ready"
WORDS = "Are you ready?"
TOKENS = 1000
"""Room for models that think before they answer."""
PATIENCE_S = 180.0


@dataclass(frozen=True, slots=True)
class Trial:
    """What a model said, the seconds to its first word and in all, and what that used."""

    model: str
    local: bool
    text: str
    first_s: float
    seconds: float
    usage: Usage


class _Timed(Wrapper):
    """The engine, and when it was asked, began to answer, and what it used in the end."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self.asked = self.began = 0.0
        self.usage = Usage()

    async def aclose(self) -> None:
        """Its owner closes the engine."""

    async def request(self, request: Request) -> AsyncGenerator[EngineEvent, None]:
        self.asked = time.monotonic()
        async with aclosing(self.engine.request(request)) as events:
            async for event in events:
                if isinstance(event, TextDelta | ThinkingDelta) and not self.began:
                    self.began = time.monotonic()
                elif isinstance(event, Finished):
                    self.usage = event.usage
                yield event


async def tried(assistant: Assistant, engine: Engine) -> Trial:
    """Ask ``engine`` one thing, under the owner's budgets. Raises ``ModelError`` where it does not work."""
    from localgpt.agent import aside

    timed = _Timed(engine)
    text = await aside.ask(
        assistant.metered(timed),
        INSTRUCTIONS,
        WORDS,
        purpose=PURPOSE,
        session="",
        journal=assistant.journal,
        tokens=TOKENS,
        seconds=PATIENCE_S,
    )
    end = time.monotonic()
    first = (timed.began or end) - timed.asked
    return Trial(engine.name, engine.local, text.strip(), first, end - timed.asked, timed.usage)
