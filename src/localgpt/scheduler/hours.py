"""The hours in which things may run unasked: a window of the day in a time zone, over midnight too.

As in OpenClaw the beginning is within it and the end is not, ``24:00`` is an end, and a window whose beginning is its
end is never open. Times or a zone that nobody can read close nothing; ``Hours.problem`` says so. Moments are aware.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

_DAY = 24 * 60
_DAYS_AHEAD = 3


@dataclass(frozen=True, slots=True)
class Hours:
    """A window from ``start`` to ``end``, in minutes of the day; both ``None``: always. ``zone`` ``None``: this machine's."""

    start: int | None = None
    end: int | None = None
    zone: tzinfo | None = None
    problem: str = ""

    @classmethod
    def of(cls, start: str, end: str, timezone: str = "") -> Hours:
        """The window that the settings mean; one end alone leaves the other at midnight."""
        zone, problem = _zone(timezone)
        if not start.strip() and not end.strip():
            return cls(zone=zone, problem=problem)
        first, last = _minutes(start or "00:00"), _minutes(end or "24:00")
        if first is None or last is None or first == _DAY:
            wrong = start if first is None or first == _DAY else end
            problem = f"heartbeat.active_hours has {wrong!r}, which is no time like 08:00; no hour is quiet."
            return cls(zone=zone, problem=problem)
        if problem:
            return cls(problem=f"{problem[:-1]}; no hour is quiet.")
        return cls(first, last, zone)

    @property
    def always(self) -> bool:
        """Whether no hour is quiet."""
        return self.start is None or self.end is None

    @property
    def spelled(self) -> str:
        """The window in words, empty where no hour is quiet."""
        if self.start is None or self.end is None:
            return ""
        ends = f"{self.start // 60:02}:{self.start % 60:02}-{self.end // 60:02}:{self.end % 60:02}"
        return ends + (f" {self.zone}" if self.zone else "")

    def local(self, moment: datetime) -> datetime:
        """The moment as the owner's clock shows it."""
        return moment.astimezone(self.zone)

    def open(self, moment: datetime) -> bool:
        """Whether the window is open at that moment."""
        if self.start is None or self.end is None:
            return True
        shown = self.local(moment)
        minute = shown.hour * 60 + shown.minute
        if self.start <= self.end:
            return self.start <= minute < self.end
        return minute >= self.start or minute < self.end

    def opens(self, moment: datetime) -> datetime | None:
        """The first moment from ``moment`` on at which it is open; ``None``: never."""
        if self.open(moment):
            return moment
        if self.start is None or self.start == self.end:
            return None
        for ahead in range(_DAYS_AHEAD):
            day = self.local(moment).date() + timedelta(days=ahead)
            opening = self._opening(day)
            if opening >= moment and self.open(opening):
                return opening
        return None

    def _opening(self, day: date) -> datetime:
        """When the window opens on that day; where the clocks jump over its beginning, when they have jumped."""
        start = self.start or 0
        wall = datetime.combine(day, time(start // 60, start % 60))
        moment = (wall.astimezone() if self.zone is None else wall.replace(tzinfo=self.zone)).astimezone(UTC)
        while self.local(moment).replace(tzinfo=None) > wall and self.open(moment - timedelta(minutes=1)):
            moment -= timedelta(minutes=1)
        return moment


def _minutes(text: str) -> int | None:
    found = re.fullmatch(r"\s*([0-9]{1,2}):([0-9]{2})(?::00)?\s*", text)
    if found is None:
        return None
    minutes = int(found[1]) * 60 + int(found[2])
    return minutes if int(found[2]) < 60 and minutes <= _DAY else None


def _zone(name: str) -> tuple[tzinfo | None, str]:
    """The zone of that name, ``None`` for this machine's; and what is wrong with the name."""
    if name.strip().lower() in {"", "local", "user"}:
        return None, ""
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return ZoneInfo(name.strip()), ""
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: names a folder of the database
        return None, f"heartbeat.timezone has {name!r}, which is no zone like Europe/Vienna."
