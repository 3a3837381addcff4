"""Making the vectors that are missing: from the cache where the text was seen before, else by the model."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from localgpt.memory.database import Database
from localgpt.memory.embedding import Embedder, fitting, stays_here
from localgpt.memory.entry import windows
from localgpt.memory.reading import Progress
from localgpt.memory.vectors import VectorCache, add_vectors, adopt, model_of

_BATCH = 64
_BATCH_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Waiting:
    """A chunk without vectors, and the texts to embed for it."""

    chunk: int
    digest: bytes
    texts: tuple[str, ...]


def pending_chunks(database: Database) -> int:
    """How many chunks have no vector yet."""
    with database.read() as connection:
        count: int = connection.execute("SELECT count(*) FROM pending").get
        return count


@dataclass(frozen=True, slots=True)
class Vectorising:
    """One run: for at most ``seconds``, until nothing waits or ``cancelled`` says so."""

    embedder: Embedder
    cache: VectorCache
    seconds: float | None = None
    progress: Progress | None = None
    cancelled: Callable[[], bool] | None = None

    def run(self, database: Database) -> int:
        """Returns how many vectors were added. Raises ``EmbeddingError``."""
        if not database.has_vectors:
            return 0
        self._adopt(database)
        if not stays_here(self.embedder):
            _spare_private(database)
        deadline = time.monotonic() + self.seconds if self.seconds is not None else float("inf")
        total = pending_chunks(database) if self.progress else 0
        done = last = 0
        while batch := _waiting(database, last):
            vectors = self.made(batch, deadline)
            self._store(database, vectors)
            done += len(vectors)
            last = vectors[-1][0].chunk if vectors else last
            if self.progress:
                self.progress(done, max(total, done))
            if self._over(deadline):
                break
        return done

    def _adopt(self, database: Database) -> None:
        with database.read() as connection:
            held = model_of(connection)
        if held != self.embedder.name:
            dimensions = self.embedder.dimensions  # may ask a server: not while the index is locked
            with database.write() as connection:
                adopt(connection, self.embedder.name, dimensions)

    def made(self, batch: list[Waiting], deadline: float) -> list[tuple[Waiting, list[bytes]]]:
        """The vectors of a batch, as far as the time reaches; new ones go into the cache."""
        texts = list(dict.fromkeys(text for waiting in batch for text in waiting.texts))
        known = fitting(self.embedder, self.cache.get(self.embedder.name, texts))
        batch_end = min(deadline, time.monotonic() + _BATCH_SECONDS)
        missing = [text for text in texts if text not in known]
        at_once = getattr(self.embedder, "at_once", 1)
        fresh: dict[str, bytes] = {}
        for begin in range(0, len(missing), at_once):
            some = missing[begin : begin + at_once]
            fresh |= zip(some, self.embedder.embed_documents(some), strict=True)
            if self._over(batch_end):
                break
        if fresh:
            self.cache.put(self.embedder.name, fresh)
        known |= fresh
        whole = takewhile(lambda waiting: all(text in known for text in waiting.texts), batch)
        return [(waiting, [known[text] for text in waiting.texts]) for waiting in whole]

    def _store(self, database: Database, vectors: list[tuple[Waiting, list[bytes]]]) -> None:
        if vectors:
            with database.write() as connection:
                for waiting, of_chunk in vectors:
                    add_vectors(connection, waiting.chunk, waiting.digest, of_chunk)

    def _over(self, deadline: float) -> bool:
        return time.monotonic() > deadline or bool(self.cancelled and self.cancelled())


def _spare_private(database: Database) -> None:
    """Passages that may not leave this machine wait for no vector from elsewhere: words find them."""
    private = "SELECT p.chunk FROM pending p JOIN chunks c ON c.id = p.chunk WHERE c.egress = 'local'"
    with database.read() as connection:
        if not connection.execute(f"{private} LIMIT 1").get:
            return
    with database.write() as connection:
        connection.execute(f"DELETE FROM pending WHERE chunk IN ({private})")  # noqa: S608 - our own words


def _waiting(database: Database, after: int) -> list[Waiting]:
    with database.read() as connection:
        rows: list[Any] = connection.execute(
            """SELECT c.id, c.digest, c.heading, c.date, c.text FROM pending p JOIN chunks c ON c.id = p.chunk
            WHERE p.chunk > ? ORDER BY p.chunk LIMIT ?""",
            (after, _BATCH),
        ).fetchall()
    return [
        Waiting(chunk, digest, windows(heading, date, text)) for chunk, digest, heading, date, text in rows
    ]
