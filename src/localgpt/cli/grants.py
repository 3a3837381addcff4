"""``localgpt grants``: what was allowed beforehand, for a conversation or for good."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from localgpt.cli.inbox import WithList
from localgpt.cli.output import Styled, bold, dim
from localgpt.cli.state import DOOR, CliState, pass_state
from localgpt.core.errors import UsageError

if TYPE_CHECKING:
    from localgpt.core.values import EffectKind
    from localgpt.security.grants import Grant, Grants

_FORMAT = click.Choice(["text", "json"])
_SHELL = "shell"


def _grants(state: CliState) -> Grants:
    from localgpt.security.grants import Grants

    return Grants(state.located.config, state.located.state)


@click.group(cls=WithList)
def grants() -> None:
    """List, give and take back what needs no question.

    Answering a question with "always" gives one for exactly that call, with "session" for the rest of the conversation.
    After foreign text was read, only those for the exact call count.
    """


@grants.command("list")
@click.option("--format", "shape", type=_FORMAT, default="text", help="As text or JSON.")
@pass_state
def list_(state: CliState, shape: str) -> None:
    """List all of them: for what, by which door, when and why (the word list may be left out)."""
    from localgpt.security.grant_file import as_table

    kept = _grants(state)
    if shape == "json":
        state.screen.json({"grants": [as_table(one) for one in kept.list()], "problems": list(kept.problems)})
        return
    for one in kept.list():
        until = f"  in {one.session}" if one.session else ""
        exact = " (exactly this call)" if one.is_exact else ""
        state.screen.line(bold(one.id), f"  {_what(one)}{exact}{until}")
        state.screen.line(dim(f"          {_told(one)}"))
    for problem in kept.problems:
        state.screen.aside(Styled(problem, fg="yellow"))
    if not kept.list():
        state.screen.aside("Nothing is granted.")


def _line(text: str) -> str:
    return " ".join(text.split())


def _told(one: Grant) -> str:
    parts = (f"at the {one.who}" if one.who else "by hand", one.when[:16].replace("T", " "), _line(one.why))
    return ", ".join(part for part in parts if part)


@grants.command()
@click.option("--tool", default=_SHELL, show_default=True, help="The tool that it is for.")
@click.option("--folder", metavar="DIR", help="A folder that commands may write.")
@click.option("--network", is_flag=True, help="Commands may use the network.")
@click.option("--why", default="", help="A word for yourself.")
@pass_state
def add(state: CliState, tool: str, folder: str | None, network: bool, why: str) -> None:
    """Let commands use the network, or write a folder, without being asked each time.

    For good, until "localgpt grants revoke". It does not count after foreign text was read.
    """
    if bool(folder) == network:
        raise UsageError("Say either --folder DIR or --network.", hint="localgpt grants add --help")
    if tool != _SHELL:
        raise UsageError(
            f"Nothing can be granted to {tool!r} this way.",
            hint="Answer its question with `always`, or name the folder in security.allowed_directories.",
        )
    from localgpt.core.values import EffectKind
    from localgpt.security.grant import NETWORK

    target = _folder(state, folder) if folder else NETWORK
    kind = EffectKind.WRITES if folder else EffectKind.SENDS
    made = _grants(state).add(_made(tool, kind, target, why))
    state.screen.line(bold(made.id), f"  {_what(made)}")


def _what(grant: Grant) -> str:
    """What it allows, in one line."""
    from localgpt.core.values import EffectKind
    from localgpt.security.grant import NETWORK

    uses_network = grant.kind is EffectKind.SENDS and grant.target == NETWORK
    return (
        f"{grant.tool} {'uses the network' if uses_network else f'{grant.kind.value} {_line(grant.target)}'}"
    )


def _folder(state: CliState, folder: str) -> str:
    """The folder behind a path. Raises ``UsageError`` for one that is never opened to commands."""
    from localgpt.security.sandbox import planning

    path = state.folder / Path(folder).expanduser()
    return f"{planning.openable(Path(os.path.realpath(path)), state.home)}/"


def _made(tool: str, kind: EffectKind, target: str, why: str) -> Grant:
    from localgpt.security.grants import Grant

    now = datetime.now(UTC).astimezone().isoformat(timespec="seconds")
    return Grant("", tool, kind, target, who=DOOR, when=now, why=_line(why)).named()


@grants.command()
@click.argument("reference", metavar="ID")
@pass_state
def revoke(state: CliState, reference: str) -> None:
    """Take a grant back; the beginning of its ID is enough."""
    gone = _grants(state).revoke(reference)
    state.screen.line(f"Taken back: {_what(gone)}")
