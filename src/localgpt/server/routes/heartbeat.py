"""The heartbeat: how it stands, what comes next and why, what was done; running it now, and letting it rest."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel

from localgpt.scheduler.reports import HeartbeatStatus
from localgpt.server.served import Here

router = APIRouter(tags=["heartbeat"])


class Amount(BaseModel):
    """How much of a day's allowance is used; ``limit`` 0 is none."""

    used: float
    limit: float


class Budget(BaseModel):
    """What unattended turns have used up today."""

    turns: Amount
    tokens: Amount
    usd: Amount


class Status(BaseModel):
    """How it stands; the first three as the Rust LocalGPT has them. ``state`` is ``due``, or a word for why nothing runs."""

    enabled: bool
    interval: str
    last_event: dict[str, Any] | None
    paused: bool
    state: str
    text: str
    next_at: str | None
    budget: Budget
    model: str
    active_hours: str
    failures: int
    problems: list[str]


class Item(BaseModel):
    """An entry of HEARTBEAT.md: ``kind`` is ``task``, ``box`` or ``prose``; ``why`` says when and why, in a sentence."""

    name: str
    kind: str
    due: bool
    next_at: str | None
    why: str
    watch: list[str]
    line: int


class Plan(BaseModel):
    """What will happen next, as a word and as a sentence."""

    state: str
    text: str
    next_at: str | None
    items: list[Item]


class Used(BaseModel):
    """Tokens and money of a run."""

    input: int
    output: int
    cached: int
    cost_usd: float


class Run(BaseModel):
    """One entry's run: ``status`` is ``ok``, ``sent``, ``repeated``, ``waiting``, ``failed`` or ``timed_out``."""

    name: str
    kind: str
    status: str
    text: str
    session: str
    turn: str
    model: str
    usage: Used
    ticked: bool
    told: list[str]
    waiting: list[str]
    error: str


class Would(BaseModel):
    """What a beat would send, and to whom."""

    name: str
    prompt: str
    model: str
    local: bool
    to: list[str]


class Beat(BaseModel):
    """What one beat did: ``ok``, ``sent``, ``skipped``, ``failed``, ``timed_out`` or ``dry-run``; ``reason`` is a word."""

    time: str | None
    ts: int
    status: str
    reason: str
    text: str
    preview: str
    duration_ms: int
    manual: bool
    runs: list[Run]
    would: list[Would]
    next_at: str | None


class Log(BaseModel):
    """The last beats that did something, the newest first."""

    beats: list[dict[str, Any]]


class Running(BaseModel):
    """``dry_run`` only says what would be sent."""

    dry_run: bool = False


class Pausing(BaseModel):
    """Whether nothing is to run by itself."""

    paused: bool


@router.get("/api/heartbeat/status")
async def status(here: Here) -> Status:
    """How it stands. Asks no model and nobody else."""
    return _status(await asyncio.to_thread(here.assistant().heartbeat.status))


def _status(found: HeartbeatStatus) -> Status:
    return Status(**found.as_json())


@router.get("/api/heartbeat/plan")
async def plan(here: Here) -> Plan:
    """What stands in HEARTBEAT.md, when it is due, and why."""
    found = await asyncio.to_thread(here.assistant().heartbeat.plan)
    return Plan(**found.as_json())


@router.get("/api/heartbeat/log")
async def log(here: Here, limit: Annotated[int, Query(ge=1, le=1000)] = 50) -> Log:
    """What was done."""
    return Log(beats=await asyncio.to_thread(here.assistant().heartbeat.log, limit))


@router.post("/api/heartbeat/run")
async def run(here: Here, wanted: Running | None = None) -> Beat:
    """Do now what is open, due or not. The answer comes when it is done."""
    beat = await here.assistant().heartbeat.beat(manual=True, dry_run=bool(wanted and wanted.dry_run))
    if beat.status != "dry-run":
        here.feed.publish("heartbeat", status=beat.status, text=beat.text or beat.preview)
        here.feed.publish("inbox")
    return Beat(**beat.as_json())


@router.post("/api/heartbeat/pause")
async def pause(wanted: Pausing, here: Here) -> Status:
    """Let nothing run by itself from now on, or again."""
    heartbeat = here.assistant().heartbeat
    await asyncio.to_thread(heartbeat.pause, wanted.paused)
    here.feed.publish("heartbeat", paused=wanted.paused)
    return _status(await asyncio.to_thread(heartbeat.status))
