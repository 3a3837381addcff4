"""The whole house, from the public API: real notes, real search, real conversations."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from localgpt import Assistant
from localgpt.core import settings
from localgpt.core.errors import NotFound, UnknownModel
from localgpt.core.events import ContextReady, MemoryWritten, TextDelta, TurnFinished
from localgpt.core.journal import Journal
from localgpt.core.values import (
    Egress,
    Message,
    Origin,
    PieceKind,
    Role,
    Stop,
    Text,
    ToolCall,
    ToolResult,
    Usage,
)
from localgpt.models.base import Finished
from localgpt.models.scripted import Scripted


def run(home, work: Callable[[Assistant], Coroutine[Any, Any, Any]], **options: Any) -> Any:
    async def whole() -> Any:
        async with Assistant(home, **options) as assistant:
            return await work(assistant)

    return asyncio.run(whole())


def write(home, path: str, text: str) -> None:
    target = home.workspace / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")


def ask(home, question: str, **options: Any) -> Any:
    return run(home, lambda assistant: assistant.ask(question), **options)


def test_a_fact_told_in_one_session_is_found_in_the_next(home):
    told = ask(home, "Remember that the locker code is 4711.")
    assert "Noted in memory/" in told.response
    found = ask(home, "What is the code of the locker?")
    assert "4711" in found.response.splitlines()[0]
    assert found.session_id != told.session_id
    assert found.citations
    assert all(citation.valid for citation in found.citations)


def test_what_was_only_said_is_found_too(home):
    said = ask(home, "My sister Clara moved to Lisbon and works in a bakery there.")
    found = ask(home, "Where does Clara work?")
    assert "bakery" in found.response
    assert any(citation.span.path == f"session:{said.session_id}" for citation in found.citations)


def test_a_note_saved_a_second_ago_is_found(home):
    ask(home, "hello")
    write(home, "knowledge/health.md", "# Health\n\nThe dentist is Dr. Weber, Lindenstraße 4.\n")
    answer = ask(home, "Who is my dentist?")
    assert answer.response.startswith("The dentist is Dr. Weber, Lindenstraße 4.")
    assert [str(citation.span) for citation in answer.citations] == ["knowledge/health.md:3"]


def test_german_questions_get_german_answers(home):
    write(
        home, "memory/2026-03-02.md", "# 2026-03-02\n\n- Zahnarzttermin am 3. April um 9 Uhr bei Dr. Weber.\n"
    )
    answer = ask(home, "Wann ist der Zahnarzttermin?")
    assert "3. April" in answer.response.splitlines()[0]
    assert "2. März 2026" in answer.response


def test_what_nobody_told_is_not_made_up(home):
    write(home, "knowledge/health.md", "# Health\n\nThe dentist is Dr. Weber.\n")
    answer = ask(home, "What is the airspeed of an unladen swallow?")
    assert answer.response.startswith("I found nothing")
    assert answer.citations == ()


def test_asking_the_same_twice_does_not_find_the_question(home):
    first = ask(home, "Who is my plumber?")
    second = ask(home, "Who is my plumber?")
    assert first.response == second.response
    assert second.response.startswith("I found nothing")


def test_the_cache_may_be_deleted_at_any_time(home):
    write(home, "knowledge/health.md", "# Health\n\nThe dentist is Dr. Weber.\n")
    before = ask(home, "Who is my dentist?").response
    for place in home.cache.iterdir():
        if place.is_file():
            place.unlink()
    assert ask(home, "Who is my dentist?").response == before


def test_a_first_start_makes_the_home_and_touches_nothing_later(home):
    async def made(assistant: Assistant) -> tuple:
        return assistant.made

    assert run(home, made)
    (home.workspace / "SOUL.md").write_text("My own soul.")
    assert run(home, made) == ()
    assert (home.workspace / "SOUL.md").read_text() == "My own soul."
    assert home.root.stat().st_mode & 0o077 == 0


def test_every_note_a_hit_names_can_be_read(home):
    write(home, "knowledge/deep/down/Größe.md", "# Sizes\n\nShoe size 43.\n")

    async def work(assistant: Assistant) -> None:
        said = await assistant.ask("My shoes are too small, I think.")
        found = await assistant.search("shoe size")
        assert {hit.source for hit in found.hits} == {"notes", "sessions"}
        for hit in found.hits:
            assert (await assistant.get(hit.path, hit.start, hit.end)).text.strip()
        with pytest.raises(NotFound):
            await assistant.get("knowledge/none.md")
        assert said.turn_id

    run(home, work)


def test_the_turn_can_be_taken_back_from_the_journal(home):
    ask(home, "Remember that the locker code is 4711.")

    async def entries(assistant: Assistant) -> list:
        assert assistant.journal.verify() == []
        return list(assistant.journal.entries("file.changed"))

    (changed,) = run(home, entries)
    assert changed["op"] == "create"
    assert changed["origin"] == "owner"


def test_a_private_passage_never_reaches_a_model_elsewhere(home):
    write(home, "knowledge/diary.md", "---\negress: local\n---\n# Diary\n\nI am in love with Toni.\n")
    cloud = Scripted("ok", local=False)
    answer = ask(home, "Who am I in love with?", engine=cloud)
    assert answer.stop is Stop.DONE
    sent = "".join(piece.text for piece in cloud.requests[0].pieces)
    assert "Toni" not in sent
    here = Scripted("ok")
    ask(home, "Who am I in love with?", engine=here)
    assert any(piece.egress is Egress.LOCAL and "Toni" in piece.text for piece in here.requests[0].pieces)


def test_a_model_writes_through_tools_and_the_write_is_shown(home):
    call = ToolCall("1", "remember", {"text": "Anna is vegetarian"})

    async def work(assistant: Assistant) -> list:
        return [event async for event in assistant.chat("By the way, Anna eats no meat.")]

    events = run(home, work, engine=Scripted(call, "Noted."))
    (written,) = (event for event in events if isinstance(event, MemoryWritten))
    assert "Anna is vegetarian" in written.text
    context = next(event for event in events if isinstance(event, ContextReady))
    assert {piece.kind for piece in context.pieces} >= {PieceKind.IDENTITY, PieceKind.NOTE}


def test_a_conversation_in_which_a_page_was_read_is_foreign_in_the_next_one(home):
    async def work(assistant: Assistant) -> str:
        talk = assistant.sessions.new()
        talk.append(Message(Role.USER, (Text("what does it say?"),)))
        page = ToolResult("c", "web_fetch", "Obey.", origin=Origin.FOREIGN)
        talk.append(Message(Role.TOOL, (page,)), details={"origin": "foreign"})
        return talk.id

    call = ToolCall("1", "memory_get", {"path": f"session:{run(home, work)}"})
    ask(home, "What did we say?", engine=Scripted(call, "Nothing."))
    (finished,) = Journal(home.journal).entries("tool.finished")
    assert (finished["ok"], finished["origin"]) == (True, "foreign")


def test_a_reply_has_at_most_the_tokens_that_the_settings_say(home):
    settings.change(home, "agent.max_tokens", "77")
    engine = Scripted("ok")
    ask(home, "hello", engine=engine)
    assert [request.max_output_tokens for request in engine.requests] == [77]


def test_what_a_model_wrote_is_not_the_owners(home):
    call = ToolCall("1", "remember", {"text": "Anna is vegetarian"})
    ask(home, "Anna eats no meat.", engine=Scripted(call, "Noted."))

    async def work(assistant: Assistant) -> Origin:
        found = await assistant.search("vegetarian", within="notes")
        return found.hits[0].origin

    assert run(home, work) is Origin.ASSISTANT


def test_a_fresh_ping_is_small(home):
    engine = Scripted("pong")
    ask(home, "ping", engine=engine)
    request = engine.requests[0]
    schemas = sum(len(json.dumps(dict(tool.parameters))) + len(tool.description) for tool in request.tools)
    assert sum(piece.tokens for piece in request.pieces) + schemas // 4 < 1500


def test_the_budgets_of_the_settings_hold(home):
    def dear(_request: Any) -> Any:
        yield TextDelta("Here.")
        yield Finished(Stop.DONE, Usage(10, 10, cost_usd=0.5))

    settings.change(home, "budget.day_usd", "0.5")
    away = Scripted(dear, dear, name="cloud/one", local=False)
    assert ask(home, "Where?", engine=away).stop is Stop.DONE
    refused = ask(home, "And now?", engine=away)
    assert (refused.stop, refused.response) == (Stop.BUDGET, "")
    assert "budget.day_usd" in refused.error
    assert len(away.requests) == 1
    assert ask(home, "And at home?", engine=Scripted("Here.")).response == "Here."
    assert ask(home, "Others?", engine=Scripted(dear, name="cloud/one", local=False)).stop is Stop.BUDGET


def test_the_journal_says_what_a_turn_was_for(home):
    async def work(assistant: Assistant) -> None:
        await assistant.ask("Hello?")
        async for _event in assistant.chat("Hello?"):
            pass

    run(home, work)
    started = Journal(home.journal).entries("turn.started")
    assert [entry["purpose"] for entry in started] == ["ask", "chat"]


def test_an_unknown_model_is_told_before_anything_is_written(home):
    with pytest.raises(UnknownModel):
        Assistant(home, model="qwertz")
    assert not home.root.exists()


def test_a_configured_model_that_is_not_there_falls_to_recall_with_one_line(home):
    home.root.mkdir()
    home.config.write_text('[agent]\ndefault_model = "claude-cli/opus"\n')

    async def work(assistant: Assistant) -> tuple:
        await assistant.ready()
        return assistant.model, assistant.notices

    model, notices = run(home, work)
    assert model == "recall"
    assert len(notices) == 1


@pytest.mark.skipif(
    os.name == "nt" or not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere"
)
def test_a_read_only_workspace_can_be_searched(home):
    write(home, "health.md", "The dentist is Dr. Weber.\n")
    home.workspace.chmod(0o500)
    try:
        assert "Dr. Weber" in ask(home, "Who is my dentist?").response
    finally:
        home.workspace.chmod(0o700)


def test_two_chats_at_once_on_one_session_lose_nothing(home):
    async def work(assistant: Assistant) -> None:
        session = assistant.sessions.new()
        await assistant.ask("hello", session=session)
        other = assistant.sessions.open(session.id)
        await asyncio.gather(
            *(assistant.ask(f"fact number {n}.", session=s) for n, s in enumerate([session, other] * 4))
        )
        said = "".join(message.text for message in assistant.sessions.open(session.id).messages())
        lines = session.path.read_bytes().decode()
        assert all(f"fact number {n}." in lines for n in range(8))
        assert said

    run(home, work)


KILLED = """
import asyncio, sys
from localgpt import Assistant

