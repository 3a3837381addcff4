"""What is a command's change and what is not, without a sandbox: the test itself plays the command."""

from __future__ import annotations

import os
import time
from dataclasses import replace

import pytest

from localgpt.core.journal import Journal
from localgpt.core.values import Author, Origin
from localgpt.memory.workspace import Workspace
from localgpt.tools import shell_ledger
from localgpt.tools.shell_ledger import Ledger

WE = Author(Origin.ASSISTANT, "turn1", "talk")
FOREIGN = replace(WE, origin=Origin.FOREIGN, turn="turn2")


@pytest.fixture
def root(tmp_path):
    (tmp_path / "w" / "d").mkdir(parents=True)
    (tmp_path / "w" / "a.md").write_text("one\n")
    (tmp_path / "w" / "AGENTS.md").write_text("mine\n")
    return tmp_path / "w"


@pytest.fixture
def journal(tmp_path):
    return Journal(tmp_path / "journal")


@pytest.fixture
def ledger(root, journal):
    made = Ledger(root, journal)
    made.look()
    yield made
    made.close()


def begin(ledger, author=WE, closed=(), watched=(), foreign=False):
    ledger.look()
    return ledger.begin(author, closed, watched, foreign=foreign)


def lines(journal):
    return [(one["op"], one["path"], one["origin"], one["turn"]) for one in journal.entries("file.changed")]


def test_changes_are_journalled_once_with_what_was_there(ledger, root, journal):
    run = begin(ledger)
    (root / "a.md").write_text("two\n")
    first = ledger.settle(run, over=False)
    (root / "d" / "b.md").write_text("new\n")
    second = ledger.settle(run, over=True)
    assert [one.path for one in (*first.changes, *second.changes)] == ["a.md", "d/b.md"]
    assert first.changes[0].before == b"one\n"
    assert lines(journal) == [
        ("replace", "a.md", "assistant", "turn1"),
        ("create", "d/b.md", "assistant", "turn1"),
    ]
    (entry, _) = journal.entries("file.changed")
    assert journal.blob(entry["before"]["sha256"]) == b"one\n"


def test_a_file_that_comes_back_to_what_it_was_is_a_change_each_time(ledger, root, journal):
    run = begin(ledger)
    for text in ("two\n", "one\n", "two\n"):
        (root / "a.md").write_text(text)
        ledger.settle(run, over=False)
    ledger.settle(run, over=True)
    assert len(lines(journal)) == 3


def test_touching_and_rights_are_no_change(ledger, root, journal):
    run = begin(ledger)
    (root / "a.md").touch()
    (root / "a.md").chmod(0o755)
    assert ledger.settle(run, over=True).changes == ()


def test_what_is_closed_or_happened_between_is_not_the_commands(ledger, root, journal):
    run = begin(ledger, closed=[str(root / "AGENTS.md"), str(root / "skills")])
    (root / "AGENTS.md").write_text("edited\n")
    (root / "skills" / "x").mkdir(parents=True)
    (root / "skills" / "x" / "SKILL.md").write_text("made\n")
    assert ledger.settle(run, over=True).changes == ()
    (root / "a.md").write_text("by an editor\n")
    assert ledger.settle(begin(ledger), over=True).changes == ()


def test_what_came_before_it_began_or_after_it_ended_is_not_the_commands(ledger, root, monkeypatch):
    (root / "a.md").write_text("late\n")
    run = ledger.begin(WE, (), (), foreign=False)
    run.begin = time.time_ns() + 10**9
    assert ledger.settle(run, over=True).changes == ()


def test_what_the_workspace_wrote_meanwhile_stays_its_own(ledger, root, journal, tmp_path):
    workspace = Workspace(root, locks=tmp_path / "locks", record=journal.change)
    run = begin(ledger)
    workspace.append("a.md", "by the owner", replace(WE, origin=Origin.OWNER, turn="other"))
    workspace.delete("AGENTS.md", replace(WE, origin=Origin.OWNER, turn="other"))
    (root / "b.md").write_text("by the command\n")
    assert [one.path for one in ledger.settle(run, over=True).changes] == ["b.md"]


def test_all_that_go_on_at_once_are_as_foreign_as_one_of_them(ledger, root, journal):
    foreign = begin(ledger, FOREIGN, foreign=True)
    run = begin(ledger)
    (root / "b.md").write_text("whose?\n")
    ledger.settle(run, over=True)
    ledger.settle(foreign, over=True)
    assert lines(journal) == [("create", "b.md", "foreign", "turn1")]


def test_a_second_command_does_not_swallow_what_the_first_wrote(ledger, root, journal):
    first = begin(ledger)
    (root / "b.md").write_text("by the first\n")
    second = begin(ledger, replace(WE, turn="turn3"))
    ledger.settle(second, over=True)
    ledger.settle(first, over=True)
    assert lines(journal) == [("create", "b.md", "assistant", "turn1")]


def test_reading_a_watched_file_makes_it_foreign(ledger, root, journal):
    run = begin(ledger, watched=[str(root / "a.md")])
    assert not run.is_foreign
    (root / "a.md").read_text()
    (root / "b.md").write_text("made of it\n")
    ledger.settle(run, over=True)
    assert run.is_foreign
    assert lines(journal) == [("create", "b.md", "foreign", "turn1")]


def test_names_that_are_no_text_and_too_many_files_are_counted(ledger, root, monkeypatch):
    monkeypatch.setattr(shell_ledger, "MOST_CHANGES", 2)
    run = begin(ledger)
    for number in range(4):
        (root / f"n{number}.md").write_text("x\n")
    with open(os.fsencode(root) + b"/bad-\xff", "w"):  # noqa: PTH123 - a name that is no text
        pass
    settled = ledger.settle(run, over=True)
    assert (len(settled.changes), len(settled.unkept)) == (2, 3)
