"""What the heartbeat tells of itself: how it stands, what comes next, what a beat did. Values with a JSON shape."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from localgpt.core.values import Usage

PREVIEW = 200
"""Characters of a reply that the log keeps."""


def moment(value: datetime | None) -> str | None:
    """A moment as JSON: ISO 8601 in UTC with seconds, or null."""
    from datetime import UTC

    return (
        None if value is None else value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    )


@dataclass(frozen=True, slots=True)
class Amount:
    """How much of a day's allowance is used; ``limit`` 0 is none."""

    used: float
    limit: float

    def as_json(self) -> dict[str, Any]:
        """``{used, limit}``."""
        return {"used": self.used, "limit": self.limit}


@dataclass(frozen=True, slots=True)
class Usages:
    """What unattended turns have used up today."""

    turns: Amount
    tokens: Amount
    usd: Amount

    def as_json(self) -> dict[str, Any]:
        """``{turns: {used, limit}, tokens: …, usd: …}``."""
        return {"turns": self.turns.as_json(), "tokens": self.tokens.as_json(), "usd": self.usd.as_json()}


@dataclass(frozen=True, slots=True)
class PlanItem:
    """One entry of HEARTBEAT.md: ``kind`` is ``task``, ``box`` or ``prose``; ``why`` a sentence."""

    name: str
    kind: str
    due: bool
    next_at: datetime | None
    why: str
    watch: tuple[str, ...] = ()
    line: int = 0

    def as_json(self) -> dict[str, Any]:
        """``{name, kind, due, next_at, why, watch, line}``."""
        return {
            "name": self.name,
            "kind": self.kind,
            "due": self.due,
            "next_at": moment(self.next_at),
            "why": self.why,
            "watch": list(self.watch),
            "line": self.line,
        }


@dataclass(frozen=True, slots=True)
class Plan:
    """What will happen next. ``state`` is ``due`` or the reason that nothing runs, ``text`` the same as a sentence."""

    state: str
    text: str
    items: tuple[PlanItem, ...]
    next_at: datetime | None

    def as_json(self) -> dict[str, Any]:
        """``{state, text, next_at, items[…]}``."""
        return {
            "state": self.state,
            "text": self.text,
            "next_at": moment(self.next_at),
            "items": [item.as_json() for item in self.items],
        }


@dataclass(frozen=True, slots=True)
class Run:
    """One entry's run in a beat. ``status``: ``ok`` (nothing to tell), ``sent``, ``repeated`` (told within a day),
    ``waiting`` (for an answer in the inbox), ``failed``, ``timed_out``.
    """

    name: str
    kind: str
    status: str
    text: str = ""
    session: str = ""
    turn: str = ""
    model: str = ""
    usage: Usage = Usage()
    ticked: bool = False
    told: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    error: str = ""
    key: str = ""

    def as_json(self) -> dict[str, Any]:
        """All of it; ``told`` names the channels that took the text."""
        return {
            "name": self.name,
            "kind": self.kind,
            "status": self.status,
            "text": self.text,
            "session": self.session,
            "turn": self.turn,
            "model": self.model,
            "usage": {
                "input": self.usage.prompt_tokens,
                "output": self.usage.output_tokens,
                "cached": self.usage.cache_read_tokens,
                "cost_usd": self.usage.cost_usd,
            },
            "ticked": self.ticked,
            "told": list(self.told),
            "waiting": list(self.waiting),
            "error": self.error,
        }


@dataclass(frozen=True, slots=True)
class Would:
    """What a beat would send, and to whom, without sending it."""

    name: str
    prompt: str
    model: str
    local: bool
    to: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """``{name, prompt, model, local, to[…]}``."""
        return {
            "name": self.name,
            "prompt": self.prompt,
            "model": self.model,
            "local": self.local,
            "to": list(self.to),
        }


@dataclass(frozen=True, slots=True)
class Beat:
    """What one beat did. ``status``: ``ok``, ``sent``, ``skipped``, ``failed``, ``timed_out``, ``dry-run``.

    ``reason`` is a word (``quiet-hours``, ``no-tasks-due`` …), ``text`` a sentence. ``next_at`` is when to look again.
    """

    time: datetime
    status: str
    reason: str = ""
    text: str = ""
    duration_ms: int = 0
    manual: bool = False
    runs: tuple[Run, ...] = ()
    would: tuple[Would, ...] = ()
    next_at: datetime | None = None

    @property
    def preview(self) -> str:
        """The beginning of what was said."""
        return " ".join(" ".join(run.text or run.error for run in self.runs).split())[:PREVIEW]

    def as_json(self) -> dict[str, Any]:
        """``{time, ts, status, reason, text, preview, duration_ms, manual, runs[…], would[…], next_at}``."""
        return {
            "time": moment(self.time),
            "ts": int(self.time.timestamp() * 1000),
            "status": self.status,
            "reason": self.reason,
            "text": self.text,
            "preview": self.preview,
            "duration_ms": self.duration_ms,
            "manual": self.manual,
            "runs": [run.as_json() for run in self.runs],
            "would": [one.as_json() for one in self.would],
            "next_at": moment(self.next_at),
        }


@dataclass(frozen=True, slots=True)
class HeartbeatStatus:
    """How it stands. ``last_event`` is the last beat that did something, as the log has it."""

    enabled: bool
    interval: str
    paused: bool
    state: str
    text: str
    next_at: datetime | None
    budget: Usages
    model: str = ""
    hours: str = ""
    failures: int = 0
    problems: tuple[str, ...] = ()
    last_event: dict[str, Any] | None = None

    def as_json(self) -> dict[str, Any]:
        """The Rust LocalGPT's ``{enabled, interval, last_event}`` and the rest."""
        return {
            "enabled": self.enabled,
            "interval": self.interval,
            "last_event": self.last_event,
            "paused": self.paused,
            "state": self.state,
            "text": self.text,
            "next_at": moment(self.next_at),
            "budget": self.budget.as_json(),
            "model": self.model,
            "active_hours": self.hours,
            "failures": self.failures,
            "problems": list(self.problems),
        }
