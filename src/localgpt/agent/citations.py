"""Places that a reply refers to, found and checked. Pure but for the check, which is handed in."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable

from localgpt.core.events import Citation
from localgpt.core.values import Span

_PLACE = re.compile(
    r"(?P<path>session:[0-9A-Za-z-]{8,64}|attachment:[0-9a-f]{8}/[^\s\[\]()<>`'\"|:]+|"
    r"(?<![^\s\[\]()<>`'\"|:])[^\s\[\]()<>`'\"|:]+\.(?:md|markdown|txt))"  # tried once a word: a word may be a megabyte
    r":(?P<start>\d{1,7})(?:-(?P<end>\d{1,7}))?"
)
_BRACKETED = re.compile(
    r"\[(?P<path>session:[0-9A-Za-z-]{8,64}|attachment:[0-9a-f]{8}/[^\[\]\n:]+|[^\[\]\n:]+):(?P<start>\d{1,7})(?:-(?P<end>\d{1,7}))?\]"
)


def find(text: str) -> tuple[Span, ...]:
    """Every ``path:line`` or ``path:first-last`` in ``text``, in order, each once.

    In brackets a path may have spaces and any ending; elsewhere it ends in ``.md``, ``.markdown`` or ``.txt``.
    """
    found = dict.fromkeys(_span(match) for match in _matches(text))
    return tuple(found)


def located(text: str) -> tuple[tuple[int, int, Span], ...]:
    """Every citation in ``text`` with where it begins and ends there, brackets included."""
    return tuple((match.start(), match.end(), _span(match)) for match in _matches(text))


def _matches(text: str) -> list[re.Match[str]]:
    bracketed = list(_BRACKETED.finditer(text))
    begins = [match.start() for match in bracketed]

    def is_inside(at: int) -> bool:
        before = bisect_right(begins, at)
        return before > 0 and at < bracketed[before - 1].end()

    bare = [match for match in _PLACE.finditer(text) if not is_inside(match.start())]
    return sorted([*bracketed, *bare], key=lambda match: match.start())


def _span(match: re.Match[str]) -> Span:
    start = int(match["start"])
    return Span(match["path"].strip(), start, int(match["end"] or start))


def check(text: str, lines_of: Callable[[str], int | None]) -> tuple[Citation, ...]:
    """The citations of a reply, each marked valid when its lines are there.

    ``lines_of`` tells how many lines a path has, or ``None`` if there is no such note or conversation.
    """
    return tuple(Citation(span, _stands(span, lines_of(span.path))) for span in find(text))


def _stands(span: Span, count: int | None) -> bool:
    return count is not None and 1 <= span.start <= span.end <= count
