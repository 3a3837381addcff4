"""What models were used for and what that cost, from the journal's entries. Pure.

Each answered request is one entry. Journals from before there were such entries have only the sums of whole turns;
those count as one request.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from localgpt.agent.spending import REQUEST, amount
from localgpt.core.values import Usage

TURN = "turn.finished"
KINDS = (REQUEST, TURN)
"""The kinds of journal entries that tell of usage."""

_TOKENS = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens")
_CHAT = "chat"
_FREE = "recall"


class By(StrEnum):
    """What the figures are put together by."""

    DAY = "day"
    MODEL = "model"
    SESSION = "session"
    KIND = "kind"


@dataclass(frozen=True, slots=True)
class Used:
    """What one request used: the day (``YYYY-MM-DD``, the owner's), who answered, in which conversation, what for."""

    day: str
    model: str
    session: str
    kind: str
    turn: str
    usage: Usage


@dataclass(slots=True)
class Sum:
    """Several requests together. ``unpriced`` counts those that cost nobody knows how much."""

    key: str = ""
    requests: int = 0
    unpriced: int = 0
    usage: Usage = field(default_factory=Usage)
    _turns: set[str] = field(default_factory=set)

    @property
    def turns(self) -> int:
        """How many turns the requests belong to."""
        return len(self._turns)

    @property
    def cached(self) -> float:
        """The share of what was read that came from a vendor's cache, 0 to 1."""
        return self.usage.cache_read_tokens / self.usage.prompt_tokens if self.usage.prompt_tokens else 0.0

    def as_json(self) -> dict[str, Any]:
        """Plain JSON values; ``cached`` is a share, ``unpriced`` counts requests whose cost nobody knows."""
        used = self.usage
        return {
            "key": self.key,
            "requests": self.requests,
            "turns": self.turns,
            "input_tokens": used.input_tokens,
            "output_tokens": used.output_tokens,
            "cache_read_tokens": used.cache_read_tokens,
            "cache_write_tokens": used.cache_write_tokens,
            "cached": round(self.cached, 4),
            "cost_usd": used.cost_usd,
            "unpriced": self.unpriced,
        }

    def add(self, used: Used) -> None:
        """Put one more request to it."""
        self.requests += 1
        self.unpriced += not used.usage.priced
        self.usage += used.usage
        if used.turn:
            self._turns.add(used.turn)


def requests(entries: Iterable[Mapping[str, Any]], since: str = "", until: str = "") -> Iterator[Used]:
    """The requests that entries of the journal tell of, from the day ``since`` to the day ``until``, both included."""
    for entry in entries:
        used = request(entry)
        if used is not None and since <= used.day and (not until or used.day <= until):
            yield used


def request(entry: Mapping[str, Any]) -> Used | None:
    """What an entry tells of usage; ``None`` if it tells of none, or its requests have entries of their own."""
    kind, day = entry.get("kind"), _day(entry)
    if not day or not (kind == REQUEST or (kind == TURN and "purpose" not in entry)):
        return None
    return Used(
        day,
        str(entry.get("model") or entry.get("engine") or ""),
        str(entry.get("session") or ""),
        str(entry.get("purpose") or _CHAT),
        str(entry.get("turn") or ""),
        _usage(entry),
    )


def _usage(entry: Mapping[str, Any]) -> Usage:
    read, written, from_cache, to_cache = (int(amount(entry, name)) for name in _TOKENS)
    cost = float(amount(entry, "cost_usd"))
    free = entry.get("local") is True or entry.get("model") == _FREE
    known = cost > 0 or free or not (read or written or from_cache or to_cache)
    return Usage(read, written, from_cache, to_cache, cost, entry.get("priced", known) is not False)


def _day(entry: Mapping[str, Any]) -> str:
    try:
        return datetime.fromisoformat(str(entry.get("ts"))).astimezone().date().isoformat()
    except (ValueError, OverflowError):
        return ""


def summed(used: Iterable[Used], by: By) -> tuple[list[Sum], Sum]:
    """The sums by what they have in common, and the sum of all: days in order, else the dearest first."""
    groups: dict[str, Sum] = {}
    whole = Sum("total")
    for one in used:
        key = getattr(one, by.value)
        groups.setdefault(key, Sum(key)).add(one)
        whole.add(one)
    rows = sorted(groups.values(), key=lambda row: row.key)
    if by is not By.DAY:
        rows.sort(key=lambda row: (row.usage.cost_usd, row.usage.tokens), reverse=True)
    return rows, whole
