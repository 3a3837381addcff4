"""One turn: the owner's words in, a stream of events out. The loop is here, the same for every engine.

An engine answers one request; while it asks for tools they are used and their results handed back in another
request. Each step is on disk before the next begins: the words before the model is asked, the reply and each
tool's result as they come. Closing the stream stops the turn and keeps what came. A conversation has one turn at a
time: another chat's waits, or each would answer the other's words.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncGenerator, Sequence
from contextlib import ExitStack, aclosing
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from localgpt.agent import citations, compaction
from localgpt.agent.compaction import Compactor
from localgpt.agent.context import Context, conversation_tokens
from localgpt.agent.freezing import check, until_frozen
from localgpt.agent.house import House
from localgpt.agent.metering import Meter, figures
from localgpt.agent.occasion import Occasion
from localgpt.agent.provenance import Provenance
from localgpt.agent.sessions import Session
from localgpt.agent.tool_use import ToolUse
from localgpt.core import threads
from localgpt.core.errors import BudgetReached, ContextTooLong, FrozenError, LocalGPTError, Locked
from localgpt.core.events import (
    ContextReady,
    Event,
    Level,
    Notice,
    Retracted,
    TextDelta,
    ThinkingDelta,
    ToolCalled,
    TurnFinished,
    TurnStarted,
)
from localgpt.core.values import (
    Attached,
    Block,
    Message,
    Origin,
    Role,
    Stop,
    Text,
    Thinking,
    ToolCall,
    ToolResult,
    Usage,
)
from localgpt.models.base import Engine, EngineEvent, Finished, Request
from localgpt.security.content import new_marker

if TYPE_CHECKING:
    from localgpt.memory.attachments import Attachment

_PATIENCE, _PAUSE = 600.0, 0.05
"""Seconds that a turn waits for another chat's, and how long between looks."""
_TRIES = 3
"""So often one request is sent at most, each time shorter, to a model that finds it too long."""


@dataclass(slots=True)
class _Reply:
    """What came of one request so far: enough to keep it when the turn is stopped."""

    text: list[str] = field(default_factory=list)
    thinking: list[Thinking] = field(default_factory=list)
    calls: list[ToolCall] = field(default_factory=list)
    usage: Usage = field(default_factory=Usage)
    stop: Stop = Stop.DONE
    model: str = ""

    def take(self, event: EngineEvent) -> None:
        match event:
            case TextDelta(text):
                self.text.append(text)
            case ThinkingDelta(text, signature):
                self.thinking.append(Thinking(text, signature))
            case Retracted():
                self.text.clear()
                self.thinking.clear()
            case ToolCalled(call):
                self.calls.append(call)
            case Finished(stop, usage, model):
                self.stop, self.usage, self.model = stop, usage, model

    def message(self) -> Message:
        said: list[Block] = [Text("".join(self.text))] if self.text else []
        return Message(Role.ASSISTANT, (*self.thinking, *said, *self.calls))


