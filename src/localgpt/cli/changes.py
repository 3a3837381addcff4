"""``localgpt history``, ``undo`` and ``redo``: what was changed in the owner's files, and putting it back."""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from localgpt.cli.group import Group
from localgpt.cli.output import Styled, bold, dim
from localgpt.cli.parameters import day
from localgpt.cli.state import CliState, pass_state
from localgpt.core.errors import Conflict, UsageError

if TYPE_CHECKING:
    from localgpt.app import Assistant
    from localgpt.care.steps import Step, Write
    from localgpt.care.undo import Undone
    from localgpt.cli.output import Screen

_FORMAT = click.Choice(["text", "json"])
_MOST_LINES = 20
_OPERATIONS = {"create": "made", "append": "added to", "replace": "changed", "delete": "deleted"}
_COLOURS = {"+": "green", "-": "red", "@": "cyan"}


class WithList(Group):
    """A group that, without the name of one of its commands, runs ``list`` with what it was given."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put ``list`` before what is no command."""
        if not args or (args[0] not in self.commands and args[0] not in ctx.help_option_names):
            args = ["list", *args]
        return super().parse_args(ctx, args)


@click.group(cls=WithList)
def history() -> None:
    """Show what was changed in your files, by turns and by yourself.

    localgpt history PATH lists the changes of a note or a folder of notes.
    """


@history.command("list")
@click.argument("path", default="")
@click.option(
    "--limit", type=click.IntRange(1, 100_000), default=20, show_default=True, help="At most so many changes."
)
@click.option("--format", "shape", type=_FORMAT, default="text", help="As text or JSON.")
@pass_state
def listed(state: CliState, path: str, limit: int, shape: str) -> None:
    """List what was changed (the word list may be left out).

    The last change first: its name, when, where, and whose words were written.
    PATH is a note or a folder of notes. What you changed with other programs is there with the door editor.
    """

    async def work(assistant: Assistant) -> list[Step]:
        import asyncio

        await asyncio.to_thread(assistant.keep_history)
        return await assistant.history(path, limit)

    found = state.run(work)
    if shape == "json":
        state.screen.json({"changes": [step.as_json() for step in found]})
        return
    if not found:
        state.screen.aside("Nothing was changed" + (f" in {path}." if path else " yet."))
    for step in found:
        _show_step(state.screen, step)


@history.command()
@click.argument("name")
@click.option("--format", "shape", type=_FORMAT, default="text", help="As text or JSON.")
@pass_state
def show(state: CliState, name: str, shape: str) -> None:
    """Show what one change did, line by line.

    NAME is one that 'localgpt history' shows, or its beginning.
    """
    shown = state.run(lambda assistant: assistant.show_change(name))
    if shape == "json":
        state.screen.json(shown.as_json())
        return
    _show_step(state.screen, shown.step)
    for file in shown.files:
        _show_diff(state.screen, file.diff)


@history.command()
@click.argument("path")
@click.option(
    "--at", required=True, metavar="TIME|NAME", help="2026-11-23, '2026-11-23 14:30', 7d, or a change's name."
)
@click.option("--yes", is_flag=True, help="Don't ask.")
@click.option("--format", "shape", type=_FORMAT, default="text", help="As text or JSON.")
@pass_state
def restore(state: CliState, path: str, at: str, yes: bool, shape: str) -> None:
    """Make a file what it was at some time.

    At the end of a day, at a moment, or after the change of that NAME. What would become of it is shown first. It is
    a change like any other: 'localgpt undo' takes it back.
    """
    then = moment(at, datetime.now().astimezone()) or at
    with state.open() as (assistant, runner):
        planned = runner.run(assistant.restore(path, then, dry_run=True))
        if _agreed(state, planned, yes=yes, shape=shape):
            _tell(state.screen, runner.run(assistant.restore(path, then)), shape)


def moment(text: str, now: datetime) -> datetime | None:
    """The time that ``text`` means: the end of a day, or a moment of it; ``None`` if it is no time."""
    if (found := day(text, now.date())) is not None:
        return datetime.fromisoformat(f"{found}T23:59:59.999999").astimezone()
    try:
        return datetime.fromisoformat(text).astimezone() if re.match(r"\d{4}-\d\d-\d\d[T ]", text) else None
    except ValueError:
        return None


