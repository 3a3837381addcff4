"""The search index over all sources: one SQLite file that catches up with what changed, and may be deleted any time.

``catch_up`` compares stats and reads only what differs; an edit that kept size and time (within one tick of the
clock) is found because a document read in that tick is read once more. Inside a document only the chunks that changed
are written. Transactions are short, so readers wait for nobody and a killed process leaves the last one standing.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from localgpt.core import files
from localgpt.core.errors import IndexDamaged, LocalGPTError, Locked, StorageError
from localgpt.core.values import Chunk, Hit, Origin
from localgpt.memory import reading, succession
from localgpt.memory.database import Database, OtherVersion, Unusable, discard
from localgpt.memory.embedding import Embedder
from localgpt.memory.reading import CatchUp, Progress
from localgpt.memory.source import Document, Source, Stamp
from localgpt.memory.statistics import IndexStats, Recent, recent, statistics
from localgpt.memory.vectorising import Vectorising
from localgpt.memory.vectors import VectorCache
from localgpt.memory.watching import Watch

__all__ = ["CatchUp", "Document", "Index", "IndexStats", "Progress", "Recent", "Source", "Stamp"]

_Result = TypeVar("_Result")
_LOCK_SECONDS = 0.3
CHEAP = 0.03
"""Seconds that looking at every file may take before a watcher is believed instead: thousands of notes."""


class Index:
    """An index at ``path`` over ``sources``; safe to use from several threads and processes.

    ``embeddings`` is where whole vectors are kept, ``embedder`` makes them (``None``: text only). ``origin_of`` says
    who a note's passage comes from, ``former`` gives an earlier model by its name, to serve on while another takes over. When the file can't be used the index lives in memory; ``notices`` says so.
    """

    def __init__(
        self,
        path: Path,
        sources: Sequence[Source],
        *,
        embeddings: Path | None = None,
        embedder: Embedder | None = None,
        origin_of: Callable[[Chunk], Origin] | None = None,
        former: succession.Former = succession.none_serves,
    ) -> None:
        self.path = path
        self.embedder = embedder
        self._sources = tuple(sources)
        self._origin_of = origin_of
        self._former = former
        self._cache = VectorCache(embeddings)
        self._database: Database | None = None
        self._opening = threading.RLock()
        self._watch: Watch | None = None
        self._walked: Database | None = None
        self._settled: Database | None = None
        self.walk_took = 0.0
        """Seconds that looking at every file took last."""
        self._catching = threading.Lock()
        self._notices: list[str] = []
        self._said: set[str] = set()

    def catch_up(self, progress: Progress | None = None, *, whole: bool = False) -> CatchUp:
        """Index what changed since the last time, as text; ``whole``: believe no watcher. ``busy`` when another process
        is at it: then what is there can be searched all the same.
        """
        return self._attempt(lambda database: self._catch_up(database, progress, whole=whole))

    def embed(
        self,
        *,
        seconds: float | None = None,
        progress: Progress | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> int:
        """Make the vectors that are missing, for at most ``seconds``; returns how many. Goes on where it was stopped,
        and does nothing while another process is at it. Raises ``EmbeddingError``.
        """
        if self.embedder is None:
            return 0
        work = Vectorising(self.embedder, self._cache, seconds, progress, cancelled)

        def run(database: Database) -> int:
            with contextlib.suppress(Locked), self._exclusive(database, ".embed.lock", 0):
                return succession.run(database, work, self._former, self._say)
            return 0

        return self._attempt(run)

    def read(self, look: Callable[[Database], _Result]) -> _Result:
        """Look something up; a damaged index is put aside and filled again before."""
        return self._attempt(look, refill=True)

    def now(self, hit: Hit) -> tuple[Chunk, ...]:
        """The passages of a hit's note or conversation as they are on disk; none where it can't be read any more."""
        for source in self._sources:
            if source.name == hit.source:
                with contextlib.suppress(LocalGPTError):
                    return source.read(hit.path).chunks
        return ()

    @property
    def pending(self) -> int:
        """How many chunks still wait for their vector (0 for a text-only index)."""
        model = self.embedder
        return self.read(lambda database: succession.waiting(database, model)) if model is not None else 0

    def serving(self) -> Embedder | None:
        """The model to search by now: an earlier one than ``embedder`` while its own vectors are being made."""
        model = self.embedder
        if model is None:
            return None
        return self.read(lambda database: succession.earlier(database, model, self._former)) or model

    def stats(self) -> IndexStats:
        """What is in the index."""
        model = self.embedder.name if self.embedder else ""
        return self.read(lambda database: statistics(database, model))

    def recent(self, limit: int = 10) -> list[Recent]:
        """The documents that changed last, newest first, each with its last passage."""
        return self.read(lambda database: recent(database, limit))

    def rebuild(self, progress: Progress | None = None) -> CatchUp:
        """Forget everything but the vector cache and index it all again. Raises ``Locked``."""
        with self._opening, self._exclusive(self._open(), ".lock", 10):
            self.close()
            discard(self.path, keep=False)
        return self.catch_up(progress)

    def _say(self, sentence: str) -> None:
        with self._opening:
            if sentence not in self._said:
                self._said.add(sentence)
                self._notices.append(sentence)

    def notices(self) -> tuple[str, ...]:
        """Sentences for the owner about the index itself, each given once."""
        with self._opening:
            told, self._notices = tuple(self._notices), []
            return told

    def close(self) -> None:
        """Let go of the files; the next use opens them again."""
        with self._opening:
            if self._database is not None:
                self._database.close()
                self._database = None
            self._cache.close()

    def watched_by(self, watch: Watch | None) -> None:
        """Believe ``watch`` from now on about what changed, where looking at every file takes long."""
        self._watch = watch

    def _catch_up(self, database: Database, progress: Progress | None, *, whole: bool) -> CatchUp:
        watch = self._watch
        if watch is None:
            return self._bring_up(database, None, progress)
        if not self._catching.acquire(timeout=_LOCK_SECONDS):
            return CatchUp(busy=True)
        try:
            walking = whole or self._walked is not database or self.walk_took < CHEAP
            changes = watch.take(asking=not walking)
            everywhere = walking or changes.whole
            done = False
            try:
                total = self._bring_up(database, None if everywhere else changes.paths, progress)
                done = not total.busy
            finally:
                if not done:
                    watch.again(changes)
            if everywhere and done:
                self._walked = database
            return total
        finally:
            self._catching.release()

    def _bring_up(
        self, database: Database, paths: frozenset[str] | None, progress: Progress | None
    ) -> CatchUp:
        begin = time.monotonic()
        scans = [reading.scan(source, paths) for source in self._sources]
        if paths is None:
            self.walk_took = time.monotonic() - begin
        strays = self._strays(database)
        if not strays and not any(reading.differs(database, scanned) for scanned in scans):
            return CatchUp()
        total = CatchUp()
        try:
            with self._exclusive(database, ".lock", _LOCK_SECONDS):
                if strays:
                    total += CatchUp(removed=reading.drop(database, strays))
                for scanned in scans:
                    total += reading.bring_up(database, scanned, self._origin_of, progress)
        except Locked:
            return replace(total, busy=True)
        return total

    def _strays(self, database: Database) -> list[int]:
        """What other settings have left in the index; looked for until there is nothing, once for each opened file."""
        if self._settled is database:
            return []
        found = reading.strays(database, (source.name for source in self._sources))
        self._settled = None if found else database
        return found

    def _attempt(self, action: Callable[[Database], _Result], *, refill: bool = False) -> _Result:
        """Run ``action``; if the file turns out damaged or can't be written, once more on a new one.

        One that another thread has closed meanwhile (the file was deleted or rebuilt) is no failure of the new one.
        """
        while True:
            database = self._open()
            try:
                return action(database)
            except IndexDamaged as error:
                self._repair(database, error)
            except Unusable as error:
                if database.is_closed:
                    continue
                self._go_into_memory(database, error)
            break
        if refill:
            self.catch_up()
        return action(self._open())

    def _open(self) -> Database:
        with self._opening:
            if self._database is not None and not self._database.is_current():
                self._database.close()  # deleted or replaced by another process
                self._database = None
            while self._database is None:
                try:
                    self._database = Database(self.path)
                except IndexDamaged as error:
                    self._repair(None, error)
                except Unusable as error:
                    self._go_into_memory(None, error)
            return self._database

    def _repair(self, database: Database | None, error: IndexDamaged) -> None:
        with self._opening:
            if database is not self._database:
                return  # another thread has done it
            self.close()
            discard(self.path, keep=not isinstance(error, OtherVersion))
            if not isinstance(error, OtherVersion):
                self._notices.append("The search index was damaged; it was put aside and is built anew.")

    def _go_into_memory(self, database: Database | None, error: Unusable) -> None:
        with self._opening:
            if database is not self._database:
                return  # another thread has done it
            self.close()
            self._database = Database(None)
            self._notices.append(
                f"{error.message} Until that changes the search index is kept in memory only."
            )

    @contextlib.contextmanager
    def _exclusive(self, database: Database, suffix: str, seconds: float) -> Iterator[None]:
        """Hold a lock that other processes and threads respect."""
        if database.path is None:
            with self._opening:
                yield
            return
        try:
            with files.lock(self.path.with_name(self.path.name + suffix), timeout=seconds):
                yield
        except (Locked, IndexDamaged, Unusable):
            raise
        except StorageError as error:
            raise Unusable(error.message, hint=error.hint) from error
