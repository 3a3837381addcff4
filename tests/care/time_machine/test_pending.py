"""What the journal says is to be committed."""

from __future__ import annotations

import pytest
from tests.care.time_machine.test_machine import Notes

from localgpt.care.time_machine.pending import Position, grown, pending, read
from localgpt.core.journal import now


@pytest.fixture
def notes(tmp_path):
    return Notes(tmp_path)


def groups(notes, since=Position()):  # noqa: B008 - a frozen value
    lines, end = read(notes.journal.own, since)
    return pending(lines, end, now(), str(notes.root.resolve()))


def test_lines_are_put_together_by_turns(notes):
    for turn, path in (("t1", "a.md"), ("t1", "b.md"), ("", "c.md"), ("", "d.md")):
        notes.turn(turn, path, "x")
    found = groups(notes)
    assert [(one.turn, [write.path for write in one.writes]) for one in found.groups] == [
        ("t1", ["a.md", "b.md"]),
        ("", ["c.md"]),
        ("", ["d.md"]),
    ]
    assert groups(notes, found.end).groups == []
    assert [one.turn for one in groups(notes, found.groups[1].begin).groups] == ["", ""]


def test_a_torn_last_line_waits_and_a_damaged_one_is_passed_over(notes):
    notes.turn("t1", "a.md", "x")
    (month,) = notes.journal.own.glob("*.jsonl")
    size = month.stat().st_size
    with month.open("ab") as stream:
        stream.write(b'{"kind":"file.changed" broken}\n{"kind":"file.changed","pa')
    found = groups(notes)
    assert len(found.groups) == 1
    assert found.end.offset == size + len(b'{"kind":"file.changed" broken}\n')


def test_whether_a_change_was_journalled_since(notes):
    assert not grown(notes.journal.own, Position())
    notes.turn("t1", "a.md", "x")
    assert grown(notes.journal.own, Position())
    end = groups(notes).end
    assert not grown(notes.journal.own, end)
    notes.journal.append("turn.finished", turn="t1")
    assert not grown(notes.journal.own, end)


def test_a_journal_that_became_shorter_is_another_one(notes):
    notes.turn("t1", "a.md", "x")
    end = groups(notes).end
    (month,) = notes.journal.own.glob("*.jsonl")
    month.write_bytes(b"{}\n")
    assert groups(notes, end).end == Position(end.month, 3)


def test_months_follow_each_other(notes):
    notes.turn("t1", "a.md", "x")
    (month,) = notes.journal.own.glob("*.jsonl")
    month.rename(month.with_name("2020-01.jsonl"))
    notes.turn("t2", "a.md", "y")
    found = groups(notes)
    assert [one.turn for one in found.groups] == ["t1", "t2"]
    assert [one.turn for one in groups(notes, Position("2020-02")).groups] == ["t2"]
