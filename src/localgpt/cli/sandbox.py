"""`localgpt sandbox`: whether this machine can hold a command, how well, and running one."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from localgpt.cli.group import Group
from localgpt.cli.output import Styled, bold, dim
from localgpt.cli.state import CliState, pass_state

if TYPE_CHECKING:
    from localgpt.security.sandbox.result import Result
    from localgpt.security.sandbox.trial import Verdict

_FORMAT = click.Choice(["text", "json"])
_WALLS = click.Choice(["full", "weaker"])
_MARKS = {True: ("held", "green"), False: ("ESCAPED", "red"), None: ("not tried", None)}
_WORK = {True: ("works", "green"), False: ("FAILS", "red"), None: ("not tried", None)}


@click.group(cls=Group)
def sandbox() -> None:
    """Run commands behind walls, and see how well these hold.

    What models run is held by the same walls.
    """


@sandbox.command()
@click.option("--format", "shape", type=_FORMAT, default="text", help="As text or JSON.")
@pass_state
def status(state: CliState, shape: str) -> None:
    """Show which walls this machine allows, and why not the others."""
    import dataclasses

    from localgpt.security.sandbox.status import status as found_out

    found = found_out()
    if shape == "json":
        state.screen.json(dataclasses.asdict(found))
        return
    for layer in found.layers:
        word, colour = {True: ("yes", "green"), False: ("no", "yellow"), None: ("not tried", None)}[
            layer.stands
        ]
        state.screen.line(bold(f"{layer.name:<12}"), Styled(f"{word:<11}", fg=colour), dim(layer.remark))
    state.screen.line(found.sentence)


@sandbox.command()
@click.option("--walls", type=_WALLS, help="These, instead of the strongest that stand here.")
@click.option("--format", "shape", type=_FORMAT, default="text", help="As text or JSON.")
@pass_state
def test(state: CliState, walls: str | None, shape: str) -> None:
    """Try to get out in every way we know, and do everyday work; takes about half a minute.

    Each attempt is judged from outside, in a home made for it. Exit code 1 if one escaped or some work failed.
    """
    from localgpt.security.sandbox import status, trial

    strength = walls or status.best()
    run = trial.walled(strength)
    attempts = _told(state, trial.escapes(run))
    everyday = _told(state, trial.works(run, below=strength == "weaker"))
    if shape == "json":
        import dataclasses

        state.screen.json(
            {
                "attempts": list(map(dataclasses.asdict, attempts)),
                "everyday": list(map(dataclasses.asdict, everyday)),
            }
        )
    else:
        _show_attempts(state, attempts)
        _show_work(state, everyday)
    if any(one.held is False for one in (*attempts, *everyday)):
        raise click.exceptions.Exit(1)


@sandbox.command(context_settings={"ignore_unknown_options": True})
@click.option(
    "--network", is_flag=True, help="With the network: SSH, names, the web and git, on this machine too."
)
@click.option(
    "--write",
    multiple=True,
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="A folder that it may write as well.",
)
@click.option(
    "--timeout", type=float, default=120.0, show_default=True, metavar="SECONDS", help="End it after so long."
)
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
@pass_state
def run(
    state: CliState, network: bool, write: tuple[Path, ...], timeout: float, command: tuple[str, ...]
) -> None:
    """Run a command in the workspace, behind walls. One word is a line for the shell.

    It can write the workspace (but no file that speaks in prompts or starts things) and a private temporary
    folder, read the system, and nothing else. All that it started ends with it; its exit code is ours.
    """
    from localgpt.core.paths import Home
    from localgpt.security.sandbox import planning, status, supervisor
    from localgpt.security.sandbox.plan import Limits

    home: Home = state.home
    folders = [path if path.is_absolute() else state.folder / path for path in write]
    plan = planning.plan(command, home, write=folders, network=network, limits=Limits(seconds=timeout))
    result = supervisor.run(plan, status.best())
    _show(state, result)
    if result.code:
        raise click.exceptions.Exit(result.code)


def _show(state: CliState, result: Result) -> None:
    state.screen.text(result.out)
    if result.err:
        state.screen.aside(result.err.removesuffix("\n"))
    for sentence in result.sentences:
        state.screen.aside(Styled(sentence, fg="yellow"))


def _told(state: CliState, verdicts: Iterable[Verdict]) -> list[Verdict]:
    """All of them, with a line of progress while they come."""
    found = []
    for one in verdicts:
        found.append(one)
        state.screen.progress(f"{len(found)}: {one.kind}: {one.name}")
    state.screen.progress("")
    return found


def _show_attempts(state: CliState, attempts: list[Verdict]) -> None:
    state.screen.line(bold(f"{'attempts':<18}{'tried':>6}{'held':>6}{'escaped':>9}"))
    for kind in dict.fromkeys(one.kind for one in attempts):
        held = [one.held for one in attempts if one.kind == kind]
        tried = len(held) - held.count(None)
        state.screen.line(f"{kind:<18}{tried:>6}{held.count(True):>6}{held.count(False):>9}")
    _show_others(state, attempts, _MARKS)


def _show_work(state: CliState, everyday: list[Verdict]) -> None:
    held = [one.held for one in everyday]
    state.screen.line(
        bold("everyday work"), f"     {held.count(True)} of {len(held) - held.count(None)} works"
    )
    _show_others(state, everyday, _WORK)


def _show_others(
    state: CliState, verdicts: list[Verdict], marks: dict[bool | None, tuple[str, str | None]]
) -> None:
    for one in verdicts:
        if not one.held:
            word, colour = marks[one.held]
            state.screen.line("  ", Styled(word, fg=colour), f"  {one.kind}: {one.name}  ", dim(one.remark))
