"""The lines of hits that most likely answer, as many as fit into a prompt. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from localgpt.core.tokens import estimate
from localgpt.core.values import Hit, Why
from localgpt.memory.odds import chance

SIZE = 0.3
"""How much a line's size counts against its chance: the exponent of its tokens."""


def excerpts(hits: Sequence[Hit], odds: Mapping[tuple[str, int], float], tokens: int, most: int) -> list[Hit]:
    """What of ``hits`` fits into ``tokens``, in their order: all of them if they do, else their likeliest lines.

    ``odds`` are those of the lines by path and number, as a logarithm; a line without is left out. Lines that follow
    one another are one hit, and there are ``most`` of them at most.
    """
    if sum(_tokens(line) for hit in hits for line in hit.text.split("\n")) <= tokens:
        return list(hits)
    chosen = _chosen(hits, odds, tokens, most)
    return [part for number, hit in enumerate(hits) for part in _parts(hit, number, chosen)]


def _tokens(line: str) -> int:
    return estimate(line) + 1


def _chosen(
    hits: Sequence[Hit], odds: Mapping[tuple[str, int], float], tokens: int, most: int
) -> frozenset[tuple[int, int]]:
    """The lines that are shown, as the number of their hit and their own."""
    chosen, runs = set[tuple[int, int]](), 0
    for _, size, (number, line) in sorted(_worth(hits, odds), key=lambda one: -one[0]):
        beside = sum((number, other) in chosen for other in (line - 1, line + 1))
        if size <= tokens and (beside or runs < most):
            chosen.add((number, line))
            tokens -= size
            runs += 1 - beside
    return frozenset(chosen)


def _worth(
    hits: Sequence[Hit], odds: Mapping[tuple[str, int], float]
) -> Iterator[tuple[float, int, tuple[int, int]]]:
    """Each line's worth (its chance for its size), its tokens and its place."""
    for number, hit in enumerate(hits):
        for line, text in enumerate(hit.text.split("\n"), hit.start):
            if (hit.path, line) in odds:
                size = _tokens(text)
                yield math.log(chance(odds[hit.path, line])) - SIZE * math.log(size), size, (number, line)


def _parts(hit: Hit, number: int, chosen: frozenset[tuple[int, int]]) -> Iterator[Hit]:
    lines = hit.text.split("\n")
    for start, end in _runs(
        line for line in range(hit.start, hit.start + len(lines)) if (number, line) in chosen
    ):
        text = "\n".join(lines[start - hit.start : end - hit.start + 1])
        if text == hit.text:
            yield hit
        else:
            why = Why("excerpt", f"the likeliest lines of {hit.start}-{hit.end}", 0.0, 0.0)
            yield replace(hit, start=start, end=end, text=text, why=(*hit.why, why))


def _runs(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    """First and last of each row of numbers that follow one another."""
    run: list[int] = []
    for number in numbers:
        if run and number != run[-1] + 1:
            yield run[0], run[-1]
            run = []
        run.append(number)
    if run:
        yield run[0], run[-1]
