"""Searching: any question is harmless, filters hold, the text path stays light, and each hit says why."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.support.notebook import Notebook, WordVectors

from localgpt.core.errors import EmbeddingError, UsageError
from localgpt.core.values import Chunk, Egress, Origin
from localgpt.memory.index import Document, Stamp
from localgpt.memory.search import Query, Searcher


class Talk:
    """A conversation: the owner's words and the answers."""

    name = "sessions"

    def __init__(self, *lines: tuple[str, str]) -> None:
        self.lines = lines

    def scan(self) -> Iterator[Stamp]:
        yield Stamp("session:s1", len(self.lines), 1)

    def read(self, path: str, resume: int = 0) -> Document:
        return Document(
            tuple(
                Chunk(
                    path, n, n, text, date="2026-03-01", speaker=speaker,
                    origin=Origin.OWNER if speaker == "owner" else Origin.ASSISTANT,
                )
                for n, (speaker, text) in enumerate(self.lines, 1)
            )
        )  # fmt: skip


@pytest.fixture
def notebook(tmp_path: Path) -> Iterator[Notebook]:
    made = Notebook(tmp_path)
    yield made
    made.index.close()


def test_a_natural_question_finds_the_note(notebook):
    notebook.write("memory/2026-03-01.md", "# Health\n\nThe dentist appointment is on Friday at nine.")
    notebook.write("knowledge/car.md", "The car needs new tyres.")
    found = notebook.searcher.search(Query("When is my dentist appointment?"))
    hit = found.hits[0]
    assert (hit.path, hit.start, hit.end, hit.source) == ("memory/2026-03-01.md", 1, 3, "notes")
    assert (hit.heading, hit.date, hit.origin, hit.egress) == (
        "Health",
        "2026-03-01",
        Origin.OWNER,
        Egress.OPEN,
    )
    assert hit.text == "# Health\n\nThe dentist appointment is on Friday at nine."
    assert (hit.cover, hit.cosine) == (1.0, None)
    assert 0 < hit.score <= 1
    assert hit.why[0].ranker == "text"
    assert found.took_ms > 0


@pytest.mark.parametrize(
    ("note", "question"),
    [
        ("Der Schlüssel liegt unter der Matte.", "Wo ist der Schluessel?"),
        ("Die Schluessel sind beim Nachbarn.", "schlüssel"),
        ("Wir haben drei alte Häuser in der Straße gesehen.", "welches Haus"),
        ("Ma sœur préfère les réservations tardives dans ce restaurant.", "reservation"),
        ("今日は東京タワーに行きました。", "東京"),
        ("我喜欢喝绿茶", "绿茶"),
        ("我喜欢喝绿茶", "茶"),
        ("She prefers window seats.", "what does she prefer"),
        ("We went to Lisbon.", "when did we go"),
        ("---\ntags: [sourdough]\n---\nFeed it daily.", "sourdough"),
        ("text", "weird-name"),
    ],
)
def test_words_are_found_in_their_other_forms(notebook, note, question):
    notebook.write("weird-name.md", note)
    assert notebook.paths(question) == ["weird-name.md"]


@pytest.mark.parametrize(
    "question",
    [
        "",
        " ",
        '"',
        "*",
        "NEAR(",
        "-",
        "AND",
        "a OR",
        "body:x",
        "🙂",
        "你好",
        "\0",
        "(((",
        "x" * 1_000_000,
        "word " * 200_000,
    ],
    ids=lambda question: question[:8],
)
def test_any_question_is_harmless(tmp_path, question):
    notebook = Notebook(tmp_path, WordVectors())
    notebook.write("a.md", "apples")
    assert len(notebook.search(question)) <= 1
    notebook.index.close()


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text())
def test_any_text_at_all_is_harmless(notebook, question):
    notebook.write("a.md", "apples and pears")
    notebook.search(question)


@given(st.text(min_size=1))
@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_a_note_says_finds_it(notebook, text):
    path = notebook.root / "a.md"
    path.write_bytes(text.encode("utf-8", "replace"))
    found = notebook.searcher.search(Query(text))
    words = [hit.text for hit in found.hits]
    if any(character.isalnum() for character in text) and notebook.index.stats().chunks:
        assert words


