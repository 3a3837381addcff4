"""From candidates to an order, with reasons: convex fusion of scaled scores, then what the passages themselves say. Pure.

``docs/memory.md`` explains the figures; ``bench/recall`` measures them.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from localgpt.core.paths import PROTECTED
from localgpt.core.values import Hit, Span, Why
from localgpt.core.words import is_question, sentences, stem, stems, tokens
from localgpt.memory.entry import day_stems, path_words, windows_of_lines
from localgpt.memory.excerpts import excerpts
from localgpt.memory.joining import Placed, joined
from localgpt.memory.lookup import Passage
from localgpt.memory.odds import UNKNOWN, Line, lines, neighbours, odds, presence, together
from localgpt.memory.plan import Plan, Term

TRUST = 0.5
"""How fast words lose their share where few of the question's are found: the exponent of the best cover."""
PREFERENCE = 1.15
"""How much more a passage counts that belongs to the project in which one asks."""
OF_A_PLACE = 2
"""Passages of one message, or of one line longer than a passage, that come before others had their turn."""
LEVEL = 0.7
"""How much of what a language's best cosines lack of another's is made up for (a question that isn't English)."""
SAMPLE = 20
"""So many of the best cosines tell how near a language is; one with fewer passages is left as it is."""
GAP = 0.05
"""A model to which languages are further apart than this knows the question's badly: words count ``ABROAD``."""
ABROAD = 0.75
INSTRUCTIONS = frozenset(PROTECTED) - {"MEMORY.md", "USER.md"}
"""Notes that tell the assistant how to work; they rarely hold an answer, and share many words with questions."""


@dataclass(frozen=True, slots=True)
class Weights:
    """What each thing adds to a score. ``text`` and what it leaves of 1 (for vectors) are shares of the fusion;
    the rest is added, ``question`` and ``instructions`` are taken away. ``lines`` is for each unit of the odds'
    logarithm.
    """

    text: float = 0.6
    cover: float = 0.15
    date: float = 0.1
    phrase: float = 0.2
    question: float = 0.7
    instructions: float = 0.25
    lines: float = 0.04
    near: float = 0.1


@dataclass(frozen=True, slots=True)
class Fused:
    """A candidate: what each ranker says of it (raw, scaled to 0..1, rank from 1; rank 0: not brought by it), the
    cosines of its ``windows`` in their order, and what was added to its cosine for its language (``lift``).
    """

    bm25: float = 0.0
    text: float = 0.0
    text_rank: int = 0
    cosine: float | None = None
    meaning: float = 0.0
    vector_rank: int = 0
    windows: tuple[float, ...] = ()
    lift: float = 0.0

    def score(self, share: float) -> float:
        """The fusion, with ``share`` for the words. Without a vector (yet) the words alone judge."""
        return self.text if self.cosine is None else share * self.text + (1 - share) * self.meaning


def lifts(cosine: Mapping[int, float], languages: Mapping[int, str]) -> dict[int, float]:
    """What is added to cosines so that passages of one language don't bury those of another, whatever they say.

    To a model that knows English best any German text is nearer to a German question than the English answer is.
    """
    groups: dict[str, list[float]] = {}
    for chunk, value in cosine.items():
        groups.setdefault(languages.get(chunk, ""), []).append(value)
    near = {
        one: sum(sorted(values)[-SAMPLE:]) / SAMPLE
        for one, values in groups.items()
        if one and len(values) >= SAMPLE
    }
    top = max(near.values(), default=0.0)
    return {chunk: LEVEL * (top - near[one]) for chunk, one in languages.items() if one in near}


def fuse(
    text: Mapping[int, float], cosine: Mapping[int, float], lift: Mapping[int, float] | None = None
) -> dict[int, Fused]:
    """Scale both rankers' scores to 0..1, chunk by chunk; ``lift`` is added to cosines before."""
    lifted = {chunk: value + lift.get(chunk, 0.0) for chunk, value in cosine.items()} if lift else cosine
    words, meaning = _scaled(text, 0.0), _scaled(lifted, min(lifted.values(), default=0.0))
    text_ranks, vector_ranks = _ranks(text), _ranks(lifted)
    return {
        chunk: Fused(
            text.get(chunk, 0.0),
            words.get(chunk, 0.0),
            text_ranks.get(chunk, 0),
            cosine.get(chunk),
            meaning.get(chunk, 0.0),
            vector_ranks.get(chunk, 0),
            lift=lift.get(chunk, 0.0) if lift else 0.0,
        )
        for chunk in text.keys() | cosine.keys()
    }


def _scaled(scores: Mapping[int, float], low: float) -> dict[int, float]:
    high = max(scores.values(), default=0.0)
    width = high - low
    return {chunk: (score - low) / width if width > 0 else 1.0 for chunk, score in scores.items()}


def _ranks(scores: Mapping[int, float]) -> dict[int, int]:
    ordered = sorted(scores, key=lambda chunk: (-scores[chunk], chunk))
    return {chunk: rank for rank, chunk in enumerate(ordered, 1)}


