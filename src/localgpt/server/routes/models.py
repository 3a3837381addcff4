"""Which models there are, which one answers, and whether it works."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter
from pydantic import BaseModel

from localgpt.app.assistant import Assistant
from localgpt.app.catalogue import Listed, catalogue
from localgpt.app.consent import sentence
from localgpt.app.engines import Engines
from localgpt.app.trial import Trial, tried
from localgpt.core import settings
from localgpt.core.errors import LocalGPTError
from localgpt.models.base import Engine
from localgpt.server.served import Here

router = APIRouter(tags=["models"])

_SETTING = "agent.default_model"


class Model(BaseModel):
    """A model by the name to type. ``why`` it is listed, or can't be used; prices are US dollars for a million tokens."""

    name: str
    provider: str
    local: bool
    available: bool
    why: str
    answers: bool
    agreed: bool
    usd_per_million_in: float | None
    usd_per_million_out: float | None


class Models(BaseModel):
    """Every model, the settings' first; ``current`` answers when nobody names another."""

    current: str
    models: list[Model]


class Trying(BaseModel):
    """A model's name (empty: the one that answers). ``agree`` says yes to words leaving this machine for it."""

    model: str = ""
    agree: bool = False


class Using(BaseModel):
    """A model's name (empty leaves the choice to LocalGPT), and ``agree`` as for a try."""

    model: str
    agree: bool = False


class Tried(BaseModel):
    """How a model did. ``ok`` is false where it failed (``error``, ``hint``), or nobody has agreed to it yet
    (``consent``: what to agree to). ``cost_usd`` is ``null`` where no price is known.
    """

    model: str
    local: bool
    ok: bool
    response: str = ""
    first_s: float = 0.0
    seconds: float = 0.0
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float | None = None
    error: str = ""
    hint: str = ""
    consent: str = ""


class Chosen(BaseModel):
    """Who answers from now on. Nothing was changed when ``consent`` is there: what to agree to first."""

    model: str
    local: bool
    changed: bool
    consent: str = ""


@router.get("/api/models")
async def models(here: Here) -> Models:
    """What can answer here. Files and variables are looked at and servers on this machine asked; nothing leaves it."""
    assistant = here.assistant()
    current = await assistant.ready()
    engines = Engines(assistant.config, assistant.outbound)
    try:
        rows = await catalogue(assistant.config, engines)
        listed = await asyncio.to_thread(lambda: [_model(assistant, engines, row) for row in rows])
    finally:
        await engines.aclose()
    return Models(current=current.name, models=listed)


def _model(assistant: Assistant, engines: Engines, row: Listed) -> Model:
    read, written = row.price or (None, None)
    return Model(
        name=row.name,
        provider=row.name.partition("/")[0],
        local=row.local,
        available=not row.problem,
        why=row.problem or row.why,
        answers=row.answers,
        agreed=not row.problem and not assistant.consent.needed(engines.named(row.name)),
        usd_per_million_in=read,
        usd_per_million_out=written,
    )


@router.post("/api/models/test")
async def try_one(here: Here, wanted: Trying | None = None) -> Tried:
    """Ask a model one small thing. Nothing of the owner's is sent."""
    assistant, wanted = here.assistant(), wanted or Trying()
    engine = await _engine(assistant, wanted.model)
    if consent := await _missing(assistant, engine, agreed=wanted.agree):
        return Tried(model=engine.name, local=engine.local, ok=False, consent=consent)
    try:
        return _tried(await tried(assistant, engine))
    except LocalGPTError as error:
        return Tried(model=engine.name, local=engine.local, ok=False, error=error.message, hint=error.hint)


def _tried(trial: Trial) -> Tried:
    return Tried(
        model=trial.model,
        local=trial.local,
        ok=True,
        response=trial.text,
        first_s=round(trial.first_s, 3),
        seconds=round(trial.seconds, 3),
        input_tokens=trial.usage.prompt_tokens,
        output_tokens=trial.usage.output_tokens,
        cost_usd=trial.usage.cost_usd if trial.usage.priced else None,
    )


@router.post("/api/models/use")
async def use(wanted: Using, here: Here) -> Chosen:
    """Let a model answer from now on, here and in every other door: the setting ``agent.default_model``."""
    assistant, name = here.assistant(), wanted.model.strip()
    if not name:
        changed = await asyncio.to_thread(settings.unset, assistant.home, _SETTING)
        return Chosen(model="", local=True, changed=changed)
    engine = await asyncio.to_thread(Engines(assistant.config, assistant.outbound).ready, name)
    if consent := await _missing(assistant, engine, agreed=wanted.agree):
        return Chosen(model=engine.name, local=engine.local, changed=False, consent=consent)
    await asyncio.to_thread(assistant.use, name)  # first: it may not be allowed here
    await asyncio.to_thread(settings.change, assistant.home, _SETTING, name)
    return Chosen(model=engine.name, local=engine.local, changed=True)


async def _engine(assistant: Assistant, name: str) -> Engine:
    return await asyncio.to_thread(assistant.named, name) if name.strip() else await assistant.ready()


async def _missing(assistant: Assistant, engine: Engine, *, agreed: bool) -> str:
    """What the owner has to agree to before ``engine`` is used; empty if nothing. ``agreed`` says that they do now."""
    if agreed and not engine.local:
        await asyncio.to_thread(assistant.consent.give, engine)
    return sentence(engine) if await asyncio.to_thread(assistant.consent.needed, engine) else ""
