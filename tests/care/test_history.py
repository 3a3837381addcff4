from __future__ import annotations

import pytest

from localgpt.care.history import History
from localgpt.core.errors import NotFound, UsageError
from localgpt.core.journal import Journal
from localgpt.core.values import Author, Origin
from localgpt.memory.workspace import Workspace


@pytest.fixture
def history(tmp_path, clock):
    root = tmp_path / "workspace"
    root.mkdir()
    journal = Journal(tmp_path / "journal", "desk", clock)
    workspace = Workspace(root, locks=tmp_path / "locks", record=journal.change)
    for number, path in enumerate(["a.md", "notes/b.md", "notes/sub/c.md", "a.md"]):
        workspace.append(path, f"line {number}", Author(Origin.ASSISTANT, f"turn-{number}", door="test"))
    return History(journal, workspace, "test")


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("", [3, 2, 1, 0]),
        (".", [3, 2, 1, 0]),
        ("a.md", [3, 0]),
        ("./notes/../a.md", [3, 0]),
        ("notes", [2, 1]),
        ("notes/", [2, 1]),
        ("note", []),
        ("../elsewhere", []),
    ],
)
def test_the_history_of_a_file_or_folder(history, path, found):
    assert [step.id for step in history.steps(path)] == [f"turn-{number}" for number in found]


def test_a_turn_by_the_beginning_of_its_name(history):
    assert history.undo("turn-2", dry_run=True).turns == ("turn-2",)
    with pytest.raises(UsageError):
        history.undo("turn")
    with pytest.raises(NotFound):
        history.undo("nothing")
    with pytest.raises(UsageError):
        history.undo(last=0)


def test_more_than_there_is(history):
    assert history.undo(last=10).turns == ("turn-3", "turn-2", "turn-1", "turn-0")
    assert [file.name for file in history.workspace.root.rglob("*.md")] == []
    with pytest.raises(NotFound):
        history.undo()


def test_a_move_is_one_step_and_is_put_back(history):
    workspace = history.workspace
    data = workspace.content("a.md")
    workspace.move("a.md", "b.md", Author(Origin.OWNER, "turn-move", door="page"))
    assert history.steps()[0].paths == ("b.md", "a.md")
    history.undo()
    assert (workspace.content("a.md"), workspace.content("b.md")) == (data, None)
    history.redo()
    assert (workspace.content("a.md"), workspace.content("b.md")) == (None, data)
