"""``localgpt approvals``: calls that wait for the owner's word, in whatever process; answered from here too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from localgpt.cli.inbox import WithList
from localgpt.cli.output import bold, dim, fit
from localgpt.cli.state import DOOR, CliState, pass_state
from localgpt.core.errors import NotFound, UsageError
from localgpt.core.values import Answer, Approval, Choice
from localgpt.security.content import visible

if TYPE_CHECKING:
    from localgpt.agent.approvals import Approvals

_FORMAT = click.Choice(["text", "json"])
_WIDEST = 10**9


@click.group(cls=WithList)
def approvals() -> None:
    """List and answer calls that wait for your word.

    A turn waits for the answer wherever it runs: in another terminal, or in the daemon. What asked while nobody was
    there waits in the inbox.
    """


@approvals.command("list")
@click.option("--format", "shape", type=_FORMAT, default="text", help="As text or JSON.")
@pass_state
def list_(state: CliState, shape: str) -> None:
    """List what waits, the oldest first (the word list may be left out)."""
    from localgpt.app.question import all_of_it, as_json
    from localgpt.cli.card import until
    from localgpt.cli.reply import called

    with state.open() as (assistant, _):
        found = assistant.approvals.open()
    if shape == "json":
        state.screen.json({"approvals": [as_json(one) for one in found]})
        return
    if not found:
        state.screen.aside("Nothing waits for your word.")
    for one in found:
        state.screen.line(
            bold(one.id), f"  {one.call.name}  {all_of_it(one)}  ", dim(f"{one.door}. {until(one.expires)}")
        )
        state.screen.line(dim(fit(f"          {visible(called(one.call))}", state.screen.width - 1)))


@approvals.command()
@click.argument("approval")
@click.option("--format", "shape", type=_FORMAT, default="text", help="As text or JSON.")
@pass_state
def show(state: CliState, approval: str, shape: str) -> None:
    """Show one with all of its call: APPROVAL is its id, or the beginning of it."""
    from localgpt.app.question import as_json
    from localgpt.cli import card

    with state.open() as (assistant, _):
        found = _named(assistant.approvals, approval)
    if shape == "json":
        state.screen.json(as_json(found))
        return
    for line in card.lines(found, state.screen.width, most=_WIDEST, answers=False):
        state.screen.line(*line)
    state.screen.aside(dim(f"  localgpt approvals allow {found.id}, or deny {found.id}"))


@approvals.command()
@click.argument("approval")
@click.option(
    "--session", "choice", flag_value="session", help="And this exact call for the rest of its conversation."
)
@click.option("--always", "choice", flag_value="always", help="And this exact call from now on.")
@pass_state
def allow(state: CliState, approval: str, choice: str | None) -> None:
    """Let the call run, exactly as it is shown: once, unless an option says more."""
    _answer(state, approval, Answer(Choice(choice or "once"), door=DOOR))


@approvals.command()
@click.argument("approval")
@click.argument("word", nargs=-1)
@pass_state
def deny(state: CliState, approval: str, word: tuple[str, ...]) -> None:
    """Don't let the call run; WORD is told to who asked."""
    _answer(state, approval, Answer(Choice.NO, " ".join(word), DOOR))


def _answer(state: CliState, reference: str, answer: Answer) -> None:
    from localgpt.app.question import TOLD

    with state.open() as (assistant, _):
        found = assistant.approvals.answer(reference, answer)
    state.screen.line(bold(found.id), f" {TOLD[answer.choice]}.")


def _named(desk: Approvals, reference: str) -> Approval:
    found = [one for one in desk.open() if one.id.startswith(reference)]
    if not found:
        raise NotFound(f"No question {reference!r} waits.", hint="List what is open: localgpt approvals")
    if len(found) > 1:
        raise UsageError(f"Several questions begin with {reference!r}.", hint="Give more of the id.")
    return found[0]
