"""``localgpt approvals`` as it is typed, while another process's turn waits."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from tests.app.test_question import question

from localgpt.agent.approvals import Approvals
from localgpt.core.journal import Journal
from localgpt.core.paths import Home
from localgpt.core.values import Answer, Choice, Effect, EffectKind

LATER = "2099-01-01T00:00:00+00:00"


def eventually(true: Callable[[], bool], seconds: float = 5.0) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@dataclass
class Elsewhere:
    """A turn that waits in a thread of its own, with a desk of its own."""

    desk: Approvals
    answers: list[Answer] = field(default_factory=list)

    def ask(self, name: str, **other: Any) -> threading.Thread:
        effect = Effect(EffectKind.RUNS, "make")
        approval = replace(question(effect), id=name, asked="2026-01-01T00:00:00+00:00", expires=LATER)
        waiting = threading.Thread(target=self._wait, args=(replace(approval, **other),))
        waiting.start()
        eventually(lambda: any(one.id == name for one in self.desk.open()))
        return waiting

    def _wait(self, approval: object) -> None:
        self.answers.append(asyncio.run(self.desk.ask(approval)))  # type: ignore[arg-type]


@pytest.fixture
def elsewhere(quick: Home) -> Iterator[Elsewhere]:
    desk = Approvals(quick.state / "approvals", Journal(quick.journal))
    yield Elsewhere(desk)
    for one in desk.open():
        desk.answer(one.id, Answer(Choice.NO))


def test_nothing_waits(run: Callable, quick: Home):
    assert run("approvals").err == "Nothing waits for your word.\n"
    assert json.loads(run("approvals", "--format", "json").out) == {"approvals": []}
    gone = run("approvals", "allow", "abc")
    assert (gone.code, "abc" in gone.err) == (1, True)


def test_listed_shown_and_answered_from_another_terminal(run, elsewhere):
    waiting = elsewhere.ask("a1b2")
    listed = run("approvals").out.splitlines()
    assert "a1b2  shell  runs a program that may reach more" in listed[0]
    assert listed[1].split()[:2] == ["shell", "make"]
    shown = run("approvals", "show", "a1").out
    assert "  │ make test\n  why it asks: You did not ask for it." in shown
    assert "[y]" not in shown
    assert json.loads(run("approvals", "show", "a1", "--format", "json").out)["shown"] == "make test"
    assert (run("approvals", "allow", "a1").out, run("approvals", "allow", "a1").code) == ("a1b2 once.\n", 2)
    waiting.join(5)
    assert elsewhere.answers == [Answer(Choice.ONCE, "", "terminal")]


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (("deny", "c3"), Answer(Choice.NO, "", "terminal")),
        (("deny", "c3", "use", "make check"), Answer(Choice.NO, "use make check", "terminal")),
        (("allow", "c3", "--session"), Answer(Choice.SESSION, "", "terminal")),
        (("allow", "c3", "--always"), Answer(Choice.ALWAYS, "", "terminal")),
    ],
)
def test_every_answer(run, elsewhere, words, answer):
    waiting = elsewhere.ask("c3d4", choices=tuple(Choice))
    assert run("approvals", *words).code == 0
    waiting.join(5)
    assert elsewhere.answers == [answer]


def test_what_makes_no_sense(run, elsewhere):
    waiting = elsewhere.ask("e5e5")
    other = elsewhere.ask("e5f6")
    assert run("approvals", "allow", "e5f", "--always").code == 2  # not offered
    assert run("approvals", "show", "e5").code == run("approvals", "deny", "e5").code == 2
    assert run("approvals", "show", "zz").code == 1
    assert elsewhere.answers == []
    for name in ("e5e5", "e5f6"):
        assert run("approvals", "deny", name).code == 0
    waiting.join(5)
    other.join(5)


def test_a_long_call_is_shown_whole(run, elsewhere):
    waiting = elsewhere.ask("f7f7", shown="Z" * 40_000)
    assert run("approvals", "show", "f7").out.count("Z") == 40_000
    run("approvals", "deny", "f7")
    waiting.join(5)
