"""What a tool call may do: one pure function from what it does, who asks and what has been read.

No text can talk to it: it sees the call's effects and the origins of what the turn has read. Of words it sees those
that would be sent, and only compares them (``sending``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Protocol

from localgpt.core.paths import PROTECTED
from localgpt.core.values import Effect, EffectKind, Origin, ToolCall
from localgpt.security.sending import (
    NOTHING_KNOWN,
    Known,
    borrowed,
    is_address,
    is_listed,
    is_written,
    names_host,
)

_SECRET_FOLDERS = {".ssh", ".gnupg", ".aws", ".azure", ".kube", ".docker", ".password-store", "keyrings"}
_SECRET_FILES = {".netrc", ".npmrc", ".pypirc", ".pgpass", ".git-credentials", ".env", "credentials"}
_SECRET_ENDINGS = {".pem", ".key", ".kdbx", ".p12", ".pfx"}
_SECRET_KEYS = ("id_rsa", "id_ed25519", "id_ecdsa", "id_dsa")


class Caller(StrEnum):
    """Who the turn speaks for: the owner at this machine, or somebody who isn't."""

    OWNER = "owner"
    REMOTE = "remote"


class Mode(StrEnum):
    """How much the owner lets happen: the rules below, or nothing that changes anything."""

    ASK = "ask"
    READ_ONLY = "read-only"


class Verdict(StrEnum):
    """What happens to a call: it runs, the owner is asked, it doesn't run."""

    ALLOW = "allow"
    ASK = "ask"
    DENY = "deny"

    @property
    def strictness(self) -> int:
        """0 for ``ALLOW``, 1 for ``ASK``, 2 for ``DENY``."""
        return (Verdict.ALLOW, Verdict.ASK, Verdict.DENY).index(self)


@dataclass(frozen=True, slots=True)
class Decision:
    """A verdict and its reason: one sentence for the owner and the model."""

    verdict: Verdict
    reason: str


class Book(Protocol):
    """What the owner has granted beforehand: a value, looked things up in and nothing else."""

    def covers(self, call: ToolCall, effect: Effect, *, session: str, foreign: bool) -> object | None:
        """The grant that this effect of the call falls under, or ``None``. After ``foreign`` text only one for this
        exact thing counts.
        """


class NoGrants:
    """Nothing was granted."""

    def covers(self, _call: ToolCall, _effect: Effect, *, session: str, foreign: bool) -> None:
        """Nothing."""


NO_GRANTS = NoGrants()


def decide(
    call: ToolCall,
    effects: Iterable[Effect],
    *,
    caller: Caller = Caller.OWNER,
    origins: frozenset[Origin] = frozenset(),
    mode: Mode = Mode.ASK,
    protected: Iterable[str] = PROTECTED,
    known: Known = NOTHING_KNOWN,
    attended: bool = True,
) -> Decision:
    """Decide about ``call``, whose ``effects`` are complete and name places as ``Workspace.locate`` does.

    ``origins`` are those of all text the turn has read, ``known`` tells whose words it would send; ``attended`` is false
    where the owner does not look on. The strictest verdict of the effects counts.
    """
    names = frozenset(name.casefold() for name in protected)
    foreign = Origin.FOREIGN in origins
    decisions = [
        decision if attended else _alone(effect, decision, names)
        for effect in effects
        for decision in (_judge(effect, caller, mode, foreign, names, known),)
    ]
    harmless = Decision(Verdict.ALLOW, f"{call.name} changes nothing.")
    return max(decisions, key=lambda decision: decision.verdict.strictness, default=harmless)


def is_protected(target: str, names: Iterable[str] = PROTECTED) -> bool:
    """Whether a path speaks in prompts, starts things or configures: such files are written on the owner's word.

    That is a protected name in any folder and letter case, everything in ``skills/``, hidden files and folders,
    and settings.
    """
    parts = PurePosixPath(target.casefold()).parts
    protected = {name.casefold() for name in names} | {"config.toml"}
    return (
        not parts
        or parts[-1] in protected
        or parts[0] == "skills"
        or "skill.md" in parts
        or any(part.startswith(".") for part in parts)
    )


def is_secret(target: str) -> bool:
    """Whether a path is where programs keep keys and passwords."""
    path = PurePosixPath(target.casefold())
    return (
        not _SECRET_FOLDERS.isdisjoint(path.parts)
        or path.name in _SECRET_FILES
        or path.name.startswith((".env.", *_SECRET_KEYS))
        or path.suffix in _SECRET_ENDINGS
    )


