"""The same facts in two languages: each told and asked once in either, and German not far behind."""

from __future__ import annotations

from collections import Counter

import pytest
from bench.recall.twins import HAUS, LANGUAGES, ROMANCE, measure, twins, write


@pytest.mark.parametrize(("languages", "least"), [(LANGUAGES, 60), (ROMANCE, 24)])
def test_every_fact_is_told_and_asked_in_every_language(languages, least):
    found = twins(languages[0])
    assert len(found) >= least
    keys = frozenset(key for language in languages for key in (language, f"ask_{language}"))
    assert {frozenset(twin) for twin in found} == {keys}
    texts = Counter(text.casefold() for twin in found for text in twin.values())
    assert [text for text, count in texts.items() if count > 1] == []


def test_a_question_expects_the_note_of_its_fact(tmp_path):
    for language in (*LANGUAGES, *ROMANCE):
        for twin, question in zip(twins(language), write(tmp_path / language, language), strict=True):
            ((place,),) = question.evidence
            assert (tmp_path / language / place.path).read_text(encoding="utf-8") == twin[language] + "\n"


def test_words_alone_find_no_less_than_they_did(tmp_path):
    english, german = (measure(tmp_path, language, "text") for language in LANGUAGES)
    assert english.mean(english.recall[5]) >= 0.95
    assert german.mean(german.recall[5]) >= 0.95


@pytest.mark.parametrize("language", ROMANCE)
def test_words_alone_find_french_spanish_and_italian(tmp_path, language):
    found = measure(tmp_path, language, "text")
    assert found.mean(found.recall[5]) >= 0.95


def test_words_alone_find_what_german_inflects(tmp_path):
    found = measure(tmp_path, HAUS, "text")
    assert found.questions == 40
    assert found.mean(found.recall[1]) >= 0.94
