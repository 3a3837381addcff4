"""Advice is given where it helps, and once."""

from __future__ import annotations

import pytest

from localgpt.app.counsel import MEGABYTES, MULTILINGUAL, Told, for_languages
from localgpt.memory.embedding import Bundled, FastEmbed


@pytest.mark.parametrize(
    ("languages", "model", "says"),
    [
        ({"de": 40, "en": 10, "": 500}, Bundled.name, "is German"),
        ({"fr": 20, "de": 19, "en": 10}, Bundled.name, "is French"),
        ({"xx": 40}, Bundled.name, "is not English"),
        ({"de": 40, "en": 41}, Bundled.name, ""),
        ({"de": 29}, Bundled.name, ""),
        ({"": 900}, Bundled.name, ""),
        ({"de": 40}, "ollama/bge-m3", ""),
        ({"de": 40}, "", ""),
    ],
)
def test_a_workspace_that_is_not_english(languages, model, says):
    found = for_languages(languages, model)
    assert bool(found) is bool(says)
    assert says in found
    if found:
        assert found.endswith(f"localgpt memory model {MULTILINGUAL}")


@pytest.mark.filterwarnings("ignore")
def test_the_model_that_is_named_is_there(tmp_path):
    assert FastEmbed(MULTILINGUAL.removeprefix("fastembed/"), tmp_path).megabytes == MEGABYTES


def test_everything_is_said_once(tmp_path):
    told = Told(tmp_path / "state" / "counsel.json")
    assert [told.once("a", "x"), told.once("a", "x"), told.once("b", ""), told.once("b", "y")] == [
        "x",
        "",
        "",
        "y",
    ]
    told.path.write_bytes(b"{")
    assert told.once("a", "x") == "x"


def test_where_it_can_not_be_kept_nothing_is_said(tmp_path):
    (tmp_path / "state").write_text("a file is in the way")
    assert Told(tmp_path / "state" / "counsel.json").once("a", "x") == ""
