"""Where another process is indexing, hits are still the lines on disk now."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.notebook import Notebook

from localgpt.core import files
from localgpt.core.values import Chunk, Egress, Hit
from localgpt.memory.freshness import fresh


def hit(text: str, start: int = 1, end: int = 1) -> Hit:
    return Hit("a.md", start, end, text, 0.5, "notes")


def test_what_moved_is_moved_and_what_is_gone_is_dropped():
    now = [Chunk("a.md", 1, 1, "new"), Chunk("a.md", 4, 5, "moved", "Above"), Chunk("a.md", 90, 91, "moved")]
    (found,) = fresh([hit("moved", 2, 3), hit("gone")], lambda _: now)
    assert (found.start, found.end, found.heading, found.text) == (4, 5, "Above", "moved")


def test_what_became_private_is_dropped():
    now = [Chunk("a.md", 1, 1, "same", egress=Egress.LOCAL)]
    assert fresh([hit("same")], lambda _: now) == ()


def test_a_note_is_read_once():
    read: list[str] = []

    def look(one: Hit) -> list[Chunk]:
        read.append(one.path)
        return [Chunk("a.md", 1, 1, "x")]

    fresh([hit("x"), hit("x"), hit("y")], look)
    assert read == ["a.md"]


@pytest.fixture
def notebook(tmp_path: Path) -> Iterator[Notebook]:
    made = Notebook(tmp_path)
    made.write("a.md", "The dentist is Dr. Weber.")
    made.write("b.md", "Another dentist.")
    made.index.catch_up()
    yield made
    made.index.close()


def test_a_search_while_another_process_indexes_shows_no_stale_lines(notebook):
    with files.lock(notebook.cache / "index.db.lock"):
        notebook.write("a.md", "# Health\n\nThe dentist is Dr. Roth now.")
        notebook.write("b.md", "\n\n# Old\n\nsomething\n")
        assert notebook.search("dentist") == ()
        notebook.write("a.md", "\n\nThe dentist is Dr. Weber.")
        (found,) = notebook.search("dentist")
        assert (found.path, found.start, found.end) == ("a.md", 3, 3)
        (notebook.root / "a.md").unlink()
        assert notebook.search("dentist") == ()
    notebook.write("a.md", "The dentist is Dr. Roth now.")
    assert notebook.search("dentist")[0].text == "The dentist is Dr. Roth now."


def test_parts_of_a_passage_and_two_of_them_are_found_by_their_lines():
    now = [Chunk("a.md", 3, 4, "one\ntwo"), Chunk("a.md", 6, 6, "four")]
    found = fresh([hit("two", 1, 1), hit("one\ntwo\n\nfour", 1, 4), hit("two\nfour", 1, 2)], lambda _: now)
    assert [(one.start, one.end) for one in found] == [(4, 4), (3, 6)]
