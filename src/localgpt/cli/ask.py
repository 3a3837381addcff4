"""``localgpt ask``: one question, one answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from localgpt.cli import reply, standard_input, thinking, whereabouts
from localgpt.cli.asking import asking
from localgpt.cli.leaving import show
from localgpt.cli.state import CliState, pass_state
from localgpt.core.errors import ModelError, UsageError
from localgpt.core.events import Event

if TYPE_CHECKING:
    from localgpt.agent.sessions import Session
    from localgpt.app import Assistant


@click.command()
@click.argument("question", nargs=-1)
@click.option(
    "-m", "--model", metavar="MODEL", help="The model that answers, instead of the one in the settings."
)
@click.option(
    "-s",
    "--session",
    "name",
    metavar="SESSION",
    help="Go on with this conversation (id, its beginning, or last).",
)
@click.option("--local", is_flag=True, help="Only models on this machine answer.")
@click.option(
    "--format", "shape", type=click.Choice(["text", "json"]), default="text", help="As text or JSON."
)
@click.option(
    "--attach",
    "files",
    metavar="FILE",
    multiple=True,
    help="Hand a file over with the question (may be given several times).",
)
@pass_state
def ask(
    state: CliState,
    question: tuple[str, ...],
    model: str | None,
    name: str | None,
    local: bool,
    shape: str,
    files: tuple[str, ...],
) -> None:
    """Ask one question and get one answer.

    Text that is piped in is added to the question:  git log -5 | localgpt ask "what changed?"
    """
    typed = " ".join(question)
    words = asked(typed, standard_input.read(state.screen))

    async def work(assistant: Assistant) -> str:
        from localgpt.app import Answer

        await thinking.ready(assistant, state)
        cwd = whereabouts.here(assistant, state)
        session = assistant.sessions.open(name) if name else assistant.sessions.new(cwd=cwd)
        attached = [await assistant.attach(file) for file in files]
        asks = asking(state.screen, assistant)
        events = assistant.chat(words, session=session, purpose="ask", attachments=attached)
        if shape == "json":
            finished = await reply.show(events, reply.NoView(), asks)
            if finished:
                state.screen.json(Answer.of(words, finished).as_json())
            await _settle(assistant, session, typed)
            return finished.error if finished else ""
        for notice in assistant.notices:
            state.screen.aside(notice)
        view = reply.view(state.screen, markdown=state.config.chat.render_markdown)
        finished = await reply.show(events, view, asks)
        show(state.screen, await _settle(assistant, session, typed))
        return finished.error if finished else ""

    if error := state.run(work, model=model, local=local):
        raise ModelError(error)


async def _settle(assistant: Assistant, session: Session, typed: str) -> tuple[Event, ...]:
    """Note what is worth keeping, by rule; what was only piped in is nobody's own words."""
    if not typed.strip():
        assistant.pass_over(session)
    return await assistant.settle(session, by_model=False)


def asked(question: str, piped: str) -> str:
    """The words of the turn: the question, with the piped text below it in a fence that the text can't end."""
    question, piped = question.strip(), piped.strip("\n")
    if not piped.strip():
        if not question:
            raise UsageError("There is no question.", hint='Like this: localgpt ask "When is the dentist?"')
        return question
    if not question:
        return piped.strip()
    fence = "```"
    while fence in piped:
        fence += "`"
    return f"{question}\n\n{fence}\n{piped}\n{fence}"