def test_filters(tmp_path):
    notebook = Notebook(tmp_path, WordVectors(), sources=[Talk(("owner", "apples from the market"))])
    notebook.write("memory/2026-03-01.md", "apples in March")
    notebook.write("memory/2026-04-01.md", "apples in April")
    undated = notebook.write("undated.md", "apples any time")
    os.utime(undated, (0, 0))
    every = set(notebook.paths("apples"))
    assert len(every) == 4
    assert notebook.paths("apples", within="sessions") == ["session:s1"]
    assert "session:s1" not in notebook.paths("apples", within="notes")
    assert set(notebook.paths("apples", since="2026-03-02", until="2026-05")) == {"memory/2026-04-01.md"}
    assert set(notebook.paths("apples", until="2026-03")) == {"memory/2026-03-01.md", "session:s1"}
    assert "undated.md" in notebook.paths("apples", since="2026-05-01")  # its file changed today
    assert notebook.paths("apples", limit=0) == []
    assert len(notebook.paths("apples", limit=2)) == 2
    notebook.index.close()


@pytest.mark.parametrize("value", ["yesterday", "2026-13", "2026-02-30", "26", "2026-3-1", "01.03.2026"])
def test_a_date_that_is_none_is_refused(notebook, value):
    with pytest.raises(UsageError, match="no date"):
        notebook.search("apples", since=value)


def test_what_the_owner_said_counts_more_than_what_was_answered(tmp_path):
    talk = Talk(
        ("assistant", "My sister lives in Bern, you said."), ("owner", "My sister lives in Bern, really.")
    )
    notebook = Notebook(tmp_path, sources=[talk])
    assert notebook.search("sister in Bern")[0].speaker == "owner"
    notebook.index.close()


def test_a_question_asked_before_does_not_stand_before_its_answer(tmp_path):
    notebook = Notebook(
        tmp_path, WordVectors(), sources=[Talk(("owner", "When is the dentist appointment?"))]
    )
    notebook.write(
        "memory/2026-02-01.md", "Dentist appointment: Friday at nine, Dr. Weber, bring the X-rays along."
    )
    assert notebook.paths("When is the dentist appointment?") == ["memory/2026-02-01.md", "session:s1"]
    notebook.index.close()


@pytest.mark.parametrize(
    "asked",
    [
        "when is the dentist appointment",
        "Tell me when the dentist appointment is.",
        "I feel better today. When is the dentist appointment, did I write it down?",
        "I forgot when the dentist appointment is.",
    ],
)
def test_no_way_of_asking_stands_before_the_answer(tmp_path, asked):
    notebook = Notebook(tmp_path, WordVectors(), sources=[Talk(("owner", asked))])
    notebook.write(
        "memory/2026-02-01.md", "Dentist appointment: Friday at nine, Dr. Weber, bring X-rays along."
    )
    notebook.write("other.md", "A dentist was at the party.")
    assert notebook.paths("When is the dentist appointment?")[0] == "memory/2026-02-01.md"
    notebook.index.close()


def test_what_is_told_beside_a_question_is_found(tmp_path):
    talk = Talk(("owner", "The dentist appointment is on Friday. Can you help me with the garden?"))
    notebook = Notebook(tmp_path, sources=[talk])
    (hit,) = notebook.search("When is the dentist appointment?")
    assert "question" not in [reason.ranker for reason in hit.why]
    notebook.index.close()


class Pasted(Talk):
    """One message of very many passages."""

    def read(self, path: str, resume: int = 0) -> Document:
        (shape,) = super().read(path).chunks
        return Document(
            tuple(replace(shape, text=f"{shape.text} {n} {n + 1} {n + 2} {n + 3}") for n in range(0, 200, 4))
        )


def test_one_huge_message_does_not_crowd_out_the_notes(tmp_path):
    notebook = Notebook(tmp_path, sources=[Pasted(("owner", "apples and pears and apples"))])
    for number in range(4):
        notebook.write(
            f"{number}.md", f"Apples from tree {chr(97 + number) * 3} were sold to a man in a hat today."
        )
    found = notebook.paths("apples pears")
    assert found[:6].count("session:s1") == 2
    assert len(found) == 10  # when nothing else is left, more of it comes
    notebook.index.close()


@pytest.mark.parametrize(
    "text", ["我明天去看医生了", "京都で寿司を食べた", "서울에서 친구를 만났다", "牙医 星期五", "a佐々木b"]
)
def test_any_two_neighbouring_letters_without_blanks_find_their_note(notebook, text):
    notebook.write("a.md", f"{text}\n")
    runs = re.findall(r"[^\W\da-z]+", text)
    for pair in (run[at : at + 2] for run in runs for at in range(len(run) - 1)):
        assert notebook.paths(pair) == ["a.md"], pair


def test_vectors_find_and_say_so(tmp_path):
    notebook = Notebook(tmp_path, WordVectors())
    notebook.write("a.md", "apples and pears")
    (hit,) = notebook.search("apples")
    assert hit.cosine
    assert {reason.ranker for reason in hit.why} >= {"text", "vector"}
    assert notebook.searcher.search(Query("apples")).pending == 0
    notebook.index.close()


