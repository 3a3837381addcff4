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
        same = [chunk for chunk in known[hit.path] if chunk.text == hit.text and chunk.egress == hit.egress]
        if same:
            near = min(same, key=lambda chunk: abs(chunk.start - hit.start))
            found.append(replace(hit, start=near.start, end=near.end, heading=near.heading, date=near.date))
    return tuple(found)