@dataclass(slots=True)
class Turn:
    """One turn of ``session`` on ``engine``. ``id`` names it in the journal and in the transcript,
    ``marker`` fences what is foreign in it. ``attachments`` are handed over with the words.

    ``purpose`` says in the journal what the turn is for: ``chat``, ``ask``, ``heartbeat``.
    """

    house: House
    session: Session
    engine: Engine
    purpose: str = "chat"
    attachments: Sequence[Attachment] = ()
    id: str = field(default_factory=lambda: uuid.uuid4().hex[:12])
    marker: str = field(default_factory=new_marker)
    _said: list[str] = field(default_factory=list)
    _meter: Meter = field(init=False)
    _model: str = ""
    _stopped: TurnFinished | None = None
    _provenance: Provenance = field(default_factory=Provenance)
    _context: Context = field(default_factory=lambda: Context((), ()))
    _messages: list[Message] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._meter = Meter(self.engine, self.house.budget, self.house.today, self.house.scales)

    async def run(self, words: str) -> AsyncGenerator[Event, None]:
        """Answer ``words``; the last event is ``TurnFinished``. Raises only if the words could not be kept, or if everything
        is frozen.
        """
        with ExitStack() as held:
            async with aclosing(self._take_turns(held)) as events:
                async for event in events:
                    yield event
            check(self.house.frozen)
            try:
                async with aclosing(until_frozen(self._run(words), self.house.frozen)) as events:
                    async for event in events:
                        yield event
            except FrozenError as frozen:
                if self._stopped is None:
                    raise
                yield replace(self._stopped, error=f"{frozen.message} {frozen.hint}")

    async def _take_turns(self, held: ExitStack) -> AsyncGenerator[Event, None]:
        """Hold the conversation, when the turn that another chat has in it is over. Raises ``Locked`` at last."""
        for waited in range(int(_PATIENCE / _PAUSE)):
            try:
                await threads.done(held.enter_context, self.session.hold())
            except Locked:
                if not waited:
                    yield Notice("Another chat is answering in this conversation; this one waits for it.")
                await asyncio.sleep(_PAUSE)
            else:
                return
        raise Locked(
            "Another chat is still answering in this conversation.",
            hint="Wait for it, or end it, and try again.",
        )

    async def _run(self, words: str) -> AsyncGenerator[Event, None]:
        line = await threads.done(self._begin, words)
        finished: TurnFinished | None = None
        try:
            yield TurnStarted(self.id, self.session.id, self.engine.name)
            async with aclosing(self._answer(words, line)) as events:
                async for event in events:
                    yield event
            if warning := self.house.budget.blind(self._meter.spent):
                yield Notice(warning, Level.WARNING)
            finished = await self._end(Stop.DONE)
        except BudgetReached as reached:
            sentence = f"{reached.message} {reached.hint}"
            if self._said:
                yield Notice(sentence, Level.WARNING)
            finished = await self._end(Stop.BUDGET, "" if self._said else sentence)
        except FrozenError as frozen:
            finished = await self._end(Stop.CANCELLED, f"{frozen.message} {frozen.hint}")
        except LocalGPTError as error:
            finished = await self._end(Stop.ERROR, f"{error.message} {error.hint}".strip())
        finally:
            if finished is None:  # the stream was closed, or something broke: what came is kept all the same
                self._stopped = await self._end(Stop.CANCELLED)
        yield finished

    def _begin(self, words: str) -> int:
        files = [Attached(one.sha256, one.media_type, one.name, self.marker) for one in self.attachments]
        entry = self.session.append(Message(Role.USER, (*files, Text(words))), turn=self.id)
        self._journal(
            "turn.started",
            door=self.house.door,
            purpose=self.purpose,
            model=self.engine.name,
            local=self.engine.local,
            line=entry.line,
            **({"attachments": [one.path for one in self.attachments]} if self.attachments else {}),
        )
        return entry.line

    async def _answer(self, words: str, line: int) -> AsyncGenerator[Event, None]:
        async with aclosing(self._look(words, line)) as events:
            async for event in events:
                yield event
        for sentence in self._context.attached:
            yield Notice(sentence)
        tools: ToolUse | None = None
        for _ in range(self.house.max_rounds):
            reply = _Reply()
            async with aclosing(self._fitting(reply, words, line)) as events:
                async for event in events:
                    yield event
            self._messages.append(reply.message())
            if not reply.calls:
                return
            if tools is None:
                tools = await asyncio.to_thread(self._tools, words)
            results: list[ToolResult] = []
            for call in reply.calls:
                async with aclosing(tools.run(call, results)) as events:
                    async for event in events:
                        yield event
            self._messages.append(Message(Role.TOOL, tuple(results)))
        yield Notice(
            f"Stopped after {self.house.max_rounds} rounds of tool calls (agent.max_tool_rounds).",
            Level.WARNING,
        )

    def _tools(self, words: str) -> ToolUse:
        """What uses tools, told of all of the conversation, also of what was condensed."""
        self._provenance.take_conversation(self.session.path_entries())
        if self.house.toolbox.is_foreign:
            self._provenance.origins.add(Origin.FOREIGN)
        local = self.engine.local
        return ToolUse(self.house, self.session, self.id, words, local, self._provenance, self.marker)

    async def _look(self, words: str, line: int, keep: int | None = None) -> AsyncGenerator[Event, None]:
        """Make the prompt; first condense a conversation that has outgrown its room (or all but ``keep`` tokens)."""
        context = await self._prompt(words, line)
        if keep is not None or compaction.is_full(context):
            keep = compaction.keep_for(context.room) if keep is None else keep
            async with aclosing(self._condense(context.window, keep)) as events:
                async for event in events:
                    yield event
            context = await self._prompt(words, line)
        told = {"pieces": receipt(context), "withheld": context.withheld, "left_out": context.left_out}
        await threads.done(self._journal, "turn.context", **told)
        self._context, self._messages = context, list(context.messages)
        self._provenance.take_pieces(context.pieces)
        self._provenance.take_texts(context.attached_texts)
        yield ContextReady(
            context.pieces,
            context.withheld,
            conversation_tokens(context.messages),
            context.schemas,
            context.window,
        )

    async def _prompt(self, words: str, line: int) -> Context:
        occasion = Occasion(self.purpose, self.house.caller, self.house.local_caller)
        return await asyncio.to_thread(self.house.context, self.session, words, self._meter, line, occasion)

    async def _condense(self, window: int, keep: int) -> AsyncGenerator[Event, None]:
        """Keep what is worth it of the conversation, then put a summary in place of its older part."""
        for event in await self.house.settle(self.session, self._meter):
            yield event
        done = await Compactor(self.session, self._meter, self.house.journal, window, self.id).condense(keep)
        if done is not None:
            yield Notice(done.sentence)

    async def _fitting(self, reply: _Reply, words: str, line: int) -> AsyncGenerator[Event, None]:
        """One request; where it is too long for the model, the conversation is condensed, the prompt made smaller."""
        if conversation_tokens(self._messages) > self._context.room:  # tools have brought more than fits
            async with aclosing(self._look(words, line)) as events:
                async for event in events:
                    yield event
        for tried in range(1, _TRIES + 1):
            sent, spoken = self._tokens(), conversation_tokens(self._messages)
            try:
                async with aclosing(self._ask(reply)) as events:
                    async for event in events:
                        yield event
            except ContextTooLong:
                if tried == _TRIES:
                    raise
                async with aclosing(self._look(words, line, keep=spoken // 4)) as events:
                    async for event in events:
                        yield event
                if self._tokens() >= sent:
                    raise  # nothing could be left out
            else:
                return

    def _tokens(self) -> int:
        """About how many tokens the next request is."""
        return sum(piece.tokens for piece in self._context.pieces) + conversation_tokens(self._messages)

    async def _ask(self, reply: _Reply) -> AsyncGenerator[Event, None]:
        """One request, streamed into ``reply``, which is kept however the request ends."""
        check(self.house.frozen)
        await self._meter.check()
        context, messages = self._context, tuple(self._messages)
        await threads.done(
            self._journal,
            "request.sent",
            engine=self.engine.name,
            local=self.engine.local,
            pieces=len(context.pieces),
            messages=len(messages),
        )
        reply.stop = Stop.CANCELLED
        try:
            request = Request(
                context.pieces,
                messages,
                self.house.toolbox.specs,
                max_output_tokens=self.house.max_reply_tokens,
                conversation=self.session.id,
            )
            async with aclosing(self._meter.request(request)) as events:
                async for event in events:
                    reply.take(event)
                    if isinstance(event, TextDelta | ThinkingDelta | Retracted | Notice):
                        yield event
        except LocalGPTError:
            reply.stop = Stop.ERROR
            raise
        finally:
            self._model = reply.model or self.engine.name
            self._said.extend(reply.text)
            await threads.done(self._keep, reply)

    def _keep(self, reply: _Reply) -> None:
        """Put the reply into the transcript (nothing if nothing came)."""
        message = reply.message()
        self._journal(
            "request.answered",
            engine=self.engine.name,
            model=self._model,
            local=self.engine.local,
            purpose=self.purpose,
            stop=reply.stop.value,
            **figures(reply.usage),
        )
        if message.blocks:
            self.session.append(message, model=self._model, usage=reply.usage, stop=reply.stop, turn=self.id)

    async def _end(self, stop: Stop, error: str = "") -> TurnFinished:
        return await threads.done(self._ended, stop, error)

    def _ended(self, stop: Stop, error: str) -> TurnFinished:
        response = "".join(self._said)
        cited = citations.check(response, self.house.lines_of)
        model, usage = self._model or self.engine.name, self._meter.spent
        self._journal(
            "turn.finished",
            stop=stop.value,
            model=model,
            purpose=self.purpose,
            **figures(usage),
            citations=[str(citation.span) for citation in cited],
        )
        return TurnFinished(self.id, self.session.id, model, response, stop, usage, cited, error)

    def _journal(self, kind: str, **fields: Any) -> None:
        self.house.journal.append(kind, turn=self.id, session=self.session.id, **fields)


def receipt(context: Context) -> list[dict[str, Any]]:
    """What the model saw beside the conversation, without the texts: for each piece its place, reason and size."""
    return [
        {
            "kind": piece.kind.value,
            "source": piece.source,
            "start": piece.start,
            "end": piece.end,
            "reason": piece.reason,
            "tokens": piece.tokens,
            "origin": piece.origin.value,
            "egress": piece.egress.value,
        }
        for piece in context.pieces
    ]
