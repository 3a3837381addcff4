"""Questions about tool calls, asked at the terminal at which the turn is shown; or closed there, when another door answers."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from localgpt.core.events import ApprovalAnswered, ApprovalRequested, Event
from localgpt.core.values import Answer, Approval, Choice

if TYPE_CHECKING:
    from localgpt.agent.approvals import Approvals
    from localgpt.app import Assistant
    from localgpt.cli.keyboard import Keyboard
    from localgpt.cli.output import Screen

T = TypeVar("T")

DOOR = "terminal"
_PROMPT = "  > "


class Asking:
    """Hears the events of a turn: asks when one is a question, and ends the asking when it is answered."""

    def __init__(self, screen: Screen, approvals: Approvals) -> None:
        self._screen, self._approvals = screen, approvals
        self._task: asyncio.Task[None] | None = None
        self._keyboard: Keyboard | None = None
        self._answered = False

    async def heed(self, event: Event) -> None:
        """Do what an event asks for; others are nothing to it."""
        if isinstance(event, ApprovalRequested):
            await self.stop()
            self._begin(event.approval)
        elif isinstance(event, ApprovalAnswered):
            await self.stop()
            if not self._answered:
                self._tell(event)

    async def stop(self) -> None:
        """Ask no more; the terminal is as it was when this comes back."""
        if self._task is None:
            return
        assert self._keyboard is not None
        self._keyboard.wake()
        task, self._task = self._task, None
        await asyncio.shield(task)

    def _begin(self, approval: Approval) -> None:
        from localgpt.cli.keyboard import Keyboard

        assert self._screen.source is not None
        self._answered = False
        self._keyboard = Keyboard(self._screen.source.fileno())
        self._task = asyncio.create_task(self._ask(approval, self._keyboard))

    async def _ask(self, approval: Approval, keyboard: Keyboard) -> None:
        from localgpt.core.errors import LocalGPTError

        given = await beside(partial(asked, self._screen, keyboard, approval))
        if given is None:
            return
        self._answered = True
        try:
            await asyncio.to_thread(self._approvals.answer, approval.id, given)
        except LocalGPTError:  # another door was faster; what it said comes as an event
            self._answered = False

    def _tell(self, event: ApprovalAnswered) -> None:
        from localgpt.app.question import outcome
        from localgpt.cli.output import Styled

        self._screen.aside(Styled(f"  {outcome(event.choice, event.word, event.door)}", fg="yellow"))


async def beside(work: Callable[[], T]) -> T:
    """What ``work`` gives, in a thread of its own: a person may take minutes, and the loop's threads are few."""
    done: Future[T] = Future()
    done.set_running_or_notify_cancel()  # who waits may be cancelled, the thread ends in its own time

    def run() -> None:
        try:
            done.set_result(work())
        except Exception as error:  # noqa: BLE001 - whoever waits for it is told
            done.set_exception(error)

    threading.Thread(target=run, name="asking", daemon=True).start()
    return await asyncio.wrap_future(done)


def asking(screen: Screen, assistant: Assistant) -> Asking | None:
    """Who asks at this terminal, where it is one: then the assistant's turns may ask."""
    assistant.asks = can_ask(screen)
    return Asking(screen, assistant.approvals) if assistant.asks else None


def can_ask(screen: Screen) -> bool:
    """Whether a person looks at the screen and types into it."""
    import os

    return os.name == "posix" and screen.keyboard and screen.errors_terminal


def asked(screen: Screen, keyboard: Keyboard, approval: Approval) -> Answer | None:
    """Show the card and read the answer, in a thread of its own; ``None`` when it is not wanted any more.

    A terminal that has gone says no. A caller who gave up is dealt with where his command runs.
    """
    from localgpt.cli import card
    from localgpt.cli.keyboard import Woken

    try:
        with keyboard:
            for line in card.lines(approval, screen.width):
                screen.aside(*line)
            keyboard.forget()
            return replace(_read(screen, keyboard, approval), door=DOOR)
    except (EOFError, OSError):
        _end_line(screen)
        return Answer(Choice.NO, door=DOOR)
    except Woken:
        _end_line(screen)
        return None
    except KeyboardInterrupt:  # it may not reach the loop that waits for this thread
        return None


def _end_line(screen: Screen) -> None:
    with contextlib.suppress(OSError):
        screen.aside()


def _read(screen: Screen, keyboard: Keyboard, approval: Approval) -> Answer:
    from localgpt.cli import card

    while True:
        screen.prompt(_PROMPT)
        said = card.understood(keyboard.line(), approval.choices)
        if said.asks:
            screen.prompt(f"  {card.WORD}")
            return Answer(Choice.NO, keyboard.line())
        if said.answer is not None:
            return said.answer
        screen.aside(f"  {card.keys(approval.choices)}")
