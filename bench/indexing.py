"""How fast notes become searchable: by text, and by vectors beside the bare model. ``python -m bench.indexing [COUNT]``

The bound for text is SQLite's: the same words put into a bare full-text table, and read from their files before, in the
same run. Rates are by the processor's time, so that they hold on a busy machine. The rate of the bare model is measured
on the same texts, one a call as the index asks for them.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import apsw
from bench import notes

from localgpt.memory.embedding import Bundled
from localgpt.memory.entry import entries, windows
from localgpt.memory.index import Index
from localgpt.memory.notes import NotesSource

SAMPLE = 800
ROUNDS = 8


def rate(embedder: Bundled, texts: list[str]) -> float:
    """Texts a second of the bare model."""
    begin = time.perf_counter()
    for text in texts:
        embedder.embed_documents([text])
    return len(texts) / (time.perf_counter() - begin)


def taken_in_turns(index: Index, embedder: Bundled, sample: list[str]) -> tuple[float, float]:
    """Vectors a second of the bare model and of the index, in turns, so that a busy machine slows both alike."""
    bare, seconds = [], 0.0
    for turn in range(ROUNDS):
        bare.append(rate(embedder, sample[turn::ROUNDS]))
        begin = time.perf_counter()
        index.embed(seconds=2)
        seconds += time.perf_counter() - begin
    return sum(bare) / ROUNDS, index.stats().vectors / seconds


def bound(home: Path, source: NotesSource) -> float:
    """Seconds of CPU that it takes at least: read the files, put the words into a bare full-text table."""
    words = [
        (f"{entry.body} {entry.own}", entry.head)
        for stamp in source.scan()
        for entry in entries(source.read(stamp.path).chunks)
    ]
    connection = apsw.Connection(str(home / "bare.db"))
    connection.pragma("journal_mode", "wal")
    connection.pragma("synchronous", 1)
    connection.execute("CREATE VIRTUAL TABLE words USING fts5(body, head, content='', tokenize='ascii')")
    begin = time.process_time()
    for stamp in source.scan():
        (home / "notes" / stamp.path).read_bytes()
    for at in range(0, len(words), 250):
        with connection:
            connection.executemany("INSERT INTO words(body, head) VALUES (?, ?)", words[at : at + 250])
    taken = time.process_time() - begin
    connection.close()
    return taken


def text(home: Path, index: Index, source: NotesSource, count: int) -> None:
    """Print the rows for text."""
    least = bound(home, source)
    begin, wall = time.process_time(), time.perf_counter()
    index.catch_up()
    taken, wall = time.process_time() - begin, time.perf_counter() - wall
    print(f"{'what':46} {'a second':>9} {'seconds':>8} {'ratio':>6}")
    print(f"{'files read, words into a bare full-text table':46} {count / least:9.0f} {least:8.2f} {1:6.2f}")
    print(f"{'notes searchable by text':46} {count / taken:9.0f} {taken:8.2f} {taken / least:6.2f}")
    print(f"{'the same by the clock':46} {count / wall:9.0f} {wall:8.2f}")


def vectors(index: Index, source: NotesSource, embedder: Bundled) -> None:
    """Print the rows for vectors."""
    sample = [
        part
        for stamp in list(source.scan())[:SAMPLE]
        for chunk in source.read(stamp.path).chunks
        for part in windows(chunk.heading, chunk.date, chunk.text)
    ]
    rate(embedder, sample[:50])
    bare, made = taken_in_turns(index, embedder, sample)
    print(f"{'vectors of the bare model':46} {bare:9.1f} {'':8} {1:6.2f}")
    print(f"{'vectors in the index':46} {made:9.1f} {'':8} {made / bare:6.2f}")


def main() -> None:
    """Print the table."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        notes.write(home / "notes", count)
        source, embedder = NotesSource(home / "notes"), Bundled()
        index = Index(home / "index.db", [source], embeddings=home / "e.db", embedder=embedder)
        text(home, index, source, count)
        vectors(index, source, embedder)
        stats = index.stats()
        print(
            f"{stats.chunks} passages, {stats.bytes / stats.chunks:.0f} bytes of index each without their vectors"
        )
        index.close()


if __name__ == "__main__":
    main()
