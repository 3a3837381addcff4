"""Test cases that grow from use: a question of the owner's, and the lines that answered it. On this machine only.

One line of JSON each in ``state/search-cases.jsonl``, mode 0600: the question, its day, the place, and short hashes of the
place's lines, by which it is found again after edits. No text of a note is kept.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from localgpt.core import files
from localgpt.core.errors import StorageError
from localgpt.core.redact import redact
from localgpt.core.values import Span
from localgpt.core.words import is_stop, language, tokens, wide_letters
from localgpt.memory.quality import Question

MOST = 2000
"""Cases that are kept: the newest."""
LONGEST = 400
"""Letters of a question; a longer text is a story, and no question to search for."""
FEWEST_WORDS = 2
"""Words of a question that mean something: *and when?* asks nothing by itself."""
_MOST_LINES = 60


@dataclass(frozen=True, slots=True)
class Case:
    """A question, the place that answered it, the ISO day it was asked, how it was seen (``opened``, ``cited``), and the
    hashes of the place's lines.
    """

    question: str
    path: str
    start: int
    end: int
    day: str
    how: str
    lines: tuple[str, ...]

    @property
    def place(self) -> Span:
        """Where the lines stood."""
        return Span(self.path, self.start, self.end)


def case(question: str, place: Span, text: str, day: dt.date, how: str) -> Case | None:
    """A case of a question and the lines ``text`` at ``place``; ``None`` if the question can't be asked by itself."""
    asked = " ".join(question.split())
    if len(asked) > LONGEST or _telling(asked) < FEWEST_WORDS:
        return None
    lines = [line for line in text.split("\n")[:_MOST_LINES] if line.strip()]
    if not lines or redact(asked) != asked:  # a key in a question has no business in another file
        return None
    return Case(asked, place.path, place.start, place.end, day.isoformat(), how, tuple(map(_hash, lines)))


def _telling(question: str) -> int:
    """How many of its words mean something (of Chinese and the like: how many pairs of letters)."""
    words = set(tokens(question))
    spoken = language(question)
    return sum(not is_stop(word, spoken) for word in words) + len(wide_letters(question))


def _hash(line: str) -> str:
    return hashlib.blake2b(line.strip().encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()


class Cases:
    """The cases in the file ``path``."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def add(self, one: Case) -> None:
        """Keep a case. Whoever is about something else must not fail over it: what can't be written is not kept."""
        line = json.dumps(asdict(one), ensure_ascii=False) + "\n"
        try:
            with files.lock(self.path.with_name(self.path.name + ".lock"), timeout=2.0):
                files.append(self.path, line.encode("utf-8", "replace"), mode=files.PRIVATE_FILE)
                if self._count() > 2 * MOST:
                    self._shorten()
        except StorageError:
            return

    def all(self) -> list[Case]:
        """The newest case of each question, the oldest first, at most ``MOST``. A line that is none is passed over."""
        found: dict[str, Case] = {}
        for line in self._read():
            if one := _parsed(line):
                key = one.question.casefold()
                found.pop(key, None)
                found[key] = one
        return list(found.values())[-MOST:]

    def forget(self) -> int:
        """Throw them all away; how many there were. Raises ``StorageError``."""
        count = len(self.all())
        with files.lock(self.path.with_name(self.path.name + ".lock"), timeout=2.0):
            files.remove(self.path)
        return count

    def _read(self) -> list[bytes]:
        try:
            return self.path.read_bytes().split(b"\n")
        except OSError:
            return []

    def _count(self) -> int:
        return len(self._read()) - 1

    def _shorten(self) -> None:
        lines = [json.dumps(asdict(one), ensure_ascii=False) for one in self.all()]
        data = ("\n".join(lines) + "\n").encode("utf-8", "replace")
        files.replace(self.path, data, mode=files.PRIVATE_FILE)


def _parsed(line: bytes) -> Case | None:
    try:
        value = json.loads(line)
        made = Case(**{**value, "lines": tuple(value["lines"])})
        dt.date.fromisoformat(made.day)
        texts: Sequence[Any] = (made.question, made.path, made.how, *made.lines)
        numbers = 1 <= made.start <= made.end
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    return made if numbers and all(isinstance(text, str) for text in texts) else None


def found_again(one: Case, lines: Sequence[str]) -> Span | None:
    """Where the case's lines stand now among the note's ``lines``; ``None`` when most of them are gone."""
    wanted = set(one.lines)
    there = [number for number, line in enumerate(lines, 1) if line.strip() and _hash(line) in wanted]
    seen = {_hash(lines[number - 1]) for number in there}
    if 2 * len(seen) < len(wanted):
        return None
    near = _nearest(there, one.start, one.end - one.start)
    return Span(one.path, near[0], near[-1])


def _nearest(numbers: Sequence[int], start: int, length: int) -> list[int]:
    """The window of the note that has the most of the lines, and of those the one nearest to where they stood."""
    windows = [[at for at in numbers if begin <= at <= begin + length] for begin in numbers]
    return max(windows, key=lambda window: (len(window), -abs(window[0] - start)))


def question(one: Case, place: Span, number: int) -> Question:
    """The case as a question of an examination; ``number`` tells it from others."""
    return Question(one.question, ((place,),), one.how, today=dt.date.fromisoformat(one.day), line=number)


def numbered(cases: Iterable[tuple[Case, Span]]) -> list[Question]:
    """The questions of cases that are still answered, numbered from 1."""
    return [question(one, place, number) for number, (one, place) in enumerate(cases, 1)]
