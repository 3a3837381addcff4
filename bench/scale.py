"""Search at 1,000 to 1,000,000 passages: time, memory, bytes, and what the vectors' codes lose.

``python -m bench.scale [--keep FOLDER] [COUNT ...]``

Passages and vectors are made up (``bench.made``). Their text goes through the real indexer, only not from files, and the
vectors are stored as the index stores them; no source is asked while searching (``bench.changes`` measures that). The
question's own vector is given, so its making is not in the figures. Ratios are to numpy's plain look through the same
bits, all of them in memory.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from bench import made
from bench.notes import environment

from localgpt.memory import vectors as stored
from localgpt.memory.database import Database
from localgpt.memory.embedding import Bundled
from localgpt.memory.index import CatchUp, Index, Progress
from localgpt.memory.search import CANDIDATES, Query, Searcher

COUNTS = (1_000, 10_000, 100_000, 1_000_000)
ASKED = 100
JUDGED = 50
LOOKED = 10
CHILD = """
import re, sys
from pathlib import Path
from localgpt.memory.index import CatchUp, Index
from localgpt.memory.search import Query, Searcher
Index.catch_up = lambda self: CatchUp()
index = Index(Path(sys.argv[1]), [])
for question in sys.argv[2:]:
    Searcher(index).search(Query(question))
assert "numpy" not in sys.modules
print(re.search(r"^Pss:\\s+(\\d+) kB", Path("/proc/self/smaps_rollup").read_text(), re.M)[1])
print(re.search(r"^Pss_Anon:\\s+(\\d+) kB", Path("/proc/self/smaps_rollup").read_text(), re.M)[1])
"""


class Given(Bundled):
    """The bundled model's name with vectors that are there already."""

    def __init__(self, questions: Sequence[str], vectors: made.Vectors) -> None:
        super().__init__()
        self._given: dict[str, bytes] = dict(
            zip(questions, (vector.tobytes() for vector in vectors), strict=True)
        )

    def embed_query(self, text: str) -> bytes:
        """The question's vector, at no cost."""
        return self._given[text]


class Still(Index):
    """An index that asks no source what changed."""

    def catch_up(self, progress: Progress | None = None, *, whole: bool = False) -> CatchUp:  # noqa: ARG002 - as there
        """Nothing is new."""
        return CatchUp()


def build(path: Path, count: int, seeds: made.Vectors) -> float:
    """Fill an index; how many passages a second became searchable by their text."""
    index = Index(path, [made.Passages(count)])
    begin = time.process_time()
    index.catch_up()
    rate = count / (time.process_time() - begin)
    index.read(lambda database: _put(database, count, seeds))
    index.close()
    return rate


