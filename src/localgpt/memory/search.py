"""One search for every door: catch up, plan, ask the rankers, fuse, say why."""

from __future__ import annotations

import contextlib
import datetime as dt
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import apsw

from localgpt.core.errors import EmbeddingError, UsageError
from localgpt.core.values import Hit, Span
from localgpt.core.words import language
from localgpt.memory import lookup, vectors
from localgpt.memory.compounds import extended
from localgpt.memory.database import Database
from localgpt.memory.embedding import Embedder
from localgpt.memory.freshness import fresh
from localgpt.memory.index import Index
from localgpt.memory.plan import Plan, expression, plan
from localgpt.memory.ranking import Fused, Weights, fuse, lifts, ranked, rarity
from localgpt.memory.vectorising import pending_chunks

CANDIDATES = 200
"""How many chunks each ranker brings."""
POOL = 40
"""How many of them, at least, are looked at word by word."""
FLOOR = 0.22
"""A passage without a word of the question must at least be this near in meaning."""
KIN_SHARE = 0.7
"""What BM25 counts for compounds and parts beside the words themselves."""
PATIENCE = 0.2
"""Seconds that a search spends on vectors of what is new."""
_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")


@dataclass(frozen=True, slots=True)
class Query:
    """What to look for. ``since`` and ``until`` are ``2026``, ``2026-03`` or ``2026-03-01``; ``exclude`` drops what
    stands in its path from its first line on (the question that is being asked right now). ``prefer`` are the
    beginnings of paths that count more: the notes and conversations of the project in which one asks; ``only`` those
    of the only ones that are looked at (all, where it is empty). ``tokens`` is the room that there is for the hits (0: any):
    where they take more they are cut to the lines that most likely answer.
    """

    text: str
    limit: int = 10
    since: str = ""
    until: str = ""
    within: Literal["all", "notes", "sessions"] = "all"
    exclude: Span | None = None
    explain: bool = False
    prefer: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    tokens: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """The hits, best first. ``pending`` chunks have no vector yet; ``notices`` are sentences for the owner."""

    query: str
    hits: tuple[Hit, ...]
    took_ms: float
    pending: int = 0
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Searcher:
    """Searches an index. Without an ``embedder`` words alone decide."""

    index: Index
    embedder: Embedder | None = None
    weights: Weights = field(default_factory=Weights)
    today: Callable[[], dt.date] = lambda: dt.datetime.now().astimezone().date()

    def search(self, query: Query) -> Found:
        """The passages that answer best, as the sources stand now. Raises ``UsageError`` for a date that is none."""
        begin = time.perf_counter()
        _check(query)
        behind = self.index.catch_up().busy
        if self.embedder is self.index.embedder and self.index.serving() is not self.embedder:
            with contextlib.suppress(EmbeddingError):
                self.index.embed(seconds=PATIENCE)  # before, for it may be what ends the earlier model's time
            return replace(self, embedder=self.index.serving()).search(query)
        notices: list[str] = []
        vector = self._vector(query, notices)
        hits, pending = self.index.read(lambda database: self._search(database, query, vector))
        if behind:
            hits = fresh(hits, self.index.now)
        took = (time.perf_counter() - begin) * 1000
        return Found(query.text, hits, round(took, 1), pending, (*self.index.notices(), *notices))

    def _vector(self, query: Query, notices: list[str]) -> bytes | None:
        """The question's vector; embeds what little is new on the way."""
        if self.embedder is None or not any(character.isalnum() for character in query.text[:4000]):
            return None
        try:
            vector = self.embedder.embed_query(" ".join(query.text[:4000].split()))
            if self.embedder is self.index.embedder:
                self.index.embed(seconds=PATIENCE)
        except EmbeddingError as error:
            notices.append(f"{error.message} Only words were searched. {error.hint}".strip())
            return None
        return vector

    def _search(self, database: Database, query: Query, vector: bytes | None) -> tuple[tuple[Hit, ...], int]:
        with database.read() as connection:
            pending = pending_chunks(database) if self.embedder else 0
            if self.embedder is None or vectors.model_of(connection) != self.embedder.name:
                vector = None  # those of two models can't be compared
            spoken = lookup.languages(connection)
            planned = plan(query.text, spoken, self.today())
            if not planned.text or query.limit < 1:
                return (), pending
            size = lookup.size(connection)
            if "de" in spoken and language(query.text) != "en":
                planned = extended(planned, lookup.Vocabulary(connection))
            counts = lookup.frequencies(connection, (*planned.stems, *planned.parts))
            words = (
                expression(planned.stems, counts, size),
                expression(planned.kin, _rare(planned) | counts, size),
            )
            fused = self._candidates(connection, query, vector, words)
            best = _best(fused, self.weights.text, max(POOL, 3 * query.limit))
            passages = lookup.passages(connection, best)
            windows = vectors.windowed(connection, vector, best) if vector is not None else {}
        pairs = [
            (passages[chunk], replace(fused[chunk], windows=tuple(windows.get(chunk, ()))))
            for chunk in best
            if chunk in passages
        ]
        rarities = rarity(counts, size, planned.terms)
        hits = ranked(planned, pairs, rarities, self.weights, query.limit, query.prefer, query.tokens)
        return tuple(hits), pending

    def _candidates(
        self, connection: apsw.Connection, query: Query, vector: bytes | None, words: tuple[str, str]
    ) -> Mapping[int, Fused]:
        chosen = lookup.filtered(query.within, query.since, query.until, query.only)
        limit = max(CANDIDATES, 4 * query.limit)
        text = _by_words(connection, words, limit, chosen)
        cosine: dict[int, float] = {}
        if vector is not None:
            near = vectors.nearest(connection, vector, limit, chosen.condition, chosen.values)
            cosine = {chunk: value for chunk, value in near.items() if value >= FLOOR or chunk in text}
            cosine |= vectors.cosines(connection, vector, [chunk for chunk in text if chunk not in cosine])
        dropped = lookup.excluded(connection, query.exclude) if query.exclude else set()
        for scores in (text, cosine):
            for chunk in dropped & scores.keys():
                del scores[chunk]
        if language(query.text) == "en":
            return fuse(text, cosine)
        return fuse(text, cosine, lifts(cosine, lookup.languages_of(connection, list(cosine))))


