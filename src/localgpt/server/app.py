"""The application: the routes behind the gate. Building it is the only thing that is done here."""

from __future__ import annotations

import importlib
from collections.abc import Callable

from fastapi import FastAPI

from localgpt import __version__
from localgpt.app.turns import Listener, Live
from localgpt.core.events import Event, MemoryWritten, TurnFinished, TurnStarted
from localgpt.server import problems, routes
from localgpt.server.gate import ATTACHMENTS, Gate
from localgpt.server.limits import Rate
from localgpt.server.served import Served, served

__all__ = ["Served", "create_app", "served"]

OPENAPI = "/api/openapi.json"
_ABOUT = (
    "Everything the page can do, for programs: with `Authorization: Bearer` and the token in `state/token`."
)


def create_app(here: Served) -> FastAPI:
    """The application that serves ``here``; its access must know its address before it is asked anything."""
    app = FastAPI(
        title="LocalGPT",
        version=__version__,
        description=_ABOUT,
        docs_url=None,
        redoc_url=None,
        openapi_url=OPENAPI,
        redirect_slashes=False,
    )
    app.state.served = here
    problems.install(app)
    for name in routes.ROUTERS:
        app.include_router(importlib.import_module(f"localgpt.server.routes.{name}").router)
    config = here.assistant().config.server
    rate = Rate(config.requests_per_minute, max(20, config.requests_per_minute // 4))
    app.add_middleware(Gate, access=here.access, most=_most(config.max_request_body), rate=rate)
    here.turns.watch(_telling(here))
    return app


def _most(usual: int) -> Callable[[str], int]:
    """How many bytes a request to a path may have."""
    from localgpt.memory.attachments import LARGEST

    return lambda path: LARGEST if path == ATTACHMENTS else usual


def _telling(here: Served) -> Listener:
    """Tells the feed what turns do: conversations and notes that changed."""

    def told(live: Live, event: Event) -> None:
        if isinstance(event, TurnStarted | TurnFinished):
            running = isinstance(event, TurnStarted)
            here.feed.publish("session", session_id=live.session_id, turn_id=live.id, running=running)
        elif isinstance(event, MemoryWritten):
            here.feed.publish("note", path=event.span.path, turn_id=live.id)

    return told
