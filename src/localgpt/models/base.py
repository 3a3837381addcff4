"""What an engine is: something that answers one request with a stream of events.

The loop is not here: an engine ends in a stop or in tool calls, and ``localgpt.agent.turn`` goes on from there.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import ClassVar, Protocol, TypeAlias

from localgpt.core.events import Notice, Retracted, TextDelta, ThinkingDelta, ToolCalled
from localgpt.core.values import Message, Piece, Stop, ToolSpec, Usage


@dataclass(frozen=True, slots=True)
class Request:
    """All that an engine is given: pieces in the order of the prompt, the conversation, the tools on offer.

    ``conversation`` names it, for engines that keep something warm between its requests.
    """

    pieces: tuple[Piece, ...]
    messages: tuple[Message, ...]
    tools: tuple[ToolSpec, ...]
    max_output_tokens: int = 4096
    conversation: str = ""


@dataclass(frozen=True, slots=True)
class Finished:
    """The last event of a request. ``model`` names who answered where that was not the engine itself."""

    type: ClassVar[str] = "finished"
    stop: Stop
    usage: Usage = Usage()
    model: str = ""


EngineEvent: TypeAlias = TextDelta | ThinkingDelta | Retracted | ToolCalled | Notice | Finished


class Engine(Protocol):
    """A model that answers requests.

    ``name`` is what the owner types (``recall``, ``ollama/llama3``). ``local`` says whether what it is given
    stays on this machine: private passages go only to local engines. ``context_window`` is in tokens.
    """

    @property
    def name(self) -> str: ...

    @property
    def local(self) -> bool: ...

    @property
    def context_window(self) -> int: ...

    async def aclose(self) -> None:
        """Let go of what is kept warm between requests: connections, a child process."""
        ...

    def request(self, request: Request) -> AsyncGenerator[EngineEvent, None]:
        """Stream the answer; the last event is ``Finished``. Closing the stream ends the request. Raises ``ModelError`` with a sentence for the owner."""
        ...


def takes(engine: Engine, media_type: str) -> bool:
    """Whether an attachment of this type may be sent to ``engine`` as it is: where it has a method ``takes`` that says so."""
    asked = getattr(engine, "takes", None)
    return bool(asked and asked(media_type))


class Wrapper:
    """An engine around another one: it is what that one is, but for what a subclass does otherwise."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @property
    def name(self) -> str:
        return self.engine.name

    @property
    def local(self) -> bool:
        return self.engine.local

    @property
    def context_window(self) -> int:
        return self.engine.context_window

    def takes(self, media_type: str) -> bool:
        """Whether the engine takes such an attachment as it is."""
        return takes(self.engine, media_type)

    async def aclose(self) -> None:
        """Close the engine."""
        await self.engine.aclose()

    def request(self, request: Request) -> AsyncGenerator[EngineEvent, None]:
        """The engine's answer."""
        return self.engine.request(request)
