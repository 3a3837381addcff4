"""A question turned into what the index is asked: terms by their stems, phrases in quotes, the days it speaks of. Pure.

What the owner types never reaches the full-text engine: it is given stems, each in quotes, joined by OR.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from localgpt.core.words import content_words, stem, tokens
from localgpt.memory.when import Period, periods

LONGEST = 4000
"""Letters of a question that are looked at; the rest of a longer one is ignored."""
_MOST_TERMS = 48
_QUOTED = re.compile(r"[\"“„«»”]([^\"“„«»”]{3,200})[\"”“«»]")
_SPELLED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
_COMMON = 0.05
_LARGE = 20_000


@dataclass(frozen=True, slots=True)
class Term:
    """A word of the question and the stems it may have, one for each language that the index holds.

    ``parts`` are stems of the words it is made of, ``compounds`` stems of words of the index that are made with it.
    """

    word: str
    stems: tuple[str, ...]
    parts: tuple[str, ...] = ()
    compounds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """What a question asks for; ``text`` is what is embedded, empty when there is nothing to look for."""

    text: str
    terms: tuple[Term, ...] = ()
    phrases: tuple[tuple[Term, ...], ...] = ()
    periods: tuple[Period, ...] = ()

    @property
    def stems(self) -> tuple[str, ...]:
        """All stems of all terms, each once."""
        return tuple(dict.fromkeys(one for term in self.terms for one in term.stems))

    @property
    def parts(self) -> tuple[str, ...]:
        """All parts of all terms, each once."""
        return tuple(dict.fromkeys(one for term in self.terms for one in term.parts))

    @property
    def kin(self) -> tuple[str, ...]:
        """The stems of parts and compounds that are none of the question's own, each once."""
        compounds = (one for term in self.terms for one in term.compounds)
        return tuple(one for one in dict.fromkeys((*self.parts, *compounds)) if one not in self.stems)


def plan(text: str, languages: Iterable[str], today: dt.date) -> Plan:
    """The plan for ``text`` in an index that holds these ``languages``."""
    asked = " ".join(text[:LONGEST].encode("utf-8", "replace").decode("utf-8").split())
    spoken = tuple(dict.fromkeys(("en", "de", *sorted(filter(None, languages)))))
    words = content_words(asked)[:_MOST_TERMS]
    phrases = [tokens(match[1]) for match in _QUOTED.finditer(asked)][:8]
    return Plan(
        asked if any(character.isalnum() for character in asked) else "",
        tuple(_term(word, spoken) for word in words),
        tuple(tuple(_term(word, spoken) for word in phrase[:12]) for phrase in phrases if len(phrase) > 1),
        periods(asked, today),
    )


def _term(word: str, languages: Iterable[str]) -> Term:
    spelled = word.translate(_SPELLED)  # as it stands in a passage that is not known to be German
    stems = [stem(word, language) for language in languages]
    return Term(word, tuple(dict.fromkeys(stems if spelled == word else [*stems, stem(spelled, "en")])))


def expression(stems: Iterable[str], frequencies: Mapping[str, int], size: int) -> str:
    """The full-text query: those of ``stems`` that occur, each in quotes, joined by OR; empty when none does.

    In a large index words that stand in more than 5 % of its ``size`` chunks are left to the re-ranking, unless the
    question has no other.
    """
    present = [one for one in stems if frequencies.get(one)]
    if size > _LARGE:
        rare = [one for one in present if frequencies[one] <= _COMMON * size]
        present = rare or present
    return " OR ".join(f'"{one}"' for one in present)  # stems are letters and digits only
