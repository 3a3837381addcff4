"""What unattended turns may use up in a day, and what they have: the journal knows it, whoever ran them.

Turns count wherever the model is; tokens and money where it is not on this machine, as in ``[budget]``.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from localgpt.agent.budget import Budget, Spent, money
from localgpt.agent.spending import REQUEST, months, spent
from localgpt.core.errors import BudgetReached
from localgpt.core.journal import Journal
from localgpt.scheduler.reports import Amount, Usages
from localgpt.scheduler.rules import Allowed

STARTED = "turn.started"
HEARTBEAT, TASK = "heartbeat", "task"
PURPOSES = frozenset({HEARTBEAT, TASK})
"""What unattended turns are for, as the journal says it."""


@dataclass(frozen=True, slots=True)
class Used:
    """What was used up today."""

    turns: int = 0
    spent: Spent = field(default_factory=Spent)


class Allowance:
    """Reads the day's journal once, then only what was added since. Thread-safe."""

    def __init__(self, journal: Journal, allowed: Allowed) -> None:
        self.allowed = allowed
        self._journal = journal
        self._lock = threading.Lock()
        self._day: date | None = None
        self._read: dict[tuple[str, str], int] = {}
        self._turns: set[str] = set()
        self._spent = Spent()
        self._promised = 0

    def used(self) -> Used:
        """What was used up since midnight. Raises ``StorageError``."""
        with self._lock:
            return self._used()

    def _used(self) -> Used:
        now = self._journal.clock().astimezone()
        if now.date() != self._day:
            self._day, self._read, self._turns, self._spent = now.date(), {}, set(), Spent()
        for month in months(now):
            self._turns |= {str(one.get("turn")) for one in self._added(month, STARTED) if _counts(one)}
            for entry in self._added(month, REQUEST):
                if _counts(entry) or entry.get("turn") in self._turns:
                    self._spent += spent(entry)
        return Used(len(self._turns), self._spent)

    def _added(self, month: str, kind: str) -> list[dict[str, Any]]:
        found, self._read[month, kind] = self._journal.added(month, self._read.get((month, kind), 0), kind)
        return [entry for entry in found if _day_of(entry) == self._day]

    def reached(self, *, beginning: bool = True) -> BudgetReached | None:
        """The sentence for the first limit that is reached; that of turns counts only for one that begins."""
        return reached(self.used(), self.allowed, beginning=beginning)

    def promise(self) -> Promise:
        """Another turn, which counts from now on, before the journal knows of it. Raises ``BudgetReached``.

        Those that begin side by side would all be let in, else, by what none of them has used yet.
        """
        with self._lock:
            used = self._used()
            used = replace(used, turns=used.turns + self._promised)
            if (limit := reached(used, self.allowed, beginning=True)) is not None:
                raise limit
            self._promised += 1
        return Promise(self)

    def kept(self) -> None:
        """A promised turn has begun, and the journal knows it; or it never will."""
        with self._lock:
            self._promised -= 1

    def usages(self) -> Usages:
        """What was used up, beside what may be."""
        used, allowed = self.used(), self.allowed
        return Usages(
            Amount(used.turns, allowed.turns),
            Amount(used.spent.tokens, allowed.tokens),
            Amount(round(used.spent.usd, 6), allowed.usd),
        )


class Promise:
    """A turn that may begin."""

    def __init__(self, allowance: Allowance) -> None:
        self._allowance: Allowance | None = allowance

    def settle(self) -> None:
        """It has begun, or it won't; may be called again."""
        if self._allowance is not None:
            self._allowance.kept()
            self._allowance = None


def reached(used: Used, allowed: Allowed, *, beginning: bool) -> BudgetReached | None:
    """The sentence for the first limit that is reached; ``None`` while another request may be made."""
    if beginning and 0 < allowed.turns <= used.turns:
        return _spent_up(f"{used.turns} of {allowed.turns} turns", "day_turns")
    if 0 < allowed.tokens <= used.spent.tokens:
        return _spent_up(f"{used.spent.tokens:,} of {allowed.tokens:,} tokens", "day_tokens")
    if 0 < allowed.usd <= used.spent.usd:
        return _spent_up(f"{money(used.spent.usd)} of {money(allowed.usd)}", "day_usd")
    return None


def _spent_up(what: str, setting: str) -> BudgetReached:
    return BudgetReached(
        f"Today's budget for what runs unasked is spent: {what}.",
        hint=f"It goes on tomorrow, or raise it: localgpt config set heartbeat.{setting} AMOUNT",
    )


@dataclass(frozen=True, slots=True)
class UnattendedBudget(Budget):
    """The owner's budget, and the one for unattended turns beside it."""

    used: Callable[[], Used] = Used
    allowed: Allowed = Allowed()

    @property
    def of_days(self) -> bool:
        """What the day has cost has to be known."""
        return True

    def reached(self, turn: Spent, day: Spent) -> BudgetReached | None:
        """The sentence for the first limit of either that is reached."""
        own = reached(self.used(), self.allowed, beginning=False)
        return own or Budget.reached(self, turn, day)


def budgets(
    allowance: Allowance, budget: Budget, today: Callable[[], Spent]
) -> tuple[Budget, Callable[[], Spent]]:
    """The budget of an unattended turn, and what tells it of the day: the files are read by the latter, in a thread."""
    latest = [Used()]

    def look() -> Spent:
        latest[0] = allowance.used()
        return today() if budget.of_days else Spent()

    limits = UnattendedBudget(
        budget.turn_usd, budget.day_usd, budget.day_tokens, lambda: latest[0], allowance.allowed
    )
    return limits, look


def _counts(entry: Mapping[str, Any]) -> bool:
    return entry.get("purpose") in PURPOSES


def _day_of(entry: Mapping[str, Any]) -> date | None:
    try:
        return datetime.fromisoformat(str(entry.get("ts"))).astimezone().date()
    except (ValueError, OverflowError):
        return None
