"""``localgpt token``: keys for programs that use the HTTP interface, each as far as it is meant to go."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from localgpt.cli.inbox import WithList
from localgpt.cli.output import bold, dim
from localgpt.cli.state import DOOR, CliState, pass_state

if TYPE_CHECKING:
    from localgpt.server.tokens import Tokens

_FORMAT = click.Choice(["text", "json"])


def _tokens(state: CliState) -> Tokens:
    from localgpt.server.tokens import Tokens

    return Tokens(state.located.state)


@click.group(cls=WithList)
def token() -> None:
    """Make, list and revoke keys for programs that may less than you.

    Programs use the HTTP interface with them. A token of scope "search" only searches, one of scope "chat" also has conversations of its own, and "owner" may all
    that you may.
    """


@token.command("list")
@click.option("--format", "shape", type=_FORMAT, default="text", help="As text or JSON.")
@pass_state
def list_(state: CliState, shape: str) -> None:
    """List the tokens: how far each goes, when it was made and last used (the word list may be left out)."""
    kept = _tokens(state).list()
    if shape == "json":
        shown = [
            {
                "name": one.name,
                "scope": one.scope.value,
                "local": one.local,
                "made": one.made,
                "used": one.used,
            }
            for one in kept
        ]
        state.screen.json({"tokens": shown})
        return
    for one in kept:
        scope = f"{one.scope.value}{' --local' if one.local else ''}"
        used = f"last used {one.used[:10]}" if one.used else "never used"
        state.screen.line(bold(one.name), f"  {scope}", dim(f"  made {one.made[:10]}, {used}"))
    if not kept:
        state.screen.aside("There are no tokens. Make one: localgpt token new NAME --scope search")


@token.command()
@click.argument("name")
@click.option(
    "--scope",
    type=click.Choice(["search", "chat", "owner"]),
    required=True,
    help="How far it goes.",
)
@click.option("--local", is_flag=True, help="Let private passages through: the program is on this machine.")
@pass_state
def new(state: CliState, name: str, scope: str, local: bool) -> None:
    """Make a token and print it, for the only time: only its hash is kept."""
    from localgpt.core.journal import Journal
    from localgpt.server.tokens import Scope

    made, key = _tokens(state).new(name, Scope(scope), local=local)
    Journal(state.located.journal).append("token.made", name=made.name, scope=made.scope.value, door=DOOR)
    state.screen.line(key)
    state.screen.aside(
        f"This is shown once. Programs send it as: Authorization: Bearer … ({made.scope.value})"
    )


@token.command()
@click.argument("name")
@pass_state
def revoke(state: CliState, name: str) -> None:
    """Let a token count no longer, from its next request on."""
    from localgpt.core.journal import Journal

    gone = _tokens(state).revoke(name)
    Journal(state.located.journal).append("token.revoked", name=gone.name, door=DOOR)
    state.screen.line(f"Revoked: {gone.name}")
