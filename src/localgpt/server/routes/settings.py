"""The settings: all of them with their meaning, and changing one. A secret can be set, and never read."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel

from localgpt.core import config, settings
from localgpt.core.config import KEYS, Key
from localgpt.core.config_names import is_secret
from localgpt.core.errors import OutsideError
from localgpt.core.paths import Home
from localgpt.core.redact import redact
from localgpt.memory.chunks import TARGET
from localgpt.models.vendors import VENDORS
from localgpt.server.served import Here

router = APIRouter(tags=["settings"])


class Setting(BaseModel):
    """One setting. ``value`` is the one in force, ``null`` for a secret; ``set`` whether it stands in the file.

    ``type`` is ``bool``, ``int``, ``float``, ``text``, ``choice``, ``list`` or ``folders``; ``least`` and ``most``
    are limits of a number (``most`` 0: none). ``source`` is ``default`` or ``file``.
    """

    key: str
    section: str
    value: Any
    default: Any
    doc: str
    type: str
    choices: list[str]
    least: int
    most: int
    secret: bool
    set: bool
    source: str


class Settings(BaseModel):
    """Every setting in the order of the file, those of providers last, and what reading the file brought to light."""

    settings: list[Setting]
    warnings: list[str]
    path: str


class Change(BaseModel):
    """The new value (``null``: back to the default); a text may also say what has another type."""

    key: str
    value: Any = None


class Agent(BaseModel):
    """As the Rust LocalGPT has it; ``reserve_tokens`` is what a reply may have."""

    default_model: str
    context_window: int
    reserve_tokens: int


class Server(BaseModel):
    """Where it listens."""

    port: int
    bind: str


class Memory(BaseModel):
    """As the Rust LocalGPT has it; passages are cut by their meaning, so they overlap by nothing."""

    workspace: str
    embedding_model: str
    chunk_size: int
    chunk_overlap: int


class Heartbeat(BaseModel):
    """What is looked after unasked."""

    enabled: bool
    interval: str


class InShort(BaseModel):
    """The settings in the shape of the Rust LocalGPT."""

    agent: Agent
    server: Server
    memory: Memory
    heartbeat: Heartbeat


class Typed(BaseModel):
    """A setting's full name, and its value as a text."""

    key: str
    value: str


class Taken(BaseModel):
    """What was set; a secret comes back as ``(set)``."""

    success: bool
    key: str
    value: str


@router.get("/api/settings")
async def every(here: Here) -> Settings:
    """All settings as they stand in the file now."""
    return await asyncio.to_thread(_every, here.assistant().home)


@router.put("/api/settings")
async def change(wanted: Change, here: Here) -> Setting:
    """Change one setting in ``config.toml``; comments and order stay."""
    return await asyncio.to_thread(_changed, here.assistant().home, wanted.key, wanted.value)


@router.get("/api/config")
async def in_short(here: Here) -> InShort:
    """The settings in force, in short."""
    home = here.assistant().home
    found = await asyncio.to_thread(config.load, home)
    return InShort(
        agent=Agent(
            default_model=found.agent.default_model,
            context_window=found.agent.context_window,
            reserve_tokens=found.agent.max_tokens,
        ),
        server=Server(port=found.server.port, bind=found.server.bind),
        memory=Memory(
            workspace=str(home.workspace),
            embedding_model=found.memory.embedding_model,
            chunk_size=TARGET,
            chunk_overlap=0,
        ),
        heartbeat=Heartbeat(enabled=found.heartbeat.enabled, interval=found.heartbeat.interval),
    )


@router.post("/api/config")
async def set_in_short(wanted: Typed, here: Here) -> Taken:
    """Set one setting from a text, as the Rust LocalGPT takes it."""
    home = here.assistant().home
    _check(wanted.key)
    value = await asyncio.to_thread(settings.change, home, wanted.key, wanted.value)
    shown = settings.SET if is_secret(wanted.key) else settings.as_text(value)
    return Taken(success=True, key=wanted.key, value=shown)


def _check(name: str) -> None:
    """Raise ``OutsideError`` for a setting that names a program: who has a page's key is not to run any by it."""
    if name.startswith("providers.") and name.endswith(".command"):
        raise OutsideError(
            f"{name} names a program to run; it is not set from here.",
            hint=f"Set it on this machine: localgpt config set {name} PROGRAM",
        )


def _changed(home: Home, name: str, value: Any) -> Setting:
    _check(name)
    if value is None:
        settings.unset(home, name)
    else:
        settings.assign(home, name, value)
    found = {one.key: one for one in _every(home).settings}
    return found.get(name) or _setting(_known(name), None, there=False)


def _known(name: str) -> Key:
    """A setting that the list doesn't have: a header of a provider, or one of the Rust LocalGPT that was taken out."""
    return config.key_named(name) or Key(name, "", "", (), 0, 0, str)


def _every(home: Home) -> Settings:
    text = config.source(home.config)
    found = config.read(text, where=str(home.config))
    written = dict(config.names_in(config.parse(text, str(home.config))))
    ours = [_setting(key, config.value_of(found, name), there=name in written) for name, key in KEYS.items()]
    return Settings(
        settings=[*ours, *_providers(written)], warnings=list(found.warnings), path=str(home.config)
    )


def _providers(written: Mapping[str, Any]) -> Iterator[Setting]:
    """The settings of vendors that want a key, and whatever else of providers stands in the file."""
    usual = [f"providers.{name}.api_key" for name, vendor in VENDORS.items() if vendor.needs_key]
    for name in dict.fromkeys([*usual, *(name for name in written if name.startswith("providers."))]):
        if key := config.key_named(name):
            yield _setting(key, written.get(name), there=name in written)


def _setting(key: Key, value: Any, *, there: bool) -> Setting:
    secret = is_secret(key.name)
    plain = settings.plain(key.default if value is None else value)
    return Setting(
        key=key.name,
        section=key.name.rpartition(".")[0],
        value=None if secret else redact(plain) if isinstance(plain, str) else plain,
        default=settings.plain(key.default),
        doc=key.doc,
        type=_type(key),
        choices=list(key.choices),
        least=key.least,
        most=key.most,
        secret=secret,
        set=there,
        source="file" if there else "default",
    )


def _type(key: Key) -> str:
    if key.choices:
        return "choice"
    kinds = {bool: "bool", int: "int", float: "float", str: "text"}
    return kinds.get(type(key.default)) or ("list" if key.of is str else "folders")
