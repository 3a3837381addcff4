"""Is everything well, and what to do if not."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel

from localgpt.app.doctor import examine
from localgpt.server.served import Here

router = APIRouter(tags=["status"])


class Check(BaseModel):
    """One finding: ``status`` is ``ok``, ``warning`` or ``failure``; ``fix`` says what to do, if anything."""

    name: str
    status: str
    detail: str
    fix: str


class Examined(BaseModel):
    """Every check; ``ok`` when none failed."""

    ok: bool
    checks: list[Check]


@router.get("/api/doctor")
async def doctor(here: Here) -> Examined:
    """Look at everything that LocalGPT stands on."""
    found = await examine(here.assistant())
    checks = [Check(name=one.name, status=one.status, detail=one.detail, fix=one.fix) for one in found]
    return Examined(ok=all(one.status != "failure" for one in found), checks=checks)
