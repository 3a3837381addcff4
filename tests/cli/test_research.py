"""``localgpt research`` as it is typed."""

from __future__ import annotations

import json

import pytest

SENTENCE = "Our heat pumps were built by Miller and Sons in 2019."


@pytest.fixture(autouse=True)
def _notes(home):
    home.workspace.mkdir(parents=True)
    (home.workspace / "pumps.md").write_text(f"{SENTENCE}\n")


@pytest.fixture(autouse=True)
def _recall(home):
    from localgpt.core import settings

    settings.change(home, "agent.default_model", "recall")


def test_a_note_is_written_and_named(run, home):
    done = run("research", "heat", "pumps", "--depth", "quick")
    assert done.out == "Noted in knowledge/heat-pumps.md  (1 source)\n"
    assert "Only your own notes are searched: no search engine is chosen" in done.err
    assert f"“{SENTENCE}” [1]" in (home.workspace / "knowledge" / "heat-pumps.md").read_text()


def test_as_json_and_resumed(run):
    done = json.loads(run("research", "heat pumps", "--local-files", "--format", "json").out)
    assert done["note"] == "knowledge/heat-pumps.md"
    assert done["questions"] == [
        {"question": "heat pumps", "found": [{"text": f"“{SENTENCE}”", "sources": [1]}], "open": [], "by": ""}
    ]
    assert [source["kind"] for source in done["sources"]] == ["notes"]
    assert done["notices"] == ["Only your own notes are searched, as you asked."]
    again = json.loads(run("research", "--resume", done["id"], "--format", "json").out)
    assert again == {**done, "notices": ["This research is finished: knowledge/heat-pumps.md."]}


@pytest.mark.parametrize("arguments", [(), ("--resume", "nothing"), ("topic", "--resume", "0123456789ab")])
def test_what_makes_no_sense_says_what_to_do(run, arguments):
    done = run("research", *arguments)
    assert done.code != 0
    assert done.err.startswith("Error: ")
    assert done.out == ""


def test_who_does_it_can_be_named_and_kept_at_home(run, home):
    from localgpt.core import settings

    settings.change(home, "agent.default_model", "openai/gpt-5")
    settings.change(home, "providers.openai.api_key", "made-up")
    settings.change(home, "tools.web_search.provider", "duckduckgo")
    assert "not on this machine" in run("research", "heat pumps", "--local", "-m", "openai/gpt-5").err
    done = run("research", "heat pumps", "--model", "recall", "--local")
    assert done.out.startswith("Noted in knowledge/heat-pumps.md")
    assert "nothing leaves this machine now" in done.err
