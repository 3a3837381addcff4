"""What there is to tell goes every way, and one that leads nowhere holds up no other."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from localgpt.core.errors import Unreachable
from localgpt.scheduler.channels import Message, tell

MESSAGE = Message("result", "t", "secret text", datetime(2026, 11, 23, 12, tzinfo=UTC), "i1", "s1")


@dataclass
class Way:
    name: str
    error: Exception | None = None

    async def deliver(self, message: Message) -> None:
        assert message is MESSAGE
        if self.error:
            raise self.error


def test_each_that_took_it_is_recorded_without_the_text():
    recorded: list[tuple[Any, Any]] = []
    ways = [
        Way("a"),
        Way("b", Unreachable("no")),
        Way("c", OSError()),
        Way("d", TimeoutError()),
        Way("f", TypeError("a bug")),
        Way("e"),
    ]
    taken = asyncio.run(tell(ways, MESSAGE, lambda kind, **fields: recorded.append((kind, fields))))
    assert taken == ("a", "e")
    assert [(kind, fields["channel"]) for kind, fields in recorded] == [
        ("message.told", "a"),
        ("message.told", "e"),
    ]
    assert "secret" not in repr(recorded)


def test_as_json():
    assert MESSAGE.as_json() == {
        "kind": "result",
        "title": "t",
        "text": "secret text",
        "time": "2026-11-23T12:00:00Z",
        "item": "i1",
        "session": "s1",
    }
