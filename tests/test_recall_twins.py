"""The same facts in two languages: each told and asked once in either, and German not far behind."""

from __future__ import annotations

from collections import Counter

from bench.recall.twins import LANGUAGES, measure, twins, write


def test_every_fact_is_told_and_asked_in_both_languages():
    assert len(twins()) >= 60
    assert {frozenset(twin) for twin in twins()} == {frozenset({"en", "de", "ask_en", "ask_de"})}
    texts = Counter(text.casefold() for twin in twins() for text in twin.values())
    assert [text for text, count in texts.items() if count > 1] == []


def test_a_question_expects_the_note_of_its_fact(tmp_path):
    for language in LANGUAGES:
        for twin, question in zip(twins(), write(tmp_path / language, language), strict=True):
            ((place,),) = question.evidence
            assert (tmp_path / language / place.path).read_text(encoding="utf-8") == twin[language] + "\n"


def test_words_alone_find_no_less_than_they_did(tmp_path):
    english, german = (measure(tmp_path, language, "text") for language in LANGUAGES)
    assert english.mean(english.recall[5]) >= 0.95
    assert german.mean(german.recall[5]) >= 0.65
