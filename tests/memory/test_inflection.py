"""German forms that no stemmer unites."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localgpt.core.words import stem
from localgpt.memory.inflection import forms, root


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("gefahren", "fuhr"),
        ("fährt", "gefahren"),
        ("mieten", "gemietet"),
        ("gemietet", "miete"),
        ("anrufen", "angerufen"),
        ("anrufen", "rief"),
        ("anrufen", "ruf"),
        ("angestellt", "anstellen"),
        ("Häuschen", "Haus"),
        ("Katze", "Kätzchen"),
        ("Lindenstr", "Lindenstraße"),
        ("Goethestraße", "Goethestr"),
        ("zwölf", "12"),
        ("12", "zwölf"),
        ("Doktor", "Dr"),
    ],
)
def test_a_form_leads_to_another(asked, told):
    assert stem(told.casefold(), "de") in forms(stem(asked.casefold(), "de"))


@pytest.mark.parametrize("word", ["gut", "geld", "gerät", "zimmer"])
def test_what_is_no_participle_has_no_root(word):
    assert root(stem(word, "de")) == ""


@given(st.text(alphabet="abdeghnrstuz0123456789", max_size=30))
def test_forms_are_each_named_once_and_few(word):
    found = forms(word)
    assert word not in found
    assert len(found) == len(set(found)) < 120
