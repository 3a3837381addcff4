"""``localgpt session``: the conversations that are kept."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from localgpt.cli.group import Group
from localgpt.cli.output import bold, dim
from localgpt.cli.passages import show_found
from localgpt.cli.state import CliState, pass_state

if TYPE_CHECKING:
    from localgpt.agent.sessions import SessionInfo

_SHORT = 8
_FORMAT = click.Choice(["text", "json"])
_SESSION_HELP = "SESSION is an id, its beginning (four characters or more), or last."


@click.group(cls=Group)
def session() -> None:
    """List, read, search, rename, branch, export and delete conversations."""


@session.command("list")
@click.option(
    "--limit", type=click.IntRange(1, 10_000), default=20, show_default=True, help="At most so many."
)
@click.option("--format", "shape", type=_FORMAT, default="text", help="As text or JSON.")
@pass_state
def list_(state: CliState, limit: int, shape: str) -> None:
    """List the conversations, the last used first."""
    with state.open() as (assistant, _):
        infos = assistant.sessions.list(limit)
    if shape == "json":
        state.screen.json({"sessions": [info_json(info) for info in infos]})
        return
    if not infos:
        state.screen.aside("There is no conversation yet. Start one: localgpt chat")
    for info in infos:
        count = f"{info.messages:>4} message" + ("s" if info.messages != 1 else " ")
        when = f"{info.updated.astimezone():%Y-%m-%d %H:%M}"
        state.screen.line(bold(info.id[:_SHORT]), dim(f"  {when}  {count}  "), info.title)


def info_json(info: SessionInfo) -> dict[str, Any]:
    """One row of ``session list --format json``; times are ISO."""
    return {
        "id": info.id,
        "title": info.title,
        "created": info.created.isoformat(),
        "updated": info.updated.isoformat(),
        "messages": info.messages,
        "model": info.model,
    }


@session.command(epilog=_SESSION_HELP)
@click.argument("name", metavar="SESSION")
@pass_state
def show(state: CliState, name: str) -> None:
    """Show a conversation."""
    from localgpt.agent.export import to_markdown

    with state.open() as (assistant, _):
        state.screen.markdown(to_markdown(assistant.sessions.open(name)))


@session.command()
@click.argument("query", nargs=-1, required=True)
@click.option(
    "--limit", type=click.IntRange(1, 100), default=10, show_default=True, help="At most so many passages."
)
@click.option("--format", "shape", type=_FORMAT, default="text", help="As text or JSON.")
@pass_state
def search(state: CliState, query: tuple[str, ...], limit: int, shape: str) -> None:
    """Search the conversations (the same as: localgpt search --in sessions)."""
    words = " ".join(query)
    found = state.run(lambda assistant: assistant.search(words, limit=limit, within="sessions"))
    show_found(state.screen, found, shape=shape)


@session.command(epilog=_SESSION_HELP)
@click.argument("name", metavar="SESSION")
@click.option(
    "--format",
    "shape",
    type=click.Choice(["markdown", "html", "json"]),
    help="To be read by people or by programs; else as the ending of FILE says, or Markdown.",
)
@click.option(
    "-o", "--output", "target", metavar="FILE", help="Write it to FILE, which must not be there yet."
)
@pass_state
def export(state: CliState, name: str, shape: str | None, target: str | None) -> None:
    """Print a whole conversation, or write it to a file."""
    from localgpt.app.exporting import exported, shape_of, write_new

    with state.open() as (assistant, _):
        text = exported(assistant.sessions.open(name), shape or shape_of(Path(target or "")))
    if target:
        write_new(Path(target), text)
        state.screen.aside(f"Written to {target}.")
    else:
        state.screen.text(text)


@session.command(epilog=_SESSION_HELP)
@click.argument("name", metavar="SESSION")
@click.argument("title", nargs=-1, required=True)
@pass_state
def rename(state: CliState, name: str, title: tuple[str, ...]) -> None:
    """Give a conversation a title."""
    with state.open() as (assistant, _):
        opened = assistant.sessions.open(name)
        opened.rename(" ".join(title))
    state.screen.line(f"{opened.id[:_SHORT]} is now called {opened.title}.")


@session.command(epilog=_SESSION_HELP)
@click.argument("name", metavar="SESSION")
@click.argument("title", nargs=-1)
@pass_state
def branch(state: CliState, name: str, title: tuple[str, ...]) -> None:
    """Copy a conversation into a new one, to go on differently. The first one stays as it is."""
    from localgpt.agent.branching import branch as branch_off

    with state.open() as (assistant, _):
        new = branch_off(assistant.sessions, assistant.sessions.open(name), " ".join(title))
    state.screen.line(f"{new.id} is {new.title}. Go on in it: localgpt chat --session {new.id[:_SHORT]}")


@session.command(epilog=_SESSION_HELP)
@click.argument("name", metavar="SESSION")
@click.option("--yes", is_flag=True, help="Don't ask.")
@pass_state
def delete(state: CliState, name: str, yes: bool) -> None:
    """Delete a conversation. Its file is renamed and can be put back."""
    with state.open() as (assistant, _):
        opened = assistant.sessions.open(name)
        title = opened.title or opened.facts().words or "nothing said"
        if not yes and not state.confirm(f"Delete {opened.id[:_SHORT]} ({title})?", "--yes"):
            state.screen.aside("Nothing was deleted.")
            return
        aside = assistant.sessions.delete(opened)
        assistant.grants.end(opened.id)
    state.screen.line(f"Deleted. Its file is kept as {aside}.")
