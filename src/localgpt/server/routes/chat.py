"""Words to the assistant: ``/api/chat`` answers in one piece, ``/api/chat/stream`` as the answer comes."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field
from starlette.requests import HTTPConnection

from localgpt.app.assistant import Assistant
from localgpt.app.consent import Consent, sentence
from localgpt.app.turns import Live
from localgpt.core.errors import UsageError
from localgpt.memory.attachments import Attachment, Attachments
from localgpt.models.base import Engine
from localgpt.server import streams
from localgpt.server.problems import Refusal
from localgpt.server.schemas import Cited, Used
from localgpt.server.served import Here, Served
from localgpt.server.shapes import outcome

router = APIRouter(tags=["chat"])

Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Words(BaseModel):
    """What is said. Without ``session_id`` a new conversation begins; ``attachments`` are hashes of files given before.

    A page says ``agree`` when its owner has agreed to a model that is not on this machine. ``asks`` says whether somebody
    answers its questions (``/api/approvals``): on a page that goes without saying, a program has to say it.
    """

    message: str = ""
    session_id: str | None = None
    model: str | None = None
    local: bool = False
    attachments: list[Hash] = []
    agree: bool = False
    asks: bool | None = None


class StreamedWords(Words):
    """With ``render`` the reply also comes as HTML, block by block."""

    render: bool = False


class Reply(BaseModel):
    """A whole reply. ``stop`` is ``done``, ``cancelled``, ``length``, ``budget`` or ``error`` (then ``error`` says why)."""

    response: str
    session_id: str
    model: str
    turn_id: str
    stop: str
    error: str
    usage: Used
    citations: list[Cited]


@router.post("/api/chat")
async def chat(words: Words, request: Request, here: Here) -> Reply:
    """Say something and get the whole reply. The turn goes on if you hang up."""
    live = await begin(here, words, request)
    return Reply.model_validate(outcome(await live.wait()))


@router.post("/api/chat/stream", response_class=StreamingResponse, responses=streams.DOCUMENTED)
async def stream(words: StreamedWords, request: Request, here: Here) -> StreamingResponse:
    """Say something and read the reply as it comes. The turn goes on if you hang up; stopping it is another request."""
    live = await begin(here, words, request)
    return streams.response(streams.told(live, rendered=words.render))


async def begin(here: Served, words: Words, caller: HTTPConnection) -> Live:
    """Begin a turn for ``words``. Raises ``UsageError``, ``NotFound``, ``Conflict`` and what is wrong with the model."""
    if not words.message.strip() and not words.attachments:
        raise UsageError("There is nothing to say: message is empty.", hint='Send {"message": "…"}.')
    assistant = answering(here.assistant(), caller, asks=words.asks, local=words.local)
    talk = await asyncio.to_thread(here.talks.get_or_new, assistant, words.session_id or "")
    assert talk.session is not None
    model = words.model or talk.model or None
    engine = assistant.named(model) if model else await assistant.ready()  # known before anything is kept
    await ask_first(assistant.consent, engine, caller, agreed=words.agree)
    room = assistant.attachments_in(talk.sessions)
    attached = await asyncio.to_thread(_attached, room, words.attachments)
    here.talks.check(talk.session.id)
    live = here.turns.start(assistant, words.message, session=talk.session, model=model, attachments=attached)
    here.feed.publish("session", session_id=live.session_id, turn_id=live.id, running=True)
    return live


def answering(
    assistant: Assistant, caller: HTTPConnection, *, asks: bool | None, local: bool = False
) -> Assistant:
    """Who answers ``caller``: an assistant that may ask its owner, or one that may not where nobody would hear it."""
    asks = (not by_token(caller) if asks is None else asks) and assistant.visit is None
    if local or not asks:
        assistant = assistant.sibling(door=assistant.door, local=local)
    assistant.asks = asks
    return assistant


def by_token(caller: HTTPConnection) -> bool:
    """Whether it is a program that has the token, and no page."""
    return bool(caller.scope["state"].get("credential") == "token")


async def ask_first(consent: Consent, engine: Engine, caller: HTTPConnection, *, agreed: bool) -> None:
    """A person on a page is asked before a model elsewhere is used for the first time, as at a terminal.

    Raises ``Refusal`` with the question; nothing is asked of a program that has the token.
    """
    if not by_token(caller):
        await asyncio.to_thread(_ask, consent, engine, agreed=agreed)


def _ask(consent: Consent, engine: Engine, *, agreed: bool) -> None:
    if not consent.needed(engine):
        return
    if not agreed:
        raise Refusal(
            409, "consent", sentence(engine), hint='Say it again with "agree": true, or choose another model.'
        )
    consent.give(engine)


def _attached(room: Attachments, hashes: Sequence[str]) -> list[Attachment]:
    return [room.get(sha256) for sha256 in dict.fromkeys(hashes)]
