"""Each step at which an expected note may fall out, with a real index: the verdict names it and its figures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.notebook import Notebook, WordVectors

from localgpt.core.values import Span
from localgpt.memory.expecting import Step, Verdict
from localgpt.memory.index import CatchUp, Stamp
from localgpt.memory.notes import LARGEST
from localgpt.memory.quality import WHOLE
from localgpt.memory.search import Query
from localgpt.memory.whereabouts import Folders, explain


class Expected(Notebook):
    """A notebook that says what became of a place."""

    def why(self, question: str, path: str, start: int = 1, end: int = WHOLE, **options: object) -> Verdict:
        query = Query(question, **options)  # type: ignore[arg-type]
        found = self.searcher.search(query)
        return explain(self.searcher, query, found, Span(path, start, end), Folders(self.root))


@pytest.fixture
def notebook(tmp_path: Path) -> Iterator[Expected]:
    made = Expected(tmp_path)
    yield made
    made.index.close()


@pytest.fixture
def with_vectors(tmp_path: Path) -> Iterator[Expected]:
    made = Expected(tmp_path, WordVectors())
    yield made
    made.index.close()


def test_it_came(notebook):
    notebook.write("a.md", "The dentist is Dr. Weber.")
    found = notebook.why("dentist", "a.md")
    assert (found.step, found.rank) == (Step.FOUND, 1)
    assert found.sentence == "a.md came: at rank 1, with 1.00."


def test_a_name_alone_is_enough(notebook):
    notebook.write("deep/down/weber.md", "The dentist is Dr. Weber.")
    assert notebook.why("dentist", "weber.md").place == "deep/down/weber.md"
    assert notebook.why("dentist", "weber").step is Step.FOUND


def test_there_is_no_such_file(notebook):
    notebook.write("knowledge/dentist.md", "Dr. Weber")
    found = notebook.why("dentist", "knowledge/dentists.md")
    assert found.step is Step.MISSING
    assert found.sentence == "There is no knowledge/dentists.md. Near ones: knowledge/dentist.md."
    assert notebook.why("dentist", "session:nobody").step is Step.MISSING


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        (".hidden.md", "what begins with a dot is left alone (.hidden.md)"),
        (".git/notes.md", "what begins with a dot is left alone (.git)"),
        ("node_modules/a.md", "node_modules is left alone"),
        ("table.csv", "its name doesn't end in .md, .markdown, .txt"),
    ],
)
def test_it_is_no_note(notebook, name, reason):
    notebook.write(name, "The dentist is Dr. Weber.")
    found = notebook.why("dentist", name)
    assert (found.step, found.sentence) == (Step.LEFT_OUT, f"{name} is not searched: {reason}.")


def test_a_line_of_the_ignore_file_is_named(notebook):
    notebook.write(".localgptignore", "# mine\ndrafts/\n")
    notebook.write("drafts/a.md", "The dentist is Dr. Weber.")
    found = notebook.why("dentist", "drafts/a.md")
    assert (found.step, found.sentence) == (
        Step.LEFT_OUT,
        "drafts/a.md is not searched: line 2 of .localgptignore leaves it out (drafts/).",
    )


def test_it_is_a_folder_or_outside(notebook, tmp_path):
    notebook.write("deep/a.md", "x")
    assert "it is a folder" in notebook.why("x", "deep").sentence
    (tmp_path / "outside.md").write_text("x")
    outside = notebook.why("x", str(tmp_path / "outside.md"))
    assert outside.step is Step.LEFT_OUT
    assert "in no folder that is searched" in outside.sentence


@pytest.mark.parametrize(
    ("content", "reason"), [(b"\0" * 100, "not a text file"), (b"x" * (LARGEST + 1), "too large")]
)
def test_it_can_not_be_read(notebook, content, reason):
    notebook.write("a.md", "").write_bytes(content)
    found = notebook.why("dentist", "a.md")
    assert found.step is Step.UNREADABLE
    assert reason in found.sentence


def test_it_is_not_indexed_yet(notebook, monkeypatch):
    notebook.write("a.md", "The dentist is Dr. Weber.")
    notebook.index.catch_up()
    monkeypatch.setattr(notebook.index, "catch_up", lambda *_: CatchUp())
    notebook.write("b.md", "The other dentist.")
    assert notebook.why("dentist", "b.md").step is Step.WAITING


def test_lines_that_are_not_there(notebook):
    notebook.write("a.md", "The dentist is Dr. Weber.\nHe is kind.")
    found = notebook.why("dentist", "a.md", 40, 41)
    assert found.step is Step.NO_LINES
    assert "ends at line 2" in found.sentence


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"since": "2026-04"}, "it is from before 2026-04 (2026-03-01)"),
        ({"until": "2026-02"}, "it is from after 2026-02 (2026-03-01)"),
        ({"within": "sessions"}, "only sessions were searched"),
        ({"only": ("projects/",)}, "only projects/ were searched"),
    ],
)
def test_it_was_filtered_out(notebook, options, reason):
    notebook.write("memory/2026-03-01.md", "The dentist is Dr. Weber.")
    found = notebook.why("dentist", "memory/2026-03-01.md", **options)
    assert (found.step, found.sentence) == (
        Step.FILTERED,
        f"memory/2026-03-01.md was filtered out: {reason}.",
    )


def test_no_word_and_too_far(with_vectors):
    with_vectors.write("a.md", "Lilac hedges grow.")
    with_vectors.index.catch_up()
    with_vectors.index.embed()
    found = with_vectors.why("dentist appointment", "a.md")
    assert found.step is Step.UNRELATED
    assert "no word of the question" in found.sentence
    assert "0.22 is needed" in found.sentence


def test_no_word_and_no_vectors(notebook):
    notebook.write("a.md", "Beans and peas.")
    assert notebook.why("dentist", "a.md").sentence == (
        "a.md has no word of the question, and only words are searched."
    )


def test_a_vector_that_is_not_made_yet(with_vectors, monkeypatch):
    with_vectors.write("a.md", "Beans and peas.")
    monkeypatch.setattr(with_vectors.index, "embed", lambda **_: 0)
    assert "its vector is not made yet" in with_vectors.why("dentist", "a.md").sentence


def test_it_is_outranked(notebook):
    for number in range(12):
        notebook.write(f"{number}.md", f"The dentist appointment {number} of Weber, number {number}00.")
    notebook.write("later.md", "Long ago " + "and far away " * 60 + "there was an appointment.")
    found = notebook.why("dentist appointment", "later.md", limit=5)
    assert found.step is Step.OUTRANKED
    assert "later.md is at rank 13 with " in found.sentence
    assert "and 9 others" in found.sentence
    assert "it lacks " in found.sentence
    assert "cover (-" in found.sentence
    assert found.sentence.endswith("5 are shown.")


def test_it_says_nearly_the_same_as_a_better_one(notebook):
    text = "The dentist appointment is on Friday at nine in the new practice behind the old station."
    notebook.write("a.md", f"# Dentist\n\n{text}")
    notebook.write("b.md", f"{text}")
    found = notebook.why("dentist appointment", "b.md")
    assert found.step is Step.DUPLICATE
    assert "says nearly the same as a.md:1-3" in found.sentence


def test_a_private_note_that_came_is_said_to_stay_here(notebook):
    notebook.write("a.md", "---\negress: local\n---\nThe dentist is Dr. Weber.")
    assert notebook.why("dentist", "a.md").sentence.endswith(
        "It is private (egress: local): models elsewhere never get it."
    )


def test_a_question_without_words_finds_nothing_and_says_so(notebook):
    notebook.write("a.md", "Beans")
    assert notebook.why("???", "a.md").step is Step.UNRELATED


def test_a_conversation_and_a_linked_folder_are_places_too(tmp_path):
    class Talk:
        name = "sessions"

        def scan(self) -> Iterator[Stamp]:
            return iter(())

    made = Expected(tmp_path, sources=[Talk()])  # type: ignore[list-item]
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "a.md").write_text("The dentist is Dr. Weber.")
    (made.root / "linked").symlink_to(tmp_path / "elsewhere")
    assert made.why("dentist", "linked/a.md").step is Step.FOUND
    made.index.close()
