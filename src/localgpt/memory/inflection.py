"""German forms that no stemmer unites: ``fuhr`` and ``gefahren``, ``gemietet`` and ``Miete``, ``rief an``, ``zwölf`` and 12. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from localgpt.core.vocabulary import GERMAN_KIN, GERMAN_STRONG, SEPARABLE
from localgpt.core.words import stem

_LEAST = 3
_PREFIXES = tuple(sorted(SEPARABLE, key=len, reverse=True))


def forms(word: str) -> tuple[str, ...]:
    """Stems that may be forms of the German stem ``word``, itself left out; many of them are no words at all."""
    found = dict.fromkeys(_forms(word))
    found.pop(word, None)
    return tuple(one for one in found if len(one) >= 2)


def _forms(word: str) -> Iterator[str]:
    yield from _kin().get(word, ())
    yield from _verbs(word)
    for prefix in _PREFIXES:
        rest = word.removeprefix(prefix)
        if rest in _strong() and rest != word:
            yield from (rest, *_strong()[rest])
        if rest != word and len(rest) >= _LEAST:
            for inner in (rest, *_verbs(rest)):
                yield f"{prefix}{inner}"
                yield f"{prefix}zu{inner}"
    for ending in ("ch", "lein"):
        yield f"{word}{ending}"
        if word.endswith(ending) and len(word) - len(ending) > _LEAST:
            yield word.removesuffix(ending)
    if word.endswith("str"):
        yield f"{word}ass"
    if word.endswith("strass"):
        yield word.removesuffix("ass")


def _verbs(word: str) -> Iterator[str]:
    """The other forms of a verb without its prefix: strong ones by the table, weak ones by what is sure of a participle."""
    yield from _strong().get(word, ())
    found = root(word)
    if found:
        yield found
    yield from (f"ge{found or word}t", f"ge{found or word}et")


def root(word: str) -> str:
    """What a participle like ``gemietet`` is made of, ``miet``; empty for other words."""
    if not (word.startswith("ge") and word.endswith("t")):
        return ""
    found = word[2:-1].removesuffix("e")
    return found if len(found) > _LEAST else ""


def _groups(table: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for line in table.split(";"):
        group = tuple(dict.fromkeys(stem(word, "de") for word in line.split()))
        for one in group:
            found[one] = (*found.get(one, ()), *group)
    return found


@cache
def _kin() -> dict[str, tuple[str, ...]]:
    return _groups(GERMAN_KIN)


@cache
def _strong() -> dict[str, tuple[str, ...]]:
    return _groups(GERMAN_STRONG)
