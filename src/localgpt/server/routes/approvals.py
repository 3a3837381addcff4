"""Questions about tool calls that wait for the owner's word, in whatever process: listing and answering them."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from localgpt.app.assistant import Assistant
from localgpt.app.question import as_json
from localgpt.core.values import Answer, Choice
from localgpt.server.routes.chat import by_token
from localgpt.server.served import Here

router = APIRouter(prefix="/api/approvals", tags=["approvals"])


class Does(BaseModel):
    """One effect of a call. ``loses``: it replaces what is there; ``walled``: a program behind the sandbox's walls."""

    kind: str
    target: str
    loses: bool
    walled: bool


class Question(BaseModel):
    """A call that waits, ``shown`` exactly as it will run (secrets of a known shape are named, not shown).

    ``door`` is where it was asked, ``foreign`` says that it had read text of others; without an answer by ``expires`` it
    is a no.
    """

    id: str
    tool: str
    call: str
    shown: str
    effects: list[Does]
    reason: str
    choices: list[Choice]
    foreign: bool
    session_id: str
    turn_id: str
    door: str
    asked: str
    expires: str


class Questions(BaseModel):
    """The open ones, the oldest first."""

    approvals: list[Question]


class Said(BaseModel):
    """An answer: one of the question's ``choices``. A ``word`` goes along to the model."""

    choice: Choice
    word: str = Field(default="", max_length=4000)


class Answered(BaseModel):
    """The answer that counts."""

    id: str
    choice: Choice
    word: str
    door: str


@router.get("")
async def approvals(here: Here) -> Questions:
    """What waits for your word: calls of turns that run, on this page or anywhere else."""
    return Questions(approvals=await asyncio.to_thread(_open, here.assistant()))


@router.post("/{approval_id}")
async def answer(approval_id: str, said: Said, request: Request, here: Here) -> Answered:
    """Answer one (the beginning of its id is enough). The first answer counts; another one is refused."""
    given = Answer(said.choice, said.word.strip(), "api" if by_token(request) else "page")
    found = await asyncio.to_thread(here.assistant().approvals.answer, approval_id, given)
    here.feed.publish("approval", id=found.id, choice=given.choice.value, door=given.door)
    return Answered(id=found.id, choice=given.choice, word=given.word, door=given.door)


def _open(assistant: Assistant) -> list[Question]:
    return [Question.model_validate(as_json(one)) for one in assistant.approvals.open()]
