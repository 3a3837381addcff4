"""Ways to the owner: what there is to tell goes to each of them, and one that fails holds up no other."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from localgpt.core.errors import LocalGPTError

_PATIENCE = 20.0

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Message:
    """Something to tell. ``kind`` is ``question``, ``message`` or ``result``; ``item`` its id in the inbox."""

    kind: str
    title: str
    text: str
    time: datetime
    item: str = ""
    session: str = ""

    def as_json(self) -> dict[str, Any]:
        """``{kind, title, text, time, item, session}``."""
        from localgpt.scheduler.reports import moment

        return {
            "kind": self.kind,
            "title": self.title,
            "text": self.text,
            "time": moment(self.time),
            "item": self.item,
            "session": self.session,
        }


class Channel(Protocol):
    """A way to the owner. ``deliver`` raises ``LocalGPTError`` or ``OSError`` where it leads nowhere."""

    @property
    def name(self) -> str: ...

    async def deliver(self, message: Message) -> None: ...


async def tell(
    channels: Sequence[Channel], message: Message, record: Callable[..., object]
) -> tuple[str, ...]:
    """Send it by every channel; gives the names of those that took it, and records each (without the text)."""

    async def one(channel: Channel) -> str:
        try:
            async with asyncio.timeout(_PATIENCE):
                await channel.deliver(message)
        except (LocalGPTError, OSError, TimeoutError) as error:
            logger.warning("%s did not take a message: %s", channel.name, error)
            return ""
        except Exception:  # whatever is wrong with a way to the owner, the work is done and kept
            logger.exception("%s is broken", channel.name)
            return ""
        await asyncio.to_thread(
            record, "message.told", channel=channel.name, what=message.kind, item=message.item
        )
        return channel.name

    return tuple(filter(None, await asyncio.gather(*map(one, channels))))
