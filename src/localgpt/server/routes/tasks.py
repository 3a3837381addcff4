"""What is done in the background: given, looked at, paused, gone on with, ended."""

from __future__ import annotations

import asyncio
from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from localgpt.scheduler import tasks as background
from localgpt.server.served import Here

router = APIRouter(tags=["tasks"])


class Task(BaseModel):
    """``state`` is ``queued``, ``running``, ``paused``, ``waiting`` (for ``question`` in the inbox), ``done``, ``failed`` or
    ``cancelled``; ``note`` is the path of the result, ``result`` the beginning of it.
    """

    id: str
    text: str
    title: str
    state: str
    created: str
    updated: str
    session: str
    model: str
    progress: list[str]
    question: str
    note: str
    result: str
    error: str


class Tasks(BaseModel):
    """All tasks, the newest first."""

    tasks: list[Task]


class Wanted(BaseModel):
    """What is to be done, and by which model (empty: the one that answers otherwise)."""

    text: str = Field(max_length=100_000)
    model: str = ""


class Acting(BaseModel):
    """What to do to a task."""

    action: Literal["pause", "resume", "cancel"]


@router.get("/api/tasks")
async def every(here: Here) -> Tasks:
    """What was asked for, and how far it is."""
    found = await asyncio.to_thread(here.assistant().tasks.list)
    return Tasks(tasks=[_task(task) for task in found])


@router.post("/api/tasks")
async def add(wanted: Wanted, here: Here) -> Task:
    """Let something be done in the background; the daemon runs it."""
    assistant = here.assistant()
    task = await asyncio.to_thread(lambda: assistant.tasks.add(wanted.text, model=wanted.model))
    here.feed.publish("task", id=task.id, state=task.state.value)
    return _task(task)


@router.post("/api/tasks/{task_id}")
async def act(task_id: str, wanted: Acting, here: Here) -> Task:
    """Let a task rest, go on or end."""
    task = await asyncio.to_thread(here.assistant().tasks.act, task_id, wanted.action)
    here.feed.publish("task", id=task.id, state=task.state.value)
    return _task(task)


def _task(task: background.Task) -> Task:
    found = task.as_json()
    return Task(**{name: found[name] for name in Task.model_fields})
