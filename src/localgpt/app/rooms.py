"""The rooms of one assistant, each built once, when it is first needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from localgpt.app.sharing import shared
from localgpt.core import config as settings
from localgpt.core.config import Config
from localgpt.core.errors import ConfigError
from localgpt.core.journal import Journal, Origins
from localgpt.core.outbound import Outbound
from localgpt.core.paths import Home

if TYPE_CHECKING:
    from localgpt.agent.approvals import Approvals
    from localgpt.agent.sessions import Sessions
    from localgpt.agent.skills.shelf import Skills
    from localgpt.app.embedders import Embedders
    from localgpt.app.project_memory import ProjectMemory
    from localgpt.app.whose import Whose
    from localgpt.core.secrets import Keys
    from localgpt.memory.attachments import Attachments
    from localgpt.memory.index import Index
    from localgpt.memory.links import Links
    from localgpt.memory.notes import NotesSource
    from localgpt.memory.search import Searcher
    from localgpt.memory.workspace import Workspace
    from localgpt.scheduler.tasks import TaskFolder
    from localgpt.security.freeze import Freeze
    from localgpt.security.grants import Grants
    from localgpt.security.modes import Bounds
    from localgpt.tools.base import Toolbox
    from localgpt.tools.shell_room import ShellRoom
    from localgpt.tools.web_search import SearchEngine


class Rooms:
    """What ``Assistant`` is built of. It sets ``config`` and ``home``; nothing here is read before it is needed."""

    config: Config
    home: Home
    _clock: Callable[[], datetime]
    _notices: list[str]

    @shared
    def journal(self) -> Journal:
        """What was read, sent, changed and said."""
        return Journal(self.home.journal)

    @shared
    def outbound(self) -> Outbound:
        """The only way out of this machine."""
        return Outbound(self.journal.append, going=self.freeze.check)

    @shared
    def keys(self) -> Keys:
        """The owner's keys and passwords, looked up when they are needed."""
        from localgpt.core.redact import know
        from localgpt.core.secrets import Keys

        return Keys(self.home.root, told=lambda key: know([key]))

    @shared
    def _origins(self) -> Origins:
        return Origins(self.journal)

    @shared
    def _whose(self) -> Whose:
        from localgpt.app.whose import Whose

        return Whose(self._origins, lambda: self.skills, lambda: self._answered_for)

    @cached_property
    def _answered_for(self) -> tuple[Path, ...]:
        """The folders outside the workspace whose files count as the owner's own."""
        trusted = (
            settings.located(folder, self.home.root, "security.trusted_folders")
            for folder in self.config.security.trusted_folders
        )
        return tuple(folder.resolve() for folder in (*self.note_folders, *trusted))

    @shared
    def note_folders(self) -> tuple[Path, ...]:
        """The folders beside the workspace that the settings name for searching."""
        return tuple(
            settings.located(folder.path, self.home.workspace, "memory.paths")
            for folder in self.config.memory.paths
        )

    @shared
    def workspace(self) -> Workspace:
        """The notes: reading them, and the only way to write them."""
        from localgpt.memory.workspace import Workspace

        home = self.home
        allowed = [
            settings.located(folder, home.root, "security.allowed_directories")
            for folder in self.config.security.allowed_directories
        ]
        own = (
            home.config,
            home.sessions.parent.parent,
            home.journal,
            home.state,
            home.cache,
            home.logs,
            home.root / "history",
            self.attachments.folder,
        )
        return Workspace(
            home.workspace,
            locks=home.state / "locks",
            allowed=allowed,
            readable=self.note_folders,
            forbidden=own,
            record=self.journal.change,
            clock=self._clock,
        )

    @shared
    def sessions(self) -> Sessions:
        """The conversations."""
        from localgpt.agent.sessions import Sessions

        return Sessions(self.home.sessions, clock=self._clock)

    @shared
    def approvals(self) -> Approvals:
        """The questions that tool calls wait at: any door lists and answers them."""
        from localgpt.agent.approvals import Approvals

        seconds = self.config.security.approval_seconds
        return Approvals(self.home.state / "approvals", self.journal, seconds=seconds)

    @shared
    def grants(self) -> Grants:
        """What the owner has allowed beforehand."""
        from localgpt.security.grants import Grants

        return Grants(self.home.config, self.home.state)

    @shared
    def freeze(self) -> Freeze:
        """The emergency stop of this home."""
        from localgpt.security.freeze import Freeze

        return Freeze(self.home.state, self.journal.append)

    def use_mode(self, mode: str) -> None:
        """Let another mode than the settings' count here; before the first turn. Raises as ``bounds``."""
        from localgpt.security.modes import bounds_of

        vars(self)["bounds"] = bounds_of(self.config, self.home, mode)

    @cached_property
    def bounds(self) -> Bounds:
        """The owner's mode, and the folders that it is about. Raises ``ConfigError`` for one that no mode may be about."""
        from localgpt.security.modes import bounds_of

        return bounds_of(self.config, self.home)

    @shared
    def attachments(self) -> Attachments:
        """The files that the owner handed over."""
        from localgpt.memory.attachments import Attachments

        return Attachments(self.home.root / "attachments")

    @shared
    def _notes(self) -> NotesSource:
        from localgpt.memory.notes import ExtraFolder, NotesSource

        patterns = [folder.pattern for folder in self.config.memory.paths]
        extra = [ExtraFolder(*pair) for pair in zip(self.note_folders, patterns, strict=True)]
        return NotesSource(self.home.workspace, extra)

    def note_paths(self) -> Iterator[str]:
        """The names of all notes, the further folders' too."""
        return (stamp.path for stamp in self._notes.scan())

    @shared
    def links(self) -> Links:
        """What the notes are called, and which leads to which."""
        from localgpt.memory.links import of_workspace

        return of_workspace(self.workspace, self._notes.scan)

    @shared
    def embedders(self) -> Embedders:
        """The models that make vectors."""
        from localgpt.app.embedders import Agreed, Embedders

        agreed = Agreed(self.home.state / "embeddings.json")
        return Embedders(self.config, self.outbound, self.home.cache / "models", agreed)

    @shared
    def index(self) -> Index:
        """The search index over notes, attachments and conversations."""
        from localgpt.agent.session_source import SessionSource
        from localgpt.memory.index import Index, Source

        memory = self.config.memory
        sources: list[Source] = [self._notes, self.attachments]
        if memory.index_sessions:
            sources.append(SessionSource(self.home.sessions))
        embedder, said = self.embedders.make()
        self._notices += [said] if said else []
        return Index(
            self.home.index,
            sources,
            embeddings=self.home.embeddings,
            embedder=embedder,
            origin_of=self._whose,
            former=self.embedders.former,
        )

    @shared
    def searcher(self) -> Searcher:
        """The one way to search."""
        from localgpt.memory.search import Searcher

        return Searcher(self.index, self.index.embedder)

    @shared
    def tools(self) -> Toolbox:
        """Everything that a model can do here."""
        from localgpt.agent.skills.tool import skill_tool
        from localgpt.scheduler.tool import background_tool
        from localgpt.security.sandbox.status import status as walls
        from localgpt.tools.base import Toolbox
        from localgpt.tools.files import edit_file, list_files, read_file, write_file
        from localgpt.tools.notes import memory_get, memory_search, remember
        from localgpt.tools.shell import shell_tools
        from localgpt.tools.web import web_tools

        notes = (memory_search, memory_get, remember)
        workspace = (read_file, write_file, edit_file, list_files)
        web = web_tools(self.outbound, self._web_search)
        background = background_tool(lambda text, origin: self.task_folder.add(text, origin=origin))
        shell = shell_tools(lambda: self.shell_room, lambda: walls().strength)
        return Toolbox([*notes, *workspace, skill_tool(self.skills), *web, background, *shell])

    @shared
    def shell_room(self) -> ShellRoom:
        """Where commands of models run, behind walls."""
        from localgpt.tools.shell_room import ShellRoom

        foreign, frozen = self._origins.foreign, self.freeze.frozen
        trusted = self._answered_for
        return ShellRoom(self.home, self.journal, foreign=foreign, trusted=lambda: trusted, frozen=frozen)

    @shared
    def task_folder(self) -> TaskFolder:
        """The background tasks on disk."""
        from localgpt.scheduler.tasks import TaskFolder

        return TaskFolder(self.home.state / "tasks", clock=self._clock)

    @cached_property
    def _web_search(self) -> SearchEngine | None:
        given = self.config.web_search
        if given.provider == "none":
            return None
        from localgpt.tools.web_search import search_engine

        try:
            return search_engine(given.provider, given.base_url, given.api_key, reveal=self.keys.reveal)
        except ConfigError as error:
            self._notices.append(f"{error.message} {error.hint}")
            return None

    @shared
    def skills(self) -> Skills:
        """The owner's skills, and those that wait for a yes."""
        from localgpt.agent.skills.shelf import Skills

        return Skills.of(self.home, self.config, self.journal, self._origins)

    @shared
    def projects(self) -> ProjectMemory:
        """The owner's projects, and what is known of each."""
        from localgpt.app.project_memory import ProjectMemory

        return ProjectMemory.of(self.home, self.journal, self.workspace, self.sessions, self._origins)
