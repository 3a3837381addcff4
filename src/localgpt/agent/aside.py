"""One request beside the conversation: no tools, no history, a short answer; for summaries and for what is kept.

It is journalled like every other request, never goes through what an engine keeps warm for the conversation, and
fails only with a ``ModelError``: whoever asks has a way to do without.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing

from localgpt.agent.metering import Meter, figures
from localgpt.core import threads
from localgpt.core.errors import LocalGPTError, ModelError
from localgpt.core.events import Retracted, TextDelta
from localgpt.core.journal import Journal
from localgpt.core.tokens import estimate
from localgpt.core.values import Message, Piece, PieceKind, Role, Stop, Text, Usage
from localgpt.models.base import Engine, Finished, Request

_QUOTES_ONLY = "recall"


def can_write(engine: Engine) -> bool:
    """Whether an engine writes texts of its own (``recall`` only quotes)."""
    return engine.name.rpartition("/")[2] != _QUOTES_ONLY


async def ask(
    engine: Engine,
    instructions: str,
    words: str,
    *,
    purpose: str,
    session: str,
    journal: Journal,
    tokens: int,
    seconds: float,
) -> str:
    """The engine's answer to ``words`` in about ``tokens``. Raises ``ModelError``, also when it takes too long."""
    if isinstance(engine, Meter):
        await engine.check()  # over a budget there is no request that the journal could tell of
    piece = Piece(PieceKind.IDENTITY, instructions, purpose, tokens=estimate(instructions), stable=True)
    request = Request((piece,), (Message(Role.USER, (Text(words),)),), (), max_output_tokens=tokens)
    about = {"session": session, "engine": engine.name, "local": engine.local, "purpose": purpose}
    await threads.done(journal.append, "request.sent", pieces=1, messages=1, **about)
    reply = _Reply()
    try:
        async with asyncio.timeout(seconds):
            await reply.gather(engine, request)
    except TimeoutError as error:
        raise ModelError(f"{engine.name} took longer than {seconds:.0f} seconds.") from error
    except LocalGPTError:
        raise
    except Exception as error:  # a fault of an engine must not break what it only helps with
        raise ModelError(f"{engine.name} failed: {error}") from error
    finally:
        told = {"model": reply.model or engine.name, "stop": reply.stop.value, **figures(reply.usage)}
        await threads.done(journal.append, "request.answered", **about, **told)
    return reply.text


class _Reply:
    """What came of the request, and what it cost, however it ended."""

    def __init__(self) -> None:
        self.text = ""
        self.usage = Usage()
        self.stop = Stop.ERROR
        self.model = ""

    async def gather(self, engine: Engine, request: Request) -> None:
        async with aclosing(engine.request(request)) as events:
            async for event in events:
                match event:
                    case TextDelta(text):
                        self.text += text
                    case Retracted():
                        self.text = ""
                    case Finished(stop, usage, model):
                        self.stop, self.usage, self.model = stop, usage, model
