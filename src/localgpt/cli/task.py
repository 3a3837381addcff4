"""``localgpt task``: what is done in the background."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from localgpt.cli.group import Group
from localgpt.cli.output import Styled, bold, dim
from localgpt.cli.state import CliState, pass_state

if TYPE_CHECKING:
    from localgpt.app import Assistant
    from localgpt.scheduler.tasks import Task

_FORMAT = click.Choice(["text", "json"])
_COLOURS = {"done": "green", "running": "cyan", "waiting": "yellow", "failed": "red"}


@click.group(cls=Group)
def task() -> None:
    """Have things done in the background; the result comes to the inbox, and as a note.

    TASK is an id, or the beginning of one.
    """


@task.command()
@click.argument("text", nargs=-1, required=True)
@click.option("--model", metavar="NAME", default="", help="The model that does it.")
@click.option("--format", "shape", type=_FORMAT, default="text", help="As text or JSON.")
@pass_state
def add(state: CliState, text: tuple[str, ...], model: str, shape: str) -> None:
    """Write down what is to be done; the daemon does it."""
    with state.open() as (assistant, _):
        added = assistant.tasks.add(" ".join(text), model=model)
    if shape == "json":
        state.screen.json(added.as_json())
        return
    state.screen.line("Task ", bold(added.id), " waits.")
    state.screen.aside(dim(_who_runs_it(state)))


def _who_runs_it(state: CliState) -> str:
    from localgpt.daemon import lock

    if lock.running(state.located) is not None:
        return "The daemon runs it now."
    return "The daemon runs it by itself (localgpt daemon start); without one: localgpt task run"


@task.command("list")
@click.option("--all", "ended", is_flag=True, help="Also what has ended.")
@click.option("--format", "shape", type=_FORMAT, default="text", help="As text or JSON.")
@pass_state
def list_(state: CliState, ended: bool, shape: str) -> None:
    """List what waits and runs, the newest first."""
    with state.open() as (assistant, _):
        found = [one for one in assistant.tasks.list() if ended or not one.state.ended]
    if shape == "json":
        state.screen.json({"tasks": [one.as_json() for one in found]})
        return
    if not found:
        state.screen.aside(
            "There is no task." if ended else "No task waits or runs. Those before: localgpt task list --all"
        )
    for one in found:
        shown = Styled(f"{one.state.value:<9}", fg=_COLOURS.get(one.state.value))
        state.screen.line(
            bold(one.id), dim(f"  {one.created.astimezone():%Y-%m-%d %H:%M}  "), shown, "  ", one.title
        )


@task.command()
@click.argument("task")
@click.option("--format", "shape", type=_FORMAT, default="text", help="As text or JSON.")
@pass_state
def show(state: CliState, task: str, shape: str) -> None:
    """Show a task: how far it is, and what came of it."""
    with state.open() as (assistant, _):
        found = assistant.tasks.get(task)
    if shape == "json":
        state.screen.json(found.as_json())
        return
    state.screen.line(bold(found.id), "  ", Styled(found.state.value, fg=_COLOURS.get(found.state.value)))
    state.screen.text(f"{found.text}\n")
    for line in found.progress:
        state.screen.line(dim(f"  {line}"))
    if found.question:
        state.screen.line(f"It waits for your answer: localgpt inbox show {found.question}")
    if found.result or found.error:
        state.screen.text(f"\n{found.result or found.error}\n")
    if found.note:
        state.screen.line(dim(f"Note: {found.note}"))


@task.command()
@click.argument("task")
@pass_state
def pause(state: CliState, task: str) -> None:
    """Let a task rest; one that runs stops and keeps what it has."""
    _act(state, task, "pause")


@task.command()
@click.argument("task")
@pass_state
def resume(state: CliState, task: str) -> None:
    """Let a task go on; one that failed is tried again."""
    _act(state, task, "resume")


@task.command()
@click.argument("task")
@pass_state
def cancel(state: CliState, task: str) -> None:
    """End a task."""
    _act(state, task, "cancel")


@task.command()
@click.option("--format", "shape", type=_FORMAT, default="text", help="As text or JSON.")
@pass_state
def run(state: CliState, shape: str) -> None:
    """Run all that waits, and wait for it: what the daemon does by itself."""

    async def work(assistant: Assistant) -> tuple[Task, ...]:
        return await assistant.tasks.run_waiting()

    ran = state.run(work)
    if shape == "json":
        state.screen.json({"tasks": [one.as_json() for one in ran]})
    elif not ran:
        state.screen.aside("No task waits.")
    for one in ran if shape == "text" else ():
        shown = Styled(f"{one.state.value:<9}", fg=_COLOURS.get(one.state.value))
        state.screen.line(bold(one.id), "  ", shown, "  ", one.note or one.error or one.title)
    if any(one.state.value in {"failed", "paused"} for one in ran):
        raise click.exceptions.Exit(1)


def _act(state: CliState, reference: str, action: str) -> None:
    with state.open() as (assistant, _):
        changed = assistant.tasks.act(reference, action)
    state.screen.line("Task ", bold(changed.id), f" is {changed.state.value}.")
