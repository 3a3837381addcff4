"""How long a search takes, in this process and in a fresh one. ``python -m bench.search_speed [COUNT ...]``

Ratios are to the time of the plainest thing that could work: for a fresh process ``python -c pass``, for a search
reading all notes once. Vectors are random here (their making is what ``bench.indexing`` measures).
"""

from __future__ import annotations

import random
import statistics
import subprocess
import sys
import tempfile
import time
from array import array
from collections.abc import Callable, Sequence
from pathlib import Path

from bench import notes

from localgpt.memory.embedding import Bundled
from localgpt.memory.index import Index
from localgpt.memory.notes import NotesSource
from localgpt.memory.search import Query, Searcher

ASKED = 200
FRESH = 7


class Scattered(Bundled):
    """The bundled model for questions; passages get vectors by chance, at no cost."""

    def embed_documents(self, texts: Sequence[str]) -> list[bytes]:
        """A random direction for each text."""
        found = []
        for text in texts:
            chance = random.Random(text)
            found.append(array("f", [chance.gauss(0, 0.05) for _ in range(self.dimensions)]).tobytes())
        return found


FRESH_PROGRAM = """
import sys
from pathlib import Path
from localgpt.memory.embedding import Bundled
from localgpt.memory.index import Index
from localgpt.memory.notes import NotesSource
from localgpt.memory.search import Query, Searcher
home, provider, question = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
embedder = None if provider == "none" else Bundled()
index = Index(home / "index.db", [NotesSource(home / "notes")], embeddings=home / "e.db", embedder=embedder)
assert Searcher(index, embedder).search(Query(question)).hits
"""


def median(action: Callable[[], object], times: int) -> float:
    """The median time of ``action`` in milliseconds."""
    taken = []
    for _ in range(times):
        begin = time.perf_counter()
        action()
        taken.append((time.perf_counter() - begin) * 1000)
    return statistics.median(taken)


def percentiles(searcher: Searcher, asked: Sequence[str]) -> tuple[float, float]:
    """p50 and p95 of the questions, in milliseconds."""
    for question in asked[:10]:
        searcher.search(Query(question))
    taken = sorted(searcher.search(Query(question)).took_ms for question in asked)
    return taken[len(taken) // 2], taken[int(len(taken) * 0.95)]


def fresh(home: Path, provider: str, question: str) -> float:
    """A search in a new process, in milliseconds."""
    command = [sys.executable, "-c", FRESH_PROGRAM, str(home), provider, question]
    return median(lambda: subprocess.run(command, check=True, env=notes.environment()), FRESH)


def measure(count: int) -> None:
    """Print the rows for one size."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        notes.write(home / "notes", count)
        embedder = Scattered()
        index = Index(
            home / "index.db", [NotesSource(home / "notes")], embeddings=home / "e.db", embedder=embedder
        )
        index.catch_up()
        index.embed()
        time.sleep(0.1)
        index.catch_up()
        asked = notes.questions(ASKED)
        floor = median(lambda: [path.read_bytes() for path in (home / "notes").rglob("*.md")], 3)
        for name, searcher in (("text", Searcher(index)), ("fused", Searcher(index, embedder))):
            p50, p95 = percentiles(searcher, asked)
            print(
                f"{count:8} {name:7} in process     p50 {p50:7.1f} ms  p95 {p95:7.1f} ms  {p50 / floor:6.2f}"
            )
        scan = median(index.catch_up, 20)
        print(f"{count:8} {'':7} nothing new    p50 {scan:7.1f} ms {'':16} {scan / floor:6.2f}")
        index.close()
        bare = median(lambda: subprocess.run([sys.executable, "-c", "pass"], check=True), FRESH)
        for name, provider in (("text", "none"), ("fused", "local")):
            took = fresh(home, provider, asked[0])
            print(f"{count:8} {name:7} fresh process  p50 {took:7.1f} ms {'':16} {took / bare:6.2f}")


def main() -> None:
    """Print the table."""
    print(f"{'notes':>8} {'method':7} {'where':14} {'time':>39} {'ratio':>6}")
    for count in [int(one) for one in sys.argv[1:]] or [2000, 10_000]:
        measure(count)


if __name__ == "__main__":
    main()
