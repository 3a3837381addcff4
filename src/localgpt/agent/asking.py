"""A question about a tool call, put into words: the call exactly as it would run, hiding nothing. Pure."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from localgpt.agent.approval_file import cleaned
from localgpt.agent.approvals import NOBODY
from localgpt.core.redact import redact
from localgpt.core.values import Answer, Approval, Choice, Effect, Origin, ToolCall
from localgpt.security.content import visible
from localgpt.security.grant import never
from localgpt.security.policy import is_unheld

_LINE = 80


def question(
    call: ToolCall,
    effects: tuple[Effect, ...],
    reason: str,
    *,
    session: str,
    turn: str,
    door: str,
    origin: Origin,
    now: datetime,
    seconds: float,
) -> Approval:
    """The question whether a call may run; its answer is waited for from ``now`` for ``seconds``."""
    approval = Approval(
        id=uuid.uuid4().hex[:8],
        call=call,
        effects=effects,
        reason=reason,
        shown=shown(call),
        session=session,
        turn=turn,
        door=door,
        asked=now.isoformat(timespec="milliseconds"),
        expires=(now + timedelta(seconds=seconds)).isoformat(timespec="milliseconds"),
        choices=(Choice.ONCE, Choice.NO),
        origin=origin,
    )
    can_last = (
        session and cleaned(approval, redact)[1] and not any(map(never, effects)) and not is_unheld(effects)
    )
    choices = tuple(Choice) if can_last else approval.choices
    return Approval(**{name: getattr(approval, name) for name in approval.__slots__} | {"choices": choices})


def shown(call: ToolCall) -> str:
    """The call as text: its name, and each argument whole. What an eye can't see is spelled out."""
    return "\n".join([_name(call.name), *(_argument(*one) for one in call.arguments.items())])


def told(answer: Answer) -> str:
    """What the model is told of a no."""
    word = " ".join(answer.word.split())
    if answer.door == NOBODY:
        return f"Not done: {word}."
    return f"Not done: the owner said no: {word}" if word else "Not done: the owner said no."


def hidden(effects: Iterable[Effect]) -> str:
    """A sentence where letters that can't be seen, or that only look like others, stand in what decides; else empty."""
    for effect in effects:
        for value in effect.sensitive or (effect.target,):
            if visible(value) != value:
                return "Letters that can't be seen are in it."
            if _mixes(value):
                return f"{value} has letters of two alphabets that look alike."
    return ""


def _argument(name: str, value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    text = _seen(text)
    if "\n" not in text and len(text) <= _LINE:
        return f"  {_name(name)}: {text}"
    return "\n".join([f"  {_name(name)}:", *(f"    {line}" for line in text.split("\n"))])


def _name(text: str) -> str:
    """A name stays in its line: else it could pass for another argument."""
    return _seen(text).replace("\n", "\\u{a}")


def _seen(text: str) -> str:
    if visible(text) == text:
        return text
    return "".join(one if one in "\t\n" or visible(one) == one else f"\\u{{{ord(one):x}}}" for one in text)


def _mixes(value: str) -> bool:
    """Latin letters and Cyrillic or Greek ones in one word."""
    return any(
        any(one.isascii() and one.isalpha() for one in word)
        and any("\u0370" <= one <= "\u052f" for one in word)
        for word in value.split()
    )
