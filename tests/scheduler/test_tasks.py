"""Background tasks on disk."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from localgpt.core.errors import NotFound, UsageError
from localgpt.scheduler.tasks import LINES, LONGEST, MOST_ENDED, MOST_WAITING, TaskFolder, TaskState


@pytest.fixture
def folder(tmp_path) -> TaskFolder:
    seconds = count()
    return TaskFolder(
        tmp_path / "tasks",
        clock=lambda: datetime(2026, 11, 23, tzinfo=UTC) + timedelta(seconds=next(seconds)),
    )


def test_a_task_is_kept_private_and_found_by_the_beginning_of_its_id(folder):
    task = folder.add("  Count the\nstars  ", model="m")
    assert (task.text, task.title, task.state, task.model) == (
        "Count the\nstars",
        "Count the stars",
        "queued",
        "m",
    )
    assert folder.get(task.id[:3]) == task
    assert folder.list() == (task,)
    assert (folder.folder / f"{task.id}.json").stat().st_mode & 0o777 == 0o600
    assert task.as_json()["title"] == "Count the stars"


@pytest.mark.parametrize("reference", ["", "zz", "../../x", "*", "0123456789"])
def test_what_is_no_task_is_not_found(folder, reference):
    folder.add("a")
    with pytest.raises((NotFound, UsageError)):
        folder.get(reference)


@pytest.mark.parametrize("text", ["", " \n", "x" * (LONGEST + 1)])
def test_what_is_no_wish_is_refused(folder, text):
    with pytest.raises(UsageError):
        folder.add(text)


ALLOWED = {
    "pause": {"queued", "running", "waiting"},
    "resume": {"paused", "waiting", "failed"},
    "cancel": {"queued", "running", "paused", "waiting"},
}


@pytest.mark.parametrize("state", TaskState)
@pytest.mark.parametrize("action", ALLOWED)
def test_what_can_be_done_in_which_state(folder, state, action):
    task = folder.change(folder.add("a").id, state=state, error="x")
    if state.value in ALLOWED[action]:
        changed = getattr(folder, action)(task.id)
        assert changed.state is {"pause": TaskState.PAUSED, "resume": TaskState.QUEUED}.get(
            action, TaskState.CANCELLED
        )
        assert changed.updated > task.updated
    else:
        with pytest.raises(UsageError, match=f"is {state.value}"):
            getattr(folder, action)(task.id)


def test_what_waits_is_queued_or_was_cut_off_the_oldest_first(folder):
    first, second, third = (folder.add(text) for text in "abc")
    folder.change(first.id, state=TaskState.RUNNING)
    folder.change(third.id, state=TaskState.RUNNING)
    with folder.held(third.id):
        assert [task.id for task in folder.waiting()] == [first.id, second.id]
        assert folder.is_held(third.id)
    assert len(folder.waiting()) == 3


def test_progress_is_bounded_and_without_secrets(folder):
    task = folder.add("a")
    for number in range(LINES + 5):
        task = folder.tell(task.id, f"step {number}\nsk-ant-{'a1' * 20}")
    assert len(task.progress) == LINES
    assert task.progress[-1] == f"step {LINES + 4} [redacted:anthropic-key]"


def test_there_is_a_bound_to_what_waits_and_to_what_is_kept(folder, monkeypatch):
    monkeypatch.setattr("localgpt.scheduler.tasks.MOST_ENDED", 3)
    for number in range(6):
        folder.change(folder.add(f"{number}").id, state=TaskState.DONE)
    folder.add("last")
    assert [task.text for task in folder.list()] == ["last", "5", "4", "3"]
    monkeypatch.setattr("localgpt.scheduler.tasks.MOST_WAITING", 1)
    with pytest.raises(UsageError, match="Too many"):
        folder.add("more")
    assert (MOST_ENDED, MOST_WAITING) == (200, 100)


MOMENT = '"created": "2026-11-23T10:00:00", "updated": "2026-11-23T10:00:00"'


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "[" * 100_000,
        '{"id": "x"}',
        '{"id": "abcd1234", "state": "odd"}',
        f'{{"id": "../abcd", "text": "x", "state": "queued", {MOMENT}}}',
    ],
    ids=range(7),
)
def test_a_file_that_is_none_of_ours_is_passed_over(folder, text):
    task = folder.add("a")
    (folder.folder / "abcd1234.json").write_text(text)
    assert folder.list() == (task,)


def test_a_moment_without_a_zone_is_one_all_the_same(folder):
    folder.add("a")
    text = f'{{"id": "abcd1234", "text": "x", "state": "queued", {MOMENT}}}'
    (folder.folder / "abcd1234.json").write_text(text)
    assert {one.text for one in folder.list()} == {"a", "x"}
