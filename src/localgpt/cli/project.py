"""``localgpt project``: the folders that one works in, and what is known of each."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from localgpt.cli import whereabouts
from localgpt.cli.group import Group
from localgpt.cli.output import bold, dim
from localgpt.cli.state import CliState, pass_state
from localgpt.core.errors import NotFound

if TYPE_CHECKING:
    from localgpt.agent.projects import Project
    from localgpt.app import Assistant
    from localgpt.app.project_memory import ProjectMemory

_FORMAT = click.Choice(["text", "json"])
_LABEL = 15
_RECENT = 5


@click.group(cls=Group)
def project() -> None:
    """List, show, add and forget projects.

    A project is a folder whose conversations and decisions belong together. A conversation that is started
    in such a folder knows the project's note, and finds what belongs to it first.
    """


@project.command("list")
@click.option("--format", "shape", type=_FORMAT, default="text", help="As text or JSON.")
@pass_state
def list_(state: CliState, shape: str) -> None:
    """List the projects, each with its folder, its last conversation and its note."""
    with state.open() as (assistant, _):
        rows = [_row(assistant.projects, one) for one in assistant.projects.register.all()]
    if shape == "json":
        state.screen.json({"projects": rows})
        return
    if not rows:
        state.screen.aside("There is no project yet. Add the folder you are in: localgpt project add")
    for row in rows:
        used = row["last_conversation"]
        when = (
            f"{datetime.fromisoformat(used).astimezone():%Y-%m-%d %H:%M}" if used else "no conversation yet"
        )
        gone = "" if row["there"] else " (not there)"
        state.screen.line(bold(f"{row['name']:<20} "), f"{row['folder']}{gone}")
        state.screen.line(dim(f"    {when}  {row['note']}"))


def _row(projects: ProjectMemory, one: Project) -> dict[str, Any]:
    """One row of ``project list --format json``; the time is ISO."""
    recent = projects.recent(one, 1)
    return {
        "name": one.name,
        "folder": str(one.folder),
        "there": one.folder.is_dir(),
        "last_conversation": recent[0].updated.isoformat() if recent else "",
        "note": one.note,
    }


@project.command()
@click.argument("name", required=False)
@pass_state
def show(state: CliState, name: str | None) -> None:
    """Show a project (the one you are in): its note, what is trusted, its conversations, its open ends."""
    from localgpt.agent.project_note import OPEN_ENDS, items

    with state.open() as (assistant, _):
        one = _named(assistant, state, name)
        note = assistant.projects.note(one)
        recent = assistant.projects.recent(one, _RECENT)
        guide = _guide(assistant.projects, one)
    left = [item.text for item in items(note, OPEN_ENDS) if not item.done]
    for label, value in {
        "name": one.name,
        "folder": str(one.folder),
        "note": one.note if note else f"{one.note} (not written yet)",
        "trust": guide,
    }.items():
        state.screen.line(bold(f"{label:<{_LABEL}}"), value)
    for number, info in enumerate(recent):
        label = "conversations" if number == 0 else ""
        when = f"{info.updated.astimezone():%Y-%m-%d %H:%M}"
        state.screen.line(bold(f"{label:<{_LABEL}}"), dim(f"{info.id[:8]}  {when}  "), info.title)
    for number, text in enumerate(left):
        state.screen.line(bold(f"{'open ends' if number == 0 else '':<{_LABEL}}"), text)
    if note:
        state.screen.line("")
        state.screen.markdown(note)


def _guide(projects: ProjectMemory, one: Project) -> str:
    """The file that tells assistants how to work there, and whether it is used."""
    guide = projects.guide(one)
    if guide is None:
        return "nothing (no AGENTS.md or CLAUDE.md)"
    said = projects.register.answer(guide)
    if said is None:
        why = "has changed since your yes" if projects.register.changed(guide) else "waits for your yes"
        return f"{guide.path.name} is not used: it {why}"
    return (
        f"{guide.path.name} is used: you trust it" if said else f"{guide.path.name} is not used: you said no"
    )


def _named(assistant: Assistant, state: CliState, name: str | None) -> Project:
    """The project of that name, or the one that the command was started in."""
    if name:
        return assistant.projects.register.named(name)
    found = assistant.projects.register.find(state.folder)
    if found is None:
        raise NotFound("You are in no project.", hint="Name one, or add this folder: localgpt project add")
    return found


@project.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@click.option("--name", default="", metavar="NAME", help="What to call it, if not as the folder.")
@click.option("--yes", is_flag=True, help="Don't ask: use what its AGENTS.md or CLAUDE.md says.")
@pass_state
def add(state: CliState, folder: Path | None, name: str, yes: bool) -> None:
    """Make a folder (the one you are in) a project, with a note of its own in your workspace."""
    with state.open() as (assistant, _):
        one, change = assistant.projects.open(folder or Path.cwd(), whereabouts.author(), name)
        whereabouts.settle(assistant, state, one, yes=yes)
    made = "is made" if change else "was there already"
    state.screen.line(f"{one.name} is the project in {one.folder}. Its note {one.note} {made}.")


@project.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Don't ask.")
@pass_state
def forget(state: CliState, name: str, yes: bool) -> None:
    """Take a project out of the list. Its folder, its note and its conversations stay as they are."""
    with state.open() as (assistant, _):
        one = assistant.projects.register.named(name)
        if not yes and not state.confirm(f"Forget the project {one.name} ({one.folder})?", "--yes"):
            state.screen.aside("Nothing was changed.")
            return
        assistant.projects.register.forget(one)
        note = assistant.projects.note(one)
    stays = f" Its note stays: {one.note}" if note else ""
    state.screen.line(f"{one.name} is forgotten; its folder is no project until you add it again.{stays}")
