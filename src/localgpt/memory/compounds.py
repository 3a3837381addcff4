"""German compounds by the index's own words: ``Zahnarzttermin`` and ``Termin beim Zahnarzt`` find each other. Pure.

A long word of the question is taken apart into words that the index has, and of each word the compounds are sought
that the index has with it. All of it works on stems, so that ``Blumenladen`` is ``blum``, ``en``, ``laden``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from itertools import islice
from typing import Protocol

from localgpt.core.words import stem
from localgpt.memory.inflection import forms, root
from localgpt.memory.plan import Plan, Term

LEAST = 3
"""Letters of a part, at least."""
WORD = 4
"""Letters of a word whose compounds are sought; shorter ones begin and end too many by chance."""
SHORTEST = 8
"""Letters of a compound, at least."""
_LONGEST = 40
_MOST_WORDS = 12
_MOST_COMPOUNDS = 12
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
        _extended(term, word, vocabulary) if at < _MOST_WORDS else term
        for at, (term, word) in enumerate(zip(planned.terms, words, strict=True))
    ]
    return replace(planned, terms=tuple(terms))


def _may_be_part(word: str) -> bool:
    return WORD <= len(word) <= _LONGEST and word.isalpha() and word.isascii()


def _extended(term: Term, word: str, vocabulary: Vocabulary) -> Term:
    made_of = parts(word, vocabulary.known) if _may_be_part(word) else ()
    inflected = dict.fromkeys(
        (*forms(word), *(form for part in made_of if len(part) >= WORD for form in forms(part)))
    )
    present = vocabulary.known(inflected)
    kin = [form for form in inflected if form in present and form not in term.stems]
    for whole in (word, root(word)):
        kin += compounds(whole, vocabulary) if _may_be_part(whole) else ()
    return replace(term, parts=made_of, compounds=tuple(dict.fromkeys(kin)))


def parts(word: str, known: Callable[[Iterable[str]], Collection[str]]) -> tuple[str, ...]:
    """The two known words that ``word`` is made of, the last as long as may be; else what it begins and ends with."""
    if len(word) < SHORTEST:
        return ()
    cuts = range(LEAST, len(word) - LEAST + 1)
    pieces = known({piece for cut in cuts for piece in (word[:cut], word[cut:])})
    for cut in cuts:
        if word[cut:] in pieces and (first := _without_join(word[:cut], pieces)):
            return (first, word[cut:])
    ends = (word[cut:] for cut in cuts if word[cut:] in pieces)
    begins = (word[:cut] for cut in reversed(cuts) if word[:cut] in pieces)
    return (*islice(begins, 1), *islice(ends, 1))


def _without_join(beginning: str, known: Collection[str]) -> str:
    """The known word that ``beginning`` is but for the letters that join it to the next; empty if there is none."""
    for join in _JOINS:
        first = beginning.removesuffix(join)
        if beginning.endswith(join) and len(first) >= LEAST and first in known:
            return first
    return ""


def compounds(word: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    """Stems of the index that begin or end with ``word`` and have at least a part beside it."""
    found = (*vocabulary.beginning(word), *vocabulary.ending(word))
    return tuple(one for one in found if len(one) >= len(word) + LEAST)[:_MOST_COMPOUNDS]
