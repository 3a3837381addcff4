"""What the owner should know about how their notes are found: said once each, kept in ``state/counsel.json``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from localgpt.core import files
from localgpt.core.errors import StorageError
from localgpt.memory.embedding import Bundled

MULTILINGUAL = "fastembed/sentence-transformers/paraphrase-multilingual-MiniLM-L12-v2"
MEGABYTES = 220
FEWEST = 30
"""Passages from which on a workspace has a language."""
_NAMES = {"de": "German", "fr": "French", "es": "Spanish", "it": "Italian"}


def for_languages(languages: Mapping[str, int], model: str) -> str:
    """The advice for a workspace that is mostly not English and is searched by an English model; empty for others.

    ``languages`` counts passages by language (``""``: too short to tell), ``model`` is the embedder's name.
    """
    told = {language: count for language, count in languages.items() if language}
    total = sum(told.values())
    if model != Bundled.name or total < FEWEST or 2 * told.get("en", 0) >= total:
        return ""
    most = max(told, key=lambda language: told[language])
    name = _NAMES.get(most, "not English")
    return (
        f"Most of what you keep is {name}; the embedding model knows English. One that knows {_speaks(most)} "
        f"finds more by meaning ({MEGABYTES} MB, downloaded once): localgpt memory model {MULTILINGUAL}"
    )


def _speaks(language: str) -> str:
    return f"{_NAMES[language]} too" if language in _NAMES else "many languages"


class Told:
    """What was said already, by a word for each thing."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def once(self, word: str, sentence: str) -> str:
        """The sentence, the first time; empty for an empty one and from then on."""
        told = self._read()
        if not sentence or word in told:
            return ""
        try:
            data = json.dumps({"told": sorted({*told, word})}).encode()
            files.replace(self.path, data, mode=files.PRIVATE_FILE)
        except StorageError:
            return ""  # it would be said for ever
        return sentence

    def has(self, word: str) -> bool:
        """Whether it was said."""
        return word in self._read()

    def _read(self) -> frozenset[str]:
        try:
            found = json.loads(self.path.read_bytes())["told"]
            return frozenset(word for word in found if isinstance(word, str))
        except (OSError, ValueError, KeyError, TypeError):  # not there, or damaged
            return frozenset()
