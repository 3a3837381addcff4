"""The index's SQLite file: opened with what it needs, read and written under locks, its errors put into our words.

One connection reads and one writes, so that a search never waits for the indexing of its own process; between
processes the write-ahead log does the same. The file is a cache: another schema or a damaged page, and it is made anew.
"""

from __future__ import annotations

import contextlib
import importlib.util
import threading
from collections.abc import Iterator
from pathlib import Path

import apsw

from localgpt.core import files
from localgpt.core.errors import IndexDamaged, Locked, StorageError

SCHEMA_VERSION = 7
"""Raised as well when the same note would make other chunks, or have another origin or egress: what is settled is
not read again.
"""
PLACES = 4096
"""Vectors in a block of ``signs``."""
_BUSY_MILLISECONDS = 5000
_SETTINGS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = NORMAL",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA cache_size = -8000",
)
_SCHEMA = f"""
CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
CREATE TABLE documents(
    id INTEGER PRIMARY KEY, source TEXT NOT NULL, path TEXT NOT NULL, size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL, read_ns INTEGER NOT NULL, resume INTEGER NOT NULL, problem TEXT NOT NULL,
    UNIQUE(source, path));
CREATE TABLE chunks(
    id INTEGER PRIMARY KEY, document INTEGER NOT NULL, start INTEGER NOT NULL, "end" INTEGER NOT NULL,
    heading TEXT NOT NULL, date TEXT NOT NULL, speaker TEXT NOT NULL, origin TEXT NOT NULL, egress TEXT NOT NULL,
    language TEXT NOT NULL, digest BLOB NOT NULL, text TEXT NOT NULL);
CREATE INDEX chunks_of_document ON chunks(document, start, date);
CREATE TABLE languages(language TEXT PRIMARY KEY, chunks INTEGER NOT NULL) WITHOUT ROWID;
CREATE VIRTUAL TABLE words USING fts5(body, own, head, content='', contentless_delete=1, tokenize='ascii');
CREATE VIRTUAL TABLE vocabulary USING fts5vocab(words, 'row');
CREATE TABLE endings(reversed TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE pending(chunk INTEGER PRIMARY KEY);
CREATE TABLE vectors(place INTEGER PRIMARY KEY, chunk INTEGER NOT NULL, code BLOB NOT NULL);
CREATE INDEX vectors_of_chunk ON vectors(chunk);
CREATE TABLE signs(id INTEGER PRIMARY KEY, bits BLOB NOT NULL, chunks BLOB NOT NULL);
CREATE TABLE free(place INTEGER PRIMARY KEY);
PRAGMA user_version = {SCHEMA_VERSION};
"""


class Unusable(StorageError):
    """The folder of the index can't be written, or its disk is full."""


class OtherVersion(IndexDamaged):
    """The file was made by another version of this program."""


class Database:
    """An open index; ``path`` ``None`` keeps it in memory. Raises ``IndexDamaged``, ``Unusable`` or ``Locked``."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self._writing = threading.RLock()
        self._reading = self._writing if path is None else threading.RLock()
        with translated(path):
            _create(path)
            self._writer = _connect(path)
            self.has_vectors = _load_vectors(self._writer)
            _prepare(self._writer)
            self._reader = self._writer if path is None else self._second(path)
            self._identity = _identity(path)
            self.is_closed = False

    @contextlib.contextmanager
    def read(self) -> Iterator[apsw.Connection]:
        """A connection that sees one state of the index for as long as it is held."""
        with self._reading, translated(self.path), _transaction(self._reader, "BEGIN"):
            yield self._reader

    @contextlib.contextmanager
    def write(self) -> Iterator[apsw.Connection]:
        """A connection in a transaction: committed at the end, rolled back when anything is raised."""
        with self._writing, translated(self.path), _transaction(self._writer, "BEGIN IMMEDIATE"):
            yield self._writer

    def is_current(self) -> bool:
        """Whether the file is still the one that was opened."""
        return self._identity == _identity(self.path)

    def close(self) -> None:
        """Let go of the file."""
        with self._writing, self._reading:
            self.is_closed = True
            self._reader.close()
            self._writer.close()

    def _second(self, path: Path) -> apsw.Connection:
        connection = _connect(path)
        _load_vectors(connection)
        return connection


def discard(path: Path, *, keep: bool = True) -> None:
    """Take a database away: put aside as ``NAME.damaged`` (over the one put aside before), or deleted."""
    if keep and path.exists():
        files.move(path, path.with_name(path.name + ".damaged"))
    for suffix in ("", "-wal", "-shm"):
        files.remove(path.with_name(path.name + suffix))


@contextlib.contextmanager
def translated(path: Path | None) -> Iterator[None]:
    """Turn SQLite's errors into ours; a missing table means that somebody else's file or half a file is there."""
    try:
        yield
    except (apsw.NotADBError, apsw.CorruptError, apsw.SQLError, apsw.FormatError) as error:
        raise IndexDamaged(f"The search index {path} is damaged ({error}).") from error
    except (apsw.BusyError, apsw.LockedError) as error:
        raise Locked(f"The search index {path} is busy.", hint="Try again in a moment.") from error
    except apsw.FullError as error:
        raise Unusable(f"Can't write {path}: the disk is full.", hint="Free some space.") from error
    except apsw.Error as error:
        raise Unusable(f"Can't use {path}: {error}.", hint="Check the folder it is in.") from error


@contextlib.contextmanager
def _transaction(connection: apsw.Connection, begin: str) -> Iterator[None]:
    if connection.in_transaction:
        yield  # inside one of the same thread already
        return
    connection.execute(begin)
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            with contextlib.suppress(apsw.Error):  # the first error is the one that matters
                connection.execute("ROLLBACK")
        raise


def _identity(path: Path | None) -> tuple[int, int] | None:
    try:
        status = path.stat() if path else None
    except OSError:
        return None
    return (status.st_dev, status.st_ino) if status else None


def _create(path: Path | None) -> None:
    if path is None or path.exists():
        return
    try:
        files.make_folder(path.parent, mode=files.PRIVATE_FOLDER)
        files.append(path, b"", mode=files.PRIVATE_FILE)
    except StorageError as error:
        raise Unusable(error.message, hint=error.hint) from error


def _connect(path: Path | None) -> apsw.Connection:
    connection = apsw.Connection(":memory:" if path is None else str(path))
    connection.set_busy_timeout(_BUSY_MILLISECONDS)
    for setting in _SETTINGS:
        connection.execute(setting)
    return connection


def _prepare(connection: apsw.Connection) -> None:
    if connection.pragma("user_version") == SCHEMA_VERSION:
        return
    with _transaction(connection, "BEGIN IMMEDIATE"):
        version = connection.pragma("user_version")  # another process may have been quicker
        if version == SCHEMA_VERSION:
            return
        if connection.execute("SELECT count(*) FROM sqlite_schema").get:
            raise OtherVersion("The search index was made by another version.")
        connection.execute(_SCHEMA)


def _load_vectors(connection: apsw.Connection) -> bool:
    """Load sqlite-vec by its path: importing its package would bring numpy along."""
    spec = importlib.util.find_spec("sqlite_vec")
    folder = next(iter(spec.submodule_search_locations or ()), None) if spec else None
    if folder is None:
        return False
    connection.enable_load_extension(True)  # noqa: FBT003 - apsw takes it by position only
    try:
        connection.load_extension(str(Path(folder) / "vec0"))
    except apsw.ExtensionLoadingError:
        return False  # no build for this machine: search goes on with text alone
    finally:
        connection.enable_load_extension(False)  # noqa: FBT003 - as above
    return True
