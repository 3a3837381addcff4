"""What a search asks the index: matching chunks by words, frequencies of words, and the passages themselves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import apsw

from localgpt.core.values import Chunk, Egress, Origin, Span
from localgpt.memory.compounds import SHORTEST

BODY, OWN, HEAD = 1.0, 1.0, 1.0
"""What a word counts in the passage, in what the owner said of it, and in heading, path and date above it."""


@dataclass(frozen=True, slots=True)
class Filter:
    """A condition on chunks, as SQL over ``chunks.id`` with its values; empty lets all through."""

    condition: str = ""
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk from the index and what ranking wants to know of it; ``next`` is the line at which the passage after it
    begins (0: it is the last).
    """

    id: int
    chunk: Chunk
    source: str
    language: str
    next: int = 0


def filtered(within: str, since: str, until: str, only: Sequence[str] = ()) -> Filter:
    """Chunks of a source (``all``: any) dated from ``since`` to ``until``, of paths that begin with one of ``only``.

    What has no date counts by the day on which its file changed last.
    """
    parts, values = list[str](), list[str]()
    day = "coalesce(nullif(c.date, ''), date(d.mtime_ns / 1000000000, 'unixepoch', 'localtime'))"
    if within != "all":
        parts.append("d.source = ?")
        values.append(within)
    if since:
        parts.append(f"{day} >= ?")
        values.append(since)
    if until:
        parts.append(f"{day} <= ?")
        values.append(until + "~")  # "2026-03" takes in all of March
    if only:
        parts.append("(" + " OR ".join(["substr(d.path, 1, length(?)) = ?"] * len(only)) + ")")
        values += [each for beginning in only for each in (beginning, beginning)]
    if not parts:
        return Filter()
    chosen = "SELECT c.id FROM chunks c JOIN documents d ON d.id = c.document WHERE " + " AND ".join(parts)  # noqa: S608 - our own parts
    return Filter(chosen, tuple(values))


def size(connection: apsw.Connection) -> int:
    """How many chunks there are."""
    found: int = connection.execute("SELECT coalesce(sum(chunks), 0) FROM languages").get
    return found


def languages(connection: apsw.Connection) -> list[str]:
    """The languages of the chunks."""
    return [one for (one,) in connection.execute("SELECT language FROM languages WHERE chunks > 0")]


def frequencies(connection: apsw.Connection, stems: Iterable[str]) -> dict[str, int]:
    """In how many chunks each stem stands; those that stand nowhere are left out."""
    found: dict[str, int] = {}
    for stem in stems:
        if count := connection.execute("SELECT doc FROM vocabulary WHERE term = ?", (stem,)).get:
            found[stem] = count
    return found


_MOST = 64


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The stems of the index, for ``compounds``."""

    connection: apsw.Connection

    def known(self, stems: Iterable[str]) -> frozenset[str]:
        """Those of ``stems`` that occur."""
        return frozenset(frequencies(self.connection, stems))

    def beginning(self, part: str) -> list[str]:
        """The first stems that begin with ``part`` and go on for a while."""
        rows = self.connection.execute(
            "SELECT term FROM vocabulary WHERE term > ? AND term < ? LIMIT ?", (part, part + "{", _MOST)
        )
        return [one for (one,) in rows if len(one) >= SHORTEST]

    def ending(self, part: str) -> list[str]:
        """The first long stems that end with ``part``."""
        turned = part[::-1]
        rows = self.connection.execute(
            "SELECT reversed FROM endings WHERE reversed > ? AND reversed < ? LIMIT ?",
            (turned, turned + "{", _MOST),
        )
        return [one[::-1] for (one,) in rows]


def matching(connection: apsw.Connection, expression: str, limit: int, chosen: Filter) -> dict[int, float]:
    """The best chunks for a full-text expression with their BM25 (more is better)."""
    condition = f"AND words.rowid IN ({chosen.condition})" if chosen.condition else ""
    rows = connection.execute(
        f"""SELECT rowid, -rank FROM words WHERE words MATCH ? AND rank MATCH 'bm25({BODY}, {OWN}, {HEAD})'
        {condition} ORDER BY rank LIMIT ?""",  # noqa: S608 - our own condition and weights
        (expression, *chosen.values, limit),
    )
    return dict(rows)


def languages_of(connection: apsw.Connection, chunks: Sequence[int]) -> dict[int, str]:
    """The languages of a few chunks, empty where it isn't known."""
    marks = ",".join("?" * len(chunks))
    return dict(connection.execute(f"SELECT id, language FROM chunks WHERE id IN ({marks})", tuple(chunks)))  # noqa: S608 - only question marks


def excluded(connection: apsw.Connection, span: Span) -> set[int]:
    """The chunks of a path that begin at or after ``span.start``."""
    rows = connection.execute(
        "SELECT c.id FROM chunks c JOIN documents d ON d.id = c.document WHERE d.path = ? AND c.start >= ?",
        (span.path, span.start),
    )
    return {chunk for (chunk,) in rows}


def passages(connection: apsw.Connection, chunks: Sequence[int]) -> dict[int, Passage]:
    """The passages of chunks, by id."""
    marks = ",".join("?" * len(chunks))
    rows = connection.execute(
        f"""SELECT c.id, d.path, c.start, c."end", c.text, c.heading, c.date, c.speaker, c.origin, c.egress,
        d.source, c.language,
        (SELECT coalesce(min(n.start), 0) FROM chunks n WHERE n.document = c.document AND n.start > c."end")
        FROM chunks c JOIN documents d ON d.id = c.document WHERE c.id IN ({marks})""",  # noqa: S608 - only question marks
        tuple(chunks),
    )
    return {row[0]: _passage(row) for row in rows}


def _passage(row: tuple[int, str, int, int, str, str, str, str, str, str, str, str, int]) -> Passage:
    number, path, start, end, text, heading, date, speaker, origin, egress, source, language, after = row
    chunk = Chunk(path, start, end, text, heading, date, speaker, Origin(origin), Egress(egress))
    return Passage(number, chunk, source, language, after)
