"""Remembering without being asked, through the doors: at /new, at the end, at rest, and before a compaction."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any

from localgpt.app import Assistant, Talk, run_slash
from localgpt.app.settling import lines
from localgpt.core.events import MemoryWritten, Notice
from localgpt.core.values import Message, Role, Span, Text
from localgpt.models.scripted import Scripted


def run(home, work: Callable[[Assistant], Coroutine[Any, Any, Any]], **options: Any) -> Any:
    async def whole() -> Any:
        async with Assistant(home, **options) as assistant:
            return await work(assistant)

    return asyncio.run(whole())


def notes(home) -> str:
    return "".join(path.read_text() for path in sorted(home.workspace.rglob("memory/*.md")))


async def say(talk: Talk, *words: str) -> None:
    for each in words:
        [_ async for _ in talk.send(each)]


def test_what_was_said_is_noted_at_new_and_found_by_the_next_conversation(home):
    async def work(assistant: Assistant) -> None:
        talk = Talk(assistant)
        await say(talk, "My sister Clara moved to Lisbon in May.", "What a day!")
        reply = await run_slash("/new", talk)
        assert "Noted from the one before:" in reply.text
        assert "My sister Clara moved to Lisbon in May." in reply.text
        await say(talk, "Where does Clara live?")
        assert talk.session is not None
        assert "Lisbon" in talk.session.messages()[-1].text

    run(home, work, model="recall")
    assert notes(home).count("My sister Clara moved to Lisbon in May.") == 1


def test_what_was_said_is_noted_when_another_conversation_is_taken_up(home):
    async def work(assistant: Assistant) -> None:
        talk = Talk(assistant)
        await say(talk, "What a day!")
        await run_slash("/new", talk)
        await say(talk, "My sister Clara moved to Lisbon in May.")
        assert talk.session is not None
        first = next(one.id for one in assistant.sessions.list(5) if one.id != talk.session.id)
        assert "Noted" not in (await run_slash(f"/resume {talk.session.id}", talk)).text
        reply = await run_slash(f"/resume {first}", talk)
        assert "Clara" in reply.text.partition("Noted from the one before:")[2]
        assert talk.session.id == first

    run(home, work, model="recall")
    assert notes(home).count("My sister Clara moved to Lisbon in May.") == 1


def test_what_was_said_before_a_branch_is_noted_once_and_what_is_said_in_it_too(home):
    async def work(assistant: Assistant) -> None:
        talk = Talk(assistant)
        await say(talk, "What a day!", "And what a night!")
        await run_slash("/rewind 2", talk)  # the branch has fewer lines than its source
        await say(talk, "My sister Clara moved to Lisbon in May.")
        reply = await run_slash("/branch", talk)
        assert "Clara" in reply.text.partition("Noted from the one before:")[2]
        await say(talk, "I live in Graz.")
        assert "Graz" in (await run_slash("/new", talk)).text

    run(home, work, engine=Scripted(*["I see."] * 5, local=False))
    assert notes(home).count("My sister Clara moved to Lisbon in May.") == 1


def test_what_recall_has_written_down_is_not_noted_again(home):
    async def work(assistant: Assistant) -> None:
        talk = Talk(assistant)
        await say(talk, "Remember that the locker code is 4711.")
        assert await talk.settle() == ()

    run(home, work, model="recall")
    assert notes(home).count("4711") == 1


def test_a_chat_that_said_nothing_settles_nothing(home):
    async def work(assistant: Assistant) -> None:
        assert await Talk(assistant).settle() == ()
        assert (await run_slash("/new", Talk(assistant))).text.startswith("A new conversation.")

    run(home, work, model="recall")


def test_the_model_that_answered_helps(home):
    thing = json.dumps({"kind": "fact", "text": "The twins refuse spinach.", "line": 2})

    async def work(assistant: Assistant) -> None:
        talk = Talk(assistant)
        await say(talk, "Lately the twins refuse spinach and everything green.")
        (event,) = await talk.settle()
        assert isinstance(event, MemoryWritten)

    run(home, work, engine=Scripted("Oh no.", thing))
    assert "The twins refuse spinach." in notes(home)


def test_the_settings_may_turn_it_off_or_the_model_out(home):
    home.root.mkdir()
    home.config.write_text("[memory]\nharvest = false\n")

    async def nothing(assistant: Assistant) -> None:
        talk = Talk(assistant)
        await say(talk, "I live in Graz.")
        assert await talk.settle() == ()
        assert await assistant.settle_rested(0) == ()

    run(home, nothing, model="recall")
    home.config.write_text("[memory]\nharvest_by_model = false\n")

    async def by_rule(assistant: Assistant) -> None:
        talk = Talk(assistant)
        await say(talk, "I live in Graz.")
        assert len(await talk.settle()) == 1

    run(home, by_rule, engine=Scripted("Nice."))


def test_conversations_that_rest_are_settled_once_and_stay_in_their_order(home):
    start = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    now = [start]

    async def work(assistant: Assistant) -> None:
        first, second = assistant.sessions.new(), assistant.sessions.new()
        job = assistant.sessions.new(key="heartbeat")
        for session, words in ((first, "I live in Graz."), (job, "I have two cats.")):
            session.append(Message(Role.USER, (Text(words),)))
            session.append(Message(Role.ASSISTANT, (Text("ok"),)))
        now[0] = start + timedelta(minutes=20)
        second.append(Message(Role.USER, (Text("I work in Linz."),)))
        second.append(Message(Role.ASSISTANT, (Text("ok"),)))
        assert await assistant.settle_rested() == ()
        now[0] = start + timedelta(minutes=40)
        assert len(await assistant.settle_rested()) == 1
        latest = assistant.sessions.latest()
        assert latest is not None
        assert latest.id == second.id
        now[0] = start + timedelta(minutes=60)
        assert len(await assistant.settle_rested()) == 1
        assert await assistant.settle_rested() == ()

    run(home, work, model="recall", clock=lambda: now[0])
    assert "cats" not in notes(home)


def test_old_conversations_are_left_as_they_are(home):
    now = [datetime(2026, 3, 2, 9, 0, tzinfo=UTC)]

    async def work(assistant: Assistant) -> None:
        assistant.sessions.new().append(Message(Role.USER, (Text("I live in Graz."),)))
        now[0] += timedelta(days=30)
        assert await assistant.settle_rested() == ()

    run(home, work, model="recall", clock=lambda: now[0])


def test_superseded_wishes_leave_the_prompt(home):
    async def work(assistant: Assistant) -> None:
        for wish in ("Always answer in German.", "Always answer in English."):
            talk = Talk(assistant)
            await say(talk, wish)
            assert await talk.settle()
        await say(Talk(assistant), "Hello there, how are you?")

    engine = Scripted(*["ok"] * 5)
    run(home, work, engine=engine)
    shown = "\n".join(piece.text for piece in engine.requests[-1].pieces if piece.source == "USER.md")
    assert "Always answer in English." in shown
    assert "Always answer in German." not in shown
    assert "Always answer in German." in (home.workspace / "USER.md").read_text()


def test_compact_condenses_and_what_it_took_is_found(home):
    async def work(assistant: Assistant) -> None:
        talk = Talk(assistant)
        await say(
            talk,
            "The vault combination stands at 31-7-42.",
            *[f"Chatter {n} goes on and on." for n in range(8)],
        )
        assert talk.session is not None
        before = len(talk.session.messages())
        reply = await run_slash("/compact", talk)
        assert "they stay in the conversation's file and are found by search" in reply.text
        assert len(talk.session.messages()) < before
        await say(talk, "What is the combination of the vault?")
        found = await assistant.search("vault combination", within="sessions")
        place = f"session:{talk.session.id}"
        assert [hit.start for hit in found.hits if "31-7-42" in hit.text and hit.path == place] == [2]
        assert "31-7-42" in talk.session.messages()[-1].text

    run(home, work, model="recall")


def test_compact_says_when_there_is_nothing_to_do(home):
    async def work(assistant: Assistant) -> None:
        talk = Talk(assistant)
        assert "nothing to condense" in (await run_slash("/compact", talk)).text
        await say(talk, "Hello!")
        assert "nothing to condense" in (await run_slash("/compact", talk)).text

    run(home, work, model="recall")


def test_what_was_written_as_lines():
    events = (MemoryWritten(Span("USER.md", 4, 6), "- 10:01 I live\n  in Graz"), Notice("Oh."))
    assert lines(events) == ["- [USER.md:4-6] 10:01 I live in Graz", "- Oh."]
