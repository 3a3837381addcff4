"""How likely each line of a passage answers: by its words and those beside it, by what it means, by who says it. Pure.

The figures were fitted on half of the questions of three sets (``docs/memory-quality.md``), and rounded.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from localgpt.core.tokens import estimate
from localgpt.core.words import stems, tokens, wide_letters
from localgpt.memory.plan import Term

BASE = -5.0
"""The odds (as a logarithm) of a line of the best passage without any of the question's words."""
BEHIND = 6.0
"""How fast they fall with what the passage's score is behind the best one's."""
MEANING = 7.5
"""How fast they fall with what the cosine of the line's part is behind the best cosine."""
WORDS = 2.4
"""What all of the question's words are worth, by their rarity; those of the line before or after ``BESIDE`` of it."""
BESIDE = 0.7
STRANGER = 2.4
"""What is taken away where the question names who speaks in the passage, and this line is somebody else's."""
ASKS = 0.75
"""What is taken away from a line that ends with a question mark."""
LENGTH = 0.66
"""What a longer line is likelier to hold it, by the logarithm of its tokens."""
KIN = 0.8
"""What a word counts that is there only as a compound or in parts."""
UNKNOWN = 0.2
"""How far behind the best cosine a passage is taken to be that has no vector yet."""
TOGETHER = 3
"""Words of the question that follow one another are together within so many words of a line."""
ENOUGH = 3
"""Pairs of such words that are as good as more."""
_SPEAKER = re.compile(r"\W{0,6}([^\W\d_][^:\n]{0,29}):\s")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a passage that isn't blank: its place in it (from 0), its stems in order and each once, its size, the
    stems of who speaks (if it begins like a line of dialogue), and whether it asks.
    """

    at: int
    stems: tuple[str, ...]
    held: frozenset[str]
    tokens: int
    speaker: frozenset[str] = frozenset()
    asks: bool = False


@lru_cache(maxsize=128)
def lines(text: str, language: str) -> tuple[Line, ...]:
    """The lines of a passage. A turn and those after it look at the same passages again."""
    return tuple(_line(at, line, language) for at, line in enumerate(text.split("\n")) if line.strip())


def _line(at: int, text: str, language: str) -> Line:
    says = _SPEAKER.match(text) if ": " in text else None
    words = (*stems(tokens(text), language), *wide_letters(text))
    return Line(
        at,
        words,
        frozenset(words),
        estimate(text) + 1,
        frozenset(stems(tokens(says[1]), language)) if says else frozenset(),
        text.rstrip().endswith(("?", "？")),
    )


def presence(term: Term, stems: frozenset[str]) -> float:
    """How far a word is among ``stems``: itself, in a compound, or by the parts that it is made of."""
    if not stems.isdisjoint(term.stems):
        return 1.0
    if not stems.isdisjoint(term.compounds):
        return KIN
    return KIN * min(1.0, sum(len(part) for part in term.parts if part in stems) / len(term.word))


def odds(
    found: Sequence[Line],
    terms: Sequence[Term],
    rarities: Mapping[str, float],
    behind: float,
    far: Sequence[float],
) -> list[float]:
    """The logarithm of each line's odds. ``behind`` is what the passage's score lacks of the best, ``far`` what the cosine
    of each line's part lacks of the best (both 0 or more).
    """
    shares = _shares(found, terms, rarities)
    asked = frozenset(one for term in terms for one in term.stems)
    named = any(not line.speaker.isdisjoint(asked) for line in found)
    return [
        BASE
        - BEHIND * behind
        - MEANING * distance
        + WORDS * share
        - STRANGER * (named and bool(line.speaker) and line.speaker.isdisjoint(asked))
        - ASKS * line.asks
        + LENGTH * math.log(line.tokens + 1)
        for line, share, distance in zip(found, shares, far, strict=True)
    ]


def _shares(found: Sequence[Line], terms: Sequence[Term], rarities: Mapping[str, float]) -> list[float]:
    """The share of the question's words in each line, by their rarity, with what stands in the lines beside it."""
    total = sum(rarities[term.word] for term in terms)
    if not total:
        return [0.0] * len(found)
    weights = [rarities[term.word] / total for term in terms]
    nothing = [0.0] * len(terms)
    forms = [frozenset((*term.stems, *term.compounds, *term.parts)) for term in terms]
    every = frozenset().union(*forms)
    has = [
        nothing
        if line.held.isdisjoint(every)
        else [
            0.0 if line.held.isdisjoint(own) else presence(term, line.held)
            for term, own in zip(terms, forms, strict=True)
        ]
        for line in found
    ]
    around = zip([nothing, *has], has, [*has[1:], nothing], strict=False)
    return [
        0.0
        if three[0] is three[1] is three[2]
        else sum(
            weight * max(own, BESIDE * before, BESIDE * after)
            for weight, before, own, after in zip(weights, *three, strict=True)
        )
        for three in around
    ]


def chance(logarithm: float) -> float:
    """The chance that such odds stand for, 0..1."""
    return 1 / (1 + math.exp(-logarithm))


def together(logarithms: Sequence[float]) -> float:
    """The odds, as a logarithm, that any of some lines answers."""
    none = sum(-math.log1p(math.exp(each)) for each in logarithms)
    return math.log(max(-math.expm1(none), 1e-6)) - none


def neighbours(found: Sequence[Line], terms: Sequence[Term]) -> float:
    """How many words of the question that follow one another stand close in a line too, 0..1."""
    every = frozenset(one for term in terms for one in term.stems)
    pairs = 0
    for line in found:
        if len(every & line.held) > 1:
            places = [_places(line, term) for term in terms]
            pairs += sum(_close(first, second) for first, second in pairwise(places))
    return min(pairs, ENOUGH) / ENOUGH


def _places(line: Line, term: Term) -> list[int]:
    """Where a word stands in a line."""
    if line.held.isdisjoint(term.stems):
        return []
    return [at for at, each in enumerate(line.stems) if each in term.stems]


def _close(first: Sequence[int], second: Sequence[int]) -> bool:
    return any(abs(one - other) <= TOGETHER for one in first for other in second)
