"""What the server serves: the assistant and what lives beside it. Routes get it as ``Depends(served)``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, TypeAlias

from fastapi import Depends
from starlette.requests import HTTPConnection

from localgpt.app.assistant import Assistant
from localgpt.app.turns import Turns
from localgpt.server.access import Access
from localgpt.server.feed import Feed
from localgpt.server.guests import Guests
from localgpt.server.talks import Talks
from localgpt.server.tokens import Scope


@dataclass(frozen=True, slots=True)
class Served:
    """``assistant`` gives the current one (its settings may have changed), with ``page`` for its door."""

    assistant: Callable[[], Assistant]
    access: Access
    turns: Turns = field(default_factory=Turns)
    feed: Feed = field(default_factory=Feed)
    talks: Talks = field(default_factory=Talks)
    guests: Guests = field(default_factory=Guests)
    started: datetime = field(default_factory=lambda: datetime.now(UTC))


def served(connection: HTTPConnection) -> Served:
    """What is served, for a route: ``async def route(served: Annotated[Served, Depends(served)])``."""
    found = connection.app.state.served
    assert isinstance(found, Served)
    token = connection.scope.get("state", {}).get("token")
    return found if token is None or token.scope is Scope.OWNER else found.guests.served(found, token)


Here: TypeAlias = Annotated[Served, Depends(served)]
"""A route's parameter: ``async def route(here: Here)``."""
