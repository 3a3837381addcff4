"""A chunk as the index holds it: its stems by its language, the words that describe it, and what tells it from others. Pure."""

from __future__ import annotations

import datetime as dt
import hashlib
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from localgpt.core.tokens import estimate
from localgpt.core.values import Chunk, Origin
from localgpt.core.words import language_of, sentences, stem, stems, tokens, wide_letters

_MONTHS = (
    "january januar", "february februar", "march märz", "april", "may mai", "june juni", "july juli", "august",
    "september", "october oktober", "november", "december dezember",
)  # fmt: skip
_WEEKDAYS = (
    "monday montag", "tuesday dienstag", "wednesday mittwoch", "thursday donnerstag", "friday freitag",
    "saturday samstag", "sunday sonntag",
)  # fmt: skip


_MONTHS_OF = {
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split(),
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre".split(),
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre".split(),
}
_WEEKDAYS_OF = {
    "fr": "lundi mardi mercredi jeudi vendredi samedi dimanche".split(),
    "es": "lunes martes miércoles jueves viernes sábado domingo".split(),
    "it": "lunedì martedì mercoledì giovedì venerdì sabato domenica".split(),
}
_UMLAUTS = frozenset("äöüßÄÖÜ")


@dataclass(frozen=True, slots=True)
class Entry:
    """What is stored for a chunk. ``body``, ``own`` and ``head`` are stems with blanks between them."""

    chunk: Chunk
    language: str
    digest: bytes
    body: str
    own: str
    head: str


def entries(found: Sequence[Chunk]) -> list[Entry]:
    """The entries of one document; a passage too short to tell its language takes the document's."""
    words = [tokens(chunk.text) for chunk in found]
    spoken = [language_of(of_chunk) for of_chunk in words]
    votes = Counter(filter(None, spoken))
    common = votes.most_common(1)[0][0] if votes else ""
    return [
        _entry(chunk, of_chunk, language or common)
        for chunk, of_chunk, language in zip(found, words, spoken, strict=True)
    ]


def _entry(chunk: Chunk, words: list[str], language: str) -> Entry:
    own = tokens(owners_words(chunk))
    head = stems(tokens(f"{chunk.heading} {path_words(chunk.path)}"), language)
    return Entry(
        chunk,
        language,
        digest(chunk),
        " ".join([*stems(words, language), *_german_among(chunk.text, language), *wide_letters(chunk.text)]),
        " ".join(stems(own, language)),
        " ".join([*head, *dict.fromkeys(day_stems(chunk.date, language))]),
    )


def _german_among(text: str, language: str) -> list[str]:
    """German stems of the words with umlauts in German sentences of a passage of another language, where they differ."""
    if language == "de" or _UMLAUTS.isdisjoint(text):
        return []
    told = (tokens(sentence) for sentence in sentences(text) if not _UMLAUTS.isdisjoint(sentence))
    german = (word for words in told if language_of(words) == "de" for word in words)
    changed = (word for word in german if not _UMLAUTS.isdisjoint(word))
    return list(dict.fromkeys(one for word in changed if (one := stem(word, "de")) != stem(word, language)))


def owners_words(chunk: Chunk) -> str:
    """What the owner said in a passage of a conversation; empty for notes, which carry no speaker."""
    if not chunk.speaker or chunk.origin is not Origin.OWNER:
        return ""
    return chunk.text


def path_words(path: str) -> str:
    """The words of a note's path; the id of a conversation has none."""
    return "" if path.startswith("session:") else path.rsplit(".", 1)[0]


def day_stems(day: str, language: str) -> list[str]:
    """The stems of an ISO day in English and German, and in the language of the passage."""
    found = [stem(word, code) for word in tokens(date_words(day)) for code in ("en", "de")]
    return [*found, *stems(tokens(date_words(day, language)), language)] if language in _MONTHS_OF else found


def date_words(day: str, language: str = "") -> str:
    """An ISO day as people say it: ``2023-05-08`` is also 8 May, a Monday (English and German, or French, Spanish, Italian)."""
    try:
        date = dt.date.fromisoformat(day)
    except ValueError:
        return ""
    months, weekdays = _MONTHS_OF.get(language, _MONTHS), _WEEKDAYS_OF.get(language, _WEEKDAYS)
    return f"{day} {date.day} {months[date.month - 1]} {weekdays[date.weekday()]}"


def digest(chunk: Chunk) -> bytes:
    """What a chunk is, wherever its lines stand: a chunk of the same digest need not be indexed again."""
    parts = (chunk.text, chunk.heading, chunk.date, chunk.speaker, chunk.origin, chunk.egress, chunk.path)
    return hashlib.blake2b("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=16).digest()


WINDOW = 110
"""About how many tokens of a chunk are embedded at once: a model that reads 256 says little about 400."""


def windows(heading: str, date: str, text: str) -> tuple[str, ...]:
    """The texts that are embedded for a chunk: parts of even size, each under what stands above the passage.

    The path is left out on purpose: a renamed note keeps its vectors.
    """
    above = " ".join(part for part in (date, heading) if part)
    return tuple(f"{above}\n{part}" if above else part for part in _parts(text))


def windows_of_lines(text: str) -> list[range]:
    """Which of the ``windows`` of a chunk each of its lines is in: where its middle is, or all those that it fills."""
    ends = list(accumulate(len(part) for part in _parts(text)))
    found, at = [], 0
    for line in text.split("\n"):
        begin, end = at, at + len(line)
        at = end + 1
        places = (begin, end) if estimate(line) > 2 * WINDOW else ((begin + end) // 2,)
        within = [max(0, min(bisect_right(ends, place), len(ends) - 1)) for place in places]
        found.append(range(within[0], within[-1] + 1))
    return found


def _parts(text: str) -> list[str]:
    return _even_parts(text, max(1, round(estimate(text) / WINDOW)))


def _even_parts(text: str, count: int) -> list[str]:
    """About ``count`` parts of about the same length, cut between lines, or between words where lines are long."""
    share = len(text) / count
    parts, begin = [], 0
    for _ in range(count - 1):
        middle = begin + int(share)
        cut = text.find("\n", middle - int(share / 4), middle + int(share / 4))
        cut = cut if cut >= 0 else text.rfind(" ", begin, middle)
        cut = cut if cut > begin else middle
        parts.append(text[begin:cut])
        begin = cut
    return [part for part in (*parts, text[begin:]) if part.strip()]
