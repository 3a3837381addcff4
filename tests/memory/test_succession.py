"""A change of model: the earlier one answers until all vectors of the later one are made, and the two never mix."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from tests.support.notebook import Notebook, WordVectors

from localgpt.core.errors import EmbeddingError
from localgpt.memory.database import Database
from localgpt.memory.index import Index
from localgpt.memory.notes import NotesSource
from localgpt.memory.search import Query, Searcher
from localgpt.memory.vectors import model_of

NOTES = 40


class Later(WordVectors):
    """Another model, with other dimensions; it can be far away, and out of reach."""

    dimensions = 32
    fails = False

    def __init__(self, name: str = "later", *, local: bool = True) -> None:
        super().__init__(name)
        self.local = local

    def embed_documents(self, texts: Sequence[str]) -> list[bytes]:
        if self.fails:
            raise EmbeddingError("later can't be reached.", hint="Start it.")
        return super().embed_documents(texts)


@pytest.fixture
def notebook(tmp_path: Path) -> Iterator[Notebook]:
    """Notes with all vectors of an earlier model."""
    made = Notebook(tmp_path, WordVectors("earlier"))
    for number in range(NOTES):
        made.write(f"{number}.md", f"note of the dentist number {number}")
    made.index.catch_up()
    made.index.embed()
    yield made
    made.index.close()


def changed(notebook: Notebook, later: WordVectors, earlier: WordVectors | None = None) -> Index:
    """The same index under settings that name another model."""
    notebook.index.close()
    serving = earlier or WordVectors("earlier")
    notebook.index = Index(
        notebook.cache / "index.db",
        [NotesSource(notebook.root)],
        embeddings=notebook.cache / "embeddings.db",
        embedder=later,
        former=lambda name: serving if name == serving.name else None,
    )
    notebook.searcher = Searcher(notebook.index, later)
    return notebook.index


def held(index: Index) -> str:
    """The model of the index."""

    def look(database: Database) -> str:
        with database.read() as connection:
            return model_of(connection)

    return index.read(look)


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """A search has no time for vectors: only what a test asks for is made."""
    monkeypatch.setattr("localgpt.memory.search.PATIENCE", 0.0)


def cosine_of(notebook: Notebook) -> float | None:
    return notebook.search("dentist", limit=1)[0].cosine


def test_the_earlier_vectors_serve_until_the_later_ones_are_complete(notebook):
    before = cosine_of(notebook)
    later = Later()
    index = changed(notebook, later)
    index.embed(seconds=0)
    assert held(index) == "earlier"
    assert index.pending == NOTES
    assert index.serving() is not later
    assert notebook.searcher.search(Query("dentist", limit=1)).hits[0].cosine == before
    index.embed()
    assert held(index) == "later"
    assert (index.pending, index.serving()) == (0, later)
    assert len(set(later.asked)) == NOTES
    assert cosine_of(notebook) is not None


def test_what_is_stopped_goes_on_where_it_was(notebook):
    later = Later()
    for _ in range(2 * NOTES):
        changed(notebook, later).embed(seconds=0)
        if held(notebook.index) == "later":
            break
    assert held(notebook.index) == "later"
    assert len(later.asked) == len(set(later.asked)) == NOTES


def test_a_slow_model_is_waited_for_where_there_is_time(notebook, monkeypatch):
    monkeypatch.setattr("localgpt.memory.vectorising._BATCH_SECONDS", 0.0)
    index = changed(notebook, Later())
    told: list[tuple[int, int]] = []
    index.embed(progress=lambda done, total: told.append((done, total)))
    assert held(index) == "later"
    assert told[-1] == (NOTES, NOTES)


def test_notes_that_come_meanwhile_are_found_by_the_earlier_model_then_by_the_later(notebook):
    later, earlier = Later(), WordVectors("earlier")
    index = changed(notebook, later, earlier)
    notebook.write("new.md", "lilac hedges")
    index.catch_up()
    index.embed(seconds=0)
    assert "lilac hedges" in earlier.asked
    assert notebook.search("lilac hedges", limit=1)[0].cosine is not None
    index.embed()
    assert held(index) == "later"
    assert "lilac hedges" in later.asked
    assert notebook.search("lilac hedges", limit=1)[0].cosine is not None


def test_a_later_model_out_of_reach_is_said_once_and_the_earlier_one_goes_on(notebook):
    later = Later()
    later.fails = True
    index = changed(notebook, later)
    first, second = (notebook.searcher.search(Query("dentist", limit=1)) for _ in range(2))
    assert first.notices == ("later can't be reached. The vectors of earlier serve meanwhile. Start it.",)
    assert second.notices == ()
    assert first.hits[0].cosine is not None
    with pytest.raises(EmbeddingError):
        index.embed()


@pytest.mark.parametrize("there", [False, True])
def test_an_earlier_model_that_is_gone_or_elsewhere_does_not_serve_on(notebook, there):
    earlier = Later("earlier", local=False) if there else WordVectors("another")
    later = Later()
    index = changed(notebook, later, earlier)
    assert index.serving() is later
    index.embed(seconds=0)
    assert held(index) == "later"
    assert earlier.asked == []


def test_private_passages_are_not_sent_elsewhere_and_found_by_words(notebook):
    notebook.write("private.md", "---\negress: local\n---\nThe lilac secret.")
    notebook.write("mixed.md", "An open lilac.\n\n## Private\n\nMy lilac diary.")
    notebook.index.catch_up()
    notebook.index.embed()
    later = Later(local=False)
    index = changed(notebook, later)
    index.embed()
    assert held(index) == "later"
    assert not any("secret" in text or "diary" in text for text in later.asked)
    assert any("open lilac" in text for text in later.asked)
    assert index.pending == 0
    vectors = {
        hit.text.split()[-1]: hit.cosine is not None
        for hit in notebook.search("lilac secret")
        if "lilac" in hit.text
    }
    assert vectors == {"secret.": False, "diary.": False, "lilac.": True}


def test_going_back_to_a_model_computes_nothing(notebook):
    later = Later()
    changed(notebook, later).embed()
    again = WordVectors("earlier")
    index = changed(notebook, again, later)
    index.embed()
    assert held(index) == "earlier"
    assert again.asked == []


def test_vectors_of_two_models_never_mix(notebook):
    """A note's own text as the question has a cosine of about 1, by whichever model; by a mix it would not."""
    later = WordVectors("later")  # as many dimensions as the earlier one: nothing else would tell
    text = "note of the dentist number 7"
    for _ in range(2 * NOTES):
        index = changed(notebook, later)
        assert max(hit.cosine or 0 for hit in notebook.search(text)) > 0.97
        index.embed(seconds=0)
        if held(index) == "later":
            break
    assert held(notebook.index) == "later"
    assert max(hit.cosine or 0 for hit in notebook.search(text)) > 0.97
