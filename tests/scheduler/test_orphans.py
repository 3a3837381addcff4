"""A question that outlives its asker: in the inbox, with the exact call, which runs once."""

from __future__ import annotations

import json

import pytest
from tests.agent.approving import approval

from localgpt.agent.approval_file import Kept, cleaned, written
from localgpt.app import Assistant
from localgpt.core.errors import UsageError
from localgpt.core.redact import redact
from localgpt.core.values import Answer, Choice


def left(world, question, answer=None):
    """The file that a process leaves which died while it asked."""
    folder = world.home.state / "approvals"
    folder.mkdir(parents=True)
    kept, whole = cleaned(question, redact)
    (folder / f"{question.id}.json").write_bytes(written(Kept(question.id, kept, answer, whole)))


def test_the_exact_call_waits_in_the_inbox_and_runs_once(world):
    left(world, approval())

    async def work(assistant: Assistant) -> None:
        (item,) = assistant.inbox.items()
        assert item.call is not None
        assert (item.call.tool, dict(item.call.arguments)) == ("write_file", approval().call.arguments)
        assert "SOUL.md" in item.title
        assert assistant.adopt_questions() == 0
        await assistant.inbox.answer(item.id, "allow")
        assert (world.home.workspace / "SOUL.md").read_text() == "Be kind.\n"
        with pytest.raises(UsageError, match="answered already"):
            await assistant.inbox.answer(item.id, "allow")

    world.run(work)


def test_a_yes_that_came_too_late_is_told_and_a_no_leaves_nothing(world):
    left(world, approval(), Answer(Choice.ONCE))

    async def work(assistant: Assistant) -> None:
        (item,) = assistant.inbox.items()
        assert "too late" in item.text

    world.run(work)


def test_with_a_no_nothing_waits(world):
    left(world, approval(), Answer(Choice.NO))

    async def work(assistant: Assistant) -> None:
        assert assistant.inbox.items() == ()

    world.run(work)


def test_a_call_that_held_a_secret_can_not_be_run_from_there(world):
    key = "sk-ant-" + "a1" * 20
    left(world, approval(path="a.md", content=key))

    async def work(assistant: Assistant) -> None:
        (item,) = assistant.inbox.items()
        assert key not in json.dumps(item.as_json())
        with pytest.raises(UsageError, match="held a secret"):
            await assistant.inbox.answer(item.id, "allow")

    world.run(work)


def test_a_call_that_would_do_something_else_by_now_is_not_run(world):
    left(world, approval(path="notes/x.md", content="x"))

    async def work(assistant: Assistant) -> None:
        (item,) = assistant.inbox.items()
        with pytest.raises(UsageError, match="something else by now"):
            await assistant.inbox.answer(item.id, "allow")
        assert not (world.home.workspace / "notes").exists()

    world.run(work)
