"""A grant, and what it covers: pure values, fail closed."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import PurePosixPath

from localgpt.core.paths import PROTECTED
from localgpt.core.values import Effect, EffectKind, ToolCall
from localgpt.security.policy import is_protected, is_secret

SHELL = "shell"
NETWORK = "network"
"""The target of an effect that lets a command use the network."""
_BROAD = frozenset({"", "/", "~", "~/", "*", "**", "/*"})


@dataclass(frozen=True, slots=True)
class Grant:
    """What a tool may do without being asked about, as far as it goes.

    ``target`` is a place or host, or a folder ending in ``/``. With ``arguments_sha256`` it is for one exact call, whose
    ``effects`` are kept as hashes (``target`` is for reading then). ``session`` is the conversation that it is for, empty
    for good. ``who`` is the door it was given at, ``when`` an ISO time.
    """

    id: str
    tool: str
    kind: EffectKind
    target: str
    arguments_sha256: str = ""
    session: str = ""
    who: str = ""
    when: str = ""
    why: str = ""
    effects: tuple[str, ...] = ()

    @property
    def is_exact(self) -> bool:
        """Whether it is for one exact call."""
        return bool(self.arguments_sha256)

    def named(self) -> Grant:
        """The grant with the id that follows from what it grants."""
        told = [self.tool, self.kind.value, self.target, self.arguments_sha256, self.session, *self.effects]
        return replace(self, id=_hash(told)[:8])

    def covers(self, call: ToolCall, effect: Effect, *, session: str, foreign: bool) -> bool:
        """Whether an effect of a call falls under it. After ``foreign`` text only an exact one counts."""
        if self.tool != call.name or self.session not in {"", session} or never(effect):
            return False
        if self.is_exact:
            return self.arguments_sha256 == arguments_hash(call) and effect_hash(effect) in self.effects
        return not foreign and self.kind is effect.kind and _reaches(self.target, effect.target)


@dataclass(frozen=True, slots=True)
class GrantBook:
    """The grants that count in one conversation."""

    grants: tuple[Grant, ...] = ()

    def covers(self, call: ToolCall, effect: Effect, *, session: str, foreign: bool) -> Grant | None:
        """The grant that an effect of a call falls under, ``None`` if there is none."""
        for grant in self.grants:
            if grant.covers(call, effect, session=session, foreign=foreign):
                return grant
        return self._opened(call, effect, session) if not foreign else None

    def _opened(self, call: ToolCall, effect: Effect, session: str) -> Grant | None:
        """The grant of an opening in the walls around a command, where all its openings are granted: it runs behind
        walls but for these then, and the same command behind whole walls would need no word.
        """
        if call.name != SHELL or effect.kind is not EffectKind.RUNS or effect.walled:
            return None
        openings = tuple(_openings(call))
        found = [next((g for g in self.grants if _opens(g, call, one, session)), None) for one in openings]
        return found[0] if found and None not in found else None


def never(effect: Effect) -> str:
    """Why an effect can't be allowed beforehand, whoever says so; empty where it can."""
    path = effect.target.removesuffix("/")
    if effect.kind in {EffectKind.READS, EffectKind.WRITES} and is_secret(path):
        return f"{effect.target} may hold keys or passwords"
    if effect.kind is EffectKind.WRITES and _is_protected(path):
        return f"{effect.target} speaks in prompts or starts things"
    if effect.kind is EffectKind.SPENDS:
        return "it costs money"
    return ""


def refusal(grant: Grant) -> str:
    """Why a grant may never be given, or does not count where it stands in the settings; empty where all is well."""
    if grant.is_exact:
        return "" if grant.effects else "it doesn't say for which effects it is"
    if grant.kind is EffectKind.RUNS or grant.kind is EffectKind.CHANGES:
        return f"what {grant.kind.value} is granted for one exact call, by answering a question with `always`"
    if grant.target in _BROAD or ".." in PurePosixPath(grant.target).parts:
        return f"{grant.target!r} is too much"
    return never(Effect(grant.kind, grant.target))


def arguments_hash(call: ToolCall) -> str:
    """What a call's arguments are, whatever their order."""
    return _hash([call.name, call.arguments])


def effect_hash(effect: Effect) -> str:
    """What an effect is; behind walls and without them are different things."""
    return _hash([effect.kind.value, effect.target, effect.walled])[:16]


def _hash(told: Sequence[object]) -> str:
    plain = json.dumps(told, sort_keys=True, ensure_ascii=True, separators=(",", ":"), default=_plain)
    return hashlib.sha256(plain.encode()).hexdigest()


def _plain(value: object) -> object:
    try:
        return dict(value)  # type: ignore[call-overload]
    except (TypeError, ValueError):
        return repr(value)


def _reaches(granted: str, target: str) -> bool:
    """Whether a place is the granted one, or in it without being one that needs a word of its own."""
    if granted == target:
        return True
    if not granted.endswith("/") or not target.startswith(granted):
        return False
    rest = target.removeprefix(granted).removesuffix("/")
    return ".." not in PurePosixPath(rest).parts and not is_protected(rest) and not is_secret(rest)


def _openings(call: ToolCall) -> Iterator[Effect]:
    """What a command asks for beyond the workspace, by the arguments of its call."""
    if call.arguments.get("network"):
        yield Effect(EffectKind.SENDS, NETWORK)
    folders = call.arguments.get("folders") or ()
    for folder in folders if isinstance(folders, list | tuple) else (folders,):
        yield Effect(EffectKind.WRITES, f"{os.path.expanduser(str(folder)).rstrip('/')}/")  # noqa: PTH111 - no path is touched


def _opens(grant: Grant, call: ToolCall, opening: Effect, session: str) -> bool:
    return not grant.is_exact and grant.covers(call, opening, session=session, foreign=False)


def _is_protected(path: str) -> bool:
    """The same for a path anywhere; the hidden folders above a home are not the owner's choice."""
    if path.startswith(("/", "~")):
        name = PurePosixPath(path.casefold()).name
        return name in {one.casefold() for one in PROTECTED} or name == "config.toml" or name.startswith(".")
    return is_protected(path)


FIELDS = tuple(one.name for one in fields(Grant))
