"""Asking a search many questions, by words, by meaning and by both, and counting what comes."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from localgpt.memory.index import Progress
from localgpt.memory.quality import BUDGET, Figures, Question, reciprocal_rank
from localgpt.memory.ranking import Weights
from localgpt.memory.search import Query, Searcher

TEXT, VECTORS, FUSED = "text", "vectors", "fused"
METHODS: Mapping[str, Weights] = {
    TEXT: Weights(),
    VECTORS: Weights(text=0.0, cover=0.0, lines=0.0, near=0.0),
    FUSED: Weights(),
}
HITS = 20
"""How many hits each question gets; what comes later counts as never."""


@dataclass(frozen=True, slots=True)
class Result:
    """What one method brought: over all questions, by their kind, and by their language; ``ranks`` has, by the question's
    ``line``, the rank of the first hit that shows some of the evidence (0: none did).
    """

    method: str
    all: Figures
    kinds: dict[str, Figures]
    languages: dict[str, Figures]
    ranks: dict[int, int] = field(default_factory=dict)


def methods(searcher: Searcher) -> tuple[str, ...]:
    """What can be measured: the last one is what a search uses. Without a model for meaning that is words."""
    return tuple(METHODS) if searcher.embedder is not None else (TEXT,)


def examine(
    searcher: Searcher,
    questions: Sequence[Question],
    method: str,
    progress: Progress | None = None,
) -> Result:
    """Ask everything by one method, each question on its own day."""
    asked = dataclasses.replace(
        searcher, embedder=None if method == TEXT else searcher.embedder, weights=METHODS[method]
    )
    result = Result(method, Figures(), {}, {})
    for number, question in enumerate(questions):
        if progress:
            progress(number, len(questions))
        _ask(asked, question, result)
    return result


def _ask(searcher: Searcher, question: Question, result: Result) -> None:
    day = question.today
    on_its_day = searcher if day is None else dataclasses.replace(searcher, today=lambda: day)
    found = on_its_day.search(Query(question.text, limit=HITS))
    given = on_its_day.search(Query(question.text, limit=HITS, tokens=BUDGET)) if question.evidence else found
    rank = reciprocal_rank(question.evidence, found.hits) if question.evidence else 0.0
    result.ranks[question.line] = round(1 / rank) if rank else 0
    groups = [result.all]
    for figures, name in ((result.kinds, question.kind), (result.languages, question.language)):
        if name:
            groups.append(figures.setdefault(name, Figures()))
    for group in groups:
        group.add(question, found.hits, found.took_ms, given.hits)
