"""``localgpt freeze`` and ``localgpt thaw``: the emergency stop."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from localgpt.cli.state import DOOR, CliState, pass_state

if TYPE_CHECKING:
    from localgpt.security.freeze import Freeze


def _freeze(state: CliState) -> Freeze:
    from localgpt.core.journal import Journal
    from localgpt.security.freeze import Freeze

    home = state.located  # whatever is wrong with the settings
    return Freeze(home.state, Journal(home.journal).append)


@click.command()
@click.argument("why", nargs=-1)
@pass_state
def freeze(state: CliState, why: tuple[str, ...]) -> None:
    """Stop everything at once; nothing runs until thaw.

    Every turn, task and program that LocalGPT has started ends within a second. Nothing starts again until "localgpt thaw", also after a restart. Reading, searching, the history, undo and the
    doctor go on.
    """
    found = _freeze(state).freeze(DOOR, " ".join(why))
    state.screen.line(found.sentence)
    state.screen.aside("To let things run again: localgpt thaw")


@click.command()
@pass_state
def thaw(state: CliState) -> None:
    """Let things run again after freeze."""
    found = _freeze(state).thaw(DOOR)
    if found is None:
        state.screen.aside("Nothing was frozen.")
        return
    state.screen.line("Thawed: things may run again.")
    state.screen.aside("What was stopped stays stopped; tasks in the background go on where they were.")
