"""Two runs of the same questions: what was found later than before. Pure but for the file that keeps the last runs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from localgpt.core import files

KEPT = 8
"""Runs that are kept, each of another set-up."""
NEVER = 0
"""The rank of what did not come at all."""
FAR = 10
"""From this rank on a change is of no account: nobody looks there."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run: the set-up (``model``, ``version`` and whatever else may change an answer) and each question's rank."""

    setup: Mapping[str, str]
    ranks: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Worse:
    """A question whose place came later than before (rank 0: not at all)."""

    question: str
    before: int
    now: int


def worse(before: Run, now: Run) -> list[Worse]:
    """The questions that got worse, the worst first. Those that only one run knows don't count."""
    found = [
        Worse(question, before.ranks[question], rank)
        for question, rank in now.ranks.items()
        if question in before.ranks and _is_worse(before.ranks[question], rank)
    ]
    return sorted(found, key=lambda one: (_depth(one.before) - _depth(one.now), one.question))


def _is_worse(before: int, now: int) -> bool:
    return _depth(now) > _depth(before) and _depth(before) <= FAR


def _depth(rank: int) -> int:
    return rank or 1000


def changed(before: Run, now: Run) -> list[str]:
    """What differs between the set-ups: ``model: a → b``."""
    names = dict.fromkeys([*before.setup, *now.setup])
    pairs = ((name, before.setup.get(name, ""), now.setup.get(name, "")) for name in names)
    return [f"{name}: {old or 'none'} → {new or 'none'}" for name, old, new in pairs if old != new]


class Runs:
    """The last runs, in the file ``path``: one of each set-up, the newest last; and the set-up that was seen last."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def all(self) -> list[Run]:
        """The runs, the newest last."""
        kept = self._read().get("runs")
        made = (_run(one) for one in kept) if isinstance(kept, list) else ()
        return [one for one in made if one]

    def to_compare(self, setup: Mapping[str, str]) -> Run | None:
        """The newest run of another set-up, else the last of this one."""
        kept = self.all()
        return next(
            (one for one in reversed(kept) if dict(one.setup) != dict(setup)), kept[-1] if kept else None
        )

    def keep(self, run: Run) -> None:
        """Keep a run in place of an earlier one of its set-up. Raises ``StorageError``."""
        others = [one for one in self.all() if dict(one.setup) != dict(run.setup)]
        self._write([*others[-KEPT + 1 :], run], run.setup)

    def seen(self) -> Mapping[str, str]:
        """The set-up that was seen last; empty if none was."""
        found = self._read().get("seen")
        return found if isinstance(found, dict) else {}

    def see(self, setup: Mapping[str, str]) -> None:
        """Remember the set-up. Raises ``StorageError``."""
        self._write(self.all(), setup)

    def _write(self, runs: list[Run], seen: Mapping[str, str]) -> None:
        kept = [{"setup": dict(one.setup), "ranks": dict(one.ranks)} for one in runs]
        data = json.dumps({"seen": dict(seen), "runs": kept}, ensure_ascii=False)
        files.replace(self.path, data.encode("utf-8", "replace"), mode=files.PRIVATE_FILE)

    def _read(self) -> dict[str, Any]:
        try:
            found = json.loads(self.path.read_bytes())
        except (
            OSError,
            ValueError,
            RecursionError,
        ):  # not there, or damaged: there is nothing to compare with
            return {}
        return found if isinstance(found, dict) else {}


def _run(value: Any) -> Run | None:
    setup, ranks = (value.get("setup"), value.get("ranks")) if isinstance(value, dict) else (None, None)
    if not isinstance(setup, dict) or not isinstance(ranks, dict):
        return None
    whole = all(isinstance(one, str) for one in setup.values())
    return Run(setup, ranks) if whole and all(type(rank) is int for rank in ranks.values()) else None
