"""A model's tool calls, decided upon, run and recorded, one after the other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace

from localgpt.agent.house import House, Waiting
from localgpt.agent.occasion import Occasion, share_of
from localgpt.agent.provenance import Provenance
from localgpt.agent.sessions import Session
from localgpt.core import threads
from localgpt.core.errors import LocalGPTError
from localgpt.core.events import Event, MemoryWritten, ToolFinished, ToolStarted
from localgpt.core.values import Author, Effect, Message, Origin, Role, ToolCall, ToolResult
from localgpt.security.policy import Decision, Verdict, decide
from localgpt.tools.base import Tool, ToolContext, ToolOutput


@dataclass(slots=True)
class ToolUse:
    """The tools of one turn. ``provenance`` tells what the model has read, and so what the turn may do; ``marker``
    fences what is foreign.
    """

    house: House
    session: Session
    turn: str
    words: str
    local: bool
    provenance: Provenance
    marker: str

    async def run(self, call: ToolCall, results: list[ToolResult]) -> AsyncGenerator[Event, None]:
        """Use one tool, if it may be used; its result is on disk and in ``results`` before the last event."""
        context = self._context(call)
        try:
            tool = self.house.toolbox.get(call.name)
            effects, decision = await threads.done(self._decide, tool, call, context)
            yield ToolStarted(call, effects)
            output = await self._perform(tool, call, context, effects, decision)
            result = ToolResult(
                call.id, call.name, output.text, decision.verdict is not Verdict.ALLOW, output.origin
            )
        except LocalGPTError as error:
            output = ToolOutput(f"{error.message} {error.hint}".strip())
            result = ToolResult(call.id, call.name, output.text, is_error=True)
        await threads.done(self._keep, result)
        results.append(result)
        for change in output.changes:
            yield MemoryWritten(change.span, change.new_text)
        yield ToolFinished(call, result.text, result.is_error)

    async def _perform(
        self,
        tool: Tool,
        call: ToolCall,
        context: ToolContext,
        effects: tuple[Effect, ...],
        decision: Decision,
    ) -> ToolOutput:
        """The tool's output, or why it did not run; where nobody is there to ask, also where the question waits."""
        if decision.verdict is Verdict.ALLOW:
            return await tool.run(context, call.arguments)
        where = ""
        if decision.verdict is Verdict.ASK and self.house.unattended is not None:
            waiting = Waiting(
                call, effects, decision.reason, context.author.origin, self.turn, self.session.id
            )
            where = " " + await asyncio.to_thread(self.house.unattended, waiting)
        return ToolOutput(f"Not done: {decision.reason}{where}")

    def _context(self, call: ToolCall) -> ToolContext:
        """What the tool may use; for a caller who is not the owner no more than a prompt would hold."""
        share = share_of(Occasion(caller=self.house.caller))
        local = self.local and share.private
        context = self.house.tool_context(self._author(call), local, self.marker)
        return replace(context, may_quote=share.may_quote)

    def _decide(
        self, tool: Tool, call: ToolCall, context: ToolContext
    ) -> tuple[tuple[Effect, ...], Decision]:
        """What the call would do, and whether it may."""
        house, effects = self.house, tool.effects(call.arguments, context)
        decision = decide(
            call,
            effects,
            caller=house.caller,
            origins=frozenset(self.provenance.origins),
            mode=house.mode,
            known=self.provenance.known,
            attended=house.unattended is None,
        )
        house.journal.append(
            "tool.called",
            turn=self.turn,
            session=self.session.id,
            call=call.id,
            name=call.name,
            effects=[[effect.kind.value, effect.target] for effect in effects],
            verdict=decision.verdict.value,
            reason=decision.reason,
        )
        return effects, decision

    def _keep(self, result: ToolResult) -> None:
        self.provenance.take_result(result)
        details = {"origin": result.origin.value}
        self.session.append(Message(Role.TOOL, (result,)), turn=self.turn, details=details)
        self.house.journal.append(
            "tool.finished",
            turn=self.turn,
            session=self.session.id,
            call=result.call_id,
            ok=not result.is_error,
            origin=result.origin.value,
        )

    def _author(self, call: ToolCall) -> Author:
        return Author(self._origin_of(call), self.turn, self.session.id, self.house.door)

    def _origin_of(self, call: ToolCall) -> Origin:
        """Whose words a call carries: foreign once such text was read, the owner's if they said them just so."""
        if Origin.FOREIGN in self.provenance.origins:
            return Origin.FOREIGN
        said = _folded(self.words)
        carried = [value for value in call.arguments.values() if isinstance(value, str)]
        return Origin.OWNER if all(_folded(value) in said for value in carried) else Origin.ASSISTANT


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())
