"""The rules of what runs unasked, as the settings mean them: how often, when, for how long, for how much."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from localgpt.core.config import Config
from localgpt.scheduler import duration
from localgpt.scheduler.acknowledgement import MOST_BESIDE
from localgpt.scheduler.hours import Hours

USUAL = 30 * 60.0
"""Seconds between two beats, where the settings say nothing that can be read."""
LONGEST_RUN = 600.0


@dataclass(frozen=True, slots=True)
class Allowed:
    """What unattended turns may use up in one day; 0 is no limit."""

    turns: int = 60
    tokens: int = 300_000
    usd: float = 1.0


@dataclass(frozen=True)
class Rules:
    """``interval`` and ``timeout`` in seconds; an interval of 0 is never. ``problems`` are sentences for the owner."""

    enabled: bool = True
    interval: float = USUAL
    timeout: float = LONGEST_RUN
    hours: Hours = field(default_factory=Hours)
    model: str = ""
    prompt: str = ""
    ack_max_chars: int = MOST_BESIDE
    parallel: int = 3
    allowed: Allowed = Allowed()
    problems: tuple[str, ...] = ()

    @classmethod
    def of(cls, config: Config) -> Rules:
        """The rules that the settings make."""
        given, hours = config.heartbeat, config.active_hours
        window = Hours.of(hours.start, hours.end, given.timezone)
        interval, timeout = duration.seconds(given.interval), duration.seconds(given.timeout or "0")
        problems = [
            f"heartbeat.{name} is {text!r}, which is no duration like 30m; {instead}."
            for name, text, read, instead in (
                ("interval", given.interval, interval, "every 30 minutes is used"),
                ("timeout", given.timeout, timeout, "the usual one is used"),
            )
            if read is None
        ]
        every = USUAL if interval is None else interval
        return cls(
            enabled=given.enabled,
            interval=every,
            timeout=timeout or min(max(every / 2, 60.0), LONGEST_RUN),
            hours=window,
            model=given.model,
            prompt=given.prompt,
            ack_max_chars=given.ack_max_chars,
            parallel=given.parallel,
            allowed=Allowed(given.day_turns, given.day_tokens, given.day_usd),
            problems=(*problems, *((window.problem,) if window.problem else ())),
        )

    @cached_property
    def spelled(self) -> str:
        """The interval in words: ``30m``."""
        return duration.spelled(self.interval)
