"""Hits as their lines stand on disk now, where the index may be behind: what moved is moved, what is gone is dropped. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeAlias

from localgpt.core.values import Chunk, Hit

ReadNow: TypeAlias = Callable[[Hit], Sequence[Chunk]]
"""The passages of a hit's note or conversation as they are now; none where it is gone."""


def fresh(hits: Sequence[Hit], read: ReadNow) -> tuple[Hit, ...]:
    """The hits whose text still stands, each with the lines where it does; every document is read once."""
    known: dict[str, Sequence[Chunk]] = {}
    found: list[Hit] = []
    for hit in hits:
        if hit.path not in known:
            known[hit.path] = read(hit)
        now = [chunk for chunk in known[hit.path] if chunk.egress == hit.egress]
        same = [chunk for chunk in now if chunk.text == hit.text]
        if same:
            near = min(same, key=lambda chunk: abs(chunk.start - hit.start))
            found.append(replace(hit, start=near.start, end=near.end, heading=near.heading, date=near.date))
        elif places := _places(hit, now):
            start = min(places, key=lambda place: abs(place - hit.start))
            found.append(replace(hit, start=start, end=start + hit.end - hit.start))
    return tuple(found)


def _places(hit: Hit, now: Sequence[Chunk]) -> list[int]:
    """Where the lines of a hit stand that is a part of a passage, or two of them."""
    lines = {number: line for chunk in now for number, line in enumerate(chunk.text.split("\n"), chunk.start)}
    wanted = list(enumerate(hit.text.split("\n")))
    return [place for place in lines if all(lines.get(place + at, "") == line for at, line in wanted)]
