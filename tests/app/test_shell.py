"""The shell in whole turns: what a model's command does is the turn's, and its background ends with the assistant."""

from __future__ import annotations

import asyncio
import secrets
import time
from typing import cast

import pytest

from localgpt.app import Assistant
from localgpt.core.events import MemoryWritten, ToolFinished
from localgpt.core.values import Origin, ToolCall
from localgpt.models.scripted import Scripted
from localgpt.security.policy import Caller, Rule, Verdict, decide
from localgpt.security.sandbox.scene import left_behind
from localgpt.security.sandbox.status import status
from localgpt.tools.base import ToolContext
from localgpt.tools.shell import shell_tools


@pytest.fixture(autouse=True)
def walls():
    if status().strength != "full":
        pytest.skip("this machine does not allow all walls")


def shell(command, **arguments):
    return ToolCall(secrets.token_hex(4), "shell", {"command": command, **arguments})


async def events(assistant, words):
    return [event async for event in assistant.chat(words)]


def test_a_turns_command_is_undone_with_the_turn(home):
    async def work():
        engine = Scripted(shell("echo hello > a.md; mkdir d; echo x > d/b.md"), "Done.")
        async with Assistant(home, engine=engine) as assistant:
            found = await events(assistant, "Make the two notes.")
            written = {event.span.path for event in found if isinstance(event, MemoryWritten)}
            (step, *_) = await assistant.history()
            undone = await assistant.undo(step.id)
            return written, step.paths, undone.kept

    written, paths, kept = asyncio.run(work())
    assert written == set(paths) == {"a.md", "d/b.md"}
    assert not kept
    assert not (home.workspace / "a.md").exists()
    assert not (home.workspace / "d" / "b.md").exists()


def test_what_goes_on_ends_with_the_assistant_and_within_a_second_of_a_freeze(home):
    markers = [f"left-{secrets.token_hex(8)}" for _ in range(2)]

    async def work(marker, freeze):
        engine = Scripted(shell(f"exec -a {marker} sleep 60", background=True), "It goes on.")
        async with Assistant(home, engine=engine) as assistant:
            found = await events(assistant, "Start it.")
            assert [event.is_error for event in found if isinstance(event, ToolFinished)] == [False]
            assert left_behind(marker)
            begin = time.monotonic()
            if freeze:
                assistant.freeze.freeze("test")
                while left_behind(marker):  # noqa: ASYNC110 - a process
                    await asyncio.sleep(0.01)
                assert time.monotonic() - begin < 1
        assert not left_behind(marker)

    asyncio.run(work(markers[0], freeze=False))
    asyncio.run(work(markers[1], freeze=True))


@pytest.mark.parametrize(
    ("given", "arguments", "verdict"),
    [
        ({}, {}, Verdict.ALLOW),
        ({}, {"network": True}, Verdict.ASK),
        ({}, {"folders": ["/srv/boat"]}, Verdict.ASK),
        ({"origins": frozenset({Origin.FOREIGN})}, {}, Verdict.ASK),
        ({"attended": False}, {}, Verdict.ASK),
        ({"caller": Caller.REMOTE}, {}, Verdict.DENY),
    ],
)
def test_what_the_policy_says_to_it(given, arguments, verdict):
    tool, _ = shell_tools(lambda: pytest.fail("nothing runs here"), lambda: "full")
    call = shell("make", **arguments)
    decision = decide(call, tool.effects(call.arguments, cast("ToolContext", None)), **given)
    assert decision.verdict is verdict
    assert (decision.rule is Rule.WALLED) is (verdict is Verdict.ALLOW)
