"""The end of a chat: what is worth keeping of it goes into the notes, one line for each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from localgpt.cli import reply
from localgpt.cli.output import Screen
from localgpt.core.events import Event

if TYPE_CHECKING:
    from collections.abc import Iterable

    from localgpt.app import Talk
    from localgpt.cli.state import Runner

_WORKING = "Noting what is worth keeping (Ctrl-C leaves it for later) ..."


def leave(screen: Screen, talk: Talk, runner: Runner) -> None:
    """Settle the conversation and show what was noted; Ctrl-C leaves it for the next time."""
    if talk.session is None:
        return
    screen.progress(_WORKING)
    try:
        written = runner.run(talk.settle())
    except KeyboardInterrupt:
        written = ()
    finally:
        screen.progress("")
    show(screen, written)


def show(screen: Screen, written: Iterable[Event]) -> None:
    """One line for each thing that was written: on a terminal where one looks, else on standard error."""
    for event in written:
        if screen.terminal and (line := reply.aside(event, screen.width)) is not None:
            screen.line(line)
        elif not screen.terminal:
            reply.PlainView(screen).show(event)
