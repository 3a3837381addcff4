"""What may happen without a question: standing grants; and the emergency stop of everything."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from localgpt.security.freeze import Frozen
from localgpt.security.grant import Grant
from localgpt.server.routes.chat import by_token
from localgpt.server.served import Here

router = APIRouter(tags=["approvals"])


class Granted(BaseModel):
    """A grant. ``exact``: for one call alone, ``target`` says what that did; else for the place or host ``target``.

    ``session`` is the conversation that it ends with, empty for good; ``who`` the door it was given at.
    """

    id: str
    tool: str
    kind: str
    target: str
    exact: bool
    session: str
    who: str
    when: str
    why: str


class Grants(BaseModel):
    """All of them; ``problems`` says which in the settings do not count, and why."""

    grants: list[Granted]
    problems: list[str]


class Stopped(BaseModel):
    """Since when everything is stopped, by which door, and why."""

    since: str
    by: str
    why: str


class Why(BaseModel):
    """Why it is stopped, for those who wonder later."""

    why: str = Field(default="", max_length=500)


class Thawed(BaseModel):
    """How it was stopped until now; ``null`` where it was not."""

    was: Stopped | None


@router.get("/api/grants")
async def grants(here: Here) -> Grants:
    """What may be done without asking: for good, and in conversations."""
    book = here.assistant().grants
    found = await asyncio.to_thread(book.list)
    return Grants(grants=[_shape(one) for one in found], problems=list(book.problems))


@router.delete("/api/grants/{grant_id}")
async def revoke(grant_id: str, here: Here) -> Granted:
    """Take one back: from now on it is asked for again."""
    return _shape(await asyncio.to_thread(here.assistant().grants.revoke, grant_id))


@router.post("/api/freeze")
async def freeze(request: Request, here: Here, given: Why | None = None) -> Stopped:
    """Stop everything: every turn, task and program ends within a second, and nothing begins."""
    frozen = await asyncio.to_thread(
        here.assistant().freeze.freeze, _door(request), given.why if given else ""
    )
    here.feed.publish("freeze")
    return stopped(frozen)


@router.post("/api/thaw")
async def thaw(request: Request, here: Here) -> Thawed:
    """Let things run again; what was stopped stays stopped."""
    was = await asyncio.to_thread(here.assistant().freeze.thaw, _door(request))
    here.feed.publish("freeze")
    return Thawed(was=stopped(was) if was else None)


def stopped(frozen: Frozen) -> Stopped:
    """As JSON."""
    return Stopped(since=frozen.since, by=frozen.by, why=frozen.why)


def _door(request: Request) -> str:
    return "api" if by_token(request) else "page"


def _shape(grant: Grant) -> Granted:
    texts = {name: getattr(grant, name) for name in ("id", "tool", "target", "session", "who", "when", "why")}
    return Granted(**texts, kind=grant.kind.value, exact=grant.is_exact)
