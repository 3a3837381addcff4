"""One turn that nobody sits in front of: stricter rules, a budget of its own, and questions that wait in the inbox."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from localgpt.agent.house import House, Waiting, no_settling
from localgpt.agent.sessions import Session
from localgpt.agent.turn import Turn
from localgpt.core.events import Event, MemoryWritten, ToolStarted, TurnFinished, TurnStarted
from localgpt.core.values import Stop, Usage
from localgpt.models.base import Engine
from localgpt.scheduler.allowance import Allowance, budgets
from localgpt.scheduler.inbox import Box, Call, Item, ItemKind

BACKGROUND_TOOL = "background_task"


@dataclass(frozen=True, slots=True)
class About:
    """What a turn is for: ``purpose`` as the journal says it, ``key`` of the entry or task, ``name`` for people."""

    purpose: str
    key: str
    name: str


@dataclass(slots=True)
class Outcome:
    """What came of a turn. ``questions`` wait in the inbox; ``traces``: it used tools, so its conversation is kept."""

    session: str
    text: str = ""
    turn: str = ""
    model: str = ""
    usage: Usage = field(default_factory=Usage)
    stop: Stop = Stop.CANCELLED
    error: str = ""
    timed_out: bool = False
    traces: bool = False
    questions: list[Item] = field(default_factory=list)

    @property
    def completed(self) -> bool:
        """Whether there is a whole reply."""
        return self.stop is Stop.DONE and not self.error


async def _nobody_looks(_event: Event) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Unattended:
    """Runs such turns. ``house`` gives the house that turns of the owner's use."""

    house: Callable[[], House]
    inbox: Box
    allowance: Allowance

    async def run(
        self,
        session: Session,
        engine: Engine,
        words: str,
        about: About,
        *,
        seconds: float,
        rounds: int = 0,
        seen: Callable[[Event], Awaitable[None]] = _nobody_looks,
        begun: Callable[[], None] = lambda: None,
    ) -> Outcome:
        """Say ``words`` in ``session`` and see what comes of it, for at most ``seconds``. What came is kept.

        ``begun`` is called when the journal has the turn.

        Raises ``StorageError`` if the words could not be kept; cancelling stops the turn.
        """
        outcome = Outcome(session.id, model=engine.name)
        turn = Turn(self._house(about, outcome, rounds), session, engine, about.purpose)
        try:
            async with asyncio.timeout(seconds), aclosing(turn.run(words)) as events:
                async for event in events:
                    _take(outcome, event)
                    await seen(event)
                    if isinstance(event, TurnStarted):
                        begun()
        except TimeoutError:
            outcome.timed_out = True
            outcome.error = f"It was stopped after {seconds:.0f} seconds."
        return outcome

    def _house(self, about: About, outcome: Outcome, rounds: int) -> House:
        house = self.house()
        budget, today = budgets(self.allowance, house.budget, house.today)

        def waits(waiting: Waiting) -> str:
            item = self._ask(waiting, about)
            outcome.questions.append(item)
            return f"It waits in the owner's inbox as a question ({item.id}); go on without it."

        return replace(
            house,
            door=about.purpose,
            toolbox=house.toolbox.without(BACKGROUND_TOOL),
            settle=no_settling,
            budget=budget,
            today=today,
            max_rounds=rounds or house.max_rounds,
            unattended=waits,
        )

    def _ask(self, waiting: Waiting, about: About) -> Item:
        call = Call(
            waiting.call.name,
            waiting.call.arguments,
            tuple((effect.kind.value, effect.target) for effect in waiting.effects),
            waiting.origin.value,
        )
        what = ", ".join(f"{kind} {target}" for kind, target in call.effects)
        return self.inbox.add(
            ItemKind.QUESTION,
            f"May it use {call.tool}? It {what}",
            f"{about.name}\n{waiting.reason}",
            call=call,
            task=about.name,
            key=about.key,
            session=waiting.session,
            turn=waiting.turn,
        )


def _take(outcome: Outcome, event: Event) -> None:
    match event:
        case TurnStarted():
            outcome.turn = event.turn_id
        case ToolStarted() | MemoryWritten():
            outcome.traces = True
        case TurnFinished():
            outcome.text, outcome.stop, outcome.error = event.response, event.stop, event.error
            outcome.model, outcome.usage = event.model, event.usage
            if event.stop is Stop.BUDGET and not outcome.error:
                outcome.error = "A budget was reached in the middle of it."
        case _:
            pass
