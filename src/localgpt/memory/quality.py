"""How well hits bring the evidence: recall at k, the rank of the first, and the prompt that it takes. Pure."""

from __future__ import annotations

import datetime as dt
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from localgpt.core.tokens import estimate
from localgpt.core.values import Hit, Span

BUDGET = 1000
"""Tokens of prompt, in which a good search has brought its evidence."""
WHOLE = 2**31
"""The last line of a place that is a whole note, whichever of its lines comes."""

Line: TypeAlias = tuple[str, int]
Fact: TypeAlias = tuple[Span, ...]
"""Something that an answer needs: the places where it stands, any of which will do."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked and the facts that it takes to answer (none: nothing does). ``kind`` and ``language`` only sort the
    figures; ``today`` is the day on which it is asked, if that matters; ``line`` where it stands in its file.
    """

    text: str
    evidence: tuple[Fact, ...]
    kind: str = ""
    language: str = ""
    today: dt.date | None = None
    line: int = 0


@dataclass(slots=True)
class Figures:
    """Sums over questions; ``recall`` counts the share of a question's evidence, ``any`` whether some of it came,
    ``notes`` the share of its notes. Questions that nothing answers count apart: ``silent`` of ``absent`` found nothing.
    """

    questions: int = 0
    absent: int = 0
    silent: int = 0
    recall: dict[int, float] = field(default_factory=lambda: {1: 0.0, 5: 0.0, 10: 0.0})
    any: dict[int, float] = field(default_factory=lambda: {5: 0.0, 10: 0.0})
    notes: dict[int, float] = field(default_factory=lambda: {5: 0.0, 10: 0.0})
    reciprocal: float = 0.0
    budget: float = 0.0
    tokens: list[float] = field(default_factory=list)
    times: list[float] = field(default_factory=list)

    def add(
        self,
        question: Question,
        hits: Sequence[Hit],
        took_ms: float = 0.0,
        given: Sequence[Hit] | None = None,
    ) -> None:
        """Count one question's hits; ``given`` is what a search brings that has room for ``BUDGET`` tokens."""
        self.times.append(took_ms)
        if not question.evidence:
            self.absent += 1
            self.silent += not hits
            return
        self.questions += 1
        for k in self.recall:
            self.recall[k] += share(question.evidence, shown(hits[:k]))
        for k in self.any:
            self.any[k] += bool(share(question.evidence, shown(hits[:k])))
            self.notes[k] += notes_share(question.evidence, first_paths(hits, k))
        self.reciprocal += reciprocal_rank(question.evidence, hits)
        self.budget += share(question.evidence, within_budget(hits if given is None else given))
        self.tokens.append(tokens_to(question.evidence, hits))

    def mean(self, total: float) -> float:
        """``total`` over the questions that something answers."""
        return total / max(1, self.questions)

    @property
    def median_tokens(self) -> float | None:
        """Tokens of prompt until all evidence has come, for the question in the middle; None if it never does."""
        middle = statistics.median_high(self.tokens) if self.tokens else float("inf")
        return None if middle == float("inf") else middle

    @property
    def median_ms(self) -> float:
        """Milliseconds of a search, for the question in the middle."""
        return statistics.median(self.times) if self.times else 0.0


def shown(hits: Iterable[Hit]) -> frozenset[Line]:
    """The lines that hits show."""
    return frozenset((hit.path, line) for hit in hits for line in range(hit.start, hit.end + 1))


def share(evidence: Sequence[Fact], lines: frozenset[Line]) -> float:
    """How much of the evidence is among ``lines``: the mean over its facts, of each the share of the best place's lines."""
    return sum(max(_share(place, lines) for place in fact) for fact in evidence) / len(evidence)


def _share(place: Span, lines: frozenset[Line]) -> float:
    if place.end == WHOLE:
        return float(any(path == place.path for path, _ in lines))
    wanted = range(place.start, place.end + 1)
    return sum((place.path, line) in lines for line in wanted) / len(wanted)


def notes_share(evidence: Sequence[Fact], paths: Sequence[str]) -> float:
    """How many of the facts stand in notes among ``paths``."""
    return sum(any(place.path in paths for place in fact) for fact in evidence) / len(evidence)


def reciprocal_rank(evidence: Sequence[Fact], hits: Sequence[Hit]) -> float:
    """1 over the rank of the first hit that shows some evidence; 0 if none does."""
    ranks = (rank for rank, hit in enumerate(hits, 1) if share(evidence, shown([hit])))
    return 1 / next(ranks, float("inf"))


def first_paths(hits: Iterable[Hit], k: int) -> list[str]:
    """The first ``k`` different notes."""
    return list(dict.fromkeys(hit.path for hit in hits))[:k]


def within_budget(hits: Iterable[Hit]) -> frozenset[Line]:
    """The lines that fit whole into the first 1,000 tokens of the hits' texts."""
    lines: set[Line] = set()
    left = BUDGET
    for path, number, tokens in _lines(hits):
        left -= tokens
        if left < 0:
            break
        lines.add((path, number))
    return frozenset(lines)


def tokens_to(evidence: Sequence[Fact], hits: Iterable[Hit]) -> float:
    """Tokens of the hits' texts, best first, until all evidence has come; infinite if it never does."""
    lines: set[Line] = set()
    used = 0
    for path, number, tokens in _lines(hits):
        used += tokens
        lines.add((path, number))
        if _touches(evidence, (path, number)) and share(evidence, frozenset(lines)) == 1:
            return float(used)
    return float("inf")


def _touches(evidence: Sequence[Fact], line: Line) -> bool:
    return any(
        place.path == line[0] and place.start <= line[1] <= place.end for fact in evidence for place in fact
    )


def _lines(hits: Iterable[Hit]) -> Iterable[tuple[str, int, int]]:
    """Path, number and tokens of each line, in the order of the prompt."""
    for hit in hits:
        for number, line in enumerate(hit.text.split("\n"), hit.start):
            yield hit.path, number, estimate(line) + 1
