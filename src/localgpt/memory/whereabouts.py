"""What the disk, the index and the search know of a note that was expected: the facts behind ``expecting.verdict``."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import apsw

from localgpt.core.errors import EmbeddingError
from localgpt.core.values import Egress, Span
from localgpt.core.words import stem, tokens
from localgpt.memory import lookup, vectors
from localgpt.memory.database import Database
from localgpt.memory.embedding import stays_here
from localgpt.memory.expecting import Facts, Nearness, Verdict, rank_of, touches, twin_of, verdict
from localgpt.memory.ignoring import NAME, Rules
from localgpt.memory.plan import plan
from localgpt.memory.ranking import collapsed
from localgpt.memory.search import FLOOR, Found, Query, Searcher

LOOKED = 1000
"""How many hits are asked for to see at which rank a place is."""
_MOST_OF_A_PLACE = 200
_SUFFIXES = (".md", ".markdown", ".txt")
_SKIPPED = ("node_modules", "__pycache__")


@dataclass(frozen=True, slots=True)
class Folders:
    """Where notes are: the workspace, and further folders that are searched."""

    workspace: Path
    extra: Sequence[Path] = ()


def explain(searcher: Searcher, query: Query, found: Found, place: Span, folders: Folders) -> Verdict:
    """What became of ``place`` in the search that found ``found``. Never raises for what isn't there."""
    return verdict(collected(searcher, query, found, place, folders))


def collected(searcher: Searcher, query: Query, found: Found, place: Span, folders: Folders) -> Facts:
    """The facts, gathered as far as they matter."""
    known = searcher.index.read(_documents)
    place = replace(place, path=_resolved(place.path, known))
    facts = Facts(place, shown=found.hits, rank=rank_of(place, found.hits), limit=query.limit, looked=LOOKED)
    if place.path not in known:
        return _outside(facts, known, folders)
    facts = replace(facts, problem=known[place.path])
    if facts.problem:
        return facts
    facts = searcher.index.read(lambda database: _indexed(database, facts, query))
    if facts.filtered or not facts.passages or facts.rank:
        return facts
    return _ranked(searcher, query, facts)


def _documents(database: Database) -> dict[str, str]:
    """Every document, with the problem that keeps it from being searched."""
    with database.read() as connection:
        return dict(connection.execute("SELECT path, problem FROM documents"))


def _resolved(path: str, known: Mapping[str, str]) -> str:
    """The path as the index has it: a name alone is enough where it is the only one."""
    if path in known:
        return path
    fits = [one for one in known if one.endswith((f"/{path}", f"/{path}.md")) or one == f"{path}.md"]
    return fits[0] if len(fits) == 1 else path


# -- not in the index


def _outside(facts: Facts, known: Iterable[str], folders: Folders) -> Facts:
    path = facts.place.path
    if path.startswith(("session:", "attachment:")) or not (folders.workspace / path).exists():
        return replace(facts, missing=True, near=_near(path, known))
    reason = left_out(path, folders)
    return replace(facts, left_out=reason) if reason else replace(facts, indexed=False)


def _near(path: str, known: Iterable[str]) -> tuple[str, ...]:
    return tuple(difflib.get_close_matches(path, list(known), n=3, cutoff=0.6))


def left_out(path: str, folders: Folders) -> str:
    """Why a file that is there is no note, as a clause; empty if it should be one."""
    target = folders.workspace / path
    base = next((one for one in (folders.workspace, *folders.extra) if target.is_relative_to(one)), None)
    if base is None:
        return "it is in no folder that is searched (memory.workspace, memory.paths)"
    inside = target.relative_to(base)
    if hidden := next((part for part in inside.parts if part.startswith(".")), ""):
        return f"what begins with a dot is left alone ({hidden})"
    if skipped := next((part for part in inside.parts if part in _SKIPPED), ""):
        return f"{skipped} is left alone"
    if target.is_dir():
        return "it is a folder"
    if rule := _rules(base).reason(inside.as_posix()):
        return f"line {rule.line} of {NAME} leaves it out ({rule.text})"
    if not inside.name.lower().endswith(_SUFFIXES):
        return f"its name doesn't end in {', '.join(_SUFFIXES)}"
    return "" if base == folders.workspace else f"no pattern of memory.paths fits {inside.as_posix()}"


