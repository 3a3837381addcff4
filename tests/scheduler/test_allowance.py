"""What unattended turns may use up in a day, counted from the journal."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from localgpt.agent.budget import NO_LIMITS, Budget, Spent
from localgpt.core.errors import BudgetReached
from localgpt.core.journal import Journal
from localgpt.scheduler.allowance import Allowance, Used, budgets, reached
from localgpt.scheduler.rules import Allowed

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def journal(tmp_path) -> Journal:
    return Journal(tmp_path, "here", lambda: NOON)


def turn(
    journal: Journal, name: str, purpose: str, tokens: int = 0, usd: float = 0.0, *, local: bool = False
) -> None:
    journal.append("turn.started", turn=name, purpose=purpose)
    journal.append(
        "request.answered",
        turn=name,
        purpose=purpose,
        local=local,
        input_tokens=tokens,
        output_tokens=0,
        cost_usd=usd,
    )


def test_turns_nobody_sat_in_front_of_count_and_no_others(journal):
    allowance = Allowance(journal, Allowed(10, 10_000, 1.0))
    turn(journal, "a", "heartbeat", 100, 0.1)
    turn(journal, "b", "task", 200)
    turn(journal, "c", "chat", 5_000, 9.0)
    turn(journal, "d", "heartbeat", 7_000, local=True)
    journal.append("request.answered", turn="a", purpose="summary", input_tokens=30)
    assert allowance.used() == Used(3, Spent(0.1, 330))
    turn(journal, "e", "task", 70)
    assert allowance.usages().as_json() == {
        "turns": {"used": 4, "limit": 10},
        "tokens": {"used": 400, "limit": 10_000},
        "usd": {"used": 0.1, "limit": 1.0},
    }


def test_a_new_day_begins_at_nothing(journal):
    allowance = Allowance(journal, Allowed())
    turn(journal, "a", "heartbeat", 100)
    assert allowance.used().turns == 1
    journal.clock = lambda: NOON + timedelta(days=1)
    assert allowance.used() == Used()


@pytest.mark.parametrize(
    ("used", "setting"),
    [
        (Used(2), "day_turns"),
        (Used(1, Spent(0.0, 50)), "day_tokens"),
        (Used(1, Spent(0.5, 0)), "day_usd"),
        (Used(1, Spent(0.4, 49)), ""),
    ],
)
def test_each_limit_by_its_name(used, setting):
    found = reached(used, Allowed(2, 50, 0.5), beginning=True)
    assert (found is None) == (not setting)
    assert found is None or f"heartbeat.{setting} " in found.hint


def test_nought_is_no_limit():
    assert reached(Used(10**6, Spent(1e6, 10**9)), Allowed(0, 0, 0.0), beginning=True) is None


def test_a_turn_heeds_the_owners_budget_and_this_one(journal):
    allowance = Allowance(journal, Allowed(1, 100, 0.0))
    limits, today = budgets(allowance, NO_LIMITS, Spent)
    turn(journal, "a", "task", 99)
    assert limits.of_days
    assert limits.reached(Spent(), today()) is None  # the turn that runs has begun: turns don't stop it
    turn(journal, "a", "task", 1)
    found = limits.reached(Spent(), today())
    assert found is not None
    assert "heartbeat.day_tokens" in found.hint
    limits, today = budgets(Allowance(journal, Allowed(0, 0, 0.0)), Budget(turn_usd=0.1), Spent)
    found = limits.reached(Spent(0.2), today())
    assert found is not None
    assert "budget.turn_usd" in found.hint


def test_turns_that_begin_side_by_side_are_no_more_than_may_be(journal):
    allowance = Allowance(journal, Allowed(turns=2))
    first = allowance.promise()
    turn(journal, "a", "heartbeat")
    first.settle()
    first.settle()
    second = allowance.promise()
    for _ in range(2):
        with pytest.raises(BudgetReached, match="2 of 2 turns"):
            allowance.promise()
    second.settle()  # it never began
    allowance.promise()
    with ThreadPoolExecutor(8) as threads:
        promised = threads.map(lambda _: _promised(allowance), range(20))
        assert not any(promised)


def _promised(allowance: Allowance) -> bool:
    try:
        allowance.promise()
    except BudgetReached:
        return False
    return True
