"""LoCoMo as daily notes: what text, vectors and their fusion find. ``python -m bench.recall.locomo locomo10.json``

All ten conversations are in one workspace, a note for each session with a line for each turn; questions are asked as
they stand. Categories 1 to 4 count; 5 (adversarial) is printed apart. The data (CC BY-NC 4.0, by Maharana et al.) is
not part of this repository. The weights of the ranking were chosen on this very set: it shows progress, not merit.
"""

from __future__ import annotations

import argparse
import json
import re
import tempfile
import time
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from bench.recall.table import HEADER, cells

from localgpt.core import files
from localgpt.core.values import Span
from localgpt.memory.embedding import Bundled
from localgpt.memory.examination import METHODS, examine
from localgpt.memory.index import Index
from localgpt.memory.notes import NotesSource
from localgpt.memory.quality import Line, Question
from localgpt.memory.search import Searcher

KINDS = {1: "several facts", 2: "time", 3: "open domain", 4: "one fact", 5: "adversarial"}


def notes(sample: Mapping[str, Any], *, captions: bool) -> Iterator[tuple[str, str, dict[str, Line]]]:
    """Path and text of each session's note, and the line of each turn in it by its id."""
    talk = sample["conversation"]
    number = 1
    while f"session_{number}" in talk:
        day = datetime.strptime(talk[f"session_{number}_date_time"], "%I:%M %p on %d %B, %Y")  # noqa: DTZ007 - as it was said
        path = f"knowledge/{sample['sample_id']}/{day:%Y-%m-%d}-{number}.md"
        lines = [f"# {talk['speaker_a']} and {talk['speaker_b']}", ""]
        places = {}
        for turn in talk[f"session_{number}"]:
            photo = f" [photo: {turn['blip_caption']}]" if captions and turn.get("blip_caption") else ""
            lines.append(f"{turn['speaker']}: {' '.join(turn['text'].split())}{photo}")
            places[turn["dia_id"]] = (path, len(lines))
        yield path, "\n".join(lines) + "\n", places
        number += 1


def questions(
    sample: Mapping[str, Any], places: Mapping[str, Line], kinds: Mapping[int, str] = KINDS
) -> Iterator[Question]:
    """The questions whose evidence exists; ids written together in one text are taken apart."""
    for asked in sample["qa"]:
        names = re.findall(r"D\d+:\d+", " ".join(asked["evidence"]))
        lines = dict.fromkeys(places[name] for name in names if name in places)
        if lines:
            evidence = tuple((Span(path, number, number),) for path, number in lines)
            yield Question(asked["question"], evidence, kinds[asked["category"]])


def write(data: list[Mapping[str, Any]], root: Path, *, captions: bool) -> list[Question]:
    """Write all notes below ``root`` and return all questions."""
    asked: list[Question] = []
    for sample in data:
        places: dict[str, Line] = {}
        for path, text, lines in notes(sample, captions=captions):
            files.replace(root / path, text.encode())
            places |= lines
        asked += questions(sample, places)
    return asked


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--no-captions", action="store_true", help="leave out what the photos show")
    parser.add_argument("--methods", nargs="*", default=list(METHODS), choices=list(METHODS))
    parser.add_argument("--embeddings", type=Path, help="keep vectors here from run to run")
    options = parser.parse_args()
    data = json.loads(options.data.read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        asked = write(data, home / "notes", captions=not options.no_captions)
        embedder = Bundled()
        cache = options.embeddings or home / "embeddings.db"
        index = Index(home / "index.db", [NotesSource(home / "notes")], embeddings=cache, embedder=embedder)
        index.catch_up()
        begin = time.perf_counter()
        index.embed()
        stats = index.stats()
        print(f"{stats.notes} notes, {stats.chunks} chunks, {len(asked)} questions;", end=" ")
        print(f"vectors in {time.perf_counter() - begin:.0f} s\n{HEADER}")
        counting = [question for question in asked if question.kind != KINDS[5]]
        adversarial = [question for question in asked if question.kind == KINDS[5]]
        searcher = Searcher(index, embedder)
        for method in options.methods:
            counted = examine(searcher, counting, method)
            apart = examine(searcher, adversarial, method)
            for kind, figures in ({"all": counted.all} | counted.kinds | apart.kinds).items():
                print(cells(f"{method:9}{kind}", figures))
        index.close()


if __name__ == "__main__":
    main()
