"""Reading the time machine: edits, turns, and files as they were."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from tests.care.time_machine.test_machine import Notes

from localgpt.care.history import History
from localgpt.care.time_machine.past import Past
from localgpt.core.errors import NotFound, StorageError


@pytest.fixture
def notes(tmp_path):
    """Found, a turn, an edit of two files, a turn; each committed."""
    notes = Notes(tmp_path)
    notes.edit("a.md", "one\n")
    for act in (
        lambda: None,
        lambda: notes.turn("turn1", "a.md", "two"),
        lambda: (notes.edit("a.md", "ONE\ntwo\n"), notes.edit("sub/b.md", "b\n")),
        lambda: notes.turn("turn2", "a.md", "three"),
    ):
        act()
        notes.machine.commit_turns()
    return notes


@pytest.fixture
def history(notes):
    return History(notes.journal, notes.workspace, "test", Past(notes.machine.folder, notes.root))


def doors(steps):
    return [step.door for step in steps]


def test_turns_and_edits_in_one_list(history):
    assert doors(history.steps()) == ["terminal", "editor", "terminal"]
    assert doors(history.steps(limit=2)) == ["terminal", "editor"]
    assert doors(history.steps("sub")) == doors(history.steps("sub/b.md")) == ["editor"]
    assert doors(history.steps("none.md")) == []
    (edit,) = history.steps("sub")
    assert [(write.path, write.operation) for write in edit.writes] == [
        ("a.md", "replace"),
        ("sub/b.md", "create"),
    ]


def test_an_edit_is_put_back_by_its_name_only_and_once(history, notes):
    assert history.undo(dry_run=True).turns == ("turn2",)
    edit = history.steps("sub")[0].id
    done = history.undo(edit[:6])
    assert (notes.root / "a.md").read_text() == "one\ntwo\nthree\n"
    assert not (notes.root / "sub/b.md").exists()
    assert history.steps("sub")[-1].undone_by == done.id
    notes.machine.commit_turns()
    assert notes.log()[-1][0] == done.id
    history.redo()
    assert (notes.root / "a.md").read_text() == "ONE\ntwo\nthree\n"


@pytest.mark.parametrize(
    ("name", "lines"), [("turn1", ["+two"]), ("turn2", ["+three"]), ("edit", ["-one", "+ONE", "+b"])]
)
def test_what_a_step_did(history, name, lines):
    shown = history.show(history.steps("sub")[0].id if name == "edit" else name)
    found = "".join(file.diff for file in shown.files).splitlines()
    assert [line for line in found if line[:1] in "+-" and line[:3] not in {"+++", "---"}] == lines


def test_what_a_step_did_is_known_without_commits_too(history, notes):
    import shutil

    shutil.rmtree(notes.machine.folder)
    assert doors(history.steps()) == ["terminal", "terminal"]
    assert "+three" in history.show("turn2").files[0].diff


@pytest.mark.parametrize(
    ("at", "text"),
    [("turn1", "one\ntwo\n"), ("edit", "ONE\ntwo\n"), ("first", "one\n"), ("now", "ONE\ntwo\nthree\n")],
)
def test_a_file_as_it_was(history, notes, at, text):
    moments = {"first": notes.machine.repository.named([c.id for c in notes.machine.repository.log()][-1])}
    when = {"edit": history.steps("sub")[0].id, "now": datetime.now(UTC), **moments}.get(at, at)
    before = (notes.root / "a.md").read_text()
    done = history.restore("a.md", when)
    assert (notes.root / "a.md").read_text() == text
    if text != before:
        history.undo(done.id)
        assert (notes.root / "a.md").read_text() == before


@pytest.mark.parametrize(
    ("path", "at"),
    [
        ("a.md", datetime.now(UTC) - timedelta(days=9)),
        ("sub/b.md", "turn1"),
        ("a.md", "nothing"),
        ("none.md", "turn1"),
    ],
)
def test_a_file_that_was_not_there(history, path, at):
    with pytest.raises(NotFound):
        history.restore(path, at)


def test_a_damaged_history_is_said(history, notes):
    (notes.machine.folder / "refs/heads/main").write_text("broken")
    with pytest.raises(StorageError):
        history.steps()
