"""What a turn costs: how it is journalled, and how a budget ends it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from localgpt.agent.budget import NO_LIMITS, Budget, Spent
from localgpt.agent.context import Context
from localgpt.agent.house import House
from localgpt.agent.metering import figures
from localgpt.agent.sessions import Session, Sessions
from localgpt.agent.spending import REQUEST, Spending
from localgpt.agent.turn import Turn
from localgpt.core.errors import Overloaded
from localgpt.core.events import Event, Notice, TextDelta, ToolCalled, TurnFinished
from localgpt.core.journal import Journal
from localgpt.core.values import Stop, ToolCall, Usage
from localgpt.memory.workspace import Workspace
from localgpt.models.base import Engine, Finished, Request
from localgpt.models.retrying import Chain
from localgpt.models.scripted import Scripted
from localgpt.tools.base import Toolbox, ToolContext, no_effects, tool

COST = Usage(10, 5, 100, 20, cost_usd=0.25)


@tool(effects=no_effects)
def look(context: ToolContext) -> str:
    """Look."""
    return "seen"


def says(text: str = "", *, model: str = "", call: bool = False, usage: Usage = COST) -> Any:
    def reply(_request: Request) -> Iterator[Any]:
        yield TextDelta(text)
        if call:
            yield ToolCalled(ToolCall("c", "look", {}))
        yield Finished(Stop.TOOLS if call else Stop.DONE, usage, model)

    return reply


class Talk:
    """One conversation in a house of real files."""

    def __init__(self, folder: Path, clock: Any) -> None:
        self.journal = Journal(folder / "journal", machine="desk", clock=clock)
        self.session = Sessions(folder / "sessions", clock=clock).new()
        self.workspace = Workspace(
            folder / "workspace", locks=folder / "locks", record=self.journal.change, clock=clock
        )

    def turn(self, engine: Engine, budget: Budget = NO_LIMITS, purpose: str = "chat") -> list[Event]:
        house = House(
            self.journal,
            Toolbox([look]),
            lambda author, _local, _marker: ToolContext(
                self.workspace, lambda query: pytest.fail(str(query)), author
            ),
            self.context,
            lambda _path: None,
            budget=budget,
            today=Spending(self.journal).today,
        )

        async def collect() -> list[Event]:
            return [event async for event in Turn(house, self.session, engine, purpose).run("hello")]

        return asyncio.run(collect())

    def context(
        self, session: Session, _words: str, _engine: Engine, _line: int, _occasion: object
    ) -> Context:
        return Context((), tuple(session.messages()), room=10_000, window=20_000)

    def entries(self, kind: str) -> list[dict[str, Any]]:
        return list(self.journal.entries(kind))


@pytest.fixture
def talk(tmp_path: Path, clock: Any) -> Talk:
    return Talk(tmp_path, clock)


def away(*replies: Any, name: str = "cloud/one") -> Scripted:
    return Scripted(*replies, name=name, local=False)


def end(events: list[Event]) -> TurnFinished:
    assert isinstance(events[-1], TurnFinished)
    return events[-1]


def notices(events: list[Event]) -> list[str]:
    return [event.text for event in events if isinstance(event, Notice)]


def test_every_request_is_journalled_with_what_it_used(talk):
    talk.turn(away(says(call=True), says("Done.")), purpose="ask")
    answered = talk.entries(REQUEST)
    assert [(entry["stop"], entry["purpose"], entry["local"]) for entry in answered] == [
        ("tools", "ask", False),
        ("done", "ask", False),
    ]
    assert all(figures(COST).items() <= entry.items() for entry in answered)


def test_a_turn_says_what_it_is_for_and_what_it_used_in_all(talk):
    finished = end(talk.turn(away(says(call=True), says("Done.")), purpose="heartbeat"))
    assert finished.usage == COST + COST
    assert talk.entries("turn.started")[0]["purpose"] == "heartbeat"
    last = talk.entries("turn.finished")[0]
    assert last["purpose"] == "heartbeat"
    assert figures(COST + COST).items() <= last.items()


def test_who_really_answered_is_told_everywhere(talk):
    chain = Chain([away(Overloaded("Busy.")), away(says("Hi."), name="cloud/two")])
    assert end(talk.turn(chain)).model == "cloud/two"
    assert [entry["model"] for entry in talk.entries(REQUEST)] == ["cloud/two"]
    assert talk.entries("turn.finished")[0]["model"] == "cloud/two"
    replies = [entry.message for entry in talk.session.path_entries()]
    assert [body["model"] for body in replies if body["role"] == "assistant"] == ["cloud/two"]


def test_a_request_that_failed_is_journalled_as_that(talk):
    talk.turn(away(Overloaded("Busy.")))
    assert [(entry["stop"], entry["cost_usd"]) for entry in talk.entries(REQUEST)] == [("error", 0.0)]


def test_a_budget_ends_a_turn_with_what_it_has(talk):
    engine = away(says("Let me look. ", call=True), says("never said"))
    events = talk.turn(engine, Budget(turn_usd=0.2))
    assert (end(events).stop, end(events).response, end(events).error) == (Stop.BUDGET, "Let me look. ", "")
    assert [" ".join(text.split()[:10]) for text in notices(events)] == [
        "The budget of a turn is spent: $0.25 of $0.20."
    ]
    assert len(engine.requests) == len(talk.entries("request.sent")) == 1
    assert talk.entries("turn.finished")[0]["stop"] == "budget"


def test_where_nothing_was_said_the_budget_is_the_error(talk):
    talk.turn(away(says("Hi.")))
    events = talk.turn(away(says("never said")), Budget(day_usd=0.25))
    assert (end(events).stop, end(events).response) == (Stop.BUDGET, "")
    assert end(events).error.startswith("Today's budget is spent: $0.25 of $0.25.")
    assert notices(events) == []
    assert len(talk.entries("request.sent")) == 1


def test_the_conversation_goes_on_when_the_budget_is_raised(talk):
    talk.turn(away(says("Let me look. ", call=True)), Budget(turn_usd=0.2))
    finished = end(talk.turn(away(says("Here I am.")), Budget(turn_usd=0.3)))
    assert (finished.stop, finished.response) == (Stop.DONE, "Here I am.")


@pytest.mark.parametrize(
    ("budget", "priced", "warned"),
    [
        (Budget(day_usd=1), False, True),
        (Budget(turn_usd=1), False, True),
        (Budget(day_usd=1), True, False),
        (Budget(day_tokens=10**6), False, False),
        (NO_LIMITS, False, False),
    ],
)
def test_a_budget_that_can_not_hold_is_told(talk, budget, priced, warned):
    events = talk.turn(away(says("Hi.", usage=Usage(10, 5, priced=priced))), budget)
    assert end(events).stop is Stop.DONE
    assert any("budget.day_tokens" in text for text in notices(events)) == warned


def test_a_model_on_this_machine_answers_whatever_was_spent(talk):
    talk.turn(away(says("Hi.")))
    finished = end(talk.turn(Scripted("Hello."), Budget(0.01, 0.01, 1)))
    assert (finished.stop, finished.response) == (Stop.DONE, "Hello.")


@pytest.mark.parametrize("limit", [0.1, 0.25, 0.6, 1.0])
def test_days_of_turns_never_exceed_the_budget_by_more_than_one_request(talk, limit):
    for _ in range(4):
        talk.turn(away(*[says("x", call=True)] * 3, says("y")), Budget(day_usd=limit))
    spent = sum((Spent(entry["cost_usd"]) for entry in talk.entries(REQUEST)), Spent())
    assert limit <= spent.usd < limit + COST.cost_usd
