"""A model's tool calls, decided upon, run and recorded, one after the other."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from localgpt.agent.approvals import NOBODY
from localgpt.agent.asking import hidden, question, told
from localgpt.agent.freezing import check
from localgpt.agent.house import House, Waiting
from localgpt.agent.occasion import Occasion, share_of
from localgpt.agent.provenance import Provenance
from localgpt.agent.sessions import Session
from localgpt.core import threads
from localgpt.core.errors import FrozenError, LocalGPTError, ToolError
from localgpt.core.events import (
    ApprovalAnswered,
    ApprovalRequested,
    Event,
    Level,
    MemoryWritten,
    Notice,
    ToolFinished,
    ToolStarted,
)
from localgpt.core.values import (
    Answer,
    Approval,
    Author,
    Choice,
    Effect,
    Message,
    Origin,
    Role,
    ToolCall,
    ToolResult,
)
from localgpt.security.content import fence
from localgpt.security.injections import signs
from localgpt.security.intent import Plan, deletes
from localgpt.security.policy import Caller, Decision, Rule, Verdict, decide
from localgpt.tools.base import Tool, ToolContext, ToolOutput

MOST_QUESTIONS = 3
"""So often a call is asked about, where what it would do has changed meanwhile."""


@dataclass(slots=True)
class _Trial:
    """A call on its way: what it would do, what was decided, whether it runs; ``refused`` is what the model is told else."""

    tool: Tool
    call: ToolCall
    context: ToolContext
    effects: tuple[Effect, ...]
    decision: Decision
    allowed: bool = False
    refused: str = ""

    def __post_init__(self) -> None:
        self.allowed = self.decision.verdict is Verdict.ALLOW


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
    _begun: list[tuple[str, tuple[Effect, ...]]] = field(default_factory=list)
    _spent: list[tuple[Effect, ...]] = field(default_factory=list)

    async def run(self, call: ToolCall, results: list[ToolResult]) -> AsyncGenerator[Event, None]:
        """Use one tool, if it may be used; its result is on disk and in ``results`` before the last event."""
        call = replace(call, arguments=copy.deepcopy(dict(call.arguments)))  # what is shown is what runs
        context = self._context(call)
        try:
            check(self.house.frozen)
            tool = self.house.toolbox.get(call.name)
            trial = _Trial(tool, call, context, *await threads.done(self._decide, tool, call, context))
            yield ToolStarted(call, trial.effects)
            if self._can_ask(trial.decision):
                async with aclosing(self._ask(trial)) as events:
                    async for event in events:
                        yield event
            output = await self._perform(trial)
            result = ToolResult(call.id, call.name, output.text, not trial.allowed, output.origin)
        except FrozenError:
            raise
        except LocalGPTError as error:
            output = self._failed(call, error)
            result = ToolResult(call.id, call.name, output.text, is_error=True, origin=output.origin)
        await threads.done(self._keep, result)
        results.append(result)
        for line in signs(output.text, 1) if output.origin is Origin.FOREIGN else ():
            yield Notice(
                f"What {call.name} brought speaks to the assistant: “{line}” (docs/security.md)",
                Level.WARNING,
            )
        for change in output.changes:
            yield MemoryWritten(change.span, change.new_text)
        yield ToolFinished(call, result.text, result.is_error)

    def _failed(self, call: ToolCall, error: LocalGPTError) -> ToolOutput:
        output = ToolOutput(f"{error.message} {error.hint}".strip())
        with suppress(ToolError):  # it named no tool
            return _whose(self.house.toolbox.get(call.name), output, self.marker)
        return output

    def _can_ask(self, decision: Decision) -> bool:
        house = self.house
        is_open = house.ask is not None and house.caller is Caller.OWNER and house.unattended is None
        return is_open and decision.verdict is Verdict.ASK

    async def _ask(self, trial: _Trial) -> AsyncGenerator[Event, None]:
        """Ask the owner, until what they said yes to is what would happen now."""
        for _ in range(MOST_QUESTIONS):
            approval = self._approval(trial)
            answer: Answer | None = None
            async with aclosing(self._answered(approval)) as events:
                async for event in events:
                    answer = event if isinstance(event, Answer) else answer
                    if not isinstance(event, Answer):
                        yield event
            if answer is None or answer.choice is Choice.NO:
                trial.refused = told(answer or Answer(Choice.NO))
                self.provenance.take_words(answer.word if answer and answer.door != NOBODY else "")
                return
            async with aclosing(self._remembered(approval, answer.choice)) as events:
                async for event in events:
                    yield event
            check(self.house.frozen)
            asked = trial.effects
            trial.effects, trial.decision = await threads.done(
                self._decide, trial.tool, trial.call, trial.context
            )
            if trial.effects == asked or trial.decision.verdict is not Verdict.ASK:
                trial.allowed = trial.decision.verdict is not Verdict.DENY
                return
        trial.refused = "Not done: what it would do changed each time the owner was asked."

    async def _answered(self, approval: Approval) -> AsyncGenerator[Event | Answer, None]:
        """The question, and at last its answer, as an event and as itself."""
        assert self.house.ask is not None
        asking = asyncio.ensure_future(self.house.ask(approval))
        try:
            await asyncio.sleep(0)  # the desk knows of it before a door does
            yield ApprovalRequested(approval)
            answer = await asking
        finally:
            if not asking.done():
                asking.cancel()
                await asyncio.wait([asking])
        yield ApprovalAnswered(approval.id, answer.choice, answer.word, answer.door)
        yield answer

    async def _remembered(self, approval: Approval, choice: Choice) -> AsyncGenerator[Event, None]:
        if choice not in {Choice.SESSION, Choice.ALWAYS}:
            return
        try:
            await threads.done(self.house.remember, approval, choice)
        except LocalGPTError as error:
            yield Notice(f"It is allowed this once only: {error.message}", Level.WARNING)

    async def _perform(self, trial: _Trial) -> ToolOutput:
        """The tool's output, or why it did not run; where nobody is there to ask, also where the question waits."""
        if trial.allowed:
            if not self.provenance.is_foreign:
                self._begun.append((trial.call.name, trial.effects))
            self._spent.append(trial.effects)
            output = await trial.tool.run(trial.context, copy.deepcopy(dict(trial.call.arguments)))
            return _whose(trial.tool, output, self.marker)
        decision, where = trial.decision, ""
        if trial.refused:
            return ToolOutput(trial.refused)
        if self.house.unattended is not None and _waits(decision, self.house.caller):
            author = trial.context.author
            waiting = Waiting(
                trial.call, trial.effects, decision.reason, author.origin, self.turn, self.session.id
            )
            where = " " + await asyncio.to_thread(self.house.unattended, waiting)
        return ToolOutput(f"Not done: {decision.reason}{where}")

    def _approval(self, trial: _Trial) -> Approval:
        house = self.house
        warning = hidden(trial.effects)
        return question(
            replace(trial.call, arguments=copy.deepcopy(dict(trial.call.arguments))),
            trial.effects,
            f"{trial.decision.reason} {warning}".strip(),
            session=self.session.id,
            turn=self.turn,
            door=house.door,
            origin=trial.context.author.origin,
            now=datetime.now(UTC),
            seconds=house.patience,
        )

    def _context(self, call: ToolCall) -> ToolContext:
        """What the tool may use; for a caller who is not the owner no more than a prompt would hold."""
        share = share_of(Occasion(caller=self.house.caller, local=self.house.local_caller))
        local = self.local and share.local
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
            plan=self._plan(),
            folders=house.folders,
            attended=house.unattended is None,
            grants=house.grants(self.session.id),
            session=self.session.id,
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
            rule=decision.rule.value,
        )
        return effects, decision

    def _plan(self) -> Plan:
        """What the owner asked for, and what was begun in this turn before it read anything foreign."""
        plan = self.provenance.plan
        for name, effects in self._begun:
            plan = plan.begun(effects, deletes=deletes(name))
        for effects in self._spent:
            plan = plan.spent(effects)
        return plan

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


def _whose(tool: Tool, output: ToolOutput, marker: str) -> ToolOutput:
    """What a tool brought; a service's is foreign whatever it says of itself."""
    if tool.origin is not Origin.FOREIGN or output.origin is Origin.FOREIGN:
        return output
    return replace(output, text=fence(output.text, marker, tool.name), origin=Origin.FOREIGN)


def _waits(decision: Decision, caller: Caller) -> bool:
    """Whether a call that was not done waits for the owner's word: what needs it, and what callers from elsewhere want."""
    return decision.verdict is Verdict.ASK or (caller is Caller.REMOTE and decision.rule is Rule.REMOTE)


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())
