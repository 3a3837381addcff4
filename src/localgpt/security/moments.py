"""Days and times in the usual spellings of English and German, taken out of a text. Pure."""

from __future__ import annotations

import re

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan januar jänner",
            "february feb februar",
            "march mar märz maerz mär",
            "april apr",
            "may mai",
            "june jun juni",
            "july jul juli",
            "august aug",
            "september sep sept",
            "october oct oktober okt",
            "november nov",
            "december dec dezember dez",
        ),
        start=1,
    )
    for name in names.split()
}
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_DAYS = (
    re.compile(r"\b(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})(?!\d)(?:T(?=\d))?"),
    re.compile(r"\b(?P<d>\d{1,2})\.\s?(?P<m>\d{1,2})\.\s?(?P<y>\d{4})?(?!\d)"),
    re.compile(
        rf"\b(?P<n>{_MONTH})\.?\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s+(?P<y>\d{{4}}))?", re.IGNORECASE
    ),
    re.compile(
        rf"\b(?P<d>\d{{1,2}})(?:st|nd|rd|th|\.)?\s+(?:of\s+)?(?P<n>{_MONTH})\b\.?(?:,?\s+(?P<y>\d{{4}}))?",
        re.IGNORECASE,
    ),
)
_HALF = r"(?P<half>am|pm|a\.m\.|p\.m\.)"
_TIMES = (
    re.compile(
        rf"\b(?P<h>\d{{1,2}}):(?P<min>\d{{2}})(?::\d{{2}}(?:\.\d+)?)?(?:\s*{_HALF})?(?![\w:])", re.IGNORECASE
    ),
    re.compile(r"\b(?P<h>\d{1,2})\.(?P<min>\d{2})\s*uhr\b", re.IGNORECASE),
    re.compile(rf"\b(?P<h>\d{{1,2}})\s*{_HALF}(?!\w)", re.IGNORECASE),
    re.compile(r"\b(?P<h>\d{1,2})\s*(?:uhr|o['’]clock)(?:\s*(?P<min>\d{2}))?\b", re.IGNORECASE),
)


def days_in(text: str) -> tuple[frozenset[str], str]:
    """The days in a text (``2026-05-14``, or ``--05-14`` without a year), and the text without them."""
    found: set[str] = set()

    def take(match: re.Match[str]) -> str:
        parts = match.groupdict()
        month = int(parts["m"]) if parts.get("m") else _MONTHS[parts["n"].lower()]
        day = int(parts["d"])
        if not (1 <= month <= 12 and 1 <= day <= 31):
            return match[0]
        year = parts.get("y") or "-"
        found.add(f"{year}-{month:02}-{day:02}")
        return " "

    for pattern in _DAYS:
        text = pattern.sub(take, text)
    return frozenset(found), text


def times_in(text: str) -> tuple[frozenset[str], str]:
    """The times in a text (``14:30``), and the text without them."""
    found: set[str] = set()

    def take(match: re.Match[str]) -> str:
        parts = match.groupdict()
        hour, minute = int(parts["h"]), int(parts.get("min") or 0)
        if (half := (parts.get("half") or "").lower()[:1]) and hour <= 12:
            hour = hour % 12 + (12 if half == "p" else 0)
        if hour > 24 or minute > 59:
            return match[0]
        found.add(f"{hour:02}:{minute:02}")
        return " "

    for pattern in _TIMES:
        text = pattern.sub(take, text)
    return frozenset(found), text
