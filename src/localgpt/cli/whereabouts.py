"""In which folder a conversation is held, and whether what that folder tells assistants may be used."""

from __future__ import annotations

import shlex
import uuid
from typing import TYPE_CHECKING

from localgpt.core.errors import LocalGPTError
from localgpt.core.values import Author, Origin

if TYPE_CHECKING:
    from localgpt.agent.projects import Project
    from localgpt.app import Assistant
    from localgpt.cli.state import CliState

DOOR = "terminal"


def here(assistant: Assistant, state: CliState) -> str:
    """The folder that the command was started in; empty if it is gone. A project in it is asked about once."""
    try:
        cwd = str(state.folder)
    except OSError:
        return ""
    try:
        project = assistant.projects.register.find(cwd)
        if project is not None:
            settle(assistant, state, project)
    except LocalGPTError as error:  # a conversation goes on without its project
        state.screen.aside(error.message)
    return cwd


def settle(assistant: Assistant, state: CliState, project: Project, *, yes: bool = False) -> None:
    """Ask whether a project's AGENTS.md may be used, if nobody did for what it says now; a yes makes its note."""
    projects = assistant.projects
    guide = projects.guide(project)
    if guide is None or (projects.register.answer(guide) is not None and not yes):
        return
    folder, name = project.folder, guide.path.name
    changed = " now that it has changed" if projects.register.changed(guide) else ""
    if not yes and not state.asks:
        state.screen.aside(
            f"What {name} in {folder} says is not used{changed}; "
            f"to trust it: localgpt project add {shlex.quote(str(folder))} --yes"
        )
        return
    agreed = yes or state.confirm(f"Use what {name} in {folder} says{changed}? (trust this folder)", "--yes")
    projects.register.keep(guide, yes=agreed)
    if agreed:
        projects.open(folder, author())


def author() -> Author:
    """The owner, at the terminal."""
    return Author(Origin.OWNER, uuid.uuid4().hex[:12], door=DOOR)
