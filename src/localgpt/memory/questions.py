"""Questions with the places that answer them, as lines of JSON: what a search is tested with. Pure."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from localgpt.core.errors import UsageError
from localgpt.core.values import Span
from localgpt.memory.quality import WHOLE, Fact, Question

HINT = (
    'A line looks like this: {"question": "What is the boat called?", "expect": ["knowledge/harbour.md:7"]}'
)
_LINES = re.compile(r"(?P<path>.+?):(?P<start>\d{1,9})(?:-(?P<end>\d{1,9}))?")


def parse(text: str, name: str) -> list[Question]:
    """The questions of a file ``name`` with the content ``text``; empty lines are skipped.

    Raises ``UsageError`` that names the first bad line.
    """
    asked = [
        _question(line, f"{name}, line {number}", number)
        for number, line in enumerate(text.split("\n"), 1)
        if line.strip()
    ]
    if not asked:
        raise UsageError(f"{name} holds no question.", hint=HINT)
    return asked


def _question(line: str, where: str, number: int) -> Question:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        raise UsageError(f"{where}: this is not JSON.", hint=HINT) from None
    if not isinstance(value, dict):
        raise UsageError(f"{where}: this is not a JSON object.", hint=HINT)
    text, expected = value.get("question"), value.get("expect")
    if not isinstance(text, str) or not text.strip():
        raise UsageError(f'{where}: "question" is missing or empty.', hint=HINT)
    if not isinstance(expected, list):
        raise UsageError(
            f'{where}: "expect" has to be a list of places, empty if nothing answers.', hint=HINT
        )
    evidence = tuple(_fact(item, where) for item in expected)
    kind, language = (_word(value, key, where) for key in ("kind", "language"))
    return Question(text, evidence, kind, language, _day(value, where), number)


def _fact(item: Any, where: str) -> Fact:
    """A place, or a list of places any of which will do."""
    places = item if isinstance(item, list) else [item]
    if not places or not all(isinstance(place, str) for place in places):
        raise UsageError(f'{where}: what "expect" lists has to be places, or lists of places.', hint=HINT)
    return tuple(place_named(place, where) for place in places)


def place_named(text: str, where: str) -> Span:
    """A place such as ``path``, ``path:a`` or ``path:a-b``; ``where`` it stands, for the ``UsageError`` that it may raise."""
    match = _LINES.fullmatch(text)
    if match is None or match["path"] == "session":
        if not text.strip():
            raise UsageError(f"{where}: an expected place is empty.", hint=HINT)
        return Span(text, 1, WHOLE)
    start = int(match["start"])
    end = int(match["end"] or start)
    if not 1 <= start <= end:
        raise UsageError(
            f"{where}: {text!r} names no lines.", hint="Lines count from 1, the first before the last."
        )
    return Span(match["path"], start, end)


def _word(value: dict[str, Any], key: str, where: str) -> str:
    word = value.get(key, "")
    if not isinstance(word, str):
        raise UsageError(f'{where}: "{key}" has to be a text.', hint=HINT)
    return word


def _day(value: dict[str, Any], where: str) -> dt.date | None:
    day = value.get("today")
    if day is None:
        return None
    try:
        return dt.date.fromisoformat(day)
    except (TypeError, ValueError):
        raise UsageError(f'{where}: "today" has to be a day such as 2026-03-01.') from None


def strangers(questions: Iterable[Question], paths: frozenset[str]) -> Iterator[tuple[int, str]]:
    """The expected notes that are not among ``paths``: the line of the question, and the path."""
    for question in questions:
        places = [place for fact in question.evidence for place in fact]
        for path in dict.fromkeys(place.path for place in places if place.path not in paths):
            yield question.line, path
