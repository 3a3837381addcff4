"""``localgpt chat``: a conversation, at a terminal or line by line from a pipe."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from localgpt.cli import standard_input, thinking, whereabouts
from localgpt.cli.exchange import TEMPORARY, answer
from localgpt.cli.leaving import leave
from localgpt.cli.output import Screen
from localgpt.cli.state import CliState, Runner, pass_state
from localgpt.core.errors import UsageError

if TYPE_CHECKING:
    from localgpt.agent.sessions import Session, Sessions
    from localgpt.app import Assistant, Talk


@click.command()
@click.option(
    "-m", "--model", metavar="MODEL", help="The model that answers, instead of the one in the settings."
)
@click.option(
    "-s", "--session", "name", metavar="SESSION", help="Go on with this conversation (id or its beginning)."
)
@click.option("--local", is_flag=True, help="Only models on this machine answer.")
@click.option("--resume", is_flag=True, help="Go on with the conversation that was used last.")
@click.option(
    "--mode",
    type=click.Choice(["ask", "trusted", "read-only", "plan", "yolo"]),
    help="What may happen without a question, instead of security.mode.",
)
@click.option("--temporary", is_flag=True, help="Keep nothing of this chat: it is deleted when it ends.")
@click.option(
    "--attach",
    "files",
    metavar="FILE",
    multiple=True,
    help="Hand a file over with the first words (may be given several times).",
)
@pass_state
def chat(
    state: CliState,
    model: str | None,
    name: str | None,
    local: bool,
    resume: bool,
    mode: str | None,
    temporary: bool,
    files: tuple[str, ...],
) -> None:
    """Talk with your assistant.

    At a terminal: Enter sends, Alt-Enter begins a new line, Ctrl-C stops a reply, Ctrl-D leaves; /help lists the
    commands. Without one, each line of standard input is a message, and the answers are plain text.
    """
    if name and resume:
        raise UsageError("--session and --resume can't go together.", hint="--resume is --session last.")
    if temporary and (name or resume):
        raise UsageError("A temporary chat can't go on with a kept one.", hint="Leave out --temporary.")
    with state.open(model, local=local) as (assistant, runner), _place(temporary=temporary) as place:
        from localgpt.app import Talk
        from localgpt.app.enclosing import line

        if mode:
            assistant.use_mode(mode)
        runner.run(thinking.ready(assistant, state))
        cwd = whereabouts.here(assistant, state)
        talk = Talk(assistant, _session(assistant, name, resume=resume), sessions=place, cwd=cwd)
        for file in files:
            state.screen.aside(line(runner.run(talk.attach(file))))
        if state.screen.terminal and state.screen.keyboard:
            from localgpt.cli.repl import Repl

            Repl(state.screen, talk, runner).run()
        else:
            converse(state.screen, talk, runner)
        leave(state.screen, talk, runner)


@contextlib.contextmanager
def _place(*, temporary: bool) -> Iterator[Sessions | None]:
    """Where the conversation is kept; ``None``: with the others."""
    if not temporary:
        yield None
        return
    from localgpt.agent.temporary import temporary_sessions

    with temporary_sessions() as sessions:
        yield sessions


def _session(assistant: Assistant, name: str | None, *, resume: bool) -> Session | None:
    if name:
        return assistant.sessions.open(name)
    return assistant.sessions.latest() if resume else None


def converse(screen: Screen, talk: Talk, runner: Runner) -> None:
    """Answer each line of standard input; a turn that fails says so, and the next one goes on."""
    for notice in [*talk.assistant.notices, *([TEMPORARY] if talk.temporary else [])]:
        screen.aside(notice)
    for line in standard_input.lines(screen):
        if line.strip() and not answer(line.strip(), screen, talk, runner):
            return
