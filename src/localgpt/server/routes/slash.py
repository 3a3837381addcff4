"""The slash commands of the chat: ``/api/slash`` runs one in a conversation."""

from __future__ import annotations

import asyncio
from contextlib import nullcontext, suppress

from fastapi import APIRouter
from pydantic import BaseModel, Field

from localgpt.app import slash
from localgpt.app.talk import Talk
from localgpt.app.visiting import refuse
from localgpt.core.errors import UsageError
from localgpt.server.rendering import render
from localgpt.server.routes.sessions import alone
from localgpt.server.served import Here

router = APIRouter(tags=["chat"])

_ON_DISK = {
    "export": "/export alone shows it; GET /api/sessions/{session_id}/export gives it as a file.",
    "attach": "Hand the file itself over: drop it on the page, or POST /api/attachments.",
}
"""The commands that take a path: who has a page's key is not to read and write the owner's files by it."""
_NOT_OFFERED = frozenset({*_ON_DISK, "clear", "quit"})
"""What a page doesn't complete: it has ways of its own for files, no screen to clear, and is left by closing it."""
_CHANGING = frozenset({"compact", "rewind", "retry", "branch"})
"""The commands that nobody may answer or change the conversation beside."""

_FOR_GUESTS = frozenset({"help", "title", "rewind"})
"""What a token that is not the owner's may use."""


class Line(BaseModel):
    """A line as it is typed, with its slash."""

    line: str = Field(min_length=1, max_length=100_000)
    session_id: str | None = None


class SlashAnswer(BaseModel):
    """What the command says, and what a page should do then.

    ``send`` is to be said as if it was typed (``model`` answers it, this once); ``session_id`` is the conversation that
    goes on from here, empty for a new one.
    """

    text: str
    html: str
    send: str
    model: str
    session_id: str
    clear: bool
    quit: bool


class Command(BaseModel):
    """A slash command: its name, how it is used, what it does."""

    name: str
    usage: str
    summary: str


class Commands(BaseModel):
    """The slash commands."""

    commands: list[Command]


@router.get("/api/slash")
async def commands() -> Commands:
    """The slash commands that make sense on a page, to complete what is typed."""
    offered = [one for one in slash.SLASH if one.name not in _NOT_OFFERED]
    return Commands(
        commands=[Command(name=one.name, usage=f"/{one.usage}", summary=one.summary) for one in offered]
    )


@router.post("/api/slash")
async def run(line: Line, here: Here) -> SlashAnswer:
    """Run a slash command in a conversation (a new one without ``session_id``)."""
    word, rest = _parted(line.line)
    if rest and word in _ON_DISK:
        raise UsageError("The page names no files of this machine.", hint=_ON_DISK[word])
    assistant = here.assistant()
    if word not in _FOR_GUESTS:
        refuse(assistant.visit, f"use /{word or '…'}")
    talk = Talk(assistant)
    if line.session_id:
        talk = await asyncio.to_thread(here.talks.get_or_new, assistant, line.session_id)
    before = talk.session
    with alone(here, talk) if before is not None and word in _CHANGING else nullcontext():
        reply = await slash.run(line.line, talk)
    after, talk.session = talk.session, before
    if after is not None and after is not before:  # the page goes over to it; the other stays as it is
        here.talks.follow(talk, after)
    elif before is not None:
        here.feed.publish("session", session_id=before.id)
    return SlashAnswer(
        text=reply.text,
        html=render(reply.text) if reply.text else "",
        send=reply.send,
        model=reply.model,
        session_id=after.id if after is not None else "",
        clear=reply.clear,
        quit=reply.quit,
    )


def _parted(line: str) -> tuple[str, str]:
    """The command's name (empty: there is none of that name) and what comes after it."""
    word, _, rest = line.strip().removeprefix("/").partition(" ")
    with suppress(UsageError):
        return slash.find(word).name, rest.strip()
    return "", rest
