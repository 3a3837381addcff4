"""The application: the routes behind the gate. Building it is the only thing that is done here."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from localgpt import __version__
from localgpt.app.turns import Listener, Live
from localgpt.core.events import (
    ApprovalAnswered,
    ApprovalRequested,
    Event,
    MemoryWritten,
    TurnFinished,
    TurnStarted,
)
from localgpt.server import problems, routes
from localgpt.server.gate import ATTACHMENTS, PUBLIC, Gate
from localgpt.server.limits import Rate
from localgpt.server.schemas import Failed
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
    app.openapi = lambda: _described(app)  # type: ignore[method-assign]
    problems.install(app)
    for name in routes.ROUTERS:
        app.include_router(importlib.import_module(f"localgpt.server.routes.{name}").router)
    config = here.assistant().config.server
    rate = Rate(config.requests_per_minute, max(20, config.requests_per_minute // 4))
    app.add_middleware(Gate, access=here.access, most=_most(config.max_request_body), rate=rate)
    return app


def _described(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document, with what every route has in common: the token, and how failures look."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title, version=app.version, description=app.description, routes=app.routes
        )
        schemas = document["components"]["schemas"]
        schemas |= Failed.model_json_schema(ref_template="#/components/schemas/{model}").pop("$defs")
        schemas["Failed"] = _failed()
        document["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        for path, methods in document["paths"].items():
            for operation in methods.values():
                operation["security"] = [] if path in PUBLIC else [{"token": []}]
                operation["responses"].pop("422", None)
                operation["responses"]["default"] = _FAILURE
        for unused in ("HTTPValidationError", "ValidationError"):
            schemas.pop(unused, None)
        app.openapi_schema = document
    return app.openapi_schema


_FAILURE = {
    "description": "What went wrong, in a sentence, and what to do next.",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Failed"}}},
}


def _failed() -> dict[str, Any]:
    shape = Failed.model_json_schema(ref_template="#/components/schemas/{model}")
    return {name: value for name, value in shape.items() if name != "$defs"}


def _most(usual: int) -> Callable[[str], int]:
    """How many bytes a request to a path may have."""
    from localgpt.memory.attachments import LARGEST

    return lambda path: LARGEST if path == ATTACHMENTS else usual


def telling(here: Served) -> Listener:
    """A listener of turns that tells the feed: conversations and notes that changed, questions and their answers."""

    def told(live: Live, event: Event) -> None:
        if isinstance(event, TurnStarted | TurnFinished):
            running = isinstance(event, TurnStarted)  # those that wait are told by the route that begins them
            here.feed.publish("session", session_id=live.session_id, turn_id=live.id, running=running)
        elif isinstance(event, MemoryWritten):
            here.feed.publish("note", path=event.span.path, turn_id=live.id)
        elif isinstance(event, ApprovalRequested):
            here.feed.publish("approval", id=event.approval.id, session_id=live.session_id)
        elif isinstance(event, ApprovalAnswered):
            here.feed.publish("approval", id=event.id, choice=event.choice.value, door=event.door)

    return told
