"""Two passages of a section that stand one after the other and were both found are one hit. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from localgpt.core.values import Hit, Why

ENOUGH = 0.5
"""What share of the better one's score the other must have."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A hit with its score as it is (a hit's own is cut to 0..1), and the line at which the passage after it begins (0:
    none does); ``whole`` once it was joined.
    """

    hit: Hit
    score: float
    next: int = 0
    whole: bool = False


def joined(found: Iterable[Placed]) -> list[Hit]:
    """The hits, best first; the worse of two neighbours is moved to the better, which then shows both."""
    kept: list[Placed] = []
    for one in found:
        at = next((at for at, other in enumerate(kept) if _belong(other, one)), None)
        if at is None:
            kept.append(one)
        else:
            kept[at] = _both(kept[at], one)
    return [one.hit for one in kept]


def _belong(better: Placed, other: Placed) -> bool:
    if better.whole or better.hit.source != "notes" or other.score < ENOUGH * better.score:
        return False
    if other.hit.start != better.next and better.hit.start != other.next:
        return False
    return _section(better.hit) == _section(other.hit)


def _section(hit: Hit) -> tuple[str, ...]:
    """What two passages have in common that belong together: nothing private comes to something open."""
    return (hit.source, hit.path, hit.heading, hit.date, hit.speaker, hit.origin.value, hit.egress.value)


def _both(better: Placed, other: Placed) -> Placed:
    first, second = sorted((better.hit, other.hit), key=lambda hit: hit.start)
    text = first.text + "\n" * (second.start - first.end) + second.text  # only blank lines are between them
    why = Why("beside", f"{other.hit.start}-{other.hit.end} was found too", round(other.score, 3), 0.0)
    hit = replace(better.hit, start=first.start, end=second.end, text=text, why=(*better.hit.why, why))
    return Placed(hit, better.score, whole=True)
