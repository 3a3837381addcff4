from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localgpt.agent.budget import Budget, Spent
from localgpt.agent.metering import Meter, figures, tokens_of
from localgpt.agent.scales import Scales
from localgpt.core.errors import BudgetReached, ContextTooLong
from localgpt.core.events import TextDelta
from localgpt.core.values import Message, Piece, PieceKind, Role, Stop, Text, ToolSpec, Usage
from localgpt.models.base import Finished, Request
from localgpt.models.scripted import Scripted

NOTHING = Request((), (), ())


def costing(usage: Usage) -> Any:
    def reply(_request: Request) -> Iterator[Any]:
        yield TextDelta("x")
        yield Finished(Stop.DONE, usage)

    return reply


def ask(meter: Meter, times: int = 1) -> None:
    async def all_of_it() -> None:
        for _ in range(times):
            async for _event in meter.request(NOTHING):
                pass

    asyncio.run(all_of_it())


def away(*usages: Usage) -> Scripted:
    return Scripted(*map(costing, usages), local=False)


def test_what_comes_through_is_counted_and_handed_on():
    meter = Meter(away(Usage(1, 2, cost_usd=0.5), Usage(3, 4, cost_usd=0.25)))
    ask(meter, 2)
    assert meter.spent == Usage(4, 6, cost_usd=0.75)
    assert (meter.name, meter.local, meter.context_window) == ("scripted", False, 128_000)


def test_over_the_budget_nothing_is_asked():
    engine = away(Usage(cost_usd=0.5), Usage(cost_usd=0.5))
    meter = Meter(engine, Budget(turn_usd=0.4))
    ask(meter)
    with pytest.raises(BudgetReached, match="turn"):
        ask(meter)
    assert len(engine.requests) == 1


def test_the_day_is_asked_for_only_where_it_matters():
    def never() -> Spent:
        pytest.fail("nobody needs to know")

    ask(Meter(away(Usage()), Budget(turn_usd=1), never))
    ask(Meter(Scripted("free"), Budget(day_usd=1), never))
    with pytest.raises(BudgetReached, match="Today"):
        ask(Meter(away(Usage()), Budget(day_usd=1), lambda: Spent(1.0)))


def test_a_model_on_this_machine_goes_on_whatever_was_spent():
    meter = Meter(Scripted("a", "b"), Budget(0.1, 0.1, 1), lambda: Spent(9, 9))
    ask(meter, 2)
    assert len(meter.engine.requests) == 2  # type: ignore[attr-defined]


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20), st.floats(0.01, 3))
def test_a_budget_is_never_exceeded_by_more_than_one_request(costs, limit):
    engine = away(*(Usage(cost_usd=cost) for cost in costs))
    meter = Meter(engine, Budget(turn_usd=limit))
    try:
        ask(meter, len(costs))
    except BudgetReached:
        assert meter.spent.cost_usd >= limit
    asked = costs[: len(engine.requests)]
    assert sum(asked[:-1]) < limit
    assert meter.spent.cost_usd == pytest.approx(sum(asked))


def test_the_figures_are_plain_json():
    assert json.loads(json.dumps(figures(Usage(1, 2, 3, 4, 0.5, priced=False)))) == {
        "input_tokens": 1,
        "output_tokens": 2,
        "cache_read_tokens": 3,
        "cache_write_tokens": 4,
        "cost_usd": 0.5,
        "priced": False,
    }


LONG = Request((), (Message(Role.USER, (Text("word " * 10_000),)),), ())


def asked(meter: Meter, request: Request) -> None:
    async def work() -> None:
        async for _event in meter.request(request):
            pass

    asyncio.run(work())


def test_a_request_is_as_long_as_all_of_it():
    piece = Piece(PieceKind.IDENTITY, "Who you are.", "who", tokens=3)
    tool = ToolSpec("echo", "Say it again.", {"type": "object"})
    message = Message(Role.USER, (Text("Hello there."),))
    parts = [Request((piece,), (), ()), Request((), (message,), ()), Request((), (), (tool,))]
    assert all(tokens_of(part) > 0 for part in parts)
    assert tokens_of(Request((piece,), (message,), (tool,))) == sum(map(tokens_of, parts))


def test_what_a_model_reports_shrinks_its_window_for_the_next_turn():
    scales = Scales()
    asked(Meter(away(Usage(input_tokens=50_000)), scales=scales), LONG)
    assert Meter(Scripted(), scales=scales).context_window == 128_000 // 4
    assert Meter(Scripted(name="another"), scales=scales).context_window == 128_000


def test_another_models_report_says_nothing_of_this_one():
    scales = Scales()
    engine = Scripted(lambda _request: [Finished(Stop.DONE, Usage(input_tokens=90_000), "fallback")])
    asked(Meter(engine, scales=scales), LONG)
    assert Meter(Scripted(), scales=scales).context_window == 128_000


def test_what_was_too_long_is_not_made_again():
    meter = Meter(Scripted(ContextTooLong("Too long.", tokens=50_000, window=8_000)))
    with pytest.raises(ContextTooLong):
        asked(meter, LONG)
    assert meter.context_window == int(tokens_of(LONG) * 0.9 * 8 / 50)


def test_it_takes_what_its_engine_takes():
    assert Meter(Scripted(takes=["image/png"])).takes("image/png")
    assert not Meter(Scripted()).takes("image/png")
