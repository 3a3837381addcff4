"""Trying again, and asking somebody else: engines made of engines.

Only a request of which nothing was shown yet is tried again or handed on; what the owner has read stays read.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace

from localgpt.core.errors import ContextTooLong, CutOff, ModelError, Overloaded, RateLimited, Refused
from localgpt.core.events import Level, Notice
from localgpt.core.values import Attached, Block, Media, Message
from localgpt.models.base import Engine, EngineEvent, Finished, Request, Wrapper, takes

Sleep = Callable[[float], Awaitable[None]]


class NotRunning(Overloaded):
    """A server on this machine that is not there: waiting won't start it."""


class UsedUp(RateLimited):
    """A subscription's limit, a day's quota or the credit is used up: that takes hours, or the owner."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How patient to be: ``tries`` in all, waits in seconds that double from ``first`` to at most ``longest``."""

    tries: int = 3
    first: float = 1.0
    longest: float = 30.0

    def wait(self, error: ModelError, tried: int, chance: float) -> float | None:
        """Seconds to wait after ``tried`` tries, the last of which ended in ``error``; ``None`` to give up.

        What the service asks for is honoured; if it asks for longer than ``longest``, waiting is left to the owner.
        ``chance`` (0 to 1) spreads the waits of many, by up to a quarter more.
        """
        waiting_helps = isinstance(error, RateLimited | Overloaded | CutOff)
        if tried >= self.tries or not waiting_helps or isinstance(error, NotRunning | UsedUp):
            return None
        asked = error.retry_after if isinstance(error, RateLimited) else None
        if asked is not None:
            return asked if asked <= self.longest else None
        return min(self.first * 2.0 ** (tried - 1), self.longest) * (1 + chance / 4)


class Retrying(Wrapper):
    """An engine that tries again where waiting helps: too many requests, a busy service, a line that broke early.

    ``at_work`` counts the requests that it is about just now.
    """

    def __init__(self, engine: Engine, plan: Plan | None = None, *, sleep: Sleep = asyncio.sleep) -> None:
        super().__init__(engine)
        self.at_work = 0
        self._plan = plan or Plan()
        self._sleep = sleep

    async def request(self, request: Request) -> AsyncGenerator[EngineEvent, None]:
        """The engine's answer. Raises what the last try raised."""
        self.at_work += 1
        try:
            async with aclosing(self._tried(request)) as events:
                async for event in events:
                    yield event
        finally:
            self.at_work -= 1

    async def _tried(self, request: Request) -> AsyncGenerator[EngineEvent, None]:
        tried = 0
        while True:
            shown, tried = False, tried + 1
            try:
                async with aclosing(self.engine.request(request)) as events:
                    async for event in events:
                        shown = shown or not isinstance(event, Notice)
                        yield event
            except ModelError as error:
                wait = None if shown else self._plan.wait(error, tried, random.random())  # noqa: S311 - no secret
                if wait is None:
                    raise
                yield Notice(f"{error.message} Trying again in {_seconds(wait)}.", Level.INFO)
                await self._sleep(wait)
            else:
                return


def _seconds(wait: float) -> str:
    return "a moment" if wait < 1 else f"{wait:.0f} s"


REST_S = 60.0
"""How long an engine that failed is passed over while another one answers."""


class Chain(Wrapper):
    """Engines in the order in which they are asked; the next answers where one can't.

    It is as ``local`` as its first engine, and a conversation made for one on this machine is never handed to one
    elsewhere. Who refused to answer is not gone around, and a conversation that is too long is for whoever asked to
    shorten. An attachment that was made for the first engine goes to one that can't take it as the text in it.
    ``Finished.model`` names the one that answered.
    """

    def __init__(self, engines: Sequence[Engine], *, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(engines[0])
        self._engines = tuple(engines)
        self._resting: dict[int, float] = {}
        self._clock = clock

    async def aclose(self) -> None:
        """Close all engines."""
        for engine in self._engines:
            await engine.aclose()

    async def request(self, request: Request) -> AsyncGenerator[EngineEvent, None]:
        """The answer of the first that can. Raises what the last one raised."""
        asked = self._askable()
        for at, engine in enumerate(asked):
            shown = False
            try:
                async with aclosing(engine.request(readable(request, engine))) as events:
                    async for event in events:
                        shown = shown or not isinstance(event, Notice)
                        yield self._signed(event, engine)
            except ModelError as error:
                if shown or isinstance(error, Refused | ContextTooLong):
                    raise
                self._resting[id(engine)] = self._clock() + REST_S
                if at + 1 == len(asked):
                    raise
                yield Notice(f"{error.message} {asked[at + 1].name} answers instead.", Level.WARNING)
            else:
                return

    def _askable(self) -> list[Engine]:
        """Those that may see this conversation, without those that failed a moment ago (unless all did)."""
        allowed = [engine for engine in self._engines if engine.local or not self.local]
        now = self._clock()
        return [engine for engine in allowed if self._resting.get(id(engine), now) <= now] or allowed

    def _signed(self, event: EngineEvent, engine: Engine) -> EngineEvent:
        if isinstance(event, Finished) and engine is not self._engines[0] and not event.model:
            return replace(event, model=engine.name)
        return event


def readable(request: Request, engine: Engine) -> Request:
    """The request with the text of each attachment that ``engine`` does not take as it is."""
    shown = tuple(_readable(message, engine) for message in request.messages)
    return request if shown == request.messages else replace(request, messages=shown)


def _readable(message: Message, engine: Engine) -> Message:
    if not any(isinstance(block, Media) for block in message.blocks):
        return message
    return replace(message, blocks=tuple(_in_words(block, engine) for block in message.blocks))


def _in_words(block: Block, engine: Engine) -> Block:
    if isinstance(block, Media) and block.text and not takes(engine, block.media_type):
        return Attached("", block.media_type, block.name, "", block.text)
    return block
