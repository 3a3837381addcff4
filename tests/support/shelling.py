"""A workspace with a shell, for the tests of its parts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from localgpt.core.journal import Journal, Origins
from localgpt.core.paths import Home
from localgpt.core.values import Author, Origin
from localgpt.memory.workspace import Workspace
from localgpt.security.sandbox.status import status
from localgpt.tools.base import Tool, ToolContext, ToolOutput
from localgpt.tools.shell import shell_tools
from localgpt.tools.shell_room import ShellRoom

OWNER = Author(Origin.ASSISTANT, "turn1", "talk", "test")


def _no_search(_query: Any) -> Any:
    raise AssertionError("no tool here searches")


@dataclass
class Shell:
    """The tools, and what they stand on. ``author`` is on whose behalf the next call runs."""

    home: Home
    journal: Journal
    author: Author = OWNER
    local: bool = True
    strength: Callable[[], str] = lambda: status().strength
    frozen: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.origins = Origins(self.journal)
        self.room = ShellRoom(
            self.home,
            self.journal,
            foreign=self.origins.foreign,
            frozen=lambda: bool(self.frozen),
            strength=self.strength,
        )
        self.shell, self.process = shell_tools(lambda: self.room, self.strength)
        locks = self.home.state / "locks"
        self.workspace = Workspace(self.home.workspace, locks=locks, record=self.journal.change)

    @property
    def context(self) -> ToolContext:
        return ToolContext(self.workspace, _no_search, self.author, marker="ab12", local=self.local)

    async def run(self, tool: Tool, **arguments: Any) -> ToolOutput:
        return await tool.run(self.context, arguments)

    async def __call__(self, command: str, **arguments: Any) -> ToolOutput:
        return await self.run(self.shell, command=command, **arguments)

    def note(self, path: str, text: str = "a plain note\n") -> Path:
        place = self.home.workspace / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
        return place

    def foreign_note(self, path: str, text: str) -> None:
        self.workspace.replace(path, text, replace(OWNER, origin=Origin.FOREIGN))

    def written(self) -> list[tuple[str, str, str]]:
        """What the journal says was changed: how, what, and whose words."""
        return [(one["op"], one["path"], one["origin"]) for one in self.journal.entries("file.changed")]
