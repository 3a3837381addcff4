"""A folder in the form of BEIR (SciFact and its like) as notes. ``python -m bench.recall.beir FOLDER [--split test]``

The folder holds ``corpus.jsonl`` (``_id``, ``title``, ``text``), ``queries.jsonl`` (``_id``, ``text``) and
``qrels/SPLIT.tsv`` (query, document, grade). Each document is a note, its title the heading. What counts is the note:
nDCG@10 as trec_eval has it, R@10 and MRR. No such data is part of this repository.
"""

from __future__ import annotations

import argparse
import csv
import dataclasses
import json
import math
import statistics
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from localgpt.core import files
from localgpt.memory.embedding import Bundled
from localgpt.memory.examination import METHODS, TEXT
from localgpt.memory.index import Index
from localgpt.memory.notes import NotesSource
from localgpt.memory.search import Query, Searcher

HITS = 30
"""How many passages are asked for: a long document may bring several."""
DEPTH = 10


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, and the notes that answer it with their grades."""

    text: str
    grades: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Score:
    """What the first ``DEPTH`` notes of one question are worth."""

    gain: float
    recall: float
    reciprocal: float
    took_ms: float = 0.0


def _lines(file: Path) -> Iterator[Mapping[str, str]]:
    with file.open(encoding="utf-8") as stream:
        yield from (json.loads(line) for line in stream if line.strip())


def path_of(document: str) -> str:
    """The note of a document."""
    return f"knowledge/{''.join(sign if sign.isalnum() else '-' for sign in document)}.md"


def write(folder: Path, root: Path) -> int:
    """Write a note for each document below ``root``; returns how many there are."""
    count = 0
    for document in _lines(folder / "corpus.jsonl"):
        title = " ".join(document.get("title", "").split())
        text = f"# {title}\n\n{document['text']}\n" if title else f"{document['text']}\n"
        files.replace(root / path_of(document["_id"]), text.encode())
        count += 1
    return count


def questions(folder: Path, split: str = "test") -> list[Asked]:
    """The questions of a split that something answers."""
    texts = {line["_id"]: line["text"] for line in _lines(folder / "queries.jsonl")}
    grades: dict[str, dict[str, int]] = {}
    with (folder / "qrels" / f"{split}.tsv").open(encoding="utf-8", newline="") as stream:
        for query, document, grade in list(csv.reader(stream, delimiter="\t"))[1:]:
            if int(grade) > 0 and query in texts:
                grades.setdefault(query, {})[path_of(document)] = int(grade)
    return [Asked(texts[query], of_query) for query, of_query in grades.items()]


def score(asked: Asked, paths: Sequence[str], took_ms: float = 0.0) -> Score:
    """What the notes ``paths``, best first and each once, are worth."""
    gains = [asked.grades.get(path, 0) for path in paths[:DEPTH]]
    best = sorted(asked.grades.values(), reverse=True)[:DEPTH]
    found = [rank for rank, gain in enumerate(gains, 1) if gain]
    return Score(
        _discounted(gains) / _discounted(best),
        len(found) / len(asked.grades),
        1 / found[0] if found else 0.0,
        took_ms,
    )


def _discounted(gains: Iterable[int]) -> float:
    return sum(gain / math.log2(rank + 1) for rank, gain in enumerate(gains, 1))


def examine(searcher: Searcher, asked: Sequence[Asked]) -> list[Score]:
    """Ask everything."""
    scores = []
    for question in asked:
        found = searcher.search(Query(question.text, limit=HITS))
        scores.append(score(question, list(dict.fromkeys(hit.path for hit in found.hits)), found.took_ms))
    return scores


def row(name: str, scores: Sequence[Score]) -> str:
    """One line of the table."""
    means = [
        statistics.fmean(column)
        for column in zip(*((one.gain, one.recall, one.reciprocal) for one in scores), strict=True)
    ]
    cells = "  ".join(f"{mean:.3f}" for mean in means)
    return f"{name:10}{len(scores):6}  {cells}   {statistics.median(one.took_ms for one in scores):6.1f}"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--split", default="test")
    parser.add_argument("--methods", nargs="*", default=list(METHODS), choices=list(METHODS))
    parser.add_argument("--embeddings", type=Path, help="keep vectors here from run to run")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        count = write(options.folder, home / "notes")
        asked = questions(options.folder, options.split)
        embedder = Bundled()
        cache = options.embeddings or home / "embeddings.db"
        index = Index(home / "index.db", [NotesSource(home / "notes")], embeddings=cache, embedder=embedder)
        index.catch_up()
        index.embed()
        print(f"{count} notes, {index.stats().chunks} chunks, {len(asked)} questions")
        print(f"{'':10}     n  nDCG@10 R@10  MRR@10     ms")
        for method in options.methods:
            searcher = Searcher(index, None if method == TEXT else embedder)
            print(row(method, examine(dataclasses.replace(searcher, weights=METHODS[method]), asked)))
        index.close()


if __name__ == "__main__":
    main()
