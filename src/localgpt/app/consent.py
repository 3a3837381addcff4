"""Which models elsewhere the owner has agreed to use: asked once for each, kept in ``state/consent.json``."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from localgpt.core import files

if TYPE_CHECKING:
    from localgpt.models.base import Engine


@dataclass(frozen=True, slots=True)
class Agreements:
    """Names that the owner has said yes to, in a private file."""

    path: Path

    def holds(self, name: str) -> bool:
        """Whether there was a yes to it."""
        return name in self._given()

    def add(self, name: str) -> None:
        """Keep a yes, from now on."""
        given = sorted({*self._given(), name})
        files.replace(self.path, json.dumps({"agreed": given}).encode(), mode=files.PRIVATE_FILE)

    def _given(self) -> frozenset[str]:
        try:
            found = json.loads(self.path.read_bytes())["agreed"]
            return frozenset(name for name in found if isinstance(name, str))
        except (OSError, ValueError, KeyError, TypeError):  # not there or not ours: nobody has agreed
            return frozenset()


class Consent(Agreements):
    """The owner's agreements, by the provider's name (what stands before the slash of a model's name)."""

    __slots__ = ()

    def needed(self, engine: Engine) -> bool:
        """Whether to ask before ``engine`` is used: it is elsewhere, and nobody agreed yet."""
        return not engine.local and not self.holds(_provider(engine))

    def give(self, engine: Engine) -> None:
        """Agree to use this engine's provider from now on."""
        self.add(_provider(engine))


def sentence(engine: Engine) -> str:
    """What leaves this machine when ``engine`` answers, and how to stay at home."""
    return (
        f"{engine.name} is not on this machine: what you say, and the notes that fit, go to {_provider(engine)}. "
        "With --local only models on this machine answer."
    )


def _provider(engine: Engine) -> str:
    return engine.name.partition("/")[0]
