"""A piece of research: its questions, what was searched and read, and what was found. Values, and their file.

The file is written after each step, so what was killed goes on where it was and asks and fetches nothing twice.
"""

from __future__ import annotations

import dataclasses
import json
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from localgpt.core import files
from localgpt.core.errors import NotFound, UnreadableError, UsageError
from localgpt.core.values import Origin

WEB, NOTES = "web", "notes"
LONGEST_TOPIC = 300
_ID = re.compile(r"[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Depth:
    """How much is done: questions, results of each search, pages, pages that those link to, characters of each, seconds
    on the web.
    """

    questions: int
    results: int
    pages: int
    links: int
    characters: int
    seconds: float


DEPTHS: Mapping[str, Depth] = {
    "quick": Depth(3, 4, 3, 2, 20_000, 90.0),
    "normal": Depth(6, 8, 8, 4, 40_000, 240.0),
}


@dataclass(frozen=True, slots=True)
class Listed:
    """A result of a search."""

    title: str
    address: str


@dataclass(frozen=True, slots=True)
class Source:
    """What was read: a page, or a passage of the owner's notes. ``text`` is what quotes are checked against.

    ``place`` is the address, or ``path:line``; ``date`` the day it was read.
    """

    kind: str
    place: str
    title: str
    text: str
    date: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Claim:
    """A short paragraph, and the numbers (from 1) of the sources that bear it out."""

    text: str
    sources: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Quote:
    """Words that stand in a source just so."""

    source: int
    text: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found on one question; ``by`` is the engine, or empty where sentences were only quoted."""

    claims: tuple[Claim, ...] = ()
    quotes: tuple[Quote, ...] = ()
    open: tuple[str, ...] = ()
    by: str = ""


@dataclass(frozen=True, slots=True)
class Research:
    """How far a piece of research is.

    ``tried`` are addresses that were asked for, ``linked`` links of what was read that may be worth it, ``note`` is
    where it stands in the end.
    """

    id: str
    topic: str
    depth: str
    day: str
    offline: bool = False
    questions: tuple[str, ...] = ()
    searched: Mapping[str, tuple[Listed, ...]] = field(default_factory=dict)
    tried: tuple[str, ...] = ()
    linked: tuple[Listed, ...] = ()
    read: bool = False
    sources: tuple[Source, ...] = ()
    noted: bool = False
    findings: tuple[Finding, ...] = ()
    note: str = ""

    @property
    def bounds(self) -> Depth:
        """What it may do."""
        return DEPTHS[self.depth]

    @property
    def foreign(self) -> bool:
        """Whether text of strangers went into it."""
        return any(source.origin is Origin.FOREIGN for source in self.sources)

    def searching(self, question: str, found: tuple[Listed, ...]) -> Research:
        """The same after a search."""
        return replace(self, searched={**self.searched, question: found})


def begin(topic: str, depth: str, day: str, *, offline: bool) -> Research:
    """A new piece of research. Raises ``UsageError`` without a topic."""
    words = " ".join(topic.split())
    if not words or len(words) > LONGEST_TOPIC:
        what = "There is no topic." if not words else f"The topic has {len(words)} characters."
        raise UsageError(
            what, hint=f'Like this: localgpt research "heat pumps" (at most {LONGEST_TOPIC} characters).'
        )
    return Research(uuid.uuid4().hex[:12], words, depth, day, offline)


def save(folder: Path, research: Research) -> None:
    """Write it down, atomically."""
    data = json.dumps(dataclasses.asdict(research), ensure_ascii=False).encode("utf-8", "replace")
    files.make_folder(folder, mode=files.PRIVATE_FOLDER)
    files.replace(folder / f"{research.id}.json", data, mode=files.PRIVATE_FILE)


def load(folder: Path, name: str) -> Research:
    """The one with that id. Raises ``NotFound``, and ``UnreadableError`` for a file that is something else."""
    path = folder / f"{name}.json"
    if not _ID.fullmatch(name) or not path.is_file():
        raise NotFound(f"There is no research {name}.", hint=_known(folder))
    with files.explained("read", path):
        data = path.read_bytes()
    try:
        return _research(json.loads(data))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UnreadableError(
            f"{path} does not hold a piece of research.", hint="Begin anew with the topic."
        ) from error


def _known(folder: Path) -> str:
    newest = sorted(folder.glob("*.json"), key=lambda path: -path.stat().st_mtime_ns)[:5]
    return f"There are: {', '.join(path.stem for path in newest)}." if newest else "None was begun yet."


def _research(held: dict[str, Any]) -> Research:
    if held["depth"] not in DEPTHS:
        raise ValueError(held["depth"])
    return Research(
        **{
            **held,
            "questions": tuple(held["questions"]),
            "searched": {
                question: tuple(Listed(**each) for each in found)
                for question, found in held["searched"].items()
            },
            "tried": tuple(held["tried"]),
            "linked": tuple(Listed(**each) for each in held.get("linked", ())),
            "sources": tuple(
                Source(**{**each, "origin": Origin(each["origin"])}) for each in held["sources"]
            ),
            "findings": tuple(map(_finding, held["findings"])),
        }
    )


def _finding(held: dict[str, Any]) -> Finding:
    claims = tuple(Claim(each["text"], tuple(each["sources"])) for each in held["claims"])
    quotes = tuple(Quote(**each) for each in held["quotes"])
    return Finding(claims, quotes, tuple(held["open"]), held["by"])
