"""The same facts in several languages: is each found as well as the others? ``python -m bench.recall.twins``

A line of ``twins.jsonl`` is one fact as a note and as a question, in English and German, one of ``romance.jsonl`` in French,
Spanish and Italian. Each language is searched alone. ``haus.jsonl`` has German facts for which there is no English: umlauts,
strong and separable verbs, abbreviations, numbers.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path

from bench.recall.table import HEADER, cells

from localgpt.core import files
from localgpt.core.values import Span
from localgpt.memory.embedding import Bundled
from localgpt.memory.examination import FUSED, TEXT, VECTORS, examine
from localgpt.memory.index import Index
from localgpt.memory.notes import NotesSource
from localgpt.memory.quality import Figures, Question
from localgpt.memory.search import Searcher

LANGUAGES = ("en", "de")
ROMANCE = ("fr", "es", "it")
HAUS = "de-haus"
_FILES = (
    {HAUS: "haus.jsonl"} | dict.fromkeys(LANGUAGES, "twins.jsonl") | dict.fromkeys(ROMANCE, "romance.jsonl")
)


def twins(language: str) -> list[Mapping[str, str]]:
    """Every fact of the set that has ``language``: ``en`` and ``de`` are the notes, ``ask_en`` and ``ask_de`` the questions."""
    text = Path(__file__).with_name(_FILES[language]).read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def write(root: Path, language: str) -> list[Question]:
    """One note for each fact below ``root``, and the questions."""
    asked = []
    for number, twin in enumerate(twins(language), 1):
        path, key = f"knowledge/{number:03}.md", language[:2]
        files.replace(root / path, f"{twin[key]}\n".encode())
        asked.append(Question(twin[f"ask_{key}"], ((Span(path, 1, 1),),), language=language))
    return asked


def measure(folder: Path, language: str, method: str) -> Figures:
    """What one method finds in one language."""
    asked = write(folder / language, language)
    embedder = None if method == TEXT else Bundled()
    index = Index(
        folder / f"{language}-{method}.db",
        [NotesSource(folder / language)],
        embeddings=folder / "embeddings.db",
        embedder=embedder,
    )
    try:
        index.catch_up()
        index.embed()
        return examine(Searcher(index, embedder), asked, method).all
    finally:
        index.close()


def main() -> None:
    """Print the table."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    print(HEADER)
    with tempfile.TemporaryDirectory() as folder:
        for method in (TEXT, VECTORS, FUSED):
            for language in (*LANGUAGES, HAUS, *ROMANCE):
                print(cells(f"{method:9}{language}", measure(Path(folder), language, method)))


if __name__ == "__main__":
    main()
