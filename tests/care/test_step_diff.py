from __future__ import annotations

import pytest

from localgpt.care.history import History
from localgpt.care.step_diff import UNKNOWN, diffs
from localgpt.core.errors import OutsideError
from localgpt.core.journal import Journal
from localgpt.core.values import Author, Origin
from localgpt.memory.workspace import Workspace


@pytest.fixture
def told(tmp_path, clock):
    """Change notes, then ask what the step ``turn`` did."""
    journal = Journal(tmp_path / "journal", "desk", clock)
    workspace = Workspace(tmp_path / "workspace", locks=tmp_path / "locks", record=journal.change)
    workspace.root.mkdir()

    class Told:
        notes = workspace

        def author(self, turn: str) -> Author:
            return Author(Origin.ASSISTANT, turn, door="test")

        def __call__(self, turn: str, read=workspace.content):
            every = History(journal, workspace).steps()
            step = next(one for one in every if one.id == turn)
            return diffs(step, every, read, journal.blob)

    return Told()


def lines(diff: str) -> list[str]:
    return [line for line in diff.split("\n") if line[:1] in "+-" and line[:3] not in {"+++", "---"} and line]


def test_each_step_is_told_though_more_was_added_and_changed_since(told):
    told.notes.append("a.md", "one", told.author("made"))
    told.notes.append("a.md", "two", told.author("added"))
    told.notes.replace("a.md", "one\nTWO\n", told.author("changed"))
    told.notes.append("a.md", "three", told.author("more"))
    told.notes.delete("a.md", told.author("gone"))
    assert [lines(told(turn)[0].diff) for turn in ("made", "added", "changed", "more", "gone")] == [
        ["+one"],
        ["+two"],
        ["-two", "+TWO"],
        ["+three"],
        ["-one", "-TWO", "-three"],
    ]


def test_a_step_is_all_of_its_writes(told):
    told.notes.append("a.md", "one", told.author("t"))
    told.notes.append("b.md", "b", told.author("t"))
    told.notes.append("a.md", "two", told.author("t"))
    assert [(one.path, lines(one.diff)) for one in told("t")] == [
        ("a.md", ["+one", "+two"]),
        ("b.md", ["+b"]),
    ]


def test_what_is_not_known_any_more_is_said(told):
    told.notes.append("a.md", "one", told.author("t"))
    (told.notes.root / "a.md").write_text("by hand\n")
    (found,) = told("t")
    assert not found.known
    assert UNKNOWN in found.diff


def test_a_file_that_is_closed_now_is_not_read(told):
    told.notes.append("a.md", "one", told.author("t"))

    def closed(path: str) -> bytes | None:
        raise OutsideError("closed")

    assert not told("t", read=closed)[0].known
