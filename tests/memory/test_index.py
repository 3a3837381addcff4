"""The index follows the files: after any edits, kills and damage it answers as one built anew."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.support.notebook import Notebook, WordVectors

from localgpt.core import files
from localgpt.core.values import Chunk, Origin, Span
from localgpt.memory.index import Document, Index, Stamp
from localgpt.memory.notes import NotesSource
from localgpt.memory.search import Query, Searcher


@pytest.fixture
def notebook(tmp_path: Path) -> Iterator[Notebook]:
    made = Notebook(tmp_path)
    yield made
    made.index.close()


def contents(index: Index) -> list[tuple[object, ...]]:
    """Everything that an answer is made of."""
    index.catch_up()
    query = """SELECT d.source, d.path, d.problem, c.start, c."end", c.text, c.heading, c.date, c.speaker, c.origin,
        c.egress, c.language, (SELECT group_concat(code) FROM (SELECT hex(code) AS code FROM vectors WHERE chunk = c.id))
        FROM documents d LEFT JOIN chunks c ON c.document = d.id ORDER BY 1, 2, 4, 6"""
    with_words = "SELECT term, doc, cnt FROM vocabulary ORDER BY 1"

    def look(database):
        with database.read() as connection:
            return [*connection.execute(query), *connection.execute(with_words)]

    return index.read(look)


def rebuilt(notebook: Notebook, folder: Path) -> list[tuple[object, ...]]:
    fresh = Index(folder / "fresh.db", [NotesSource(notebook.root)], embedder=notebook.index.embedder)
    try:
        fresh.catch_up()
        fresh.embed()
        return contents(fresh)
    finally:
        fresh.close()
        shutil.rmtree(folder)


def test_a_note_saved_a_moment_ago_is_found(notebook):
    notebook.write("a.md", "The dentist is Dr. Weber.")
    assert notebook.paths("dentist") == ["a.md"]
    notebook.write("b.md", "The plumber is Ms. Roth.")
    assert notebook.paths("plumber") == ["b.md"]


def test_edits_renames_and_deletions_are_followed(notebook):
    path = notebook.write("a.md", "apples")
    notebook.search("x")
    path.write_text("pears")
    assert (notebook.paths("apples"), notebook.paths("pears")) == ([], ["a.md"])
    path.rename(notebook.root / "b.md")
    assert notebook.paths("pears") == ["b.md"]
    (notebook.root / "b.md").unlink()
    assert notebook.paths("pears") == []
    assert notebook.index.stats().chunks == 0


def test_an_edit_of_the_same_size_in_the_same_tick_is_found(notebook, monkeypatch):
    path = notebook.write("a.md", "apples")
    source = NotesSource(notebook.root)
    index = Index(notebook.cache / "frozen.db", [source])
    index.stats()
    stamps = [Stamp("a.md", 6, time.time_ns())]
    monkeypatch.setattr(source, "scan", lambda: iter(stamps))
    index.catch_up()
    path.write_text("grapes")
    assert Searcher(index).search(Query("grapes")).hits
    index.close()


def test_a_touch_changes_nothing(notebook):
    path = notebook.write("a.md", "apples")
    notebook.index.catch_up()
    time.sleep(0.06)
    os.utime(path)
    assert notebook.index.catch_up().changed == 0


def test_nothing_new_is_nothing_done(notebook):
    notebook.write("a.md", "apples")
    notebook.index.catch_up()
    time.sleep(0.06)
    notebook.index.catch_up()
    before = (notebook.cache / "index.db-wal").stat().st_mtime_ns
    assert notebook.index.catch_up().changed == 0
    assert (notebook.cache / "index.db-wal").stat().st_mtime_ns == before


def test_only_the_passages_that_changed_are_written_anew(tmp_path):
    notebook = Notebook(tmp_path, WordVectors())
    sections = [f"## Section {n}\n\n{f'word{n} ' * 150}\n" for n in range(5)]
    path = notebook.write("a.md", "\n".join(sections))
    notebook.index.catch_up()
    notebook.index.embed()
    notebook.embedder.asked.clear()
    path.write_text("A new first line.\n\n" + "\n".join(sections[:4]))
    notebook.index.catch_up()
    assert notebook.index.pending == 1
    (hit,) = notebook.search("word3", limit=1)
    assert path.read_text().split("\n")[hit.start - 1] == "## Section 3"
    notebook.index.close()


def test_files_that_are_no_notes_are_counted_with_their_reason(notebook):
    (notebook.root / "a.md").write_bytes(b"\0" * 10)
    notebook.write("b.md", "text")
    assert notebook.index.catch_up().skipped == 1
    (skipped,) = notebook.index.stats().skipped
    assert skipped.path == "a.md"
    assert "not a text file" in skipped.reason
    notebook.write("a.md", "text at last")
    assert notebook.paths("last") == ["a.md"]
    assert notebook.index.stats().skipped == ()


def test_progress_is_told(notebook):
    for number in range(3):
        notebook.write(f"{number}.md", "x")
    told: list[tuple[int, int]] = []
    notebook.index.catch_up(lambda done, total: told.append((done, total)))
    assert told[-1] == (3, 3)


class Growing:
    """A source whose document grows line by line; it is read from its last line on."""

    name = "sessions"

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.reads: list[int] = []

    def scan(self) -> Iterator[Stamp]:
        yield Stamp("session:s", len(self.lines), len(self.lines))

    def read(self, path: str, resume: int = 0) -> Document:
        self.reads.append(resume)
        found = [
            Chunk(path, n, n, line, speaker="owner") for n, line in enumerate(self.lines, 1) if n >= resume
        ]
        return Document(tuple(found), len(self.lines))


def test_a_document_that_grew_is_read_from_where_it_says(tmp_path):
    source = Growing()
    notebook = Notebook(tmp_path, sources=[source])
    source.lines = ["apples", "pears"]
    assert notebook.paths("apples") == ["session:s"]
    source.lines += ["cherries"]
    assert [hit.start for hit in notebook.search("cherries")] == [3]
    assert [hit.start for hit in notebook.search("apples")] == [1]
    assert source.reads == [0, 2]
    notebook.index.close()


def test_the_owner_of_a_passage_is_asked_for_when_it_is_read(tmp_path):
    root = tmp_path / "notes"
    root.mkdir()
    (root / "a.md").write_text("from the web")
    index = Index(tmp_path / "i.db", [NotesSource(root)], origin_of=lambda chunk: Origin.FOREIGN)
    (hit,) = Searcher(index).search(Query("web")).hits
    assert hit.origin is Origin.FOREIGN
    index.close()


def test_recent_shows_the_last_passage_of_what_changed_last(notebook):
    old = notebook.write("old.md", "old")
    os.utime(old, (1, 1))
    notebook.write("new.md", f"# A\n{'a ' * 800}\n# B\nlast words")
    notebook.index.catch_up()
    first, *_ = notebook.index.recent(2)
    assert first.path == "new.md"
    assert "last words" in first.text


# Vectors


def test_a_rename_and_a_rebuild_embed_nothing(tmp_path):
    notebook = Notebook(tmp_path, WordVectors())
    path = notebook.write("a.md", "apples and pears")
    notebook.index.catch_up()
    assert notebook.index.embed() == 1
    notebook.embedder.asked.clear()
    path.rename(notebook.root / "elsewhere.md")
    notebook.index.catch_up()
    assert notebook.index.embed() == 1
    notebook.index.rebuild()
    assert notebook.index.embed() == 1
    assert notebook.embedder.asked == []
    notebook.index.close()


def test_vectors_of_two_models_never_mix(tmp_path):
    first = Notebook(tmp_path, WordVectors("one"))
    first.write("a.md", "apples")
    first.index.catch_up()
    first.index.embed()
    first.index.close()
    second = Notebook(tmp_path, WordVectors("two"))
    assert second.index.stats().vectors == 0
    assert second.index.stats().pending == 1
    second.index.embed()
    assert second.index.stats().vectors == 1
    assert contents(second.index) == rebuilt(second, tmp_path / "other")
    second.index.close()


def test_embedding_stops_and_goes_on(tmp_path):
    notebook = Notebook(tmp_path, WordVectors())
    for number in range(10):
        notebook.write(f"{number}.md", f"note number{number}")
    notebook.index.catch_up()
    assert notebook.index.embed(seconds=0) == 1
    assert notebook.index.embed(cancelled=lambda: True) == 1
    assert notebook.index.pending == 8
    told: list[tuple[int, int]] = []
    assert notebook.index.embed(progress=lambda done, total: told.append((done, total))) == 8
    assert told[-1] == (8, 8)
    assert len(notebook.embedder.asked) == 10
    notebook.index.close()


# Two at once


def test_while_one_indexes_the_other_searches_what_is_there(tmp_path):
    notebook = Notebook(tmp_path)
    notebook.write("a.md", "apples")
    notebook.search("apples")
    notebook.write("b.md", "pears")
    with files.lock(notebook.cache / "index.db.lock"):
        assert notebook.index.catch_up().busy
        assert notebook.paths("apples") == ["a.md"]
    assert notebook.paths("pears") == ["b.md"]
    notebook.index.close()


def test_who_searches_does_not_wait_for_who_writes(tmp_path):
    notebook = Notebook(tmp_path)
    notebook.write("a.md", "apples")
    notebook.search("apples")
    time.sleep(0.06)
    notebook.search("apples")  # it was looked at in the tick of its change
    other = Notebook(tmp_path)
    for writing in (notebook.index, other.index):  # a thread of the same process, and another process
        writing.stats()
        database = writing._open()
        with ThreadPoolExecutor() as pool, database.write() as connection:
            connection.execute("DELETE FROM chunks")
            assert pool.submit(notebook.paths, "apples").result(timeout=2) == ["a.md"]
            connection.execute("ROLLBACK")
            connection.execute("BEGIN")
    notebook.index.close()
    other.index.close()


def test_many_threads_search_and_index_at_once(tmp_path):
    notebook = Notebook(tmp_path, WordVectors())
    for number in range(60):
        notebook.write(f"{number}.md", f"note number{number}")
    failures: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for turn in range(8):
                notebook.write(f"new{number}-{turn}.md", f"fresh{number}x{turn}")
                notebook.search(f"fresh{number}x{turn}")
                notebook.index.embed(seconds=0.01)
        except BaseException as error:  # noqa: BLE001 - a thread's failure must reach the test
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert notebook.paths("fresh3x7", limit=1) == ["new3-7.md"]
    notebook.index.embed()
    assert contents(notebook.index) == rebuilt(notebook, tmp_path / "other")
    notebook.index.close()


# The law

NAMES = ("a.md", "b.md", "memory/2026-03-01.md", "sub/c.md")
TEXTS = st.sampled_from(
    [
        "apples",
        "pears and plums",
        "# One\n\nx\n\n# Two\n\ny",
        "---\negress: local\n---\nz",
        "",
        "äpfel für die " * 300,
    ]
)
STEP = st.one_of(
    st.tuples(st.just("write"), st.sampled_from(NAMES), TEXTS),
    st.tuples(st.just("append"), st.sampled_from(NAMES), TEXTS),
    st.tuples(st.just("delete"), st.sampled_from(NAMES), st.just("")),
    st.tuples(st.just("rename"), st.sampled_from(NAMES), st.sampled_from(NAMES)),
    st.tuples(
        st.sampled_from(["catch up", "embed", "reopen", "other model", "binary"]),
        st.just("a.md"),
        st.just(""),
    ),
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(STEP, max_size=14))
def test_after_any_edits_the_index_is_as_if_built_anew(tmp_path_factory, steps):
    folder = tmp_path_factory.mktemp("law")
    notebook = Notebook(folder, WordVectors("one"))
    for step in steps:
        notebook = take(notebook, folder, *step)
    notebook.index.catch_up()
    notebook.index.embed()
    assert contents(notebook.index) == rebuilt(notebook, folder / "other")
    notebook.index.close()


def take(notebook: Notebook, folder: Path, action: str, name: str, text: str) -> Notebook:
    path = notebook.root / name
    if action == "write":
        notebook.write(name, text)
    elif action == "append" and path.exists():
        path.write_bytes(path.read_bytes() + text.encode())
    elif action == "delete":
        path.unlink(missing_ok=True)
    elif action == "rename" and path.exists():
        (notebook.root / text).parent.mkdir(exist_ok=True)
        path.rename(notebook.root / text)
    elif action == "binary":
        path.write_bytes(b"\0\1\2")
    elif action == "catch up":
        notebook.index.catch_up()
    elif action == "embed":
        notebook.index.embed(seconds=0)
    elif action in {"reopen", "other model"}:
        notebook.index.close()
        name = (
            {"one": "two"}.get(notebook.embedder.name, "one")
            if action == "other model"
            else notebook.embedder.name
        )
        return Notebook(folder, WordVectors(name))
    return notebook


@pytest.mark.slow
def test_killed_at_any_moment_it_goes_on_as_if_nothing_was(tmp_path):
    notebook = Notebook(tmp_path, WordVectors())
    for number in range(1500):
        notebook.write(f"{number % 20}/{number}.md", f"# Note {number}\n" + f"word{number} " * 30)
    notebook.index.close()
    program = """
