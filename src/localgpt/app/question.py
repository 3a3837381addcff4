"""A question about a tool call as doors show it: what the call does in words, and all of it as plain JSON."""

from __future__ import annotations

from typing import Any

from localgpt.core.values import Approval, Choice, Effect, EffectKind, Origin
from localgpt.security.content import visible
from localgpt.security.grant import NETWORK

TOLD = {
    Choice.ONCE: "once",
    Choice.SESSION: "for this session",
    Choice.ALWAYS: "always this exact thing",
    Choice.NO: "no",
}
"""The answers in words."""
NOBODY = "nobody"
"""The door of an answer that nobody gave: time ran out, or the question was taken away."""
_DOORS = {
    "page": "on the page",
    "terminal": "at another terminal",
    "api": "by a program",
    "window": "in the window",
}
_DOES = {
    EffectKind.READS: "reads {}",
    EffectKind.WRITES: "writes {}",
    EffectKind.SENDS: "sends to {}",
    EffectKind.RUNS: "runs a program",
    EffectKind.SPENDS: "spends {}",
    EffectKind.CHANGES: "changes {} for good",
}
_LONGEST_TARGET = 120
_LONGEST_REASON = 400


def does(effect: Effect) -> str:
    """An effect in a few words."""
    if effect.kind is EffectKind.SENDS and effect.target == NETWORK:
        return "may use the network"
    words = _DOES[effect.kind].format(_short(effect.target) or "something")
    if effect.kind is EffectKind.RUNS:
        walls = "behind walls: without network, with no folder but the workspace"
        return f"{words} {walls if effect.walled else 'that may reach more than the workspace'}"
    return f"{words}, and replaces what is there" if effect.loses else words


def why(approval: Approval) -> str:
    """Why it asks, in one line: what of the call stands in it is seen whole in the call."""
    return _short(approval.reason, _LONGEST_REASON)


def all_of_it(approval: Approval) -> str:
    """What the call does, in one line; each thing once."""
    return "; ".join(dict.fromkeys(map(does, approval.effects))) or "does something that is not known"


def outcome(choice: Choice, word: str, door: str) -> str:
    """An answer that was given elsewhere, in one line: where, and what."""
    said = TOLD[choice] + (f" ({_short(word)})" if word else "")
    if door in {"", NOBODY}:
        return f"Not answered: {said}."
    return f"Answered {_DOORS.get(door, f'at {door}')}: {said}."


def as_json(approval: Approval) -> dict[str, Any]:
    """The question for a wire; every text is one that hides nothing from the eye."""
    return {
        "id": approval.id,
        "tool": visible(approval.call.name),
        "call": approval.call.id,
        "shown": visible(approval.shown),
        "effects": [_effect(effect) for effect in approval.effects],
        "reason": why(approval),
        "choices": [choice.value for choice in approval.choices],
        "foreign": approval.origin is Origin.FOREIGN,
        "session_id": approval.session,
        "turn_id": approval.turn,
        "door": approval.door,
        "asked": approval.asked,
        "expires": approval.expires,
    }


def _effect(effect: Effect) -> dict[str, Any]:
    facts = {"loses": effect.loses, "walled": effect.walled}
    return {"kind": effect.kind.value, "target": visible(effect.target), **facts}


def _short(text: str, most: int = _LONGEST_TARGET) -> str:
    line = " ".join(visible(text).split())
    return line if len(line) <= most else line[: most - 1] + "…"
