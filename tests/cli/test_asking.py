from __future__ import annotations

import asyncio
import os
import pty
import threading
import time
from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest
from tests.app.test_question import question

from localgpt.agent.approvals import Approvals
from localgpt.cli import keyboard, reply
from localgpt.cli.asking import Asking, asking, beside
from localgpt.cli.output import Screen
from localgpt.core.events import ApprovalAnswered, ApprovalRequested, Event, TextDelta, TurnFinished
from localgpt.core.journal import Journal
from localgpt.core.values import Answer, Choice, Stop

if TYPE_CHECKING:
    from localgpt.app import Assistant


@dataclass
class Desk:
    """A terminal with a person at it, and the desk where questions lie."""

    fingers: int
    screen: Screen
    approvals: Approvals
    seen: str = ""
    answers: list[Answer] = field(default_factory=list)

    async def turn(self, *, choices: tuple[Choice, ...] = tuple(Choice)) -> AsyncGenerator[Event, None]:
        approval = replace(question(), choices=choices, expires="2099-01-01T00:00:00+00:00")
        yield TextDelta("I will try.\n\n")
        yield ApprovalRequested(approval)
        answer = await self.approvals.ask(approval)
        self.answers.append(answer)
        yield ApprovalAnswered(approval.id, answer.choice, answer.word, answer.door)
        yield TurnFinished("t1", "s1", "m", "I will try.", Stop.DONE)

    def run(self) -> TurnFinished | None:
        view = reply.view(self.screen)
        return asyncio.run(reply.show(self.turn(), view, Asking(self.screen, self.approvals)))

    def wait(self, text: str) -> None:
        """Read the terminal until it shows ``text``."""
        until = time.monotonic() + 5
        while text not in self.seen:
            assert time.monotonic() < until, self.seen
            self.seen += os.read(self.fingers, 4096).decode()

    def type(self, *lines: tuple[str, str]) -> threading.Thread:
        """When the terminal shows the first text, type the second, and so on."""

        def work() -> None:
            for awaited, keys in lines:
                self.wait(awaited)
                os.write(self.fingers, keys.encode())

        thread = threading.Thread(target=work)
        thread.start()
        return thread


@pytest.fixture
def desk(tmp_path, monkeypatch) -> Iterator[Desk]:
    monkeypatch.setattr(keyboard, "SETTLE", 0.02)
    fingers, seen = pty.openpty()
    with os.fdopen(seen, closefd=False) as source, os.fdopen(seen, "w") as out:
        screen = Screen(out, out, source, terminal=True, errors_terminal=True, keyboard=True)
        yield Desk(fingers, screen, Approvals(tmp_path / "approvals", Journal(tmp_path / "journal")))
    os.close(fingers)


PROMPT = "  > "


@pytest.mark.parametrize(
    ("keys", "answer"),
    [
        ((("  > ", "y\r"),), Answer(Choice.ONCE, "", "terminal")),
        ((("  > ", "s\r"),), Answer(Choice.SESSION, "", "terminal")),
        ((("  > ", "\x03"),), Answer(Choice.NO, "", "terminal")),
        ((("  > ", "\x04"),), Answer(Choice.NO, "", "terminal")),
        ((("  > ", "w\r"), ("told? ", "not now\r")), Answer(Choice.NO, "not now", "terminal")),
        ((("  > ", "what?\r"), ("word\r\n  > ", "n\r")), Answer(Choice.NO, "", "terminal")),
    ],
)
def test_what_is_typed_answers_and_the_turn_goes_on(desk, keys, answer):
    typing = desk.type(*keys)
    finished = desk.run()
    typing.join()
    assert desk.answers == [answer]
    assert finished is not None
    assert finished.stop is Stop.DONE
    assert "? May this run? shell" in desk.seen
    assert "Answered" not in desk.seen


def test_what_was_typed_before_the_card_does_not_answer_it(desk):
    os.write(desk.fingers, b"y\ns\na\n")
    typing = desk.type(("  > ", "n\r"))
    desk.run()
    typing.join()
    assert desk.answers == [Answer(Choice.NO, "", "terminal")]


def test_an_answer_from_elsewhere_closes_the_card_with_a_line(desk):
    def elsewhere() -> None:
        desk.wait(PROMPT)
        desk.approvals.answer("a1", Answer(Choice.ONCE, door="page"))
        desk.wait("Answered on the page: once.")

    thread = threading.Thread(target=elsewhere)
    thread.start()
    desk.run()
    thread.join()
    assert desk.answers == [Answer(Choice.ONCE, door="page")]


def test_a_turn_that_is_stopped_leaves_the_terminal_as_it_was(desk):
    async def stopped() -> None:
        asks = Asking(desk.screen, desk.approvals)
        task = asyncio.create_task(reply.show(desk.turn(), reply.view(desk.screen), asks))
        await asyncio.to_thread(desk.wait, PROMPT)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    before = os.get_blocking(desk.fingers), _settings(desk)
    asyncio.run(stopped())
    assert (os.get_blocking(desk.fingers), _settings(desk)) == before
    assert desk.approvals.open() == ()


def _settings(desk: Desk) -> list[object]:
    import termios

    assert desk.screen.source is not None
    return termios.tcgetattr(desk.screen.source.fileno())


def test_without_a_terminal_nobody_is_asked(make_screen):
    door = cast("Assistant", SimpleNamespace(asks=True))
    assert asking(make_screen(terminal=False), door) is None
    assert door.asks is False


def test_many_cards_leave_the_loop_its_threads():
    async def work() -> str:
        going_on = threading.Event()
        waiting = [asyncio.ensure_future(beside(going_on.wait)) for _ in range(40)]
        said = await asyncio.wait_for(asyncio.to_thread(lambda: "free"), 5)
        going_on.set()
        await asyncio.gather(*waiting)
        return said

    assert asyncio.run(work()) == "free"


def test_what_goes_wrong_beside_is_told():
    with pytest.raises(ZeroDivisionError):
        asyncio.run(beside(lambda: 1 // 0))
