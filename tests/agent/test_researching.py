"""The steps of research: what it does without a model, a budget, an answer, and after a crash between two writes."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest

from localgpt.agent.budget import Budget, Spent
from localgpt.agent.metering import Meter
from localgpt.agent.research import Finding, Listed, Source, begin, load
from localgpt.agent.researching import Researcher
from localgpt.core.errors import ModelError, ToolError, Unreachable
from localgpt.core.events import MemoryWritten, Notice
from localgpt.core.journal import Journal
from localgpt.core.values import Origin
from localgpt.memory.search import Found
from localgpt.memory.workspace import Workspace
from localgpt.models.base import Engine
from localgpt.models.scripted import Scripted

DAY = "2026-03-01"
QUESTIONS = ("What is a heat pump?", "How loud is a heat pump?", "Who makes a heat pump?")
PLAN = json.dumps({"questions": QUESTIONS})
TEXT = "A heat pump is a machine that moves heat."


class Web:
    """Lists and gives what it was told to; an error is raised."""

    def __init__(self, *found: Any, links: dict[str, list[tuple[str, str]]] | None = None) -> None:
        self.found = list(found)
        self.links = links or {}
        self.recalled: list[str] = []
        self.searched: list[str] = []
        self.fetched: list[str] = []

    def recall(self, listed):
        self.recalled += [one.address for one in listed]

    async def search(self, question, limit):
        self.searched.append(question)
        result = self.found.pop(0)
        if isinstance(result, Exception):
            raise result
        return tuple(Listed(address, address) for address in result)

    async def fetch(self, one, longest, day):
        self.fetched.append(one.address)
        if "gone" in one.address:
            raise Unreachable("It is gone.")
        page = Source("web", one.address, "A", TEXT[:longest], day, Origin.FOREIGN)
        return page, tuple(Listed(*link) for link in self.links.get(one.address, ()))


@pytest.fixture
def make(home):
    def made(engine: Engine, web: Web | None = None, **state: Any) -> Researcher:
        begun = replace(begin("heat pump", "quick", DAY, offline=False), **state)
        journal = Journal(home.journal)
        workspace = Workspace(home.workspace, locks=home.state / "locks", record=journal.change)
        return Researcher(
            begun,
            engine,
            home.state / "research",
            workspace,
            journal,
            lambda query: Found(query.text, (), 0.0),
            lambda: DAY,
            web,  # type: ignore[arg-type]
        )

    return made


def run(researcher: Researcher) -> list[Any]:
    async def work() -> list[Any]:
        return [event async for event in researcher.run()]

    return asyncio.run(work())


def said(events) -> str:
    return "\n".join(event.text for event in events if isinstance(event, Notice))


def test_over_a_budget_the_rules_do_it_and_say_so_once(make):
    engine = Scripted(local=False)
    budget = Meter(engine, Budget(day_tokens=1), lambda: Spent(tokens=5))
    researcher = make(budget, Web(["https://a.test/"]))
    events = run(researcher)
    assert said(events).count("Today's budget is spent") == 1
    assert engine.requests == []
    assert researcher.state.questions == ("heat pump",)
    assert researcher.state.findings[0].claims[0].text == f"“{TEXT}”"


def test_a_model_that_is_gone_is_not_asked_for_each_question(make):
    engine = Scripted(PLAN, ModelError("It is gone."))
    researcher = make(engine, Web(["https://a.test/"], [], []))
    assert said(run(researcher)).count("It is gone.") == 1
    assert len(engine.requests) == 2
    assert len(researcher.state.findings) == 3


def test_an_answer_that_is_no_json_costs_only_its_question(make):
    engine = Scripted(PLAN, "So it is.", '{"open": ["Why?"]}', "{}")
    researcher = make(engine, Web(["https://a.test/"], [], []))
    run(researcher)
    assert len(engine.requests) == 4
    assert [finding.by for finding in researcher.state.findings] == ["", "", ""]
    assert researcher.state.findings[1].open == ("Why?",)


def test_one_search_that_may_not_be_made_leaves_the_others_one_that_fails_does_not(make):
    web = Web(ToolError("No."), ["https://a.test/"], Unreachable("Down."))
    researcher = make(Scripted(PLAN), web)
    events = run(researcher)
    assert web.searched == list(QUESTIONS)
    assert "“What is a heat pump?”: No." in said(events)
    down = Web(Unreachable("Down."))
    run(make(Scripted(PLAN), down))
    assert down.searched == [QUESTIONS[0]]


def test_pages_are_bounded_and_what_fails_is_tried_once(make):
    hosts = [f"https://{name}.test/" for name in ("gone", "gone2", "a", "b", "c", "d")]
    web = Web(hosts)
    researcher = make(Scripted(), web, questions=("heat pump",))
    run(researcher)
    assert web.fetched == hosts[:5]
    assert len(researcher.state.sources) == researcher.state.bounds.pages == 3
    gone = Web([f"https://gone{number}.test/" for number in range(20)])
    run(make(Scripted(), gone, questions=("heat pump",)))
    assert len(gone.fetched) == 6


FIRST = "https://a.test/"
LINKS = {
    FIRST: [
        ("Imprint", "https://a.test/imprint"),
        ("Heat your home", "https://a.test/home"),
        ("Heat pump tests", "https://b.test/"),
        ("How loud a heat pump is", "https://c.test/"),
        ("What a heat pump costs", "https://d.test/"),
    ],
    "https://b.test/": [("Another heat pump", "https://e.test/")],
    "https://c.test/": [("More on the heat pump", "https://f.test/")],
}


def test_links_on_the_topic_are_followed_one_step_and_not_too_many(make):
    web = Web([FIRST, "https://b.test/"], links=LINKS)
    researcher = make(Scripted(), web, questions=("How loud is a heat pump?",))
    run(researcher)
    assert web.fetched == [FIRST, "https://b.test/", "https://c.test/", "https://d.test/"]
    assert [source.place for source in researcher.state.sources] == web.fetched


def test_a_crash_while_links_are_followed_fetches_nothing_twice(make):
    whole = Web([FIRST], links=LINKS)
    first = make(Scripted(), whole, questions=("How loud is a heat pump?",))

    async def stopped() -> None:
        events = first.run()
        async for event in events:
            if isinstance(event, Notice) and "https://c.test/" in event.text:
                break
        await events.aclose()

    asyncio.run(stopped())
    assert whole.fetched == [FIRST, "https://c.test/"]
    again = Web(links=LINKS)
    second = make(Scripted(), again)
    second.state = load(first.folder, first.state.id)
    run(second)
    assert again.fetched == ["https://b.test/"]
    assert "https://b.test/" in again.recalled


def test_a_note_that_was_written_before_the_crash_is_not_written_twice(make, home):
    done = make(Scripted(), questions=("heat pump",), noted=True, read=True, findings=(Finding(),))
    state = done.state
    assert isinstance(run(done)[-1], MemoryWritten)
    path = done.state.note
    again = make(Scripted())
    again.state = state  # the crash came before the note's name was kept
    assert isinstance(run(again)[-1], MemoryWritten)
    assert again.state.note == path
    assert [each.name for each in (home.workspace / "knowledge").iterdir()] == ["heat-pump.md"]
    assert load(home.state / "research", state.id).note == path


def test_nothing_found_is_said(make):
    assert "Nothing was found" in said(run(make(Scripted(), questions=("heat pump",))))
