"""What a model is told of what nobody asks for."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from localgpt.scheduler import wording
from localgpt.scheduler.due import MISSING
from localgpt.scheduler.heartbeat_file import read
from localgpt.scheduler.inbox import Call, Item, ItemKind
from localgpt.scheduler.tasks import Task, TaskState

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def task(**fields: Any) -> Task:
    return Task("abc", "Count!", TaskState.QUEUED, NOW, NOW, **fields)


def item(state: str) -> Item:
    return Item("i", NOW, ItemKind.QUESTION, "t", call=Call("write_file", {}), state=state)


def test_each_kind_of_entry_is_told_what_it_is():
    (box,) = read("- [ ] Water\n").entries
    assert "begin your answer with DONE" in wording.for_entry(box)
    found = read("tasks:\n- name: a\n  interval: 1h\n  prompt: Look\nKeep it short.")
    words = wording.for_entry(found.entries[0], beside=found.beside)
    assert "HEARTBEAT_OK" in words
    assert words.endswith("Task: a\nLook\n\nAlso in HEARTBEAT.md:\nKeep it short.")
    assert wording.for_entry(MISSING).endswith("told now?")


def test_the_owners_prompt_stands_as_it_is():
    (box,) = read("- [ ] Water\n").entries
    assert wording.for_entry(box, own="My words.", changed=["a.md"]) == (
        "My words.\n\nWater\n\nThis has changed since you looked last: a.md"
    )


def test_how_a_task_begins_and_goes_on():
    assert wording.for_task(task()).endswith("\n\nCount!")
    assert wording.for_task(task(begun=True)) == wording.GO_ON
    assert wording.for_task(task(begun=True), interrupted=True) == wording.CUT_OFF
    assert wording.for_task(task(begun=True, words="Use mine.")) == "Use mine."
    assert "owner allowed the write_file call" in wording.for_task(
        task(begun=True), answered=[item("allowed")]
    )


def test_what_was_dismissed_is_said():
    assert "did not allow" in wording.going_on([item("dismissed")])
    assert wording.going_on([]) == ""
