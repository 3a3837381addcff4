"""The program's log of today, its last lines."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from localgpt.core.log_reading import tail
from localgpt.server.served import Here

router = APIRouter(tags=["status"])


class Log(BaseModel):
    """The last lines; the count and the size are of the whole file."""

    lines: list[str]
    total_lines: int
    file_size_bytes: int


@router.get("/api/logs/daemon")
async def daemon(here: Here, lines: Annotated[int, Query(ge=1)] = 200) -> Log:
    """The last ``lines`` (at most 1,000) of today's log."""
    found = await asyncio.to_thread(tail, here.assistant().home.logs, min(lines, 1000))
    return Log(lines=list(found.lines), total_lines=found.total_lines, file_size_bytes=found.file_size_bytes)
