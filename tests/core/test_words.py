"""Words: what is a token, a stem, a sentence and a question, in several languages."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localgpt.core import words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The Cat's 2 cats", ["the", "cat", "2", "cats"]),
        ("don't — it’s", ["dont", "it"]),
        ("snake_case kebab-case", ["snake", "case", "kebab", "case"]),
        ("l'eau d'Anne", ["eau", "anne"]),
        ("STRASSE Straße", ["strasse", "strasse"]),
        ("東京タワー", ["東京", "京タ", "タワ", "ワー"]),
        ("猫", ["猫"]),
        ("😀 *** ", []),
        ("", []),
    ],
)
def test_tokens(text, expected):
    assert words.tokens(text) == expected


@given(st.text())
def test_composed_and_decomposed_letters_are_the_same_words(text):
    assert words.tokens(unicodedata.normalize("NFD", text)) == words.tokens(
        unicodedata.normalize("NFC", text)
    )


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_tokens_of_tokens_are_themselves(text):
    once = [word for word in words.tokens(text) if word.isascii()]
    assert [part for word in once for part in words.tokens(word)] == once


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Where did I put the keys to the shed?", "en"),
        ("Wo habe ich den Schlüssel für den Schuppen hingelegt?", "de"),
        ("Où est-ce que j'ai mis les clés de la maison ?", "fr"),
        ("¿Dónde está el libro que me dio mi hermana?", "es"),
        ("Che cosa ha detto il medico della mia gamba?", "it"),
        ("Zahnarzt 14:00", ""),
        ("東京タワー", ""),
        ("", ""),
    ],
)
def test_language(text, expected):
    assert words.language(text) == expected


@pytest.mark.parametrize(
    ("language", "forms"),
    [
        ("en", ["prefer", "prefers", "preferred"]),
        ("en", ["go", "goes", "went", "gone"]),
        ("en", ["child", "children"]),
        ("de", ["Schlüssel", "Schluessel", "Schlüssels"]),
        ("de", ["Haus", "Häuser", "Haeuser"]),
        ("de", ["neu", "neue", "neuen", "neues"]),
        ("fr", ["réservation", "reservation"]),
        ("es", ["cumpleaños"]),
    ],
)
def test_forms_of_a_word_have_one_stem(language, forms):
    stems = {words.stem(words.tokens(form)[0], language) for form in forms}
    assert len(stems) == 1


@pytest.mark.parametrize(("one", "other"), [("quelle", "qulle"), ("feuer", "feür"), ("neuen", "neun")])
def test_ue_is_not_always_an_umlaut(one, other):
    assert words.stem(one, "de") != words.stem(other, "de")


@given(st.text(), st.sampled_from([*words.LANGUAGES, "", "xx"]))
def test_any_token_has_a_stem_without_accents(text, language):
    for word in words.tokens(text):
        stem = words.stem(word, language)
        assert stem or not word
        assert " " not in stem


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("When is my dentist appointment?", ["dentist", "appoint"]),
        ("Wann ist mein Zahnarzttermin?", ["zahnarzttermin"]),
        ("what is it", ["what", "is", "it"]),
        ("", []),
    ],
)
def test_content_stems(text, expected):
    assert words.content_stems(text) == expected


def test_where_the_language_is_unsure_both_stems_are_asked_for():
    assert {"termin", "haus"} <= set(words.content_stems("Häuser Termine"))


def test_stop_words_depend_on_the_language():
    assert words.is_stop("die", "de")
    assert not words.is_stop("die", "en")
    assert words.is_stop("die", "")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("Am 8. Mai war ich bei Dr. Meier. Es tat weh.", ["Am 8. Mai war ich bei Dr. Meier.", "Es tat weh."]),
        ("- milk\n- bread", ["- milk", "- bread"]),
        ("wrapped\nline. Next", ["wrapped\nline.", "Next"]),
        ("Anna: hello\nBob: hi", ["Anna: hello", "Bob: hi"]),
        ("今日は。明日。", ["今日は。", "明日。"]),
        (" \n", []),
    ],
)
def test_sentences(text, expected):
    assert words.sentences(text) == expected


@given(st.text())
def test_no_letter_is_lost_between_sentences(text):
    assert "".join("".join(words.sentences(text)).split()) == "".join(text.split())


@pytest.mark.parametrize(
    "text",
    [
        "When did I last see Anna?",
        "when is my dentist appointment",
        "do you know my shoe size",
        "Wo ist mein Schlüssel",
        "Hast du meinen Pass gesehen?",
        "What's up? Where are you?",
        "你好吗？",
        "hey, do you know my shoe size",
        "und wann ist die Probe",
        "Tell me when my dentist appointment is.",
        "Sag mir, wo der Schlüssel liegt.",
        "remind me when the boat is painted",
        "I forgot when the appointment is.",
        "Ich weiß nicht mehr, wo mein Pass ist.",
    ],
)
def test_questions(text):
    assert words.is_question(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "My dentist is Dr. Weber.",
        "I moved to Bern. Do you like it?",
        "When I was in Rome I ate tripe",
        "Do not forget the milk",
        "Was ich mag: Kaffee.",
        "What a day!",
        "Remind me to call Anna on Friday.",
        "Give me a break",
        "Find the key tomorrow",
        "I forgot the milk",
        "Ich weiß nicht mehr weiter.",
        "hey",
    ],
)
def test_no_questions(text):
    assert not words.is_question(text)
