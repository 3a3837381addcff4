"""The words of turns that nobody asks for: what a model is told of an entry, of a task, and of what came before. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from localgpt.scheduler.acknowledgement import TOKEN
from localgpt.scheduler.due import MISSING
from localgpt.scheduler.heartbeat_file import Entry, Kind
from localgpt.scheduler.inbox import Item
from localgpt.scheduler.tasks import Task

_ALONE = (
    "Nobody sits in front of this. You can search, read and write plain notes; what needs more is put before the "
    "owner as a question when you try it, and you go on without it."
)
_HEARTBEAT = (
    f"This is a heartbeat. {_ALONE} Look after what stands below and nothing else; take up nothing from earlier "
    f"conversations. If there is nothing to tell the owner, answer {TOKEN} and nothing else. Otherwise answer with "
    "what they should read, and only that, short."
)
_BOX = (
    f"This is a heartbeat. {_ALONE} Below is one open task of the owner's. If you have done it, begin your answer with "
    f"DONE and say what came of it, short. If nothing can be done about it yet, answer {TOKEN} and nothing else."
)
_TASK = (
    f"This is a task to be done in the background. {_ALONE} Do all of it, then answer with the result as a whole: "
    "it is kept as a note and is all that the owner will read."
)
_NO_FILE = "There is no HEARTBEAT.md. Is there anything that the owner should be told now?"
CUT_OFF = "You were cut off in the middle of this. Look at what is done already, and go on from there."
GO_ON = "You were stopped. Look at what is done already, and go on from there."


def for_entry(entry: Entry, *, beside: str = "", own: str = "", changed: Sequence[str] = ()) -> str:
    """What is said for an entry. ``own`` is the owner's prompt in place of ours, ``beside`` the prose that goes along."""
    lead = own or (_BOX if entry.kind is Kind.BOX else _HEARTBEAT)
    body = _NO_FILE if entry == MISSING else entry.prompt
    head = f"Task: {entry.name}\n{body}" if entry.kind is Kind.TASK else body
    parts = [
        lead,
        head,
        f"Also in HEARTBEAT.md:\n{beside}" if beside else "",
        _changed(changed),
    ]
    return "\n\n".join(part for part in parts if part)


def _changed(places: Sequence[str]) -> str:
    return f"This has changed since you looked last: {', '.join(places)}" if places else ""


def for_task(task: Task, *, interrupted: bool = False, answered: Sequence[Item] = ()) -> str:
    """What is said to begin a task, or to go on with it."""
    if not task.begun:
        return f"{_TASK}\n\n{task.text}"
    return task.words or going_on(answered) or (CUT_OFF if interrupted else GO_ON)


def going_on(answered: Sequence[Item]) -> str:
    """What is said when the owner has answered; empty if they have not."""
    said = [_answer(item) for item in answered if item.call is not None]
    return "\n".join([*said, "Go on from there."]) if said else ""


def _answer(item: Item) -> str:
    tool = item.call.tool if item.call else ""
    if item.state == "allowed":
        return f"The owner allowed the {tool} call that waited, and it was done."
    return f"The owner did not allow the {tool} call that waited; do without it."