def _put(database: Database, count: int, seeds: made.Vectors) -> None:
    with database.write() as connection:
        stored.adopt(connection, Bundled.name, Bundled.dimensions)
    for first, rows in _blocks(count, seeds):
        chunks = [1 + (first + at) // made.OF_CHUNK for at in range(len(rows))]
        with database.write() as connection:
            stored.put(connection, [(chunk, row.tobytes()) for chunk, row in zip(chunks, rows, strict=True)])
    with database.write() as connection:
        connection.execute("DELETE FROM pending")


def _blocks(count: int, seeds: made.Vectors) -> Iterator[tuple[int, made.Vectors]]:
    total = count * made.OF_CHUNK
    for block, first in enumerate(range(0, total, made.BLOCK)):
        yield first, made.vectors(seeds, block, min(made.BLOCK, total - first))


@dataclass(frozen=True)
class Taken:
    """Milliseconds by the clock, and what the thread got of the processor for it (p50): the same where nothing else runs."""

    p50: float
    p95: float
    cpu: float


def percentiles(action: Callable[[int], object], times: int) -> Taken:
    """How long ``action(number)`` takes, after some that don't count."""
    clock, cpu = [], []
    for number in (*range(LOOKED), *range(times)):
        begin, used = time.perf_counter(), time.thread_time()
        action(number % times)
        clock.append((time.perf_counter() - begin) * 1000)
        cpu.append((time.thread_time() - used) * 1000)
    clock, cpu = sorted(clock[LOOKED:]), sorted(cpu[LOOKED:])
    return Taken(clock[len(clock) // 2], clock[int(len(clock) * 0.95)], cpu[len(cpu) // 2])


def nearest(database: Database, vector: made.Vectors, limit: int) -> dict[int, float]:
    """What a search asks the vectors."""
    with database.read() as connection:
        return stored.nearest(connection, vector.tobytes(), limit, "", ())


def bare_scan(count: int, seeds: made.Vectors, asked: made.Vectors) -> float:
    """The median time of numpy's plain look through all bits, with the best of them picked, in milliseconds of CPU."""
    bits = np.concatenate(
        [np.packbits(rows > 0, axis=1).view(np.uint64) for _, rows in _blocks(count, seeds)]
    )
    wanted = min(1000, len(bits) - 1)

    def look(number: int) -> None:
        question = np.packbits(asked[number] > 0).view(np.uint64)
        distances = np.bitwise_count(bits ^ question).sum(axis=1, dtype=np.uint16)
        np.argpartition(distances, wanted)

    return percentiles(look, 20).cpu


def exact(count: int, seeds: made.Vectors, asked: made.Vectors) -> list[dict[int, float]]:
    """For each question the nearest chunks by whole vectors."""
    best: list[dict[int, float]] = [{} for _ in asked]
    for first, rows in _blocks(count, seeds):
        cosines = rows @ asked.T
        for number, found in enumerate(best):
            top = np.argpartition(-cosines[:, number], min(40, len(rows) - 1))[:40]
            for at in top.tolist():
                chunk = 1 + (first + at) // made.OF_CHUNK
                found[chunk] = max(found.get(chunk, -1.0), float(cosines[at, number]))
    return best


def recall(database: Database, truth: list[dict[int, float]], asked: made.Vectors) -> tuple[float, float]:
    """The share of the true ten nearest that are among the candidates of a search, and of their cosines that stay."""
    kept = same = 0.0
    for vector, found in zip(asked, truth, strict=True):
        ten = sorted(found, key=lambda chunk: -found[chunk])[:10]
        candidates = nearest(database, vector, CANDIDATES)
        first = sorted(candidates, key=lambda chunk: -candidates[chunk])[:10]
        kept += len(candidates.keys() & set(ten)) / len(ten)
        same += sum(found.get(chunk, 0.0) for chunk in first) / sum(found[chunk] for chunk in ten)
    return kept / len(truth), same / len(truth)


def sizes(database: Database, count: int) -> dict[str, float]:
    """Bytes a passage by table; indexes count as their tables, the full text's own tables as ``words``."""
    names = {"chunks_of_document": "chunks", "vectors_of_chunk": "vectors"}
    found: dict[str, float] = {}
    with database.read() as connection:
        rows = connection.execute("SELECT name, sum(pgsize) FROM dbstat GROUP BY 1").fetchall()
    for name, size in rows:
        table = "words" if str(name).startswith("words") else names.get(str(name), str(name))
        table = table if table in {"words", "chunks", "vectors", "signs"} else "the rest"
        found[table] = found.get(table, 0.0) + float(str(size)) / count
    return found


def memory(path: Path, questions: Sequence[str]) -> tuple[float, float]:
    """Megabytes of a process that only searches text: all of its own, and what is no page of a file."""
    command = [sys.executable, "-c", CHILD, str(path), *questions]
    told = subprocess.run(
        command, check=True, env=environment(), capture_output=True, text=True
    ).stdout.split()
    return int(told[0]) / 1024, int(told[1]) / 1024


def own_memory() -> float:
    """This process's share of memory in megabytes."""
    found = re.search(r"^Pss:\s+(\d+) kB", Path("/proc/self/smaps_rollup").read_text(), re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0


def measure(folder: Path, count: int) -> None:
    """Print the rows for one size."""
    seeds = made.real_vectors(folder / "seeds.npy")
    path = folder / f"{count}.db"
    if not path.exists():
        print(
            f"{count:9,}  indexed       {build(path, count, seeds):,.0f} passages a second of CPU, made up and stored"
        )
    questions, asked = made.Passages(count).questions(ASKED), made.asked(seeds, ASKED)
    index = Still(path, [])
    embedder = Given([" ".join(question.split()) for question in questions], asked)
    text, fused = Searcher(index), Searcher(index, embedder)
    database = index.read(lambda opened: opened)
    print(f"{count:9,}  bytes a passage  " + row(sizes(database, count)))
    tell(count, "text", percentiles(lambda number: text.search(Query(questions[number])), ASKED))
    before = percentiles(lambda number: nearest(database, asked[number], CANDIDATES), ASKED)
    tell(count, "vectors", before)
    index.embedder = embedder
    tell(count, "both", percentiles(lambda number: fused.search(Query(questions[number])), ASKED))
    bare = bare_scan(count, seeds, asked)
    after = percentiles(lambda number: nearest(database, asked[number], CANDIDATES), ASKED)
    print(
        f"{count:9,}  numpy's scan  CPU {bare:7.1f} ms   vectors take {(before.cpu + after.cpu) / 2 / bare:.2f} times that"
    )
    kept, same = recall(database, exact(count, seeds, asked[:JUDGED]), asked[:JUDGED])
    print(
        f"{count:9,}  of the ten nearest {kept:.4f} are candidates; cosines of the ten found {same:.4f} of theirs"
    )
    index.close()
    whole, own = memory(path, questions[:40])
    print(
        f"{count:9,}  a process that searches text: {whole:.0f} MB, {own:.0f} of them no pages of files\n",
        flush=True,
    )


def tell(count: int, what: str, found: Taken) -> None:
    """Print what was taken."""
    figures = f"p50 {found.p50:7.1f} ms   p95 {found.p95:7.1f} ms   CPU {found.cpu:7.1f} ms"
    print(f"{count:9,}  {what:12}  {figures}", flush=True)


def row(figures: dict[str, float]) -> str:
    """Figures with their names, the largest first, and their sum."""
    parts = sorted(figures.items(), key=lambda pair: -pair[1])
    return ", ".join(f"{name} {size:,.0f}" for name, size in parts) + f"; all {sum(figures.values()):,.0f}"


def main() -> None:
    """Print the figures of each size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("counts", nargs="*", type=int, default=COUNTS)
    parser.add_argument(
        "--keep", type=Path, help="keep the indexes here, and take them from here if they are there"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        kept = options.keep or Path(folder)
        kept.mkdir(parents=True, exist_ok=True)
        for count in options.counts:
            measure(kept, count)


if __name__ == "__main__":
    main()
