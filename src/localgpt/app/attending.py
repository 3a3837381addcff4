"""The part of the assistant that acts unasked: the heartbeat, background tasks, and the inbox where both leave what waits."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from localgpt.app.sharing import shared
from localgpt.core.errors import ModelError

if TYPE_CHECKING:
    from localgpt.agent.approvals import Approvals
    from localgpt.agent.house import House
    from localgpt.agent.sessions import Session, Sessions
    from localgpt.app.consent import Consent
    from localgpt.core.config import Config
    from localgpt.core.journal import Journal
    from localgpt.core.outbound import Outbound
    from localgpt.core.paths import Home
    from localgpt.core.values import Author
    from localgpt.memory.workspace import Workspace
    from localgpt.models.base import Engine
    from localgpt.scheduler.answering import Inbox
    from localgpt.scheduler.background import Tasks
    from localgpt.scheduler.channels import Channel
    from localgpt.scheduler.heartbeat import Heartbeat
    from localgpt.scheduler.inbox import Box
    from localgpt.scheduler.rooms import Rooms
    from localgpt.scheduler.tasks import TaskFolder
    from localgpt.tools.base import Toolbox, ToolContext


class Attending:
    """What happens while nobody sits in front of it."""

    config: Config
    home: Home
    journal: Journal
    outbound: Outbound
    workspace: Workspace
    sessions: Sessions
    tools: Toolbox
    approvals: Approvals
    consent: Consent
    task_folder: TaskFolder
    _clock: Callable[[], datetime]

    if TYPE_CHECKING:

        @property
        def _house(self) -> House: ...

        async def ready(self) -> Engine: ...

        def named(self, model: str) -> Engine: ...

        def pass_over(self, session: Session) -> None: ...

        def _tool_context(self, author: Author, local: bool, marker: str) -> ToolContext: ...

    @shared
    def heartbeat(self) -> Heartbeat:
        """What is looked after unasked: ``heartbeat.beat()``, ``status()``, ``plan()``, ``log()``, ``pause()``."""
        from localgpt.scheduler.heartbeat import Heartbeat

        return Heartbeat(self._unattended)

    @shared
    def inbox(self) -> Inbox:
        """What waits for the owner: ``inbox.items()``, ``await inbox.answer(id, "allow")``."""
        from localgpt.scheduler.answering import Inbox

        return Inbox(
            self._inbox_items,
            self.task_folder,
            self.journal,
            self.sessions,
            lambda: self.tools,
            self._tool_context,
            self.heartbeat.answered,
        )

    def settle_commands(self) -> int:
        """Write down what commands changed while LocalGPT was killed; gives how many files. One look where there is nothing."""
        if not (self.home.state / "commands").is_dir():
            return 0
        from localgpt.tools.shell_recovery import recover

        return recover(self.home.state, self.home.workspace, self.journal)

    def adopt_questions(self) -> int:
        """Put questions of processes that have died into the inbox; gives how many. Cheap where there are none."""
        if not any((self.home.state / "approvals").glob("*.json")):
            return 0
        from localgpt.scheduler.orphans import adopt

        return len(adopt(self.approvals, self._inbox_items))

    @shared
    def tasks(self) -> Tasks:
        """What is done in the background: ``tasks.add(text)``, ``await tasks.run_waiting()``."""
        from localgpt.scheduler.background import Tasks

        return Tasks(self.task_folder, lambda: self._unattended)

    @shared
    def _inbox_items(self) -> Box:
        from localgpt.scheduler.inbox import Box

        secrets = tuple(self.config.secrets.values())
        return Box(self.home.state / "inbox.json", clock=self._clock, secrets=secrets)

    @shared
    def _unattended(self) -> Rooms:
        from localgpt.scheduler.allowance import Allowance
        from localgpt.scheduler.rooms import Rooms
        from localgpt.scheduler.rules import Rules

        rules = Rules.of(self.config)
        return Rooms(
            rules=rules,
            state=self.home.state,
            workspace=self.workspace,
            sessions=self.sessions,
            journal=self.journal,
            outbound=self.outbound,
            clock=self._clock,
            house=lambda: self._house,
            engine=self._engine_unasked,
            pass_over=self.pass_over,
            inbox=self._inbox_items,
            tasks=self.task_folder,
            allowance=Allowance(self.journal, rules.allowed),
            channels=self._own_channels,
        )

    async def _engine_unasked(self, model: str) -> Engine:
        """The engine for what runs unasked. Raises ``ModelError`` for one that only quotes, or that nobody agreed to."""
        from localgpt.agent.aside import can_write

        engine = self.named(model) if model else await self.ready()
        if not can_write(engine):
            raise ModelError(
                f"{engine.name} only quotes; it can't look after things by itself.",
                hint="Choose a model for it: localgpt config set heartbeat.model NAME",
            )
        if self.consent.needed(engine):
            raise ModelError(
                f"{engine.name} is not on this machine, and you have not agreed to it yet.",
                hint="Say yes in a chat first (localgpt chat), or choose another: localgpt config set heartbeat.model NAME",
            )
        return engine

    def _own_channels(self) -> tuple[Channel, ...]:
        """The ways to the owner that the settings name."""
        from localgpt.scheduler import desktop
        from localgpt.scheduler.webhook import Webhook

        given = self.config.heartbeat
        found = desktop.find() if given.notify else None
        hook = Webhook(given.webhook, self.outbound) if given.webhook else None
        return tuple(channel for channel in (found, hook) if channel is not None)