class Broken(WordVectors):
    """A model that can't be loaded."""

    def embed_query(self, text: str) -> bytes:
        raise EmbeddingError("The model is broken.", hint="Install it again.")


def test_without_its_model_search_goes_on_with_words(tmp_path):
    notebook = Notebook(tmp_path, Broken())
    notebook.write("a.md", "apples")
    found = notebook.searcher.search(Query("apples"))
    assert [hit.path for hit in found.hits] == ["a.md"]
    assert "Only words were searched" in found.notices[0]
    assert found.pending == 1
    notebook.index.close()


def test_snippets_are_the_lines_on_disk(notebook):
    path = notebook.write("a.md", "one\n\n# Fruit\n\napples\n")
    notebook.search("apples")
    path.write_text("zero\n\n" + path.read_text())
    (hit,) = notebook.search("apples")
    assert hit.text == "\n".join(path.read_text().split("\n")[hit.start - 1 : hit.end])


def test_private_passages_say_so(notebook):
    notebook.write("a.md", "## Private\napples")
    assert notebook.search("apples")[0].egress is Egress.LOCAL


def test_the_text_path_loads_no_numpy(tmp_path):
    program = """
import sys
from pathlib import Path
from localgpt.memory.index import Index
from localgpt.memory.notes import NotesSource
from localgpt.memory.search import Query, Searcher
folder = Path(sys.argv[1])
(folder / "a.md").write_text("apples")
assert Searcher(Index(folder / "cache/i.db", [NotesSource(folder)])).search(Query("apples")).hits
heavy = {"numpy", "onnxruntime", "tokenizers", "fastembed", "sqlite_vec", "asyncio", "yaml"} & set(sys.modules)
assert not heavy, heavy
"""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=True, env=environment)


def test_today_is_the_searchers(notebook):
    import datetime as dt

    notebook.write("memory/2026-03-01.md", "walk in the park")
    notebook.write("memory/2026-03-05.md", "walk by the lake")
    searcher = Searcher(notebook.index, today=lambda: dt.date(2026, 3, 2))
    assert searcher.search(Query("walk yesterday")).hits[0].path == "memory/2026-03-01.md"


def test_only_some_paths_are_looked_at(notebook):
    for path in ("a/one.md", "a/two.md", "b%/one.md", "ab/one.md"):
        notebook.write(path, f"The ferry of {path} leaves at nine.")

    def found(*only: str) -> set[str]:
        return {hit.path for hit in notebook.searcher.search(Query("ferry", only=only)).hits}

    assert found("a/") == {"a/one.md", "a/two.md"}
    assert found("a/two.md", "b%/") == {"a/two.md", "b%/one.md"}
    assert found("%") == set()
    assert len(found()) == 4


TALK = "\n".join(
    f"{who}: {what} it is a fine day, said nobody in particular, number {number}"
    for number, (who, what) in enumerate([("Anna", "well"), ("Ben", "so")] * 40)
)


def test_where_there_is_little_room_the_likeliest_lines_come(tmp_path):
    notebook = Notebook(tmp_path, WordVectors())
    lines = TALK.split("\n")
    lines[33] = "Ben: The spare key of the boat hangs behind the mirror."
    notebook.write("memory/2026-03-01.md", "\n".join(lines))
    (hit, *_) = notebook.searcher.search(Query("Where is the spare key of the boat?", tokens=40)).hits
    assert hit.start <= 34 <= hit.end
    assert hit.text.split("\n") == lines[hit.start - 1 : hit.end]
    assert (
        sum(len(one.text) for one in notebook.searcher.search(Query("spare key boat", tokens=40)).hits) < 300
    )
    notebook.index.close()


def test_two_parts_of_a_section_that_both_answer_are_one_hit(notebook):
    lines = TALK.split("\n")
    lines[30] = lines[60] = "Ben: the boat has a spare key"
    notebook.write("memory/2026-03-01.md", "\n".join(lines))
    hit = notebook.searcher.search(Query("spare key boat")).hits[0]
    assert hit.start <= 31
    assert hit.end >= 61
    assert hit.text.split("\n") == lines[hit.start - 1 : hit.end]
    assert any(reason.ranker == "beside" for reason in hit.why)


def test_a_private_neighbour_is_never_joined_to_what_is_open(notebook):
    notebook.write(
        "a.md",
        "# Boat\n\n"
        + "the boat has a spare key\n" * 30
        + "\n# Private\n\n"
        + "the boat has a spare key\n" * 31,
    )
    hits = notebook.searcher.search(Query("spare key boat")).hits
    for hit in hits:
        assert ("Private" in hit.text) == (hit.egress is Egress.LOCAL)
