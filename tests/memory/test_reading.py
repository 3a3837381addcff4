"""Catching up: when a document counts as settled, and what is read first."""

from __future__ import annotations

import errno
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from localgpt.core.errors import NotFound, UnreadableError
from localgpt.core.files import storage_error
from localgpt.core.values import Chunk, Origin
from localgpt.memory.database import Database
from localgpt.memory.notes import NotesSource
from localgpt.memory.reading import CatchUp, Scan, _settled, bring_up, differs
from localgpt.memory.source import Document, Stamp
from localgpt.memory.store import Known

SECOND = 1_000_000_000
NOW = 1_700_000_000 * SECOND + 7


@pytest.mark.parametrize(
    ("mtime", "read", "settled"),
    [
        (NOW, NOW + SECOND, True),
        (NOW, NOW + 1000, False),  # in the same tick of the clock: it may have changed once more
        (NOW, NOW - SECOND, False),  # written after it was read, by a clock that is ahead
        (NOW, NOW - 2 * 3600 * SECOND, True),  # a time far in the future tells nothing
        (NOW - 7, NOW + SECOND, False),  # whole seconds: a file system with a coarse clock
        (NOW - 7, NOW + 3 * SECOND, True),
    ],
)
def test_settled(mtime, read, settled):
    assert _settled(Known(1, 10, mtime, read, 0), Stamp("a.md", 10, mtime)) is settled


def test_another_size_or_time_is_not_settled():
    known = Known(1, 10, NOW, NOW + SECOND, 0)
    assert not _settled(known, Stamp("a.md", 11, NOW))
    assert not _settled(known, Stamp("a.md", 10, NOW + 1))


class Shelf:
    """A source in memory: what is read, and what reading it raises."""

    name = "notes"

    def __init__(self, **documents: str | Exception) -> None:
        self.documents = documents
        self.reads: list[str] = []

    def scan(self) -> Iterator[Stamp]:
        for age, (path, text) in enumerate(self.documents.items()):
            yield Stamp(path, len(str(text)), time.time_ns() - (age + 10) * SECOND)

    def read(self, path: str, resume: int = 0) -> Document:
        self.reads.append(path)
        found = self.documents[path]
        if isinstance(found, Exception):
            raise found
        return Document((Chunk(path, 1, 1, found),))


def test_what_changed_last_is_read_first_and_what_fails_is_told(tmp_path):
    database = Database(tmp_path / "i.db")
    shelf = Shelf(new="apples", gone=NotFound("went"), binary=UnreadableError("no text"), old="pears")
    stamps = {stamp.path: stamp for stamp in shelf.scan()}
    assert differs(database, Scan(shelf, stamps))
    assert bring_up(database, Scan(shelf, stamps), None, None) == CatchUp(changed=2, removed=0, skipped=1)
    assert shelf.reads == ["new", "gone", "binary", "old"]
    del stamps["gone"]
    assert not differs(database, Scan(shelf, stamps))
    database.close()


def test_what_vanishes_goes(tmp_path):
    database = Database(tmp_path / "i.db")
    shelf = Shelf(a="apples", b="pears")
    stamps = {stamp.path: stamp for stamp in shelf.scan()}
    bring_up(database, Scan(shelf, stamps), None, None)
    shelf.documents["b"] = NotFound("went while it was read")
    later = {"b": Stamp("b", 99, NOW)}
    assert bring_up(database, Scan(shelf, later), None, None) == CatchUp(removed=2)
    assert not differs(database, Scan(shelf, {}))
    database.close()


def test_figures_add_up():
    assert CatchUp(1, 2, 3) + CatchUp(1, 1, 1, busy=True) == CatchUp(2, 3, 4, busy=True)


def test_the_parts_of_a_long_line_have_the_origin_of_the_line(tmp_path: Path):
    text = "words from the web " * 500
    lines = {text.strip(): Origin.FOREIGN}
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.md").write_text(f"short\n\n{text}\n\nmine\n")
    source = NotesSource(tmp_path / "notes")
    stamps = {stamp.path: stamp for stamp in source.scan()}
    database = Database(None)
    bring_up(database, Scan(source, stamps), lambda chunk: lines.get(chunk.text.strip(), Origin.OWNER), None)
    with database.read() as connection:
        rows = connection.execute("SELECT origin, count(*) FROM chunks GROUP BY 1").fetchall()
    found = {str(origin): count for origin, count in rows}
    assert found.keys() == {"foreign", "owner"}
    assert found["owner"] == 2
    assert int(str(found["foreign"])) > 2


@pytest.mark.parametrize(("code", "again"), [(errno.EMFILE, True), (errno.EIO, True), (errno.EACCES, False)])
def test_what_passes_by_itself_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code, again):
    note = tmp_path / "a.md"
    note.write_text("words")
    source = NotesSource(tmp_path)
    stamp = replace(next(source.scan()), mtime_ns=1_700_000_000_000_000_000)
    database = Database(None)

    def refused(self, path, resume=0):
        raise storage_error(OSError(code, ""), "read", path) from OSError(code, "")

    with monkeypatch.context() as patched:
        patched.setattr(NotesSource, "read", refused)
        assert bring_up(database, Scan(source, {"a.md": stamp}), None, None).skipped == 1
    assert differs(database, Scan(source, {"a.md": stamp})) is again
    assert bring_up(database, Scan(source, {"a.md": stamp}), None, None).changed == again


def test_of_single_places_only_these_are_compared(tmp_path):
    database = Database(tmp_path / "i.db")
    shelf = Shelf(**{"a.md": "apples", "sub/b.md": "pears", "sub0.md": "plums", "sub.md": "figs"})
    stamps = {stamp.path: stamp for stamp in shelf.scan()}
    bring_up(database, Scan(shelf, stamps), None, None)
    gone = Scan(shelf, {}, frozenset({"sub"}))
    assert differs(database, gone)
    assert bring_up(database, gone, None, None) == CatchUp(removed=1)
    with database.read() as connection:
        left = connection.execute("SELECT path FROM documents ORDER BY 1").fetchall()
    assert left == [("a.md",), ("sub.md",), ("sub0.md",)]
    assert not differs(database, Scan(shelf, {"a.md": stamps["a.md"]}, frozenset({"a.md", "elsewhere"})))
    database.close()
