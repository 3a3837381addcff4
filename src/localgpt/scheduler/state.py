"""What the heartbeat remembers between beats: when each entry ran, what is paused, what was told; ``state/heartbeat.json``.

Moments are seconds since 1970 (UTC). Advanced only after a completed reply, and written atomically.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from math import isfinite
from pathlib import Path
from typing import Any

from localgpt.core import files

FORGOTTEN_AFTER = 30 * 86400.0
"""Seconds after which an entry that is no longer in the file is forgotten."""
TOLD_ONCE = 86400.0
"""Seconds in which the same text is told once."""
PAUSED_FOR = 86400.0
"""Seconds for which failures pause the heartbeat, unless the owner resumes it."""
FAILURES = 3


@dataclass(frozen=True, slots=True)
class Ran:
    """An entry's past. ``last`` is its last completed run; ``session`` and ``started`` are of one that was cut off.

    ``seen`` are the fingerprints of what it watches; ``question`` is the item of the inbox that it waits for; before ``retry`` a failure lets it rest.
    """

    last: float | None = None
    checked: float | None = None
    seen: Mapping[str, str] = field(default_factory=dict)
    session: str = ""
    started: float | None = None
    continued: bool = False
    question: str = ""
    failures: int = 0
    retry: float | None = None
    error: str = ""

    def failed(self, now: float, wait: float, why: str) -> Ran:
        """After another failure: the next try waits twice as long each time, after three of them for a day."""
        failures = self.failures + 1
        pause = PAUSED_FOR if failures >= FAILURES else wait * 2 ** (failures - 1)
        return Ran(self.last, self.checked, self.seen, failures=failures, retry=now + pause, error=why[:300])

    @property
    def given_up(self) -> bool:
        """Whether it failed so often that it rests."""
        return self.failures >= FAILURES


@dataclass(frozen=True, slots=True)
class State:
    """Of all entries by their keys; ``told`` is when each text (by its mark) was told.

    ``damaged``: what was known before could not be read, and whether it was paused neither; so it is, until resumed.
    """

    ran: Mapping[str, Ran] = field(default_factory=dict)
    paused: bool = False
    told: Mapping[str, float] = field(default_factory=dict)
    damaged: bool = False

    def of(self, key: str) -> Ran:
        """The past of an entry; an empty one if it has none."""
        return self.ran.get(key, Ran())

    def put(self, key: str, ran: Ran) -> State:
        """The same with another past of one entry."""
        return replace(self, ran={**self.ran, key: ran})

    def at(self, now: float) -> State:
        """The same as a clock that shows ``now`` can have it: what lies in its future (it was set back) is now."""

        def past(moment: float | None) -> float | None:
            return moment if moment is None else min(moment, now)

        ran = {
            key: replace(
                one,
                last=past(one.last),
                checked=past(one.checked),
                started=past(one.started),
                retry=one.retry if one.retry is None else min(one.retry, now + PAUSED_FOR),
            )
            for key, one in self.ran.items()
        }
        told = {text: min(moment, now) for text, moment in self.told.items()}
        changed = replace(self, ran=ran, told=told)
        return self if changed == self else changed

    def telling(self, mark: str, now: float) -> tuple[State, bool]:
        """The same, and whether a text with that mark is to be told: not again within a day."""
        known = self.told.get(mark)
        fresh = {text: moment for text, moment in self.told.items() if now - moment < TOLD_ONCE}
        if known is not None and now - known < TOLD_ONCE:
            return replace(self, told=fresh), False
        return replace(self, told={**fresh, mark: now}), True

    def without_old(self, keys: frozenset[str], now: float) -> State:
        """The same without entries that are in the file no longer and have not run for a month."""
        kept = {
            key: one
            for key, one in self.ran.items()
            if key in keys or now - max(one.last or 0, one.checked or 0) < FORGOTTEN_AFTER
        }
        return self if kept.keys() == self.ran.keys() else replace(self, ran=kept)


DAMAGED = State(paused=True, damaged=True)
_SENSELESS = (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError)
"""What reading something raises that is not ours."""


def load(path: Path) -> State:
    """The state on disk; a fresh one where there is none, ``DAMAGED`` where it makes no sense. Raises ``StorageError``."""
    try:
        return _read(_content(path))
    except _SENSELESS:
        return DAMAGED


def mended(path: Path, aside: Path) -> tuple[State, bool]:
    """The same for who changes it: one that makes no sense is kept as ``aside`` first. Gives whether it was so.

    Raises ``StorageError``. A crash in between leaves the damaged one where it is, to be put aside again.
    """
    content = _content(path)
    try:
        return _read(content), False
    except _SENSELESS:
        files.replace(aside, content or b"", mode=files.PRIVATE_FILE)
        save(path, DAMAGED)
        return DAMAGED, True


def save(path: Path, state: State) -> None:
    """Write it down, whole or not at all. Raises ``StorageError``."""
    text = json.dumps({"version": 1, **asdict(state)}, ensure_ascii=False, separators=(",", ":"))
    files.replace(path, text.encode("utf-8", "replace"), mode=files.PRIVATE_FILE)


def _content(path: Path) -> bytes | None:
    with files.explained("read", path):
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return None


def _read(content: bytes | None) -> State:
    if content is None:
        return State()
    found = json.loads(content)
    ran = {
        str(key): Ran(**{name: one[name] for name in Ran.__slots__ if name in one})
        for key, one in found["ran"].items()
    }
    paused, damaged = found.get("paused", False), found.get("damaged", False)
    if not all(map(_is_sound, ran.values())) or not isinstance(paused, bool) or not isinstance(damaged, bool):
        raise ValueError("not ours")
    told = {str(mark): float(moment) for mark, moment in found.get("told", {}).items()}
    return State(ran, paused, told, damaged)


def _is_sound(one: Any) -> bool:
    """Whether everything in an entry's past is of its kind; any of it may stand in a file."""
    moments = (one.last, one.checked, one.started, one.retry)
    return (
        all(moment is None or (isinstance(moment, int | float) and isfinite(moment)) for moment in moments)
        and all(isinstance(text, str) for text in (one.session, one.question, one.error))
        and isinstance(one.failures, int)
        and isinstance(one.seen, dict)
    )