def rarity(frequencies: Mapping[str, int], size: int, terms: Iterable[Term]) -> dict[str, float]:
    """How much each term tells: the more, the fewer chunks have it (BM25's inverse document frequency)."""
    weights = {}
    for term in terms:
        having = min(size, sum(frequencies.get(one, 0) for one in term.stems))
        weights[term.word] = math.log(1 + (size - having + 0.5) / (having + 0.5))
    return weights


def ranked(
    planned: Plan,
    candidates: Sequence[tuple[Passage, Fused]],
    rarities: Mapping[str, float],
    weights: Weights,
    limit: int,
    prefer: tuple[str, ...] = (),
    tokens: int = 0,
) -> list[Hit]:
    """The ``limit`` best candidates as hits, best first, near-duplicates left out and neighbours joined.

    Passages whose path begins with one of ``prefer`` are moved up by ``PREFERENCE``. With ``tokens`` the hits are cut to
    the lines that most likely answer, as many as they take.

    Words weigh less where even the best passage has few of the question's: then it was asked in other words.
    """
    read = [_read(planned, passage, fused, rarities) for passage, fused in candidates]
    best = max((one.cover for one in read if one.fused.text_rank), default=0.0)
    share = _share_of_words(weights, candidates) * best**TRUST
    reasons = [[*_brought(one.fused, share), *_moved(planned, one, weights)] for one in read]
    weighed = _weighed(planned, read, [_sum(each) for each in reasons], rarities)
    placed = [
        _placed(one, [*each, *_in_lines(planned, one, line_odds, weights)], prefer)
        for one, each, line_odds in zip(read, reasons, weighed, strict=True)
    ]
    placed.sort(key=lambda one: (-one.score, one.hit.path, one.hit.start))
    hits = collapsed(joined(placed), limit)
    if not tokens:
        return hits
    return excerpts(hits, _by_line(read, weighed), tokens, limit)


def _share_of_words(weights: Weights, candidates: Iterable[tuple[Passage, Fused]]) -> float:
    """More where the model hardly knows the question's language; none where meaning alone is asked for."""
    apart = max((fused.lift for _, fused in candidates), default=0.0) >= LEVEL * GAP
    return max(weights.text, ABROAD) if apart and weights.text else weights.text


def _sum(reasons: Iterable[Why]) -> float:
    return sum(reason.weight for reason in reasons)


@dataclass(frozen=True, slots=True)
class _Read:
    """A candidate that was looked at word by word."""

    passage: Passage
    fused: Fused
    lines: Sequence[Line]
    stems: list[str]
    cover: float


def _read(planned: Plan, passage: Passage, fused: Fused, rarities: Mapping[str, float]) -> _Read:
    found = lines(passage.chunk.text, passage.language)
    words = [one for line in found for one in line.stems] + _above(passage)
    return _Read(passage, fused, found, words, _cover(planned.terms, frozenset(words), rarities))


def _weighed(
    planned: Plan, read: Sequence[_Read], scores: Sequence[float], rarities: Mapping[str, float]
) -> list[list[float]]:
    """The odds of each passage's lines, beside the passage with the best score and the part with the best cosine."""
    top = max(scores, default=0.0)
    nearest = max((cosine for one in read for cosine in one.fused.windows), default=None)
    return [
        odds(one.lines, planned.terms, rarities, top - score, _far(one, nearest))
        for one, score in zip(read, scores, strict=True)
    ]


def _far(read: _Read, nearest: float | None) -> list[float]:
    """What the cosine of each line's part lacks of the best one; all the same where there are no vectors."""
    cosines = read.fused.windows
    if nearest is None or not cosines:
        return [0.0 if nearest is None else UNKNOWN] * len(read.lines)
    parts = windows_of_lines(read.passage.chunk.text)
    return [
        nearest - max((cosines[at] for at in parts[line.at] if at < len(cosines)), default=max(cosines))
        for line in read.lines
    ]


def _by_line(read: Sequence[_Read], weighed: Sequence[Sequence[float]]) -> dict[tuple[str, int], float]:
    return {
        (one.passage.chunk.path, one.passage.chunk.start + line.at): each
        for one, line_odds in zip(read, weighed, strict=True)
        for line, each in zip(one.lines, line_odds, strict=True)
    }


def _placed(read: _Read, reasons: list[Why], prefer: tuple[str, ...]) -> Placed:
    chunk, fused = read.passage.chunk, read.fused
    if chunk.path.startswith(prefer):
        more = (PREFERENCE - 1) * max(0.0, _sum(reasons))
        reasons.append(Why("project", "belongs to this project", PREFERENCE, more))
    score = _sum(reasons)
    hit = Hit(
        path=chunk.path,
        start=chunk.start,
        end=chunk.end,
        text=chunk.text,
        score=round(min(1.0, max(0.0, score)), 4),
        source=read.passage.source,
        heading=chunk.heading,
        date=chunk.date,
        speaker=chunk.speaker,
        origin=chunk.origin,
        egress=chunk.egress,
        why=tuple(reasons),
        cover=round(read.cover, 4),
        cosine=None if fused.cosine is None else round(fused.cosine, 4),
    )
    return Placed(hit, score, read.passage.next)


