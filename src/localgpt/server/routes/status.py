"""Is it there, does it want a token, and how is it: ``/health``, ``/api/auth/status``, ``/api/status``."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel

from localgpt import __version__
from localgpt.app.assistant import Assistant
from localgpt.server.gate import Knock, credential
from localgpt.server.routes.permissions import Stopped, stopped
from localgpt.server.served import Here

router = APIRouter(tags=["status"])


class AuthStatus(BaseModel):
    """Whether a token is needed, and whether this very request brought one that counts."""

    auth_required: bool
    authenticated: bool


class HeartbeatState(BaseModel):
    """The heartbeat in short; ``next_at`` is when something is due next (ISO time)."""

    enabled: bool
    paused: bool
    next_at: datetime | None


class ServerStatus(BaseModel):
    """How everything is."""

    version: str
    model: str
    memory_chunks: int
    active_sessions: int
    is_brand_new: bool
    pending_vectors: int
    uptime_seconds: int
    notices: list[str]
    inbox: int
    approvals: int
    frozen: Stopped | None
    heartbeat: HeartbeatState
    running_turns: int


@router.get("/health", response_class=PlainTextResponse)
async def health() -> str:
    """``OK``, as text: the server is there."""
    return "OK"


@router.get("/api/auth/status")
async def auth_status(request: Request, here: Here) -> AuthStatus:
    """Whether a token is needed. Needs none itself."""
    by = credential(Knock.of(request.scope, here.access), here.access)
    return AuthStatus(auth_required=True, authenticated=bool(by))


@router.get("/api/status")
async def status(here: Here) -> ServerStatus:
    """The version, who answers, and what is going on."""
    assistant = here.assistant()
    engine = await assistant.ready()
    stats = await assistant.stats()
    waiting, beating = await asyncio.to_thread(_unattended, assistant)
    frozen = assistant.freeze.frozen()
    questions = await asyncio.to_thread(assistant.approvals.open)
    return ServerStatus(
        version=__version__,
        model=engine.name,
        memory_chunks=stats.chunks,
        active_sessions=here.talks.count(),
        is_brand_new=not stats.sessions,
        pending_vectors=stats.pending,
        uptime_seconds=int((datetime.now(UTC) - here.started).total_seconds()),
        notices=list(assistant.notices),
        inbox=waiting,
        approvals=len(questions),
        frozen=stopped(frozen) if frozen else None,
        heartbeat=beating,
        running_turns=len(here.turns.running()),
    )


def _unattended(assistant: Assistant) -> tuple[int, HeartbeatState]:
    """How many questions wait for the owner, and how the heartbeat stands."""
    found = assistant.heartbeat.status()
    state = HeartbeatState(enabled=found.enabled, paused=found.paused, next_at=found.next_at)
    return len(assistant.inbox.items()), state
