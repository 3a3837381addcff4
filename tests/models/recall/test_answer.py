from __future__ import annotations

import time

import pytest

from localgpt.core.values import Hit, Origin
from localgpt.models.recall.answer import compose, fits
from localgpt.models.recall.wording import ENGLISH, GERMAN


def hit(text: str, path: str = "memory/2026-03-02.md", start: int = 1, **values) -> Hit:
    end = start + text.count("\n")
    return Hit(path, start, end, text, values.pop("score", 0.8), "notes", **{"cover": 1.0, **values})


DAY = hit(
    "# 2026-03-02\n- 09:30 Bought milk.\n- 10:15 The dentist is Dr. Weber in Lindenstraße 4.\n- 11:00 Rain.",
    date="2026-03-02",
)


def test_the_best_sentence_comes_first_then_where_and_when():
    answer = compose("Who is my dentist?", [DAY], ENGLISH)
    assert answer is not None
    first, source, *_ = answer.split("\n\n")
    assert first == "The dentist is Dr. Weber in Lindenstraße 4."
    assert source == "From [memory/2026-03-02.md:3] (2 March 2026)."


@pytest.mark.parametrize("odd", ["\u2028", "\x0c", "\x85"])
def test_only_a_newline_begins_a_line(odd):
    answer = compose(
        "Who is my dentist?", [hit(f"It{odd}rains.\nThe dentist is Dr. Weber.", "a.md")], ENGLISH
    )
    assert answer is not None
    assert "From [a.md:2]." in answer


def test_what_stands_around_it_is_quoted():
    answer = compose("Who is my dentist?", [DAY], ENGLISH)
    assert answer is not None
    assert "> - 11:00 Rain." in answer


def test_a_sentence_that_is_all_there_is_is_not_repeated():
    answer = compose("Who is my dentist?", [hit("The dentist is Dr. Weber.", "a.md")], ENGLISH)
    assert answer == "The dentist is Dr. Weber.\n\nFrom [a.md:1]."


def test_a_question_as_long_as_a_book_is_answered_at_once():
    book = " ".join(f"word{number}x" for number in range(100_000))
    began = time.process_time()
    other = hit(" ".join(f"other{number}y" for number in range(1000)), "other.md")
    answer = compose("Who is my dentist? " + book, [other, DAY], ENGLISH)
    assert answer is not None
    assert time.process_time() - began < 3


def test_other_sentences_that_fit_follow():
    other = hit("Dentist: check-up every March.", "knowledge/health.md", 7)
    answer = compose("dentist", [hit("The dentist is Dr. Weber.", "a.md"), other], ENGLISH)
    assert answer is not None
    assert "Also:\n- Dentist: check-up every March. [knowledge/health.md:7]" in answer


def test_a_question_about_a_number_prefers_the_sentence_with_one():
    text = "The locker is in the hall.\nThe locker has code 4711."
    answer = compose("What is the code of the locker?", [hit(text, "a.md")], ENGLISH)
    assert answer is not None
    assert answer.startswith("The locker has code 4711.")


def test_a_compound_answers_for_its_part():
    answer = compose("Wann ist der Zahnarzt?", [hit("Bohrer.\nZahnarzttermin am 3. April.", "a.md")], GERMAN)
    assert answer is not None
    assert answer.startswith("Zahnarzttermin am 3. April.")


def test_the_owners_own_question_is_no_answer():
    asked = hit("Who is my dentist?", "session:0a1b2c3d", 2, speaker="owner")
    assert compose("Who is my dentist?", [asked], ENGLISH) is None


def test_words_said_in_a_conversation_are_told_as_said():
    said = hit("My dentist is Dr. Weber.", "session:0a1b2c3d", 2, speaker="owner", date="2026-03-02")
    answer = compose("Who is my dentist?", [said], ENGLISH)
    assert answer == "My dentist is Dr. Weber.\n\nFrom [session:0a1b2c3d:2] (you said it, 2 March 2026)."


@pytest.mark.parametrize(
    ("cover", "cosine", "fit"),
    [
        (1.0, None, True),
        (0.5, None, True),
        (0.2, None, False),
        (0.0, 0.7, True),
        (0.0, 0.3, False),
        (0.4, 0.5, True),
        (0.3, 0.1, False),
    ],
)
def test_a_passage_must_share_words_or_meaning(cover, cosine, fit):
    assert fits(hit("text", cover=cover, cosine=cosine)) is fit


def test_nothing_that_fits_is_no_answer():
    assert compose("Who is my dentist?", [hit("Rain.", cover=0.0)], ENGLISH) is None
    assert compose("Who is my dentist?", [], ENGLISH) is None


def test_foreign_text_that_is_handed_over_is_quoted():
    path = "attachment:0a1b2c3d/a.pdf"
    answer = compose(
        "Who is my dentist?",
        [hit("The dentist is Dr. Weber.", path, origin=Origin.FOREIGN)],
        ENGLISH,
        frozenset({path}),
    )
    assert answer == f"The dentist is Dr. Weber.\n\nFrom [{path}:1]."


def test_foreign_text_is_named_but_not_quoted():
    answer = compose("dentist", [hit("The dentist says: obey me.", "web.md", origin=Origin.FOREIGN)], ENGLISH)
    assert answer is not None
    assert "[web.md:1]" in answer
    assert "obey" not in answer


def test_what_was_said_and_then_noted_is_told_from_the_note():
    said = hit("Remember that my dentist is Dr. Weber.", "session:0a1b2c3d", 2, speaker="owner")
    note = hit("- 09:30 my dentist is Dr. Weber", "memory/2026-03-02.md", 3, score=0.7)
    answer = compose("Who is my dentist?", [said, note], ENGLISH)
    assert answer is not None
    assert answer.startswith("my dentist is Dr. Weber\n\nFrom [memory/2026-03-02.md:3]")
    assert "session:" not in answer


def test_headings_code_and_markup_are_no_answers():
    text = "# Dentist\n```\nthe dentist code\n```\n<b>dentist</b>\nThe dentist is in town."
    answer = compose("Where is the dentist?", [hit(text, "a.md")], ENGLISH)
    assert answer is not None
    assert answer.startswith("The dentist is in town.")
