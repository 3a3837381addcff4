"""What unattended work needs of the assistant; ``app`` hands it in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from localgpt.agent.house import House
from localgpt.agent.sessions import Session, Sessions
from localgpt.core.journal import Journal
from localgpt.core.outbound import Outbound
from localgpt.memory.workspace import Workspace
from localgpt.models.base import Engine
from localgpt.scheduler.allowance import Allowance
from localgpt.scheduler.channels import Channel
from localgpt.scheduler.inbox import Box
from localgpt.scheduler.rules import Rules
from localgpt.scheduler.tasks import TaskFolder


@dataclass(frozen=True, slots=True)
class Rooms:
    """``engine`` gives the model of that name (empty: the one that answers) and raises ``ModelError`` where none may
    answer unasked. ``pass_over`` takes a conversation out of what is noted by itself. ``channels`` are those of the
    settings.
    """

    rules: Rules
    state: Path
    workspace: Workspace
    sessions: Sessions
    journal: Journal
    outbound: Outbound
    clock: Callable[[], datetime]
    house: Callable[[], House]
    engine: Callable[[str], Awaitable[Engine]]
    pass_over: Callable[[Session], None]
    inbox: Box
    tasks: TaskFolder
    allowance: Allowance
    channels: Callable[[], Sequence[Channel]]
