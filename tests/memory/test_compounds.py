"""Compounds and what they are made of find each other, by the words of the index alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.notebook import Notebook

from localgpt.memory.compounds import LEAST, compounds, extended, parts
from localgpt.memory.plan import plan
from localgpt.memory.search import Query, Searcher

TODAY = dt.date(2026, 11, 23)


class Words:
    """A vocabulary of a few stems."""

    def __init__(self, *stems: str) -> None:
        self.stems = frozenset(stems)

    def known(self, stems: Iterable[str]) -> set[str]:
        return set(self.stems.intersection(stems))

    def beginning(self, part: str) -> list[str]:
        return sorted(one for one in self.stems if one.startswith(part) and one != part)

    def ending(self, part: str) -> list[str]:
        return sorted(one for one in self.stems if one.endswith(part) and one != part)


@pytest.mark.parametrize(
    ("word", "known", "made_of"),
    [
        ("zahnarzttermin", ("zahnarzt", "termin"), ("zahnarzt", "termin")),
        ("wohnungsschlussel", ("wohnung", "schlussel"), ("wohnung", "schlussel")),
        ("kamillentee", ("kamill", "tee"), ("kamill", "tee")),
        ("blumenladen", ("blum", "laden"), ("blum", "laden")),
        ("kinderarzt", ("kind", "arzt"), ("kind", "arzt")),
        ("mieterhoh", ("miet", "erhoh"), ("miet", "erhoh")),
        ("hausratversicherung", ("haus", "hausrat"), ("hausrat",)),
        ("spendenquittung", ("quittung",), ("quittung",)),
        ("zahnarzttermin", ("arz", "ter"), ()),
        ("termin", ("term",), ()),  # too short for a compound
    ],
)
def test_a_compound_is_taken_apart_into_words_that_there_are(word, known, made_of):
    assert parts(word, Words(*known).known) == made_of


def test_compounds_are_words_of_the_index_that_begin_or_end_with_the_word():
    words = Words("zahnarzttermin", "kinderzahnarzt", "zahnarzt", "zahnarztin", "termin")
    assert compounds("zahnarzt", words) == ("zahnarzttermin", "kinderzahnarzt")


@given(st.text("abcdefgh", min_size=1, max_size=30), st.sets(st.text("abcdefgh", min_size=1, max_size=8)))
def test_parts_are_known_and_stand_in_the_word(word, known):
    found = parts(word, Words(*known).known)
    assert len(found) <= 2
    assert all(part in known and part in word and len(part) >= LEAST for part in found)


def test_a_long_question_costs_no_more_than_a_short_one():
    asked: list[str] = []

    class Counting(Words):
        def beginning(self, part: str) -> list[str]:
            asked.append(part)
            return []

    extended(
        plan(" ".join(f"wort{'abcdefghijklmnopqrstuvwxyz'[n]}" for n in range(26)), ["de"], TODAY), Counting()
    )
    assert len(asked) <= 12


@pytest.fixture
def notebook(tmp_path: Path) -> Iterator[Notebook]:
    made = Notebook(tmp_path)
    yield made
    made.index.close()


@pytest.mark.parametrize(
    ("note", "question"),
    [
        ("Ich habe den Zahnarzttermin auf Montag verlegt.", "Termin beim Zahnarzt"),
        ("Der Termin beim Zahnarzt ist am Montag.", "Zahnarzttermin"),
        ("Die Wohnungsschlüssel liegen bei der Nachbarin.", "Schluessel"),
        ("Wir haben ein Fahrrad und ein Schloss gekauft.", "Fahrradschloss"),
        ("Die Miete steigt ab Juli um vierzig.", "Mieterhöhung"),
    ],
)
def test_words_alone_find_compounds_both_ways(notebook, note, question):
    notebook.write("note.md", f"{note}\n")
    notebook.write("other.md", "Es war ein langer Tag und wir waren im Garten bei der Arbeit.\n")
    notebook.write("words.md", "Der Zahnarzt hat den Schlüssel nicht mit dem Fahrrad und dem Termin.\n")
    found = Searcher(notebook.index).search(Query(question)).hits
    assert "note.md" in [hit.path for hit in found]


def test_the_word_itself_is_before_a_compound_with_it(notebook):
    notebook.write("compound.md", "Der Zahnarzttermin ist am Montag um neun.\n")
    notebook.write("word.md", "Der Zahnarzt ist am Montag um neun da.\n")
    notebook.write("termin.md", "Ein Termin ist auch am Dienstag um neun da.\n")
    found = [hit.path for hit in Searcher(notebook.index).search(Query("Zahnarzt")).hits]
    assert found == ["word.md", "compound.md"]


def test_what_is_not_in_the_notes_any_more_is_no_compound(notebook):
    notebook.write("a.md", "Der Zahnarzttermin ist am Montag und der Termin auch.\n")
    searcher = Searcher(notebook.index)
    assert searcher.search(Query("Zahnarzt")).hits
    notebook.write("a.md", "Es ist der Montag.\n")
    assert not searcher.search(Query("Zahnarzt")).hits