def _rare(planned: Plan) -> dict[str, int]:
    """Compounds are taken to be rare: counting them all costs more than asking for them."""
    return {one: 1 for term in planned.terms for one in term.compounds}


def _by_words(
    connection: apsw.Connection, words: tuple[str, str], limit: int, chosen: lookup.Filter
) -> dict[int, float]:
    """The best chunks by the question's words, with less for those by what is made of them."""
    own, kin = (lookup.matching(connection, each, limit, chosen) if each else {} for each in words)
    return {chunk: own.get(chunk, 0.0) + KIN_SHARE * kin.get(chunk, 0.0) for chunk in own.keys() | kin.keys()}


def _best(fused: Mapping[int, Fused], share: float, count: int) -> list[int]:
    """The candidates worth reading: the best by both rankers together, and of each the best few."""
    by_text = sorted(fused, key=lambda chunk: -fused[chunk].text)
    by_meaning = sorted(fused, key=lambda chunk: -fused[chunk].meaning)
    together = sorted(fused, key=lambda chunk: -fused[chunk].score(share))
    chosen = dict.fromkeys([*together[: count // 2], *by_text[: count // 4], *by_meaning[: count // 4]])
    return list(dict.fromkeys([*chosen, *together]))[:count]


def _check(query: Query) -> None:
    for name, value in (("since", query.since), ("until", query.until)):
        if value and not _is_date(value):
            raise UsageError(
                f"{value!r} is no date to search {name}.", hint="Write 2026, 2026-03 or 2026-03-01."
            )


def _is_date(value: str) -> bool:
    if not _DATE.fullmatch(value):
        return False
    try:
        dt.date.fromisoformat((value + "-01-01")[:10] if len(value) < 10 else value)
    except ValueError:
        return False
    return True