import sys; from pathlib import Path
from tests.support.notebook import Notebook, WordVectors
notebook = Notebook(Path(sys.argv[1]), WordVectors())
print("begins", flush=True)
notebook.index.catch_up(); notebook.index.embed()
"""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    chance = random.Random(7)
    for turn in range(12):
        notebook.write(f"0/{turn}.md", f"rewritten {turn}")
        child = subprocess.Popen(
            [sys.executable, "-c", program, str(tmp_path)],
            stdout=subprocess.PIPE,
            env=environment,
            cwd=Path(__file__).parents[2],
        )
        assert child.stdout
        child.stdout.readline()
        time.sleep(chance.uniform(0.02, 0.5))
        child.send_signal(signal.SIGKILL)
        child.wait()
        child.stdout.close()
        assert notebook.search("rewritten", limit=1)  # readers go on whatever was cut off
        notebook.index.close()
    notebook.index.catch_up()
    notebook.index.embed()
    assert contents(notebook.index) == rebuilt(notebook, tmp_path / "other")
    notebook.index.close()


def test_what_is_being_asked_is_left_out(tmp_path):
    source = Growing()
    notebook = Notebook(tmp_path, sources=[source])
    source.lines = ["apples are red", "which apples"]
    assert [hit.start for hit in notebook.search("apples", exclude=Span("session:s", 2, 2))] == [1]
    notebook.index.close()


def test_threads_that_search_while_it_is_rebuilt_and_deleted_see_no_error(notebook, tmp_path):
    notebook.write("a.md", "apples")
    done = threading.Event()

    def search() -> None:
        while not done.is_set():
            notebook.index.catch_up()
            notebook.index.stats()

    with ThreadPoolExecutor() as pool:
        searches = [pool.submit(search) for _ in range(3)]
        for _ in range(4):
            notebook.index.rebuild()
            for suffix in ("", "-wal", "-shm"):
                files.remove(notebook.index.path.with_name(notebook.index.path.name + suffix))
            time.sleep(0.05)
        done.set()
        for one in searches:
            one.result()


class Talk:
    """A conversation."""

    name = "sessions"

    def scan(self) -> Iterator[Stamp]:
        yield Stamp("session:s1", 1, 1)

    def read(self, path: str, resume: int = 0) -> Document:
        return Document((Chunk(path, 1, 1, "The dentist is Dr. Weber."),))


def test_what_the_settings_no_longer_name_is_no_longer_found(tmp_path):
    before = Notebook(tmp_path, sources=[Talk()])
    assert before.paths("dentist") == ["session:s1"]
    before.index.close()
    after = Notebook(tmp_path)
    assert after.paths("dentist") == []
    assert after.index.stats().chunks == 0
    after.index.close()
