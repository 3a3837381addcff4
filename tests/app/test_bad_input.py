"""Models and services that misbehave, against whole turns: one clear line, nothing lost, and the next turn goes well."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncGenerator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from tests.support.claude import FAKE, command
from tests.support.fake_providers import Broken, Call, Fail, FakeProviders, Raw, Reply, Say, Seen, wire

from localgpt import Assistant
from localgpt.app import Talk
from localgpt.core.errors import ContextTooLong
from localgpt.core.events import Event, Notice, TextDelta, ToolCalled, ToolFinished, TurnFinished
from localgpt.core.values import Stop, ToolCall, Usage
from localgpt.models.base import EngineEvent, Finished, Request
from localgpt.models.claude_cli import ClaudeCli, Patience
from localgpt.models.retrying import Retrying
from localgpt.models.scripted import Scripted

WORDS = "Please tell me about the garden."
SAID = "The roses want cutting before the frost comes."
SEARCH = Call("memory_search", '{"query": "garden"}')
PAGE = b"<html><body>Sign in to use this network.</body></html>"
HOLES = [0, 120, 400, 900]
MORE_HOLES = [*range(1, 120, 7), *range(121, 1400, 13)]
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
    "a page in place of an answer": ([Raw(PAGE, "text/html")], 1, "right address"),
    "a page that says it is a stream": ([Raw(PAGE, "text/event-stream")], 1, "right address"),
    "a stream of no JSON": ([Raw(b"data: {broken\n\n")], 1, "right address"),
    "JSON of another kind": ([Raw(b'{"hello": "there"}', "application/json")], 1, "right address"),
    "nothing at all": ([Raw(b"")], 1, "right address"),
}
SLOW = {
    "repeats itself",
    "a hundred calls at once",
    "five megabytes",
    "a page that says it is a stream",
    "JSON of another kind",
}
PARAMETERS = [pytest.param(case, marks=[pytest.mark.slow] if case in SLOW else []) for case in CASES]


@pytest.mark.parametrize("case", PARAMETERS)
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


@pytest.mark.parametrize("at", HOLES + [pytest.param(at, marks=pytest.mark.slow) for at in MORE_HOLES])
def test_where_the_line_breaks_what_was_shown_is_kept(home, at):
    """And nothing else: what is in the conversation's file is what the owner saw, to the letter."""
    broken = Broken(Say(*SAID.split(" ")), at)
    assert at < len(wire(broken.reply))

    def answer(seen: Seen) -> Reply:
        return Say(SAID) if "And now?" in str(seen.body) else broken

    with FakeProviders(answer) as fake:
        settled(home, fake.url)
        bad, good = turns(home, WORDS, "And now?")
        kept = str(fake.requests[-1].body)
    shown = "".join(event.text for event in bad if isinstance(event, TextDelta))
    assert len(sentences(bad)) <= 3, sentences(bad)  # each further try is told
    assert end(bad).error
    assert end(bad).response == shown
    assert shown in kept
    assert SAID.replace(" ", "").startswith(shown)
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


SHELL = pytest.mark.skipif(sys.platform == "win32", reason="the fake command is a shell script")


@SHELL
@pytest.mark.parametrize(
    ("scene", "sentence"), [("dies", "139"), ("leaves", "claude"), ("overloaded", "verload")]
)
def test_a_command_that_misbehaves(home, tmp_path, monkeypatch, scene, sentence):
    commanded(home, command(tmp_path), tmp_path, monkeypatch)
    bad, good = turns(home, f"scene:{scene}", "scene:text")
    assert sentence in end(bad).error
    assert (end(good).response, end(good).error) == ("Hello from claude.", "")


def commanded(home: Any, path: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home whose model is the command at ``path``, which nobody waits for long."""
    monkeypatch.setenv("CLAUDE_FAKE_LOG", str(folder / "claude.log"))
    monkeypatch.setenv("ANTHROPIC_API_KEY", "dummy")
    patience = Patience(silence=1.5, interrupt=0.2, leave=0.2)
    monkeypatch.setattr("localgpt.models.claude_cli.ClaudeCli", partial(ClaudeCli, patience=patience))
    home.root.mkdir(parents=True, exist_ok=True)
    place = f'[providers.claude_cli]\ncommand = "{path}"\n'
    home.config.write_text(f'[agent]\ndefault_model = "claude-cli/opus"\n{place}')


SILENT = "did not answer within"
STARTS: dict[str, tuple[str, str]] = {
    "leaves at once": ("exit 3", "exit code 3"),
    "is killed": ("kill -9 $$", "ended with exit code -9"),
    "says all is well": ("exit 0", "ended"),
    "prints a page and leaves": ("echo '<html>Sign in</html>'; exit 0", "ended"),
    "prints garbage for ever": ("exec yes garbage", SILENT),
    "prints bytes that are no text": ("head -c 100000 /dev/urandom; exit 1", "exit code 1"),
    "hangs": ("exec sleep 60", SILENT),
}
LONG = ["hangs", "prints garbage for ever", "says all is well", "prints bytes that are no text"]


@SHELL
@pytest.mark.parametrize(
    "how", [pytest.param(one, marks=[pytest.mark.slow] if one in LONG else []) for one in STARTS]
)
def test_a_command_that_comes_up_wrong(home, tmp_path, monkeypatch, how):
    """The first start goes wrong: one line tells, and either the second try or the next turn answers."""
    script, sentence = STARTS[how]
    path = tmp_path / "claude"
    once = f'if [ ! -e "{tmp_path}/tried" ]; then touch "{tmp_path}/tried"; {script}; fi'
    path.write_text(f'#!/bin/sh\n{once}\nexec "{sys.executable}" -SE "{FAKE}" "$@"\n')
    path.chmod(0o755)
    commanded(home, str(path), tmp_path, monkeypatch)
    bad, good = turns(home, "scene:text", "scene:text again")
    (told,) = sentences(bad)
    assert sentence in told
    assert "Traceback" not in told
    assert bool(end(bad).error) != (sentence == SILENT)
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
    [
        pytest.param({"reports": True}, 0, 0, id="by what it reports", marks=pytest.mark.slow),
        pytest.param({"figures": True}, 1, 1, id="by a refusal with figures"),
        pytest.param({}, 1, 2, id="by a bare refusal", marks=pytest.mark.slow),
    ],
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