def _judge(
    effect: Effect, caller: Caller, mode: Mode, foreign: bool, protected: frozenset[str], known: Known
) -> Decision:
    if effect.kind is EffectKind.READS:
        return _judge_read(effect.target, caller)
    if mode is Mode.READ_ONLY:
        return Decision(Verdict.DENY, f"In read-only mode nothing {effect.kind.value} ({effect.target}).")
    if caller is Caller.REMOTE:
        return Decision(Verdict.DENY, f"A caller from elsewhere may only read, not touch {effect.target}.")
    if effect.kind is EffectKind.WRITES:
        return _judge_write(effect.target, foreign, protected)
    if effect.kind is EffectKind.SENDS and effect.sent:
        return _judge_sending(effect, foreign, known)
    return Decision(Verdict.ASK, f"It {effect.kind.value} {effect.target}; that needs your word.")


def _alone(effect: Effect, decision: Decision, protected: frozenset[str]) -> Decision:
    """The decision where the owner does not look on: of what is written, only plain notes need no word."""
    if decision.verdict is not Verdict.ALLOW or effect.kind is not EffectKind.WRITES:
        return decision
    if is_protected(effect.target, protected):
        return Decision(
            Verdict.ASK, f"{effect.target} speaks in prompts or starts things; you were not there."
        )
    if effect.target.startswith(("/", "~")):
        return Decision(Verdict.ASK, f"{effect.target} is outside the workspace; you were not there.")
    return decision


def _judge_read(target: str, caller: Caller) -> Decision:
    if not is_secret(target):
        return Decision(Verdict.ALLOW, f"Reading {target} is allowed.")
    if caller is Caller.REMOTE:
        return Decision(Verdict.DENY, f"{target} may hold keys or passwords.")
    return Decision(Verdict.ASK, f"{target} may hold keys or passwords.")


def _judge_write(target: str, foreign: bool, protected: frozenset[str]) -> Decision:
    if not foreign:
        return Decision(Verdict.ALLOW, f"Writing {target} can be undone.")
    if is_protected(target, protected):
        return Decision(
            Verdict.ASK, f"{target} speaks in prompts or starts things, and this turn has read foreign text."
        )
    if target.startswith(("/", "~")):
        return Decision(
            Verdict.ASK, f"{target} is outside the workspace, and this turn has read foreign text."
        )
    return Decision(Verdict.ALLOW, f"{target} is a note; writing it can be undone.")


def _judge_sending(effect: Effect, foreign: bool, known: Known) -> Decision:
    """A fetch (what is sent is an address at the target) or a search (what is sent is words)."""
    carried = borrowed(effect.sent, known)
    if is_address(effect.sent):
        return _judge_fetch(effect, foreign, known, carried)
    if carried and (foreign or known.private):
        verdict = Verdict.DENY if foreign else Verdict.ASK
        return Decision(verdict, f"The search would carry words out of your notes: {_listed(carried)}.")
    return Decision(Verdict.ALLOW, f"{effect.target} is asked for what you want to know.")


def _judge_fetch(effect: Effect, foreign: bool, known: Known, carried: tuple[str, ...]) -> Decision:
    if is_written(effect.sent, known):
        return Decision(Verdict.ALLOW, "You wrote this address.")
    if foreign:
        return _judge_fetch_after_foreign(effect, known, carried)
    if carried and not names_host(effect.target, known):
        reason = (
            f"The address would carry words that you did not write to {effect.target}: {_listed(carried)}."
        )
        return Decision(Verdict.ASK, reason)
    return Decision(
        Verdict.ALLOW, f"Nothing foreign was read, and the address carries nothing to {effect.target}."
    )


def _judge_fetch_after_foreign(effect: Effect, known: Known, carried: tuple[str, ...]) -> Decision:
    host = effect.target
    if known.private:
        reason = f"Private passages and foreign text were read: only addresses that you wrote are fetched, not {host}."
    elif not is_listed(effect.sent, known):
        reason = (
            f"Foreign text was read: {host} is fetched only at an address that you wrote, or that a search "
            "or page of this conversation listed, letter by letter."
        )
    elif carried:
        reason = f"The address would carry words out of your notes to {host}: {_listed(carried)}."
    else:
        return Decision(
            Verdict.ALLOW, f"A search or page of this conversation listed this address at {host}."
        )
    return Decision(Verdict.DENY, reason)


def _listed(words: tuple[str, ...]) -> str:
    return ", ".join(words[:5]) + (" …" if len(words) > 5 else "")
