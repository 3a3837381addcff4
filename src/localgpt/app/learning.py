"""What use teaches about searching: hits that were opened or cited become test cases, and a change of set-up is noticed."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from localgpt.core import files
from localgpt.core.errors import LocalGPTError, StorageError
from localgpt.core.events import Citation
from localgpt.core.values import Hit, Span
from localgpt.memory.cases import Case, Cases, case, found_again
from localgpt.memory.comparison import Runs

if TYPE_CHECKING:
    from localgpt.memory.workspace import Note

ENOUGH = 10
"""Cases from which on it is worth to say that a change can be tested."""
SOON = 600.0
"""Seconds in which a note that is read after a search was opened because of it."""
_MOST_LINES = 40

Read = Callable[[str, int, int | None], "Note"]


class Learning:
    """The cases of one home. ``read`` gives lines of a note or conversation; nothing is kept unless ``wanted``."""

    def __init__(
        self,
        state: Path,
        read: Read,
        today: Callable[[], dt.date],
        setup: Callable[[], Mapping[str, str]],
        *,
        wanted: bool,
    ) -> None:
        self.cases = Cases(state / "search-cases.jsonl")
        self.runs = Runs(state / "search-baseline.json")
        self._last = state / "last-search.json"
        self._read = read
        self._today = today
        self.setup = setup
        self._wanted = wanted

    def cited(self, question: str, citations: Iterable[Citation]) -> None:
        """A reply to the owner's question rests on these; the first that stands is kept."""
        place = next((one.span for one in citations if one.valid), None)
        if place is not None:
            self._keep(question, place, "cited")

    def opened(self, question: str, place: Span) -> None:
        """The owner opened this hit of a search."""
        self._keep(question, place, "opened")

    def searched(self, question: str, hits: Sequence[Hit]) -> None:
        """The owner searched at a terminal: one of the hits may be read next."""
        if not self._wanted:
            return
        places = [[hit.path, hit.start, hit.end] for hit in hits]
        data = json.dumps({"time": time.time(), "question": question[:1000], "hits": places})
        with contextlib.suppress(StorageError):  # a search is no worse for it
            files.replace(self._last, data.encode("utf-8", "replace"), mode=files.PRIVATE_FILE, synced=False)

    def got(self, path: str, start: int, end: int | None = None) -> None:
        """The owner read a note, or lines of it, at a terminal: it was opened, if it is a hit of the search just before."""
        try:
            last = json.loads(self._last.read_bytes())
            recent = 0 <= time.time() - last["time"] <= SOON
            hits = [Span(*hit) for hit in last["hits"]] if recent else []
            fits = [hit for hit in hits if hit.path == path and (start <= 1 or hit.start <= start <= hit.end)]
            question = str(last["question"])
        except (OSError, ValueError, TypeError, KeyError):  # no search, or none of ours
            return
        if fits:
            place = (
                Span(path, start, end) if end and fits[0].start <= start and end <= fits[0].end else fits[0]
            )
            self._keep(question, place, "opened")

    def forget(self) -> int:
        """Throw everything away that was learnt; how many cases there were. Raises ``StorageError``."""
        count = self.cases.forget()
        for path in (self.runs.path, self._last):
            files.remove(path)
        return count

    def standing(self) -> tuple[list[tuple[Case, Span]], int]:
        """The cases with where their lines stand now, and how many have no place any more."""
        found: list[tuple[Case, Span]] = []
        every = self.cases.all()
        lines: dict[str, list[str]] = {}
        for one in every:
            if one.path not in lines:
                lines[one.path] = self._lines(one.path)
            if place := found_again(one, lines[one.path]):
                found.append((one, place))
        return found, len(every) - len(found)

    def news(self) -> str:
        """Said once after a change of model, settings or version: that it can be tested. Empty otherwise."""
        setup, seen = self.setup(), self.runs.seen()
        if dict(setup) == dict(seen) or not self.cases.path.exists():
            return ""
        try:
            self.runs.see(setup)
        except StorageError:
            return ""
        if not seen or len(self.cases.all()) < ENOUGH:
            return ""
        return "How notes are found has changed; localgpt memory test tells what got worse."

    def _keep(self, question: str, place: Span, how: str) -> None:
        if not self._wanted:
            return
        place = Span(place.path, place.start, min(place.end, place.start + _MOST_LINES - 1))
        try:
            text = self._read(place.path, place.start, place.end).text
        except LocalGPTError:  # gone since: nothing to expect
            return
        if made := case(question, place, text, self._today(), how):
            self.cases.add(made)

    def _lines(self, path: str) -> list[str]:
        try:
            return self._read(path, 1, None).text.split("\n")
        except LocalGPTError:  # gone: its cases are left out
            return []
