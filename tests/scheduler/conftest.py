"""An assistant with a scripted model and a clock that tests move, for everything that runs unasked."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest

from localgpt.app import Assistant
from localgpt.core import settings
from localgpt.core.paths import Home
from localgpt.models.scripted import Scripted
from localgpt.scheduler import desktop
from localgpt.scheduler.channels import Message

T = TypeVar("T")


@dataclass
class Told:
    """A channel that keeps what it is told."""

    messages: list[Message] = field(default_factory=list)
    name: str = "told"

    async def deliver(self, message: Message) -> None:
        self.messages.append(message)


@dataclass
class World:
    """One owner's home; ``engine`` answers, ``now`` is what the clock shows."""

    home: Home
    engine: Any = field(default_factory=Scripted)
    now: datetime = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    told: Told = field(default_factory=Told)

    @property
    def file(self) -> Path:
        return self.home.workspace / "HEARTBEAT.md"

    def write(self, text: str) -> None:
        """HEARTBEAT.md as it was left a while ago."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.file.write_text(text, encoding="utf-8")
        self.rest()

    def rest(self) -> None:
        """Nobody has edited the file lately."""
        os.utime(self.file, (0, 0))

    def says(self, *replies: Any, **options: Any) -> None:
        self.engine = Scripted(*replies, **{"name": "test/scripted", **options})

    def set(self, name: str, value: str) -> None:
        settings.change(self.home, name, value)

    def later(self, **spans: float) -> None:
        self.now += timedelta(**spans)

    def run(self, work: Callable[[Assistant], Coroutine[Any, Any, T]]) -> T:
        """Run ``work`` with an assistant of its own, as after a restart."""

        async def whole() -> T:
            async with Assistant(self.home, engine=self.engine, clock=lambda: self.now) as assistant:
                return await work(assistant)

        return asyncio.run(whole())

    def beat(self, **options: Any) -> Any:
        return self.run(lambda assistant: assistant.heartbeat.beat(channels=[self.told], **options))

    def plan(self) -> Any:
        async def work(assistant: Assistant) -> Any:
            return assistant.heartbeat.plan()

        return self.run(work)

    def kinds(self) -> list[str]:
        async def work(assistant: Assistant) -> list[str]:
            return [str(entry["kind"]) for entry in assistant.journal.entries()]

        return self.run(work)


@pytest.fixture
def world(home: Home, monkeypatch: pytest.MonkeyPatch) -> World:
    """A new home without a desktop."""
    monkeypatch.setattr(desktop, "find", lambda *_: None)
    made = World(home)
    made.file.parent.mkdir(parents=True)
    made.run(lambda _: asyncio.sleep(0))
    return made
