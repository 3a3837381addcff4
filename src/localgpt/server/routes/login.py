"""Logging a browser in with a one-time code, and out again: ``/login``, ``/api/logout``."""

from __future__ import annotations

import asyncio
from urllib.parse import parse_qs

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel

from localgpt.server import login
from localgpt.server.gate import cookie_in
from localgpt.server.served import Here

router = APIRouter(tags=["access"])

_LONGEST = 1000
_YEAR = 365 * 24 * 3600


class LoggedOut(BaseModel):
    """This browser has to log in again."""

    logged_out: bool


@router.post("/login", response_class=HTMLResponse, include_in_schema=False)
async def enter(request: Request, here: Here) -> HTMLResponse:
    """Take a code of `localgpt open`; the answer gives the browser its cookie and its page the key."""
    body = await request.body()
    code = "" if len(body) > _LONGEST else parse_qs(body.decode("ascii", "replace")).get("code", [""])[0]
    access = here.access
    if not await asyncio.to_thread(login.take_code, access.state, code):
        return HTMLResponse(login.too_late(), 403)
    cookie, key = await asyncio.to_thread(access.begin)
    answer = HTMLResponse(login.welcome(key))
    answer.set_cookie(
        access.cookie,
        cookie,
        max_age=_YEAR,
        httponly=True,
        samesite="strict",
        secure=access.scheme == "https",
    )
    return answer


@router.post("/api/logout")
async def leave(request: Request, response: Response, here: Here) -> LoggedOut:
    """Log this browser out; its cookie and key count no more. With a token there is nothing to end."""
    cookie = cookie_in(request.headers.get("cookie", ""), here.access.cookie)
    await asyncio.to_thread(here.access.end, cookie)
    response.delete_cookie(here.access.cookie, httponly=True, samesite="strict")
    return LoggedOut(logged_out=bool(cookie))
