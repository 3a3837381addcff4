"""German compounds by the index's own words: ``Zahnarzttermin`` and ``Termin beim Zahnarzt`` find each other. Pure.

A long word of the question is taken apart into words that the index has, and of each word the compounds are sought
that the index has with it. All of it works on stems, so that ``Blumenladen`` is ``blum``, ``en``, ``laden``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from typing import Protocol

from localgpt.core.words import stem
from localgpt.memory.plan import Plan, Term

LEAST = 4
"""Letters of a part; shorter ones are in too many words by chance."""
SHORTEST = 2 * LEAST
"""Letters of a compound, at least."""
SHORT = 4
"""A word of so many letters begins and ends others by chance."""
_LONGEST = 40
_MOST_WORDS = 12
_MOST_COMPOUNDS = 24
_JOINS = ("", "s", "n", "e", "t", "es", "en", "er")


class Vocabulary(Protocol):
    """The stems of an index."""

    def known(self, stems: Iterable[str]) -> Collection[str]:
        """Those of ``stems`` that occur."""

    def beginning(self, part: str) -> Sequence[str]:
        """Some stems that begin with ``part``."""

    def ending(self, part: str) -> Sequence[str]:
        """Some long stems that end with ``part``."""


def extended(planned: Plan, vocabulary: Vocabulary) -> Plan:
    """The plan with the parts of its compounds, and with the compounds of its words that the index has."""
    words = [stem(term.word, "de") for term in planned.terms]
    terms = [
        _extended(term, word, words, vocabulary) if _may_be_part(word) and at < _MOST_WORDS else term
        for at, (term, word) in enumerate(zip(planned.terms, words, strict=True))
    ]
    return replace(planned, terms=tuple(terms))


def _may_be_part(word: str) -> bool:
    return LEAST <= len(word) <= _LONGEST and word.isalpha() and word.isascii()


def _extended(term: Term, word: str, asked: Sequence[str], vocabulary: Vocabulary) -> Term:
    found = compounds(word, asked, vocabulary)
    return replace(term, parts=parts(word, vocabulary.known), compounds=found)


def parts(word: str, known: Callable[[Iterable[str]], Collection[str]]) -> tuple[str, ...]:
    """The two known words that ``word`` is made of, the last as long as may be; none if it is not made so."""
    if len(word) < SHORTEST:
        return ()
    cuts = range(LEAST, len(word) - LEAST + 1)
    beginnings = {word[:cut] for cut in range(LEAST - 1, len(word) - LEAST + 1)}
    pieces = known({*beginnings, *(word[cut:] for cut in cuts)})
    for cut in cuts:
        if word[cut:] in pieces and (first := _without_join(word[:cut], pieces)):
            return (first, word[cut:])
    return ()


def _without_join(beginning: str, known: Collection[str]) -> str:
    """The known word that ``beginning`` is but for the letters that join it to the next; empty if there is none."""
    for join in _JOINS:
        first = beginning.removesuffix(join)
        if beginning.endswith(join) and len(first) >= LEAST - bool(join) and first in known:
            return first
    return ""


def compounds(word: str, asked: Collection[str], vocabulary: Vocabulary) -> tuple[str, ...]:
    """Stems of the index that ``word`` begins or ends. Of a ``SHORT`` word the rest must be a word too."""
    rests = {one: one[len(word) :] for one in vocabulary.beginning(word)}
    rests |= {one: one[: -len(word)] for one in vocabulary.ending(word)}
    possible = {one: rest for one, rest in rests.items() if len(rest) >= LEAST - 1}
    if len(word) <= SHORT:
        known = {*vocabulary.known(each for rest in possible.values() for each in _unjoined(rest)), *asked}
        possible = {one: rest for one, rest in possible.items() if not known.isdisjoint(_unjoined(rest))}
    return tuple(possible)[:_MOST_COMPOUNDS]


def _unjoined(rest: str) -> set[str]:
    """``rest`` without the letters that may join it to the other part, on either side."""
    found = {rest.removesuffix(join) for join in _JOINS} | {rest.removeprefix(join) for join in _JOINS}
    return {one for one in found if len(one) >= LEAST - 1}
