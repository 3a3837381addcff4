"""A year of an invented person as notes, and what a search finds in it. ``python -m bench.recall.year_set``

``bench/recall/year`` holds the notes, a file for each month and language, and the questions in two halves: ``tune.jsonl``
to look at, ``held_out.jsonl`` for the tests alone. A question's half is told by its hash.
"""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from bench.recall.table import HEADER, cells

from localgpt.core import files
from localgpt.memory.embedding import Bundled
from localgpt.memory.examination import METHODS, examine
from localgpt.memory.index import Index
from localgpt.memory.notes import NotesSource
from localgpt.memory.quality import Question
from localgpt.memory.questions import parse
from localgpt.memory.search import Searcher

FOLDER = Path(__file__).with_name("year")
TUNE, HELD_OUT = "tune", "held_out"
SIGN = "=== "
"""What a line begins with that names the next note."""


def notes(language: str) -> Iterator[tuple[str, str]]:
    """Path and text of each note in ``en`` or ``de``."""
    for month in sorted((FOLDER / language).glob("*.md")):
        for part in month.read_text(encoding="utf-8").removeprefix(SIGN).split(f"\n{SIGN}"):
            path, _, text = part.partition("\n")
            yield path, text.rstrip("\n") + "\n"


def unpack(root: Path) -> None:
    """Write all notes below ``root``."""
    for language in ("en", "de"):
        for path, text in notes(language):
            files.replace(root / path, text.encode())


def half(question: str) -> str:
    """The half that a question belongs to."""
    return HELD_OUT if hashlib.sha256(question.encode()).digest()[0] % 2 else TUNE


def questions(name: str) -> list[Question]:
    """The questions of one half."""
    file = FOLDER / f"{name}.jsonl"
    return parse(file.read_text(encoding="utf-8"), file.name)


def crossing(question: Question, languages: Mapping[str, str]) -> Question:
    """The same question, its language told with that of its notes: ``de of en`` asks in German about English."""
    written = {languages[place.path] for fact in question.evidence for place in fact}
    return dataclasses.replace(
        question, language=" of ".join([question.language, "+".join(sorted(written)) or "none"])
    )


@contextmanager
def searcher(folder: Path, embeddings: Path | None = None) -> Iterator[Searcher]:
    """A search over all notes, written below ``folder``, with every vector made."""
    unpack(folder / "notes")
    embedder = Bundled()
    cache = embeddings or folder / "embeddings.db"
    index = Index(folder / "index.db", [NotesSource(folder / "notes")], embeddings=cache, embedder=embedder)
    try:
        index.catch_up()
        index.embed()
        yield Searcher(index, embedder)
    finally:
        index.close()


def main() -> None:
    """Print the table of the half that may be looked at, or write the notes somewhere."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--unpack", type=Path, metavar="FOLDER", help="only write the notes below this folder"
    )
    parser.add_argument("--methods", nargs="*", default=list(METHODS), choices=list(METHODS))
    parser.add_argument("--embeddings", type=Path, help="keep vectors here from run to run")
    options = parser.parse_args()
    if options.unpack:
        unpack(options.unpack)
        return
    languages = {path: language for language in ("en", "de") for path, _ in notes(language)}
    asked = [crossing(question, languages) for question in questions(TUNE)]
    with tempfile.TemporaryDirectory() as folder, searcher(Path(folder), options.embeddings) as search:
        print(HEADER)
        for method in options.methods:
            result = examine(search, asked, method)
            for name, figures in ({"all": result.all} | result.kinds | result.languages).items():
                if figures.questions:
                    print(cells(f"{method:9}{name}", figures))
            print(f"{method:9}{result.all.silent} of {result.all.absent} without an answer found nothing\n")


if __name__ == "__main__":
    main()
