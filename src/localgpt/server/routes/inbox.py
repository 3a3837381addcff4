"""What waits for the owner: questions of unattended turns, messages, results of tasks."""

from __future__ import annotations

import asyncio
from typing import Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from localgpt.scheduler import inbox as box
from localgpt.server.rendering import render
from localgpt.server.served import Here

router = APIRouter(tags=["inbox"])


class Call(BaseModel):
    """The exact call that waits; ``whole`` is false where a secret was taken out, and it can't be run from here."""

    tool: str
    arguments: dict[str, Any]
    effects: list[list[str]]
    origin: str
    whole: bool


class Item(BaseModel):
    """``kind`` is ``question``, ``message`` or ``result``; ``state`` ``open``, ``allowed``, ``dismissed`` or ``replied``."""

    id: str
    time: str
    kind: str
    title: str
    text: str
    html: str
    call: Call | None
    task: str
    session: str
    turn: str
    note: str
    state: str
    answered: str | None
    outcome: str


class Items(BaseModel):
    """What is there, the newest first."""

    items: list[Item]


class Answer(BaseModel):
    """``allow`` runs the call as it stands there, ``dismiss`` puts the item away, ``reply`` says ``text`` to whoever asked."""

    answer: Literal["allow", "dismiss", "reply"]
    text: str = Field(default="", max_length=100_000)


@router.get("/api/inbox")
async def items(here: Here, closed: bool = False) -> Items:
    """What is open; with ``closed`` also what was answered."""
    found = await asyncio.to_thread(lambda: here.assistant().inbox.items(closed=closed))
    return Items(items=await asyncio.to_thread(lambda: [_item(one) for one in found]))


@router.post("/api/inbox/{item_id}")
async def answer(item_id: str, given: Answer, here: Here) -> Item:
    """Answer one; an allowed call has run when this comes back (``outcome``)."""
    item = await here.assistant().inbox.answer(item_id, given.answer, given.text)
    here.feed.publish("inbox", id=item.id, state=item.state)
    return _item(item)


def _item(item: box.Item) -> Item:
    found = item.as_json()
    return Item(html=render(item.text), **{name: found[name] for name in Item.model_fields if name != "html"})
