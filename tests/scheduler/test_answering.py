"""Answering the inbox: the very call runs, once, as the owner's wish."""

from __future__ import annotations

import pytest

from localgpt.app import Assistant
from localgpt.core.errors import UsageError
from localgpt.core.values import Message, Role, Text
from localgpt.scheduler.inbox import Call, Item, ItemKind

WRITE = Call("write_file", {"path": "SOUL.md", "content": "Be kind.\n"}, (("writes", "SOUL.md"),))


def ask(assistant: Assistant, call: Call = WRITE, **about: str) -> Item:
    return assistant._inbox_items.add(ItemKind.QUESTION, "May it?", call=call, **about)


def test_allowed_it_runs_once_is_journalled_and_can_be_undone(world):
    async def work(assistant: Assistant) -> None:
        item = ask(assistant)
        soul = world.home.workspace / "SOUL.md"
        before = soul.read_text()
        done = await assistant.inbox.answer(item.id, "allow")
        assert (done.state, soul.read_text()) == ("allowed", "Be kind.\n")
        assert "SOUL.md:1" in done.outcome
        with pytest.raises(UsageError, match="answered already"):
            await assistant.inbox.answer(item.id, "allow")
        entries = {entry["kind"]: entry for entry in assistant.journal.entries()}
        assert (entries["tool.called"]["verdict"], entries["tool.finished"]["ok"]) == ("allow", True)
        assert (entries["file.changed"]["origin"], entries["file.changed"]["door"]) == ("owner", "inbox")
        await assistant.undo(item.id)
        assert soul.read_text() == before

    world.run(work)


def test_dismissed_it_never_runs(world):
    async def work(assistant: Assistant) -> None:
        item = ask(assistant)
        assert (await assistant.inbox.answer(item.id, "dismiss")).state == "dismissed"
        assert assistant.inbox.items() == ()
        assert "Be kind." not in (world.home.workspace / "SOUL.md").read_text()

    world.run(work)


def test_what_goes_wrong_is_the_outcome(world):
    async def work(assistant: Assistant) -> None:
        call = Call("write_file", {"path": "/etc/nowhere/x", "content": "y"})
        done = await assistant.inbox.answer(ask(assistant, call).id, "allow")
        assert (done.state, done.outcome.startswith("It failed: ")) == ("allowed", True)

    world.run(work)


def test_its_result_goes_into_the_conversation_that_asked(world):
    async def work(assistant: Assistant) -> None:
        session = assistant.sessions.new()
        session.append(Message(Role.USER, (Text("Hello"),)))
        await assistant.inbox.answer(ask(assistant, session=session.id).id, "allow")
        roles = [message.role for message in session.messages()]
        assert roles == [Role.USER, Role.USER, Role.ASSISTANT, Role.TOOL]

    world.run(work)


def test_a_call_that_held_a_secret_does_not_run(world):
    async def work(assistant: Assistant) -> None:
        item = ask(assistant, Call("remember", {"text": "sk-ant-" + "a1" * 20}))
        with pytest.raises(UsageError, match="held a secret"):
            await assistant.inbox.answer(item.id, "allow")
        assert assistant.inbox.get(item.id).state == "open"

    world.run(work)


def test_a_reply_becomes_a_task_in_the_same_conversation(world):
    world.says("Understood.")

    async def work(assistant: Assistant) -> None:
        session = assistant.sessions.new()
        session.append(Message(Role.USER, (Text("Hello"),)))
        item = assistant.inbox.add("message", "News", "x", session=session.id)
        assert (await assistant.inbox.answer(item.id, "reply", "Use the other file.")).state == "replied"
        (task,) = await assistant.tasks.run_waiting()
        assert (task.session, task.result) == (session.id, "Understood.")
        assert session.messages()[1].text == "Use the other file."

    world.run(work)


@pytest.mark.parametrize(("answer", "text"), [("allow", ""), ("reply", ""), ("reply", "x"), ("eat", "")])
def test_what_makes_no_sense_is_said(world, answer, text):
    async def work(assistant: Assistant) -> None:
        item = assistant.inbox.add("message", "News")
        with pytest.raises(UsageError):
            await assistant.inbox.answer(item.id, answer, text)
        assert assistant.inbox.get(item.id).state == "open"

    world.run(work)