def _above(passage: Passage) -> list[str]:
    """The stems of what stands above a passage."""
    chunk = passage.chunk
    words = stems(tokens(f"{chunk.heading} {path_words(chunk.path)}"), passage.language)
    return [*words, *day_stems(chunk.date, passage.language)]


def _cover(terms: Sequence[Term], stems: frozenset[str], rarities: Mapping[str, float]) -> float:
    total = sum(rarities[term.word] for term in terms)
    present = sum(rarities[term.word] * presence(term, stems) for term in terms)
    return present / total if total else 0.0


def _brought(fused: Fused, share: float) -> list[Why]:
    reasons = []
    if fused.text_rank:
        weight = fused.text * (share if fused.cosine is not None else 1.0)
        reasons.append(Why("text", f"words, rank {fused.text_rank}", round(fused.bm25, 3), weight))
    if fused.cosine is not None:
        weight = fused.meaning * (1 - share)
        lifted = f", {fused.lift:+.3f} for its language" if fused.lift else ""
        detail = f"meaning, rank {fused.vector_rank}{lifted}"
        reasons.append(Why("vector", detail, round(fused.cosine, 3), weight))
    return reasons


def _moved(planned: Plan, read: _Read, weights: Weights) -> list[Why]:
    chunk = read.passage.chunk
    reasons = []
    if read.cover:
        detail = "share of the question's words"
        reasons.append(Why("cover", detail, round(read.cover, 3), weights.cover * read.cover))
    if chunk.date and any(chunk.date in period for period in planned.periods):
        reasons.append(Why("date", f"{chunk.date} is when the question asks about", 1.0, weights.date))
    if any(_holds(read.stems, phrase) for phrase in planned.phrases):
        reasons.append(Why("phrase", "has the words in quotes as they are", 1.0, weights.phrase))
    asks = _asking(planned, read) if read.passage.source == "sessions" else 0.0
    if asks:
        reasons.append(Why("question", "only asks", round(asks, 3), -weights.question * asks))
    if chunk.path in INSTRUCTIONS:
        reasons.append(Why("instructions", "tells the assistant how to work", 1.0, -weights.instructions))
    return reasons


def _in_lines(planned: Plan, read: _Read, line_odds: Sequence[float], weights: Weights) -> list[Why]:
    """What the lines one by one say of a passage."""
    reasons = []
    if weights.lines and line_odds:
        all_odds = together(line_odds)
        detail = "how likely one of them answers, as a logarithm"
        reasons.append(Why("lines", detail, round(all_odds, 3), weights.lines * all_odds))
    pairs = neighbours(read.lines, planned.terms) if weights.near else 0.0
    if pairs:
        detail = "words that follow each other in the question stand together"
        reasons.append(Why("near", detail, round(pairs, 3), weights.near * pairs))
    return reasons


def _asking(planned: Plan, read: _Read) -> float:
    """How far a message only asks for what is asked: 1 where none of the question's words stand in what it tells."""
    said = sentences(read.passage.chunk.text)
    told = [sentence for sentence in said if not is_question(sentence)]
    if not told:
        return 1.0
    if len(told) == len(said):
        return 0.0
    everywhere, in_told = (
        _words_among(planned.terms, text, read.passage.language) for text in (" ".join(said), " ".join(told))
    )
    return 1 - in_told / everywhere if everywhere else 0.0


def _words_among(terms: Iterable[Term], text: str, language: str) -> int:
    stems = frozenset(stem(word, language) for word in tokens(text))
    return sum(not stems.isdisjoint(term.stems) for term in terms)


def _holds(order: Sequence[str], phrase: Sequence[Term]) -> bool:
    return any(
        all(order[at + step] in term.stems for step, term in enumerate(phrase))
        for at in range(len(order) - len(phrase) + 1)
    )


_SAME = 0.9


def collapsed(hits: Sequence[Hit], limit: int) -> list[Hit]:
    """The first ``limit`` hits, without those that say nearly the same words as a better one.

    No single message or line fills the list: what is more of it comes when nothing else is left.
    """
    kept, spare = list[Hit](), list[Hit]()
    said: list[frozenset[str]] = []
    places = Counter[Span]()
    for hit in hits:
        if len(kept) == limit:
            break
        words = frozenset(tokens(hit.text))
        if any(_alike(words, others) for others in said):
            continue
        said.append(words)
        places[hit.span] += 1
        (kept if places[hit.span] <= OF_A_PLACE else spare).append(hit)
    return [*kept, *spare][:limit]


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    if min(len(one), len(other)) < _SAME * max(len(one), len(other)):
        return False
    return len(one & other) >= _SAME * len(one | other)
