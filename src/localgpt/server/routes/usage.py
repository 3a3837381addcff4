"""Tokens and money, by day, model, conversation or kind of work."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel

from localgpt.app.assistant import Assistant
from localgpt.care.usage import KINDS, By, Sum, requests, summed
from localgpt.server.served import Here

router = APIRouter(tags=["activity"])


class Row(BaseModel):
    """Requests that have ``key`` in common; ``cached`` is a share (0 to 1), ``unpriced`` counts unknown costs."""

    key: str
    title: str
    requests: int
    turns: int
    input_tokens: int
    output_tokens: int
    cache_read_tokens: int
    cache_write_tokens: int
    cached: float
    cost_usd: float
    unpriced: int


class Usage(BaseModel):
    """The rows, days in order, else the dearest first; and their sum. ``since`` is a day, empty for all time."""

    by: str
    since: str
    rows: list[Row]
    total: Row


@router.get("/api/usage")
async def usage(
    here: Here,
    by: Literal["day", "model", "session", "kind"] = "day",
    days: Annotated[int, Query(ge=0, le=36_500)] = 30,
) -> Usage:
    """What models were used for in the last ``days`` (today is one; 0: all), and what it cost."""
    return await asyncio.to_thread(_usage, here.assistant(), By(by), days)


def _usage(assistant: Assistant, by: By, days: int) -> Usage:
    since = (datetime.now().astimezone() - timedelta(days=days - 1)).date().isoformat() if days else ""
    rows, whole = summed(requests(assistant.journal.entries(*KINDS), since), by)
    titles = {info.id: info.title for info in assistant.sessions.list(10_000)} if by is By.SESSION else {}
    return Usage(
        by=by.value,
        since=since,
        rows=[_row(row, titles.get(row.key, row.key)) for row in rows],
        total=_row(whole, "total"),
    )


def _row(row: Sum, title: str) -> Row:
    return Row(title=title, **row.as_json())
