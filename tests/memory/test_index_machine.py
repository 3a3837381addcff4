"""The law of the index: after any edits, kills and changes of settings it answers like one built anew.

A machine takes steps on a real folder and a real database; at the end the index is compared with a fresh one: every
passage, the words, the vectors, and what searches find.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import apsw
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from tests.support.notebook import WordVectors

from localgpt.core.values import Chunk
from localgpt.memory.database import Database
from localgpt.memory.index import Document, Index, Source, Stamp
from localgpt.memory.notes import NotesSource
from localgpt.memory.search import Query, Searcher

FOLDERS = ("", "deep/", "deep/er/", "drafts/", ".hidden/")
NAMES = ("a.md", "b.md", "c.txt", "d.csv")
WORDS = ("apples", "pears", "dentist", "Zahnarzttermin", "東京")
TEXTS = st.lists(
    st.sampled_from([*WORDS, "# Garden", "## Private", "---\negress: local\n---", "2026-03-01", ""]),
    max_size=6,
)
PATHS = st.tuples(st.sampled_from(FOLDERS), st.sampled_from(NAMES)).map("".join)
IGNORED = st.sampled_from(["", "drafts/", "*.txt", "deep/*.md\n!deep/a.md", "/a.md"])


class Killed(BaseException):
    """The process ends here."""


class Later(WordVectors):
    """A model of other dimensions."""

    dimensions = 32


MODELS: Mapping[str, WordVectors | None] = {"none": None, "one": WordVectors("one"), "two": Later("two")}


class Talk:
    """A conversation that is searched if the settings say so."""

    name = "sessions"

    def scan(self) -> Iterator[Stamp]:
        yield Stamp("session:s1", 2, 1)

    def read(self, path: str, resume: int = 0) -> Document:
        return Document(
            (Chunk(path, 1, 1, "Where do apples grow?", speaker="owner"), Chunk(path, 2, 2, "In trees."))
        )


@contextlib.contextmanager
def killed_at(write: int, *, before_commit: bool) -> Iterator[None]:
    """Everything stops at the transaction of that number: before it, or when it would be committed."""
    whole = Database.write
    left = [write]

    @contextlib.contextmanager
    def stopping(self: Database) -> Iterator[apsw.Connection]:
        left[0] -= 1
        if left[0] == 0 and not before_commit:
            raise Killed
        with whole(self) as connection:
            yield connection
            if left[0] == 0:
                raise Killed

    Database.write = stopping  # type: ignore[method-assign]
    try:
        yield
    except Killed:
        pass
    finally:
        Database.write = whole  # type: ignore[method-assign]


class IndexMachine(RuleBasedStateMachine):
    """Steps that may come in any order."""

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="index-machine-"))
        self.root = self.folder / "notes"
        self.root.mkdir()
        self.model, self.sessions = "one", True
        self.index = self.open("index.db")

    def open(self, name: str) -> Index:
        sources: list[Source] = [NotesSource(self.root)]
        sources += [Talk()] if self.sessions else []
        return Index(
            self.folder / name,
            sources,
            embeddings=self.folder / "embeddings.db",
            embedder=MODELS[self.model],
            former=MODELS.get,
        )

    def restart(self) -> None:
        self.index.close()
        self.index = self.open("index.db")

    @rule(path=PATHS, text=TEXTS)
    def write(self, path: str, text: list[str]) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        if not (self.root / path).is_dir():
            (self.root / path).write_text("\n".join(text))

    @rule(path=PATHS, text=TEXTS)
    def insert(self, path: str, text: list[str]) -> None:
        if (self.root / path).is_file():
            (self.root / path).write_text("\n".join(text) + "\n" + (self.root / path).read_text())

    @rule(path=PATHS)
    def delete(self, path: str) -> None:
        (self.root / path).unlink(missing_ok=True)

    @rule(path=PATHS, to=PATHS)
    def rename(self, path: str, to: str) -> None:
        if (self.root / path).is_file():
            (self.root / to).parent.mkdir(parents=True, exist_ok=True)
            (self.root / path).replace(self.root / to)

    @rule(there=st.booleans())
    def rename_folder(self, there: bool) -> None:
        one, other = (self.root / name for name in (("deep", "moved") if there else ("moved", "deep")))
        if one.is_dir() and not other.exists():
            one.rename(other)

    @rule(rules=IGNORED)
    def ignore(self, rules: str) -> None:
        (self.root / ".localgptignore").write_text(rules)

    @rule()
    def search(self) -> None:
        Searcher(self.index, self.index.embedder).search(Query("apples"))

    @rule(seconds=st.sampled_from([0.0, None]))
    def embed(self, seconds: float | None) -> None:
        self.index.catch_up()
        self.index.embed(seconds=seconds)

    @rule(write=st.integers(1, 4), before_commit=st.booleans())
    def kill(self, write: int, before_commit: bool) -> None:
        with killed_at(write, before_commit=before_commit):
            self.index.catch_up()
            self.index.embed()
        self.restart()

    @rule(model=st.sampled_from(sorted(MODELS)), sessions=st.booleans())
    def change_settings(self, model: str, sessions: bool) -> None:
        self.model, self.sessions = model, sessions
        self.restart()

    @rule()
    def damage(self) -> None:
        self.index.catch_up()
        self.index.close()
        data = (self.folder / "index.db").read_bytes()
        (self.folder / "index.db").write_bytes(b"x" * 100 + data[100:])
        self.index = self.open("index.db")

    def teardown(self) -> None:
        if not hasattr(self, "index"):
            return
        try:
            anew = self.open("anew.db")
            assert answers(self.index) == answers(anew)
        finally:
            self.index.close()
            anew.close()
            shutil.rmtree(self.folder)


def answers(index: Index) -> dict[str, object]:
    """Everything that an answer is made of, and some answers."""
    index.catch_up()
    index.embed()

    def look(database: Database) -> dict[str, object]:
        with database.read() as connection:
            passages = connection.execute(
                """SELECT d.source, d.path, d.problem, c.start, c."end", c.text, c.heading, c.date, c.speaker, c.egress,
                c.language FROM documents d LEFT JOIN chunks c ON c.document = d.id ORDER BY 1, 2, 4, 6"""
            ).fetchall()
            words = connection.execute("SELECT term, doc, cnt FROM vocabulary ORDER BY 1").fetchall()
            languages = connection.execute("SELECT * FROM languages WHERE chunks > 0 ORDER BY 1").fetchall()
        return {"passages": passages, "words": words, "languages": languages}

    searcher = Searcher(index, index.embedder)
    found = {
        question: sorted(
            (hit.path, hit.start, hit.score, -1 if hit.cosine is None else hit.cosine)
            for hit in searcher.search(Query(question, limit=50)).hits
        )
        for question in ("where do apples grow", "Termin beim Zahnarzt", "東京", "pears in the garden")
    }
    return index.read(look) | {"found": found, "pending": index.pending}


@settings(
    max_examples=12,
    stateful_step_count=14,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
class FewSteps(IndexMachine):
    """A few sequences each time."""


@settings(
    max_examples=200,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
class ManySteps(IndexMachine):
    """Many, and longer ones."""


TestFewSteps = FewSteps.TestCase
TestManySteps = pytest.mark.timeout(400)(pytest.mark.slow(ManySteps.TestCase))
