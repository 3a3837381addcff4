from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from tests.app.test_question import question

from localgpt.app import Assistant, Talk, run_slash
from localgpt.app.visiting import Visit
from localgpt.core.errors import LocalGPTError
from localgpt.core.values import Answer, Choice, Effect, EffectKind


def run(home, *lines: str, visit: Visit | None = None) -> list[str]:
    async def work() -> list[str]:
        async with Assistant(home) as assistant:
            assistant.visit = visit
            return [(await run_slash(line, Talk(assistant))).text for line in lines]

    return asyncio.run(work())


def test_the_mode_and_what_was_allowed(home):
    assistant = Assistant(home)
    effect = Effect(EffectKind.RUNS, "make `x`\n- y", walled=True)
    assistant.grants.remember(replace(question(effect), choices=tuple(Choice)), Choice.ALWAYS)
    (text,) = run(home, "/mode")
    assert text.startswith(
        "Mode **ask**: what you did not ask for is a question.\n- allowed beforehand: shell"
    )
    assert "make 'x' - y`, always" in text


def test_questions_that_wait(home):
    async def work() -> tuple[str, str]:
        async with Assistant(home) as assistant:
            later = replace(question(Effect(EffectKind.RUNS, "make")), expires="2099-01-01T00:00:00+00:00")
            waiting = asyncio.create_task(assistant.approvals.ask(later))
            while not assistant.approvals.open():  # noqa: ASYNC110 - another process would look just so
                await asyncio.sleep(0.01)
            some = await run_slash("/approvals", Talk(assistant))
            assistant.approvals.answer("a1", Answer(Choice.NO))
            await waiting
            return some.text, (await run_slash("/approvals", Talk(assistant))).text

    some, none = asyncio.run(work())
    assert some.startswith("- `a1` shell(")
    assert ": runs a program that may reach more than the workspace (page)" in some
    assert none == "Nothing waits for your word."


def test_the_stop(home):
    (text,) = run(home, "/freeze it went wild")
    assert text.startswith("Everything is frozen")
    frozen = Assistant(home).freeze.frozen()
    assert frozen is not None
    assert frozen.why == "it went wild"


@pytest.mark.parametrize("line", ["/mode", "/approvals", "/freeze"])
def test_a_visitor_may_not(home, line):
    with pytest.raises(LocalGPTError):
        run(home, line, visit=Visit("guest", "0" * 16))
    assert Assistant(home).freeze.frozen() is None
