"""``localgpt inbox``: what unattended work has left for you: questions, messages, results."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from localgpt.cli.group import Group
from localgpt.cli.output import Screen, Styled, bold, dim
from localgpt.cli.state import CliState, pass_state

if TYPE_CHECKING:
    from localgpt.app import Assistant
    from localgpt.scheduler.inbox import Item

_FORMAT = click.Choice(["text", "json"])
_COLOURS = {"question": "yellow", "result": "green"}


class WithList(Group):
    """A group that lists where nothing else is wanted."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put ``list`` before options alone."""
        own = [*ctx.help_option_names, *self.commands]
        return super().parse_args(
            ctx, args if args and (args[0] in own or not args[0].startswith("-")) else ["list", *args]
        )


@click.group(cls=WithList)
def inbox() -> None:
    """List, read and answer what waits for you.

    Work that nobody sits in front of may read, search and write plain notes. What needs more waits here as a question,
    with the exact call.
    """


@inbox.command("list")
@click.option("--all", "closed", is_flag=True, help="Also what was answered.")
@click.option("--format", "shape", type=_FORMAT, default="text", help="As text or JSON.")
@pass_state
def list_(state: CliState, closed: bool, shape: str) -> None:
    """List what waits, the newest first (the word list may be left out)."""
    with state.open() as (assistant, _):
        items = assistant.inbox.items(closed=closed)
    if shape == "json":
        state.screen.json({"items": [item.as_json() for item in items]})
        return
    if not items:
        state.screen.aside("Nothing waits for you.")
    for item in items:
        kind = Styled(f"{item.kind.value:<8}", fg=_COLOURS.get(item.kind.value))
        when = dim(f"  {item.time.astimezone():%Y-%m-%d %H:%M}  ")
        ended = "" if item.state == "open" else f"  ({item.state})"
        state.screen.line(bold(item.id), when, kind, "  ", item.title, dim(ended))


@inbox.command()
@click.argument("item")
@click.option("--format", "shape", type=_FORMAT, default="text", help="As text or JSON.")
@pass_state
def show(state: CliState, item: str, shape: str) -> None:
    """Show one of them as a whole: ITEM is its id, or the beginning of it."""
    with state.open() as (assistant, _):
        found = assistant.inbox.get(item)
    _told(state.screen, found, shape)


@inbox.command()
@click.argument("item")
@click.option("--format", "shape", type=_FORMAT, default="text", help="As text or JSON.")
@pass_state
def allow(state: CliState, item: str, shape: str) -> None:
    """Let the call that waits run: exactly that one, once."""
    _answer(state, item, "allow", "", shape)


@inbox.command()
@click.argument("item")
@click.option("--format", "shape", type=_FORMAT, default="text", help="As text or JSON.")
@pass_state
def dismiss(state: CliState, item: str, shape: str) -> None:
    """Put it away; a call that waits is not run."""
    _answer(state, item, "dismiss", "", shape)


@inbox.command()
@click.argument("item")
@click.argument("text", nargs=-1, required=True)
@click.option("--format", "shape", type=_FORMAT, default="text", help="As text or JSON.")
@pass_state
def reply(state: CliState, item: str, text: tuple[str, ...], shape: str) -> None:
    """Say something in the conversation that it came from; the answer comes as a background task."""
    _answer(state, item, "reply", " ".join(text), shape)


def _answer(state: CliState, reference: str, answer: str, text: str, shape: str) -> None:
    async def work(assistant: Assistant) -> Item:
        return await assistant.inbox.answer(reference, answer, text)

    item = state.run(work)
    if shape == "json":
        state.screen.json(item.as_json())
        return
    state.screen.line(bold(item.id), f" {item.state}.")
    if item.outcome:
        state.screen.text(f"{item.outcome}\n")
    if answer == "reply":
        state.screen.aside(dim("The daemon goes on with it; without one: localgpt task run"))


def _told(screen: Screen, item: Item, shape: str) -> None:
    if shape == "json":
        screen.json(item.as_json())
        return
    screen.line(bold(item.title))
    screen.line(dim(f"{item.kind.value}, {item.time.astimezone():%Y-%m-%d %H:%M}, {item.state}"))
    if item.text:
        screen.text(f"\n{item.text}\n")
    if item.call:
        screen.line("\n", bold(item.call.tool))
        for name, value in item.call.arguments.items():
            screen.line(
                f"  {name}: {value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}"
            )
        if item.call.origin == "foreign":
            screen.line(Styled("It had read foreign text before it asked for this.", fg="yellow"))
        if item.state == "open":
            screen.aside(dim(f"localgpt inbox allow {item.id}, or dismiss {item.id}"))
    if item.note:
        screen.line(dim(f"Note: {item.note}"))
    if item.session:
        screen.line(dim(f"Conversation: localgpt session show {item.session[:8]}"))
    if item.outcome:
        screen.text(f"\n{item.outcome}\n")
