"""Models behind an API: a vendor's by key, or a server's on this machine. The only room that knows pydantic-ai.

pydantic-ai makes the single request and speaks the protocols; turns, tools, tries and money are ours. It takes a
second or two to import, so that happens at the first request, in a thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from localgpt.core.errors import LocalGPTError, ModelError
from localgpt.core.events import Level, Notice
from localgpt.core.outbound import Outbound
from localgpt.core.redact import know
from localgpt.core.values import Message, Role, Usage
from localgpt.models.api.answer import LOCAL_PATIENCE, OUTPUT_LIMIT, Answer, Patience
from localgpt.models.base import EngineEvent, Finished, Request
from localgpt.models.vendors import Endpoint

if TYPE_CHECKING:
    from localgpt.models.api.exchange import Exchange


class ApiEngine:
    """The model at ``endpoint``. One engine may serve many conversations at once; its connections are kept.

    A reply of nothing is asked for once more. A model that takes no tools is asked without them. A server on this
    machine is asked for its window after the first reply, unless the owner gave it.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        outbound: Outbound,
        *,
        patience: Patience | None = None,
        output_limit: int = OUTPUT_LIMIT,
        reveal: Callable[[str], str] = str,
    ) -> None:
        """``reveal`` gives the key that the endpoint's means; it may wait, and is called in a thread."""
        self.endpoint = endpoint
        self._reveal = reveal
        self._outbound = outbound
        self._patience = patience or (LOCAL_PATIENCE if endpoint.local else Patience())
        self._output_limit = output_limit
        self._takes_tools = True
        self._window = endpoint.window
        self._window_known = endpoint.window_given or not endpoint.local
        self._exchange: Exchange | None = None

    @property
    def name(self) -> str:
        return self.endpoint.name

    @property
    def local(self) -> bool:
        return self.endpoint.local

    @property
    def context_window(self) -> int:
        return self._window

    def takes(self, media_type: str) -> bool:
        """Whether an attachment of this type may be sent as it is; otherwise send the text in it."""
        return self.endpoint.takes(media_type)

    async def aclose(self) -> None:
        """Close the connections."""
        if self._exchange is not None:
            await self._exchange.aclose()
            self._exchange = None

    async def request(self, request: Request) -> AsyncGenerator[EngineEvent, None]:
        """Stream the answer. Raises ``ModelError``, and ``LocalGPTError`` where leaving this machine is not allowed."""
        usage = Usage()
        for _ in range(2):
            answer = Answer(self.name, self._output_limit)
            async with aclosing(self._answered(request, answer)) as events:
                async for event in events:
                    yield event
            usage += answer.usage
            if answer.spoke or _has_spoken(request.messages):
                await self._learn_window()
                yield Finished(answer.stop, usage)
                return
        raise ModelError(
            f"{self.name} gave an empty reply, twice.", hint="Say it in other words, or use another model."
        )

    async def _answered(self, request: Request, answer: Answer) -> AsyncGenerator[EngineEvent, None]:
        """One answer; a second request only where the first was refused for its tools."""
        exchange = await self._ready()
        try:
            async with aclosing(self._asked(exchange, request, answer)) as events:
                async for event in events:
                    yield event
        except exchange.no_tools:
            self._takes_tools = False
            yield Notice(f"{self.name} can't use tools; it answers without them.", Level.WARNING)
            async with aclosing(self._asked(exchange, request, answer)) as events:
                async for event in events:
                    yield event

    async def _asked(
        self, exchange: Exchange, request: Request, answer: Answer
    ) -> AsyncGenerator[EngineEvent, None]:
        try:
            async with aclosing(exchange.events(request, answer, tools=self._takes_tools)) as events:
                async for event in events:
                    yield event
        except LocalGPTError:
            raise
        except Exception as error:  # vendors break in ways that nobody has listed; each becomes a sentence
            raise await exchange.explained(error, began=answer.characters > 0) from error

    async def _learn_window(self) -> None:
        """Ask the server for its window, once: now the model is loaded, and Ollama knows it."""
        if not self._window_known:
            self._window_known = True
            self._window = await (await self._ready()).window() or self._window

    async def _ready(self) -> Exchange:
        """The exchange for this event loop: connections of another one can't be used."""
        if self._exchange is None or not self._exchange.usable():
            # the imports, in a thread: other conversations and the terminal go on meanwhile
            kind, place = await asyncio.to_thread(_loaded, self.endpoint, self._reveal)
            if self._exchange is None or not self._exchange.usable():
                self._exchange = kind(place, self._outbound, self._patience)
        return self._exchange


def _loaded(place: Endpoint, reveal: Callable[[str], str]) -> tuple[type[Exchange], Endpoint]:
    """The class, with all that its first request would have to load: the vendor's library, the price list, the keys."""
    from localgpt.models import prices
    from localgpt.models.api import providers
    from localgpt.models.api.exchange import Exchange

    providers.load(place)
    prices.cost(place, Usage(input_tokens=1))
    key = reveal(place.key)
    know([key])  # one of the environment, too
    headers = MappingProxyType({name: reveal(value) for name, value in place.headers.items()})
    return Exchange, replace(place, key=key, headers=headers)


def _has_spoken(messages: tuple[Message, ...]) -> bool:
    """Whether the model has said something in this turn already, before its tools were used."""
    for message in reversed(messages):
        if message.role is Role.USER:
            return False
        if message.role is Role.ASSISTANT and message.text.strip():
            return True
    return False