def _rules(base: Path) -> Rules:
    try:
        return Rules.parse((base / NAME).read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return Rules()


# -- in the index


def _indexed(database: Database, facts: Facts, query: Query) -> Facts:
    place = facts.place
    with database.read() as connection:
        rows = _rows(connection, place.path)
        here = [row[0] for row in rows if touches(place, Span(place.path, row[1], row[2]))]
        return replace(
            facts,
            lines=max((row[2] for row in rows), default=0),
            passages=len(here),
            indexed=bool(rows),
            filtered=_filter(connection, here, query),
            private=any(row[3] == Egress.LOCAL.value for row in rows if row[0] in here),
        )


def _rows(connection: apsw.Connection, path: str) -> list[Any]:
    """Of each passage its id, first and last line, egress, text, headings and language."""
    query = """SELECT c.id, c.start, c."end", c.egress, c.text, c.heading, c.language FROM chunks c
        JOIN documents d ON d.id = c.document WHERE d.path = ? ORDER BY c.start, c.id"""
    return connection.execute(query, (path,)).fetchall()


def _filter(connection: apsw.Connection, chunks: Sequence[int], query: Query) -> str:
    """The filter that lets none of the chunks through, as a clause."""
    filters = (
        (lookup.filtered(query.within, "", ""), f"only {query.within} were searched"),
        (lookup.filtered("all", "", "", query.only), f"only {', '.join(query.only)} were searched"),
        (lookup.filtered("all", query.since, ""), f"it is from before {query.since}"),
        (lookup.filtered("all", "", query.until), f"it is from after {query.until}"),
    )
    for chosen, clause in filters:
        if chosen.condition and chunks and not _passing(connection, chunks, chosen):
            return clause + (_day(connection, chunks) if "from" in clause else "")
    return ""


def _passing(connection: apsw.Connection, chunks: Sequence[int], chosen: lookup.Filter) -> bool:
    marks = ",".join("?" * len(chunks))
    rows = connection.execute(
        f"SELECT count(*) FROM chunks WHERE id IN ({marks}) AND id IN ({chosen.condition})",  # noqa: S608 - only marks and our own condition
        (*chunks, *chosen.values),
    )
    return bool(rows.get)


def _day(connection: apsw.Connection, chunks: Sequence[int]) -> str:
    day = connection.execute(
        """SELECT coalesce(nullif(c.date, ''), date(d.mtime_ns / 1000000000, 'unixepoch', 'localtime'))
        FROM chunks c JOIN documents d ON d.id = c.document WHERE c.id = ?""",
        (chunks[0],),
    ).get
    return f" ({day})"


# -- in the search


def _ranked(searcher: Searcher, query: Query, facts: Facts) -> Facts:
    alone = searcher.search(replace(query, only=(facts.place.path,), limit=_MOST_OF_A_PLACE)).hits
    own = [hit for hit in alone if touches(facts.place, hit.span)]
    near = searcher.index.read(lambda database: _nearness(database, searcher, query, facts.place))
    many = searcher.search(replace(query, limit=LOOKED)).hits
    rank = rank_of(facts.place, many)
    return replace(
        facts,
        brought=bool(own),
        nearness=near,
        later=(rank, many[rank - 1]) if rank else None,
        twin=None if rank else twin_of(own, many, lambda one, other: len(collapsed([one, other], 2)) == 1),
    )


def _nearness(database: Database, searcher: Searcher, query: Query, place: Span) -> Nearness:
    with database.read() as connection:
        rows = _rows(connection, place.path)
        here = [row for row in rows if touches(place, Span(place.path, row[1], row[2]))]
        spoken = lookup.languages(connection)
        stems = {stem(word, row[6]) for row in here for word in tokens(f"{row[4]} {row[5]}")}
        asked = plan(query.text, spoken, searcher.today()).terms
        words = tuple(term.word for term in asked if not stems.isdisjoint(term.stems))
        private = any(row[3] == Egress.LOCAL.value for row in here)
        cosine, unseen = _cosine(connection, searcher, query, [row[0] for row in here], private=private)
    return Nearness(words, cosine, FLOOR, unseen)


def _cosine(
    connection: apsw.Connection, searcher: Searcher, query: Query, chunks: Sequence[int], *, private: bool
) -> tuple[float | None, str]:
    """The cosine of the nearest of the chunks, or why there is none."""
    embedder = searcher.embedder
    if embedder is None:
        return None, ""
    try:
        vector = embedder.embed_query(" ".join(query.text[:4000].split()))
        model = vectors.model_of(connection)
        found = vectors.cosines(connection, vector, chunks) if model == embedder.name else {}
    except EmbeddingError as error:
        return None, f"its meaning could not be compared ({error.message.rstrip('.')})"
    if found:
        return max(found.values()), ""
    if private and not stays_here(embedder):
        return None, f"it is private, so {embedder.name} never got it"
    return None, "its vector is not made yet"
