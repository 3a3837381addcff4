"""What the index reads from: a source lists what it has and reads one of it (notes here, conversations above)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from localgpt.core.values import Chunk


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a stat tells of a document: when ``size`` or ``mtime_ns`` changes it is read again."""

    path: str
    size: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class Document:
    """What a source read: chunks in order of their lines, and the line from which the next read should start
    when the document only grew (0: always read it whole).
    """

    chunks: tuple[Chunk, ...]
    resume: int = 0


@dataclass(frozen=True, slots=True)
class Part:
    """What a source has at and below ``places`` (paths of documents and of folders); it says nothing of the rest."""

    places: frozenset[str]
    stamps: Mapping[str, Stamp]


class Source(Protocol):
    """Something that has texts. ``name`` is what a hit's ``source`` says: ``notes`` or ``sessions``."""

    @property
    def name(self) -> str: ...

    def scan(self) -> Iterator[Stamp]:
        """Everything there is, cheaply: no content is read."""
        ...

    def read(self, path: str, resume: int = 0) -> Document:
        """The chunks that begin at line ``resume`` or after it. Raises ``NotFound`` when it vanished, and other
        ``LocalGPTError`` when it can't be read.
        """
        ...


@runtime_checkable
class Divisible(Protocol):
    """A source that can look at single places."""

    def part(self, paths: Collection[str]) -> Part | None:
        """What is at and below absolute ``paths`` now; ``None`` where only a whole scan can tell."""
        ...
