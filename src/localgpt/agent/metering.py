"""An engine with a meter: what it is asked for is counted, and over a budget it is not asked at all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Any

from localgpt.agent.budget import Budget, Spent
from localgpt.agent.context import conversation_tokens, schema_tokens
from localgpt.agent.scales import Scales
from localgpt.agent.withholding import SAID, says_key, without_keys
from localgpt.core.errors import ContextTooLong
from localgpt.core.events import Level, Notice
from localgpt.core.values import Usage
from localgpt.models.base import Engine, EngineEvent, Finished, Request, Wrapper


def _nothing() -> Spent:
    return Spent()


class Meter(Wrapper):
    """``engine`` for one turn, or one piece of work beside a turn, under ``budget``.

    ``today`` tells what this machine has spent today; it may read files. ``spent`` is what came through here.
    ``scales`` know how large an engine's tokens are: ``context_window`` is in ours, so that what is estimated to fit
    fits.
    """

    def __init__(
        self,
        engine: Engine,
        budget: Budget | None = None,
        today: Callable[[], Spent] = _nothing,
        scales: Scales | None = None,
    ) -> None:
        super().__init__(engine)
        self.spent = Usage()
        self._budget = budget or Budget()
        self._today = today
        self._scales = scales or Scales()

    @property
    def context_window(self) -> int:
        return self._scales.of(self.name).window(self.engine.context_window)

    async def check(self) -> None:
        """Raise ``BudgetReached`` if no further request may be made. A model on this machine always may."""
        if self.local:
            return
        day = await asyncio.to_thread(self._today) if self._budget.of_days else Spent()
        if reached := self._budget.reached(Spent.of(self.spent), day):
            raise reached

    async def request(self, request: Request) -> AsyncGenerator[EngineEvent, None]:
        """The engine's answer, counted; it is given no keys. Raises ``BudgetReached`` before anything is sent."""
        await self.check()
        if says_key(request):
            yield Notice(SAID, Level.WARNING)
        request = without_keys(request)
        scale = self._scales.of(self.name)
        try:
            async with aclosing(self.engine.request(request)) as events:
                async for event in events:
                    if isinstance(event, Finished):
                        self.spent += event.usage
                        if event.model in {"", self.name}:  # another one's tokens are another size
                            scale.used(tokens_of(request), event.usage, self.engine.context_window)
                    yield event
        except ContextTooLong as error:
            scale.refused(tokens_of(request), error.tokens, error.window)
            raise


def tokens_of(request: Request) -> int:
    """About how many tokens all of a request is, by our estimate."""
    pieces = sum(piece.tokens for piece in request.pieces)
    return pieces + conversation_tokens(request.messages) + schema_tokens(request.tools)


def figures(usage: Usage) -> dict[str, Any]:
    """What a request used, as the journal keeps it."""
    return {
        "input_tokens": usage.input_tokens,
        "output_tokens": usage.output_tokens,
        "cache_read_tokens": usage.cache_read_tokens,
        "cache_write_tokens": usage.cache_write_tokens,
        "cost_usd": usage.cost_usd,
        "priced": usage.priced,
    }
