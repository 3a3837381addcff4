"""What a search found, as text for people or as JSON for programs."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from localgpt.cli.output import Screen, bold, dim
from localgpt.core.values import Hit, Why

if TYPE_CHECKING:
    from localgpt.memory.expecting import Verdict
    from localgpt.memory.search import Found

_EXCERPT_LINES = 6


def show_found(
    screen: Screen,
    found: Found,
    *,
    shape: str = "text",
    explain: bool = False,
    expected: Verdict | None = None,
) -> None:
    """Print the passages; ``shape`` is ``text`` or ``json``, ``explain`` adds why each was found, ``expected`` what
    became of one that was looked for.
    """
    if shape == "json":
        about = {} if expected is None else {"expected": dataclasses.asdict(expected)}
        screen.json(as_json(found) | about)
        return
    for notice in found.notices:
        screen.aside(dim(notice))
    if not found.hits:
        screen.aside("Nothing found.")
    for number, hit in enumerate(found.hits):
        if number:
            screen.line()
        _show(screen, hit)
        for why in hit.why if explain else ():
            screen.line(dim(f"  why: {because(why)}"))
    if expected is not None:
        screen.line()
        screen.line(bold("expected  "), expected.sentence)


def as_json(found: Found) -> dict[str, Any]:
    """What ``search --format json`` prints."""
    hits = [_hit(hit) for hit in found.hits]
    return {
        "query": found.query,
        "took_ms": round(found.took_ms, 1),
        "hits": hits,
        "notices": list(found.notices),
    }


def _hit(hit: Hit) -> dict[str, Any]:
    return {
        "path": hit.path,
        "start": hit.start,
        "end": hit.end,
        "text": hit.text,
        "score": round(hit.score, 4),
        "source": hit.source,
        "date": hit.date,
        "heading": hit.heading,
        "speaker": hit.speaker,
        "why": [dataclasses.asdict(why) for why in hit.why],
    }


def _show(screen: Screen, hit: Hit) -> None:
    heading = "" if hit.heading == hit.date else hit.heading
    facts = "  ".join(filter(None, [hit.date, f"{hit.score:.2f}", heading]))
    screen.line(bold(str(hit.span)), dim(f"  {facts}"))
    lines = hit.text.strip("\n").splitlines()
    for line in lines[:_EXCERPT_LINES]:
        screen.line(f"    {line}".rstrip())
    if len(lines) > _EXCERPT_LINES:
        screen.line(dim(f"    ... {len(lines) - _EXCERPT_LINES} more lines"))


def because(why: Why) -> str:
    """One reason in a line: the ranker, what it saw, its figure, and what it added to the score."""
    return f"{why.ranker}  {why.detail}  {why.value:.3f}, adds {why.weight:+.3f}"