def _show_step(screen: Screen, step: Step) -> None:
    when = f"{datetime.fromisoformat(step.time).astimezone():%Y-%m-%d %H:%M}"
    screen.line(bold(step.id), dim(f"  {when}  {step.door or 'unknown'}{_status(step)}"))
    lines = list(dict.fromkeys(map(_line, step.writes)))
    for line in lines[:_MOST_LINES]:
        screen.line(f"  {line}")
    if len(lines) > _MOST_LINES:
        screen.line(dim(f"  and {len(lines) - _MOST_LINES} more"))


def _status(step: Step) -> str:
    parts = [f"puts back {', '.join(step.undoes)}"] if step.undoes else []
    parts += [f"undone by {step.undone_by}"] if step.undone_by else []
    return "".join(f"  ({part})" for part in parts)


def _line(write: Write) -> str:
    lines = f":{write.start}" + (f"-{write.end}" if write.end != write.start else "") if write.start else ""
    whose = f"  ({write.origin})" if write.start and write.origin else ""
    return f"{_OPERATIONS.get(write.operation, write.operation)} {write.path}{lines}{whose}"


@click.command()
@click.argument("turn", required=False)
@click.option("--last", type=click.IntRange(1, 10_000), metavar="N", help="The last N changes at once.")
@click.option("--yes", is_flag=True, help="Don't ask.")
@click.option("--format", "shape", type=_FORMAT, default="text", help="As text or JSON.")
@pass_state
def undo(state: CliState, turn: str | None, last: int | None, yes: bool, shape: str) -> None:
    """Put back what was changed in your files.

    By the last turn or command that wrote something, or by TURN: a name that 'localgpt history' shows, or its beginning. What would be put back is shown first. What you
    edited since stays; a file that can't be put back without touching that is left alone and named.
    """
    if turn and last:
        raise UsageError("A turn and --last can't go together.", hint="Name the turn, or say how many.")

    _put_back(state, lambda assistant: assistant.undo(turn, last or 1, dry_run=True), yes=yes, shape=shape)


@click.command()
@click.option("--yes", is_flag=True, help="Don't ask.")
@click.option("--format", "shape", type=_FORMAT, default="text", help="As text or JSON.")
@pass_state
def redo(state: CliState, yes: bool, shape: str) -> None:
    """Take the last undo back."""
    _put_back(state, lambda assistant: assistant.redo(dry_run=True), yes=yes, shape=shape)


def _put_back(
    state: CliState, plan: Callable[[Assistant], Coroutine[Any, Any, Undone]], *, yes: bool, shape: str
) -> None:
    """Show what would be put back, ask, and do just that. Raises ``Conflict`` where nothing of it can be."""
    with state.open() as (assistant, runner):
        planned = runner.run(plan(assistant))
        if not _agreed(state, planned, yes=yes, shape=shape):
            return
        if planned.changed:
            planned = runner.run(assistant.undo(planned.turns))
        _tell(state.screen, planned, shape)
    if planned.kept and not planned.changed:
        raise Conflict(
            "Nothing was put back.", hint="Edit the file yourself, or undo what came after it first."
        )


def _agreed(state: CliState, planned: Undone, *, yes: bool, shape: str) -> bool:
    """Show what would become of the files, and ask if there is anything to ask."""
    if shape == "text":
        _show_plan(state.screen, planned)
    if planned.changed and not yes and not state.confirm("Put this back?", "--yes"):
        state.screen.aside("Nothing was put back.")
        return False
    return True


def _show_plan(screen: Screen, planned: Undone) -> None:
    _show_diff(screen, planned.diff)
    for file in planned.kept:
        screen.aside(Styled(f"{file.path} stays as it is: {file.kept}.", fg="yellow"))


def _show_diff(screen: Screen, diff: str) -> None:
    for line in diff.splitlines():
        screen.line(Styled(line, fg=_COLOURS.get(line[0]) if line else None))


def _tell(screen: Screen, done: Undone, shape: str) -> None:
    if shape == "json":
        screen.json(done.as_json())
    elif done.id:
        screen.line(f"Put back: {', '.join(file.path for file in done.changed)}.")
        screen.line(dim(f"localgpt undo {done.id} brings it back."))
    elif not done.kept:
        screen.line("There is nothing to put back: its files are as they were before already.")
