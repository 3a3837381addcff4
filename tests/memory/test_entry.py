"""What is stored of a chunk: stems by language, the words above it, the texts that are embedded."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localgpt.core.tokens import estimate
from localgpt.core.values import Chunk, Egress, Origin
from localgpt.memory.entry import (
    WINDOW,
    date_words,
    digest,
    entries,
    owners_words,
    windows,
    windows_of_lines,
)

CHUNK = Chunk("knowledge/japan-trip.md", 3, 5, "We visited temples.", "Kyoto", "2026-03-01")


def test_stems_of_the_text_and_of_what_stands_above_it():
    (entry,) = entries([CHUNK])
    assert entry.body == "we visit templ"
    assert {"kyoto", "japan", "trip", "2026", "march", "marz", "sunday"} <= set(entry.head.split())
    assert entry.own == ""


def test_a_short_passage_takes_the_language_of_its_document():
    long = replace(CHUNK, text="Wir haben die alten Häuser in der Stadt gesehen und waren sehr froh.")
    assert [entry.language for entry in entries([long, replace(CHUNK, text="Häuser")])] == ["de", "de"]
    assert [entry.language for entry in entries([replace(CHUNK, text="Bern 14:00")])] == [""]


def test_the_owners_words_stand_apart():
    said = replace(CHUNK, path="session:1", speaker="owner")
    assert entries([said])[0].own == "we visit templ"
    assert owners_words(replace(said, origin=Origin.ASSISTANT)) == ""
    assert "session" not in entries([said])[0].head


@pytest.mark.parametrize(
    "other",
    [
        replace(CHUNK, text="else"),
        replace(CHUNK, heading="else"),
        replace(CHUNK, date=""),
        replace(CHUNK, egress=Egress.LOCAL),
        replace(CHUNK, origin=Origin.FOREIGN),
        replace(CHUNK, path="b.md"),
    ],
)
def test_another_chunk_has_another_digest(other):
    assert digest(other) != digest(CHUNK)


def test_the_same_chunk_elsewhere_in_its_note_has_the_same_digest():
    assert digest(replace(CHUNK, start=30, end=32)) == digest(CHUNK)


def test_a_date_as_people_say_it():
    assert date_words("2026-03-01") == "2026-03-01 1 march märz sunday sonntag"
    assert date_words("") == date_words("never") == ""


@given(st.text(alphabet="ab \n", max_size=6000))
def test_windows_hold_the_whole_text_in_parts_a_model_reads(text):
    parts = windows("", "", text)
    assert "".join("".join(parts).split()) == "".join(text.split())
    assert all(estimate(part) <= 2.5 * WINDOW for part in parts)


def test_each_window_stands_under_its_date_and_heading():
    parts = windows("Kyoto", "2026-03-01", "word " * 400)
    assert len(parts) > 2
    assert all(part.startswith("2026-03-01 Kyoto\n") for part in parts)


def test_a_rename_changes_no_window():
    assert windows("Kyoto", "", "text") == ("Kyoto\ntext",)


def test_a_line_is_in_the_window_that_holds_its_middle():
    text = "\n".join(f"This is line {number}, which says no more than the others do." for number in range(40))
    parts = windows("", "", text)
    places = windows_of_lines(text)
    assert len(places) == 40
    assert {at for place in places for at in place} == set(range(len(parts)))
    for number, place in enumerate(places):
        assert len(place) == 1
        assert f"line {number}," in parts[place[0]] + parts[min(place[0] + 1, len(parts) - 1)]


def test_a_long_line_is_in_all_the_windows_that_it_fills():
    text = "word " * 3000
    assert windows_of_lines(text) == [range(len(windows("", "", text)))]
    assert windows_of_lines("") == [range(1)]
