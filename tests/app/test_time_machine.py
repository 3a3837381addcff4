"""The assistant's time machine: where it is, and that nothing it does ever hurts."""

from __future__ import annotations

import logging

import pytest

from localgpt import Assistant
from localgpt.core.paths import Home


@pytest.fixture
def assistant(home):
    made = Assistant(home)
    made.start()
    yield made
    made.close()


def note(assistant, text):
    (assistant.home.workspace / "MEMORY.md").write_text(text)


def test_turns_and_edits_are_kept(assistant):
    assert assistant.keep_history() == 1
    note(assistant, "mine\n")
    assert assistant.keep_history(look=False) == 0
    assert assistant.keep_history() == 1
    assert (assistant.home.root / "history" / "workspace.git" / "HEAD").exists()


async def _remember(assistant):
    await assistant.remember("a fact")


def test_without_looking_only_the_journal_counts(assistant):
    import asyncio

    assistant.keep_history()
    asyncio.run(_remember(assistant))
    assert assistant.keep_history(look=False) == 1
    assert assistant.keep_history(look=False) == 0


def test_a_home_that_was_taken_away_is_not_made_anew(assistant):
    assistant.keep_history()
    assistant.home.root.rename(assistant.home.root.with_name("away"))
    assert assistant.keep_history() == 0
    assert not assistant.home.root.exists()


def test_what_fails_is_logged_and_hurts_nobody(assistant, caplog, monkeypatch):
    (assistant.home.root / "history").write_text("in the way")
    with caplog.at_level(logging.WARNING, "localgpt"):
        assert assistant.keep_history() == 0
        monkeypatch.setattr(type(assistant.time_machine), "commit_turns", lambda _: 1 / 0)
        assert assistant.keep_history() == 0
    assert [record.name for record in caplog.records] == ["localgpt.app.time_machine"] * 2


@pytest.mark.parametrize(("workspace", "name"), [("workspace", "workspace.git"), ("elsewhere", "workspace-")])
def test_each_workspace_has_its_history(home, workspace, name):
    one = Assistant(Home(home.root, home.root / workspace))
    assert one.time_machine.folder.name.startswith(name)
    assert one.time_machine.owners is None
