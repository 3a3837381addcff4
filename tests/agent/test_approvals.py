"""The desk of questions: any door answers, of any process; the first counts; what dies leaves an orphan."""

from __future__ import annotations

import asyncio
import os
import signal
import stat
import subprocess
import sys
import time

import pytest
from tests.agent.approving import approval

from localgpt.agent import approvals as module
from localgpt.agent.approvals import NOBODY, Approvals
from localgpt.core.errors import NotFound, UsageError
from localgpt.core.journal import Journal
from localgpt.core.values import Answer, Choice

YES = Answer(Choice.ONCE, door="page")


@pytest.fixture
def desk(tmp_path):
    return Approvals(tmp_path / "approvals", Journal(tmp_path / "journal"))


@pytest.fixture
def other(tmp_path):
    """The desk as another process sees it."""
    return Approvals(tmp_path / "approvals", Journal(tmp_path / "journal"))


async def down(desk, task):
    """Wait until a question lies on the desk."""
    for _ in range(2000):
        if desk.open() or task.done():
            return
        await asyncio.sleep(0.005)


def asked(desk, question, *then):
    """Ask, do each of ``then`` one after the other, and wait for the answer."""

    async def ask():
        task = asyncio.create_task(desk.ask(question))
        await down(desk, task)
        told = [await asyncio.to_thread(one) for one in then]
        return await task, told

    return asyncio.run(ask())


def test_it_is_listed_everywhere_answered_once_and_journalled(desk, other):
    seen: list[object] = []
    desk.watch(seen.append)
    answer, (mine, theirs, answered) = asked(
        desk, approval(), desk.open, other.open, lambda: desk.answer("abcd", YES)
    )
    assert (answer, mine, theirs, answered) == (YES, (approval(),), (approval(),), approval())
    assert seen == [approval(), ("abcd1234", YES)]
    assert desk.open() == other.open() == other.orphans() == ()
    for each in (desk, other):
        with pytest.raises(UsageError, match="answered already"):
            each.answer("abcd1234", YES)
    kinds = {entry["kind"]: entry for entry in desk._journal.entries()}
    assert kinds["approval.requested"]["effects"] == [["writes", "SOUL.md"]]
    assert (kinds["approval.answered"]["choice"], kinds["approval.answered"]["door"]) == ("once", "page")


def test_another_process_answers_with_a_word(desk, other):
    answer, _ = asked(
        desk, approval(), lambda: other.answer("abcd1234", Answer(Choice.NO, "not today", "cli"))
    )
    assert answer == Answer(Choice.NO, "not today", "cli")


def test_nobody_answering_is_a_no(desk, monkeypatch):
    monkeypatch.setattr(module, "LOOK", 0.02)
    answer, _ = asked(desk, approval(seconds=0))
    assert (answer.choice, answer.word, answer.door) == (
        Choice.NO,
        "nobody answered within 0 seconds",
        NOBODY,
    )
    assert desk.open() == desk.orphans() == ()


def test_cancelled_it_is_closed(desk, other):
    async def ask():
        task = asyncio.create_task(desk.ask(approval()))
        await down(desk, task)
        task.cancel()
        await asyncio.wait([task])
        return task.cancelled()

    assert asyncio.run(ask())
    assert other.open() == other.orphans() == ()
    with pytest.raises(UsageError, match="answered already"):
        other.answer("abcd1234", YES)


def test_an_answer_may_come_before_the_question_is_down(desk):
    async def ask():
        task = asyncio.create_task(desk.ask(approval()))
        await asyncio.sleep(0)
        desk.answer("abcd1234", YES)
        return await task

    assert asyncio.run(ask()) == YES


def test_what_can_not_be_answered(desk):
    with pytest.raises(NotFound, match="No question 'abcd'"):
        desk.answer("abcd", YES)
    question = approval()
    offered = type(question)(
        **{name: getattr(question, name) for name in question.__slots__} | {"choices": (Choice.ONCE,)}
    )

    def wrong():
        with pytest.raises(UsageError, match="no answer"):
            desk.answer("abcd1234", Answer(Choice.ALWAYS))

    answer, _ = asked(desk, offered, wrong, lambda: desk.answer("abcd1234", Answer(Choice.NO)))
    assert answer.choice is Choice.NO


def test_a_question_that_somebody_deletes_is_a_no(desk, monkeypatch):
    monkeypatch.setattr(module, "LOOK", 0.02)
    answer, _ = asked(desk, approval(), (desk.folder / "abcd1234.json").unlink)
    assert (answer.choice, answer.door) == (Choice.NO, NOBODY)


def test_secrets_stand_in_no_file_and_files_are_private(desk, other):
    key = "sk-ant-" + "a1" * 20
    content = []

    def look():
        path = desk.folder / "abcd1234.json"
        content.append(path.read_text())
        return stat.S_IMODE(path.stat().st_mode), stat.S_IMODE(desk.folder.stat().st_mode), other.open()

    answer, ((file, folder, opened), _) = asked(
        desk, approval(path="a.md", content=key), look, lambda: desk.answer("abcd1234", YES)
    )
    assert answer == YES
    assert key not in content[0]
    assert "[redacted:anthropic-key]" in opened[0].call.arguments["content"]
    assert (file, folder) == (0o600, 0o700)
    assert "SOUL.md" not in (desk.folder / "abcd1234.json").read_text()  # of the answered one nothing is kept


def test_files_that_are_not_ours_are_passed_over_and_old_answers_deleted(desk):
    desk.folder.mkdir()
    for name, text in (("x", "{"), ("y", "[]"), ("z", '{"id": "other"}')):
        (desk.folder / f"{name}.json").write_text(text)
    (desk.folder / "folder.json").mkdir()
    os.utime(desk.folder / "x.json", (1, 1))
    assert desk.open() == desk.orphans() == ()
    asked(desk, approval(), lambda: desk.answer("abcd1234", YES))
    assert not (desk.folder / "x.json").exists()
    assert (desk.folder / "y.json").exists()


def asker(home):
    """A process that waits for an answer."""
    child = subprocess.Popen([sys.executable, "-m", "tests.agent.approving", str(home)])
    desk = Approvals(home / "approvals", Journal(home / "journal"))
    deadline = time.monotonic() + 20
    while not desk.open() and time.monotonic() < deadline:
        time.sleep(0.01)
    return child, desk


def test_a_real_other_process_is_answered(tmp_path):
    child, desk = asker(tmp_path)
    desk.answer("abcd", Answer(Choice.SESSION, "fine"))
    assert child.wait(20) == 0
    assert (tmp_path / "answer").read_text() == "session fine"


def test_killed_it_leaves_an_orphan_that_nobody_can_answer_and_one_adopts(tmp_path):
    child, desk = asker(tmp_path)
    assert desk.orphans() == ()
    child.send_signal(signal.SIGKILL)
    child.wait(20)
    assert (desk.open(), desk.orphans()) == ((), (approval(),))
    with pytest.raises(UsageError, match="has ended"):
        desk.answer("abcd1234", YES)
    with desk.adopting(approval()) as kept:
        assert (kept.approval, kept.whole) == (approval(), True)
    with desk.adopting(approval()) as kept:
        assert kept is None
    assert desk.orphans() == ()
