"""A question to the owner as a file: the approval in JSON without secrets, and the answer when there is one."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from localgpt.core.values import Answer, Approval, Choice, Effect, EffectKind, Origin, ToolCall

VERSION = 1


@dataclass(frozen=True, slots=True)
class Kept:
    """What a file holds. ``approval`` is gone when the one who asked has the answer. ``whole`` is false where a secret
    was taken out of the call: it can't be run from here.
    """

    id: str
    approval: Approval | None = None
    answer: Answer | None = None
    whole: bool = True

    @property
    def is_open(self) -> bool:
        """Whether it waits for an answer."""
        return self.answer is None


def cleaned(approval: Approval, clean: Callable[[str], str]) -> tuple[Approval, bool]:
    """The approval as it may be kept, and whether its call is still the one that was asked about."""
    arguments = {name: _clean_value(value, clean) for name, value in approval.call.arguments.items()}
    call = replace(approval.call, arguments=arguments)
    said, left = _plain(dict(approval.call.arguments)), _plain(arguments)
    shown = clean(approval.shown)
    whole = said == left and clean(said) == said and shown == approval.shown
    effects = tuple(
        replace(
            effect,
            target=clean(effect.target),
            sent=clean(effect.sent),
            sensitive=tuple(map(clean, effect.sensitive)),
        )
        for effect in approval.effects
    )
    kept = replace(approval, call=call, shown=shown, reason=clean(approval.reason), effects=effects)
    return kept, whole


def written(kept: Kept) -> bytes:
    """The file's bytes."""
    return _plain({"version": VERSION, **asdict(kept)}).encode("utf-8", "replace")


def read(data: bytes) -> Kept | None:
    """What a file holds; ``None`` for one that is not ours."""
    try:
        found = json.loads(data)
        approval, answer = found["approval"], found["answer"]
        return Kept(
            str(found["id"]),
            _approval(approval) if approval else None,
            Answer(Choice(answer["choice"]), str(answer["word"]), str(answer["door"])) if answer else None,
            found["whole"] is True,
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _approval(found: Mapping[str, Any]) -> Approval:
    call = found["call"]
    texts = ("id", "reason", "shown", "session", "turn", "door", "asked", "expires")
    return Approval(
        **{name: str(found[name]) for name in texts},
        call=ToolCall(str(call["id"]), str(call["name"]), dict(call["arguments"])),
        effects=tuple(_effect(one) for one in found["effects"]),
        choices=tuple(Choice(one) for one in found["choices"]),
        origin=Origin(found["origin"]),
    )


def _effect(found: Mapping[str, Any]) -> Effect:
    return Effect(
        EffectKind(found["kind"]),
        str(found["target"]),
        str(found["sent"]),
        tuple(map(str, found["sensitive"])),
        found["loses"] is True,
        found["walled"] is True,
    )


def _clean_value(value: Any, clean: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return clean(value)
    plain = _plain(value)
    return value if clean(plain) == plain else clean(plain)


def _plain(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