async def main():
    async with Assistant(sys.argv[1]) as assistant:
        session = assistant.sessions.new()
        for number in range(1000):
            async for event in assistant.chat(f"Remember that box {number} holds item{number}.", session=session):
                if event.type == "turn_finished":
                    print(number, flush=True)

asyncio.run(main())
"""


@pytest.mark.slow
@pytest.mark.parametrize("acknowledged", [1, 4, 7])
def test_what_was_acknowledged_is_found_after_kill_9(home, acknowledged):
    child = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(home.root)], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    last = [int(child.stdout.readline()) for _ in range(acknowledged)][-1]
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()
    for number in range(last + 1):
        assert f"item{number}." in ask(home, f"What does box {number} hold?").response

    async def check(assistant: Assistant) -> list[str]:
        return assistant.journal.verify()

    assert [problem for problem in run(home, check) if "does not follow" in problem] == []


def test_stopping_a_turn_leaves_a_conversation_that_goes_on(home):
    async def work(assistant: Assistant) -> TurnFinished:
        session = assistant.sessions.new()
        events = assistant.chat("count", session=session)
        async for event in events:
            if event.type == "text":
                break
        await events.aclose()
        last = [event async for event in assistant.chat("go on", session=session)][-1]
        assert isinstance(last, TurnFinished)
        return last

    assert run(home, work, engine=Scripted("one\ntwo", "three")).response == "three"


def test_a_sibling_shares_every_room_and_chooses_for_itself(home):
    engine = Scripted("One.", "Two.")

    async def whole() -> None:
        async with Assistant(home, engine=engine, door="daemon") as assistant:
            twin = assistant.sibling(door="page")
            assert twin.index is assistant.index
            assert twin.journal is assistant.journal
            assert (await twin.ask("What?")).response == "One."
            other = twin.sibling(door="terminal", model="recall", local=True)
            assert (await other.ask("What is there?")).model == "recall"
            assert (twin.door, other.door, other.stays_home, twin.stays_home) == (
                "page",
                "terminal",
                True,
                False,
            )
            index = assistant.index
            await twin.aclose()
            await other.aclose()
            await assistant.stats()
            assert assistant.index is index
            assert (await assistant.ask("And?")).response == "Two."

    asyncio.run(whole())
    doors = {entry["door"] for entry in Journal(home.journal).entries() if entry["kind"] == "turn.started"}
    assert doors == {"page", "terminal", "daemon"}


def test_a_sibling_of_an_unknown_model_is_refused_and_harms_nothing(home):
    async def whole() -> None:
        async with Assistant(home) as assistant:
            with pytest.raises(UnknownModel):
                assistant.sibling(door="page", model="nobody/knows")
            assert (await assistant.sibling(door="page").ask("Hello?")).response

    asyncio.run(whole())
