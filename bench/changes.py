"""How soon a changed note is found among very many files. ``python -m bench.changes [COUNT]``

The index is kept up to date as the daemon does it, by ``daemon.tending``. "Seen" is the time from the end of a save until
the index holds the new text without anybody asking; "found" that of a search that is made right after a save.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench import notes

from localgpt.app import Assistant
from localgpt.core.paths import Home
from localgpt.daemon.tending import Indexing
from localgpt.memory.index import Index
from localgpt.memory.search import Query, Searcher

TIMES = 15


def median(action: Callable[[int], float]) -> float:
    """The median of what ``action(number)`` returns."""
    return statistics.median(action(number) for number in range(TIMES))


def timed(action: Callable[[], object]) -> float:
    """Milliseconds."""
    begin = time.perf_counter()
    action()
    return (time.perf_counter() - begin) * 1000


def seen(index: Index, workspace: Path, number: int) -> float:
    """Milliseconds from a save until the index holds what was saved."""
    time.sleep(0.3)
    text = f"The lighthouse keeper number {number}."
    (workspace / f"knowledge/{number}/seen.md").write_text(text, encoding="utf-8")
    return timed(lambda: _wait(index, text))


def _wait(index: Index, text: str) -> None:
    while not index.read(lambda database: _holds(database, text)):
        time.sleep(0.001)


def _holds(database: object, text: str) -> bool:
    from localgpt.memory.database import Database

    assert isinstance(database, Database)
    with database.read() as connection:
        newest = "SELECT text FROM chunks ORDER BY id DESC LIMIT 1"
        return bool(connection.execute(newest).get == text)


def found(searcher: Searcher, workspace: Path, number: int) -> float:
    """Milliseconds of a search right after a save, which has to find what was saved."""
    word = f"zanzibar{number}"
    (workspace / f"knowledge/{number}/found.md").write_text(f"The {word} ferry.", encoding="utf-8")
    begin = time.perf_counter()
    hits = searcher.search(Query(word)).hits
    assert hits
    assert hits[0].path.endswith("found.md")
    return (time.perf_counter() - begin) * 1000


async def measure(home: Home, count: int) -> None:
    """Print the table."""
    async with Assistant(home) as assistant:
        index, searcher = assistant.index, assistant.searcher
        print(f"{count} notes indexed in {timed(index.catch_up) / 1000:.0f} s")
        walking = await asyncio.to_thread(median, lambda number: found(searcher, home.workspace, number))
        walk = index.walk_took * 1000
        task = asyncio.create_task(Indexing(lambda: assistant, lambda _paths: None).run())
        await asyncio.sleep(2 + 4 * walk / 1000)
        still = await asyncio.to_thread(
            median, lambda _number: timed(lambda: searcher.search(Query("ferry")))
        )
        told = await asyncio.to_thread(median, lambda number: found(searcher, home.workspace, number + TIMES))
        visible = await asyncio.to_thread(median, lambda number: seen(index, home.workspace, number))
        print(f"{'looking at every file':52} {walk:8.1f} ms")
        print(f"{'a search after a save, looking at every file':52} {walking:8.1f} ms")
        print(f"{'a search after a save, asking the watcher':52} {told:8.1f} ms")
        print(f"{'a search when nothing is new, asking the watcher':52} {still:8.1f} ms")
        print(f"{'a save is seen by the index, nobody asking':52} {visible:8.1f} ms")
        task.cancel()
        await asyncio.wait([task])
        await asyncio.sleep(0.5)  # its last thread ends by itself


def main() -> None:
    """Make the notes, measure."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder), Path(folder) / "workspace")
        notes.write(home.workspace, count, 300)
        home.config.write_text('[memory]\nembedding_provider = "none"\n', encoding="utf-8")
        asyncio.run(measure(home, count))


if __name__ == "__main__":
    main()
