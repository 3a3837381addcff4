"""What the model of a turn is given. The pieces themselves are tested in tests/agent/test_context.py."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime
from typing import Any

from localgpt.agent.context import Context, schema_tokens
from localgpt.agent.occasion import Occasion
from localgpt.agent.turn import Turn
from localgpt.app import Assistant
from localgpt.core.values import Message, PieceKind, Role, Text, ToolCall, ToolResult
from localgpt.models.base import Request
from localgpt.models.scripted import Scripted
from localgpt.security.policy import Caller

SKILL = (
    "---\nname: haiku\ndescription: Writes a haiku about anything.\n---\n\n# Haiku\n\nFive, seven, five.\n"
)


def asked(home: Any, *messages: str, before: Any = None) -> list[Request]:
    """The requests that an engine got for ``messages``, all in one conversation."""
    engine = Scripted(*["ok"] * len(messages))

    async def work() -> None:
        async with Assistant(home, engine=engine) as assistant:
            session = assistant.sessions.new()
            for at, message in enumerate(messages):
                if before:
                    before(at)
                await assistant.ask(message, session=session)

    asyncio.run(work())
    return engine.requests


def stable(request: Request) -> str:
    return "\n".join(piece.text for piece in request.pieces if piece.stable)


def test_the_prefix_is_the_same_to_the_byte_over_50_turns_while_notes_change(home):
    def change(turn: int) -> None:
        with (home.workspace / "MEMORY.md").open("a") as note:
            note.write(f"- fact {turn}\n")

    requests = asked(home, *["hello"] * 50, before=change)
    assert len({stable(request) for request in requests}) == 1
    assert "fact 49" in "".join(piece.text for piece in requests[-1].pieces)


def test_a_skill_of_the_owners_is_listed_and_can_be_read(home):
    folder = home.workspace / "skills" / "haiku"
    folder.mkdir(parents=True)
    (folder / "SKILL.md").write_text(SKILL)
    (request,) = asked(home, "write a haiku")
    (piece,) = (piece for piece in request.pieces if piece.kind is PieceKind.SKILLS)
    assert "Writes a haiku about anything." in piece.text
    assert "Five, seven, five" not in piece.text
    assert piece.stable
    assert "skill" in {tool.name for tool in request.tools}


def test_the_words_that_were_just_said_are_not_found_again(home):
    first, second = asked(home, "Where is the blue umbrella?", "Where is the blue umbrella?")
    for request in (first, second):
        lines = [piece.start for piece in request.pieces if piece.source.startswith("session:")]
        assert all(line < 4 for line in lines)
    assert not [piece for piece in first.pieces if piece.source.startswith("session:")]


def test_a_small_window_gets_a_small_prompt(home):
    (home.workspace / "knowledge").mkdir(parents=True)
    (home.workspace / "MEMORY.md").write_text("- a fact that lasts\n" * 8000)
    engine = Scripted("ok", context_window=8000)

    async def work() -> None:
        async with Assistant(home, engine=engine) as assistant:
            await assistant.ask("hello")

    asyncio.run(work())
    (request,) = engine.requests
    assert sum(piece.tokens for piece in request.pieces) < 5000
    assert "MEMORY.md is cut" in stable(request)


def sources(request: Request) -> list[str]:
    return [piece.source for piece in request.pieces if piece.kind is PieceKind.NOTE]


def test_a_ping_in_a_fresh_workspace_is_small_tools_included(home):
    (request,) = asked(home, "ping")
    assert sum(piece.tokens for piece in request.pieces) + schema_tokens(request.tools) < 1500


def test_recent_days_come_once_at_the_beginning(home):
    today = f"{datetime.now().astimezone():%Y-%m-%d}"
    (home.workspace / "memory").mkdir(parents=True)
    (home.workspace / "memory" / f"{today}.md").write_text("- 09:00 the boiler was repaired\n")
    first, second = asked(home, "zzz", "zzz")
    assert f"memory/{today}.md" in sources(first)
    assert f"memory/{today}.md" not in sources(second)
    assert stable(first) == stable(second)


def test_the_ritual_stands_there_until_it_is_done(home):
    home.workspace.mkdir(parents=True)
    (home.workspace / "BOOTSTRAP.md").write_text("Ask what to be called.\n")
    (request,) = asked(home, "hello")
    assert "Ask what to be called." in stable(request)
    (home.workspace / "IDENTITY.md").write_text("- **Name:** Ada\n")
    (request,) = asked(home, "hello")
    assert "BOOTSTRAP.md" not in sources(request)
    assert (home.workspace / "BOOTSTRAP.md").exists()


def test_a_heartbeat_is_given_little_and_a_chat_in_the_same_conversation_all(home):
    home.workspace.mkdir(parents=True)
    for name in ("AGENTS.md", "IDENTITY.md", "MEMORY.md"):
        (home.workspace / name).write_text(f"- {name} says something\n")
    engine = Scripted("ok", "ok")

    async def work() -> None:
        async with Assistant(home, engine=engine) as assistant:
            session = assistant.sessions.new()
            for purpose in ("heartbeat", "chat"):
                async for _ in assistant.chat("look", session=session, purpose=purpose):
                    pass

    asyncio.run(work())
    assert [sources(request) for request in engine.requests] == [
        ["IDENTITY.md"],
        ["AGENTS.md", "IDENTITY.md", "MEMORY.md"],
    ]


def test_a_caller_elsewhere_is_given_nothing_of_the_owners_life(home):
    (home.workspace / "memory").mkdir(parents=True)
    (home.workspace / "knowledge").mkdir()
    today = f"{datetime.now().astimezone():%Y-%m-%d}"
    for name in ("AGENTS.md", "USER.md", "MEMORY.md", f"memory/{today}.md", "knowledge/roof.md"):
        (home.workspace / name).write_text(
            f"The roof in {name} is green.\n\n## Private\n\nThe roof is secret.\n"
        )

    async def work(caller: Caller) -> Context:
        async with Assistant(home, engine=Scripted("ok")) as assistant:
            session = assistant.sessions.new()
            entry = session.append(Message(Role.USER, (Text("What colour is the roof?"),)))
            make = assistant._prompts.make
            return make(
                session, "What colour is the roof?", assistant.engine, entry.line, Occasion("chat", caller)
            )

    owner, remote = (asyncio.run(work(caller)) for caller in (Caller.OWNER, Caller.REMOTE))
    assert "secret" in "".join(piece.text for piece in owner.pieces)
    assert "secret" not in "".join(piece.text for piece in remote.pieces)
    assert {piece.source for piece in owner.pieces} > {"USER.md", "MEMORY.md", f"memory/{today}.md"}
    assert {piece.source for piece in remote.pieces} == {"", "AGENTS.md", "knowledge/roof.md"}
    assert remote.withheld


def test_no_tool_gives_a_caller_elsewhere_what_a_prompt_would_not(home):
    (home.workspace / "knowledge").mkdir(parents=True)
    for name in ("MEMORY.md", "knowledge/roof.md"):
        (home.workspace / name).write_text(
            f"The roof in {name} is green.\n\n## Private\n\nThe roof is secret.\n"
        )
    calls = [
        ToolCall("1", "memory_search", {"query": "roof"}),
        ToolCall("2", "memory_get", {"path": "MEMORY.md"}),
        ToolCall("3", "read_file", {"path": "MEMORY.md"}),
        ToolCall("4", "memory_get", {"path": "knowledge/roof.md"}),
        ToolCall("5", "memory_get", {"path": "knowledge/roof.md", "lines": 2}),
    ]

    async def work(caller: Caller) -> list[str]:
        engine = Scripted(calls, "ok")
        async with Assistant(home, engine=engine) as assistant:
            house = replace(assistant._house, caller=caller)
            [_ async for _ in Turn(house, assistant.sessions.new(), engine).run("Hello")]
        results = (block for message in engine.requests[1].messages for block in message.blocks)
        return [block.text for block in results if isinstance(block, ToolResult)]

    owner, remote = (asyncio.run(work(caller)) for caller in (Caller.OWNER, Caller.REMOTE))
    assert all("is green" in text for text in owner)
    assert "secret" in owner[1]
    assert ["is green" in text for text in remote] == [True, False, False, False, True]
    assert not any("secret" in text.replace("is private", "") for text in remote)
    assert not any("roof in MEMORY" in text for text in remote)
