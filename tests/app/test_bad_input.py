"""Models and services that misbehave, against whole turns: one clear line, nothing lost, and the next turn goes well."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncGenerator
from functools import partial
from typing import Any

import pytest
from tests.support.claude import command
from tests.support.fake_providers import Broken, Call, Fail, FakeProviders, Reply, Say, Seen, wire

from localgpt import Assistant
from localgpt.app import Talk
from localgpt.core.errors import ContextTooLong
from localgpt.core.events import Event, Notice, TextDelta, ToolCalled, ToolFinished, TurnFinished
from localgpt.core.values import Stop, ToolCall, Usage
from localgpt.models.base import EngineEvent, Finished, Request
from localgpt.models.retrying import Retrying
from localgpt.models.scripted import Scripted

WORDS = "Please tell me about the garden."
SAID = "The roses want cutting before the frost comes."
SEARCH = Call("memory_search", '{"query": "garden"}')
HOLES = [0, 1, 40, 120, 200, 400, 650, 900]
"""After how many bytes of the reply the line breaks: in the headers, between two words, near the end."""


@pytest.fixture(autouse=True)
def _nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    async def at_once(_seconds: float) -> None:
        """What a service asks for in seconds takes none."""

    monkeypatch.setattr("localgpt.app.engines.Retrying", partial(Retrying, sleep=at_once))


def settled(home: Any, url: str, rest: str = "") -> None:
    home.root.mkdir(parents=True, exist_ok=True)
    place = f'[providers.mybox]\nbase_url = "{url}/v1"\n'
    home.config.write_text(f'[agent]\ndefault_model = "mybox/fake-model"\nmax_tool_rounds = 4\n{rest}{place}')


def turns(home: Any, *words: str) -> list[list[Event]]:
    """The events of each turn of one conversation, which is whole on disk at the end."""

    async def work() -> list[list[Event]]:
        async with Assistant(home) as assistant:
            talk = Talk(assistant)
            found = [[event async for event in talk.send(one)] for one in words]
            assert talk.session is not None
            kept = talk.session.path.read_text(encoding="utf-8")
            assert [one for one in words if one not in kept] == []
            return found

    return asyncio.run(work())


def end(events: list[Event]) -> TurnFinished:
    assert isinstance(events[-1], TurnFinished)
    return events[-1]


def sentences(events: list[Event]) -> list[str]:
    """What the owner is told beside the answer."""
    told = [event.text for event in events if isinstance(event, Notice)]
    return [*told, *([end(events).error] if end(events).error else [])]


def looped(count: int) -> list[Reply]:
    return [Say(calls=[Call("memory_search", '{"query": "garden"}', f"call_{n}")]) for n in range(count)]


CASES: dict[str, tuple[list[Reply], int, str]] = {
    "a tool that does not exist": ([Say(calls=[Call("memory_serch")]), Say(SAID)], 0, ""),
    "arguments that are no JSON": ([Say(calls=[Call("memory_search", '{"query": ')]), Say(SAID)], 0, ""),
    "arguments that are no object": ([Say(calls=[Call("memory_search", "[1, 2]")]), Say(SAID)], 0, ""),
    "calls for ever": (looped(4), 1, "rounds of tool calls"),
    "a hundred calls at once": (
        [Say(calls=[Call("memory_search", '{"query": "x"}', f"c{n}") for n in range(100)]), Say(SAID)],
        0,
        "",
    ),
    "repeats itself": ([Say(*["again and " for _ in range(20_000)])], 0, ""),
    "nothing": ([Say(), Say()], 1, "empty reply"),
    "five megabytes": ([Say(*["x" * 50_000 for _ in range(100)])], 1, "1,000,000"),
    "an error that helps nobody": ([Fail(400, "bad")], 1, "bad"),
}


@pytest.mark.parametrize("case", CASES)
def test_a_turn_ends_with_at_most_one_line_and_the_next_goes_well(home, case):
    replies, lines, sentence = CASES[case]
    with FakeProviders(*replies, Say(SAID)) as fake:
        settled(home, fake.url)
        bad, good = turns(home, WORDS, "And now?")
    told = sentences(bad)
    assert len(told) == lines, told
    assert all(sentence in one and "Traceback" not in one for one in told), told
    assert (end(good).response, end(good).error, end(good).stop) == (SAID, "", Stop.DONE)


def test_a_call_that_is_wrong_is_told_to_the_model(home):
    with FakeProviders(Say(calls=[Call("memory_serch")]), Say(SAID)) as fake:
        settled(home, fake.url)
        (events,) = turns(home, WORDS)
    (told,) = [event for event in events if isinstance(event, ToolFinished)]
    assert told.is_error
    assert "memory_search" in told.text


@pytest.mark.parametrize("at", HOLES)
def test_a_line_that_breaks_loses_nothing_that_was_shown(home, at):
    broken = Broken(Say(*SAID.split(" ")), at)
    assert at < len(wire(broken.reply))

    def answer(seen: Seen) -> Reply:
        return Say(SAID) if "And now?" in str(seen.body) else broken

    with FakeProviders(answer) as fake:
        settled(home, fake.url)
        bad, good = turns(home, WORDS, "And now?")
    assert len(sentences(bad)) <= 3, sentences(bad)  # each further try is told
    assert end(bad).error
    assert end(good).response == SAID


def test_a_budget_holds_against_a_model_that_calls_for_ever(home):
    def dear(_request: Any) -> Any:
        call = ToolCall("c", "memory_search", {"query": "garden"})
        return [ToolCalled(call), Finished(Stop.TOOLS, Usage(100, 100, cost_usd=0.4))]

    home.root.mkdir(parents=True, exist_ok=True)
    home.config.write_text("[budget]\nturn_usd = 1.0\n")
    engine = Scripted(*[dear] * 20, local=False)

    async def work() -> TurnFinished:
        async with Assistant(home, engine=engine) as assistant:
            return end([event async for event in Talk(assistant).send(WORDS)])

    finished = asyncio.run(work())
    assert (finished.stop, len(engine.requests)) == (Stop.BUDGET, 3)
    assert "budget" in finished.error


def test_forty_thousand_characters_of_notes_and_a_window_of_8192(home):
    with FakeProviders(Say(SAID)) as fake:
        settled(home, fake.url)
        home.config.write_text(home.config.read_text() + "context_window = 8192\n")
        home.workspace.mkdir(parents=True)
        (home.workspace / "MEMORY.md").write_text("The garden has roses by the shed. " * 1200)
        found = turns(home, *(f"{WORDS} {'Roses and more. ' * 60} {number}" for number in range(12)))
        largest = max(len(str(seen.body)) for seen in fake.requests)
    assert [end(events).response for events in found] == [SAID] * 12
    assert largest < 4 * 8192


@pytest.mark.skipif(sys.platform == "win32", reason="the fake command is a shell script")
@pytest.mark.parametrize(
    ("scene", "sentence"), [("dies", "139"), ("leaves", "claude"), ("overloaded", "verload")]
)
def test_a_command_that_misbehaves(home, tmp_path, monkeypatch, scene, sentence):
    monkeypatch.setenv("CLAUDE_FAKE_LOG", str(tmp_path / "claude.log"))
    monkeypatch.setenv("ANTHROPIC_API_KEY", "dummy")
    home.root.mkdir(parents=True, exist_ok=True)
    place = f'[providers.claude_cli]\ncommand = "{command(tmp_path)}"\n'
    home.config.write_text(f'[agent]\ndefault_model = "claude-cli/opus"\n{place}')
    bad, good = turns(home, f"scene:{scene}", "scene:text")
    assert sentence in end(bad).error
    assert (end(bad).error == "") == (sentence == "")
    assert (end(good).response, end(good).error) == ("Hello from claude.", "")


class Characters(Scripted):
    """A model whose token is one character, and whose window is a small one; it says so as vendors do, or not at all."""

    def __init__(self, window: int, *, reports: bool = False, figures: bool = False) -> None:
        super().__init__(name="characters", context_window=window)
        self.sizes: list[int] = []
        self._reports, self._figures = reports, figures

    async def request(self, request: Request) -> AsyncGenerator[EngineEvent, None]:
        tools = sum(len(f"{one.name}{one.description}{dict(one.parameters)}") for one in request.tools)
        words = (getattr(block, "text", "") for message in request.messages for block in message.blocks)
        size = tools + sum(map(len, words)) + sum(len(piece.text) for piece in request.pieces)
        self.sizes.append(size)
        if size > self.context_window:
            told = (size, self.context_window) if self._figures else (0, 0)
            raise ContextTooLong("It is longer than characters takes.", tokens=told[0], window=told[1])
        yield TextDelta("Understood.")
        yield Finished(Stop.DONE, Usage(input_tokens=size if self._reports else 0))


@pytest.mark.parametrize(
    ("told", "least", "most"),
    [({"reports": True}, 0, 0), ({"figures": True}, 1, 1), ({}, 1, 2)],
    ids=["by what it reports", "by a refusal with figures", "by a bare refusal"],
)
def test_how_small_a_models_tokens_are_is_learnt(home, told, least, most):
    """No turn fails: one that is refused is sent again at once, shorter, and those after it are not refused."""
    engine = Characters(16_000, **told)

    async def work() -> list[TurnFinished]:
        async with Assistant(home, engine=engine) as assistant:
            talk = Talk(assistant)
            return [
                end([event async for event in talk.send(f"Number {number}: {'roses want water. ' * 60}")])
                for number in range(20)
            ]

    ended = asyncio.run(work())
    assert [one.error for one in ended] == [""] * 20
    assert [one.response for one in ended] == ["Understood."] * 20
    refused = [size > engine.context_window for size in engine.sizes]
    assert least <= sum(refused) <= most
    assert (
        max(engine.sizes[len(refused) // 2 :]) > engine.context_window // 3
    )  # most of the room is still used
