"""What a tool call may do: one pure function from what it does, who asks and what has been read.

No text can talk to it: it sees the call's effects and the origins of what the turn has read. Of words it sees those
that would be sent, and only compares them (``sending``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Protocol

from localgpt.core.paths import PROTECTED
from localgpt.core.values import Effect, EffectKind, Origin, ToolCall
from localgpt.security.intent import NO_PLAN, Plan, deletes, of_spending
from localgpt.security.sending import (
    NOTHING_KNOWN,
    Known,
    borrowed,
    copied,
    host_in,
    is_address,
    is_listed,
    is_mentioned,
    is_written,
    names_host,
)

_SECRET_FOLDERS = {".ssh", ".gnupg", ".aws", ".azure", ".kube", ".docker", ".password-store", "keyrings"}
_SECRET_FILES = {".netrc", ".npmrc", ".pypirc", ".pgpass", ".git-credentials", ".env", "credentials"}
_SECRET_ENDINGS = {".pem", ".key", ".kdbx", ".p12", ".pfx"}
_STARTING = {"config.toml", "claude.md", "gemini.md"}
"""Names, beside those of ``core.paths``, by which programs of the owner find what to heed."""
_PROGRAMS = frozenset(
    ".py .pyw .pth .sh .bash .zsh .fish .js .mjs .cjs .ts .rb .pl .php .lua .bat .cmd .ps1 .vbs .exe .so .dll .jar"
    " .desktop .service .plist .mk .gradle .ipynb".split()
)
"""Endings of files that are run, by the owner if by nobody else; they are no notes."""
_SECRET_KEYS = ("id_rsa", "id_ed25519", "id_ecdsa", "id_dsa")


ANYWHERE = "/"
"""What a program writes that no wall holds: each is asked about, whatever the owner said, allowed or granted before."""


class Caller(StrEnum):
    """Who the turn speaks for: the owner at this machine, or somebody who isn't."""

    OWNER = "owner"
    REMOTE = "remote"


class Mode(StrEnum):
    """How much the owner lets happen. ``ASK`` are the rules below; each mode before it asks less, each after it allows less.

    ``YOLO``: nothing is asked that stays in one named folder. ``TRUSTED``: nothing is asked about writing in the folders
    that are named for it. Neither counts once foreign text was read. ``PLAN``: nothing that changes anything is done, and
    the model is told what would be. ``READ_ONLY``: nothing is changed or sent, not even a search.
    """

    YOLO = "yolo"
    TRUSTED = "trusted"
    ASK = "ask"
    PLAN = "plan"
    READ_ONLY = "read-only"

    @property
    def strictness(self) -> int:
        """0 for the mode that allows the most."""
        return list(Mode).index(self)


class Verdict(StrEnum):
    """What happens to a call: it runs, the owner is asked, it doesn't run."""

    ALLOW = "allow"
    ASK = "ask"
    DENY = "deny"

    @property
    def strictness(self) -> int:
        """0 for ``ALLOW``, 1 for ``ASK``, 2 for ``DENY``."""
        return (Verdict.ALLOW, Verdict.ASK, Verdict.DENY).index(self)


class Rule(StrEnum):
    """Which rule made a decision."""

    HARMLESS = "harmless"
    READ = "read"
    KEYS = "keys"
    NOTE = "note"
    LOSES = "loses"
    PROTECTED = "protected"
    OUTSIDE = "outside"
    WEB = "web"
    WALLED = "walled"
    UNHELD = "unheld"
    NAMED = "named"
    UNNAMED = "unnamed"
    UNASKED = "unasked"
    AGAIN = "again"
    COPIED = "copied"
    ALONE = "alone"
    REMOTE = "remote"
    MODE = "mode"
    FOLDER = "folder"
    GRANTED = "granted"


@dataclass(frozen=True, slots=True)
class Decision:
    """A verdict and its reason: one sentence for the owner and the model. ``rule`` is the one that made it."""

    verdict: Verdict
    reason: str
    rule: Rule = Rule.HARMLESS


@dataclass(frozen=True, slots=True)
class Folders:
    """Folders that modes speak of, as targets of effects are named, ending in ``/``; ``./`` is the workspace."""

    trusted: tuple[str, ...] = ()
    yolo: str = ""


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
NO_FOLDERS = Folders()


@dataclass(frozen=True, slots=True)
class _Case:
    """All that a decision depends on."""

    call: ToolCall
    effects: tuple[Effect, ...]
    caller: Caller
    foreign: bool
    mode: Mode
    protected: frozenset[str]
    known: Known
    attended: bool
    plan: Plan
    grants: Book
    session: str
    folders: Folders


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
    plan: Plan = NO_PLAN,
    grants: Book = NO_GRANTS,
    session: str = "",
    folders: Folders = NO_FOLDERS,
) -> Decision:
    """Decide about ``call``, whose ``effects`` are complete and name places as ``Workspace.locate`` does.

    ``origins`` are those of all text the turn has read, ``known`` tells whose words it would send, ``plan`` what the owner
    asked for (``intent.plan_of``); ``attended`` is false where the owner does not look on. ``grants`` are what they have
    allowed beforehand in ``session``. The strictest verdict of the effects counts.
    """
    names, foreign = frozenset(name.casefold() for name in protected), Origin.FOREIGN in origins
    made = tuple(effects)
    case = _Case(call, made, caller, foreign, mode, names, known, attended, plan, grants, session, folders)
    decisions = [_relaxed(effect, _judge(effect, case), case) for effect in made]
    harmless = Decision(Verdict.ALLOW, f"{call.name} changes nothing.")
    return max(decisions, key=lambda decision: decision.verdict.strictness, default=harmless)


def is_protected(target: str, names: Iterable[str] = PROTECTED) -> bool:
    """Whether a path speaks in prompts, starts things or configures: such files are written on the owner's word.

    That is a protected name in any folder and letter case, what assistants of others heed, everything in ``skills/`` and
    ``hooks/``, hidden files and folders, and settings.
    """
    parts = PurePosixPath(target.casefold()).parts
    protected = {name.casefold() for name in names} | _STARTING
    return (
        not parts
        or parts[-1] in protected
        or parts[0] in {"skills", "hooks"}
        or "skill.md" in parts
        or any(part.startswith(".") for part in parts)
    )


def is_unheld(effects: Iterable[Effect]) -> bool:
    """Whether a program runs without any wall around it: no yes to such a call counts for another one."""
    made = tuple(effects)
    runs = any(one.kind is EffectKind.RUNS and not one.walled for one in made)
    return runs and any(one.kind is EffectKind.WRITES and one.target == ANYWHERE for one in made)


def is_secret(target: str) -> bool:
    """Whether a path is where programs keep keys and passwords."""
    path = PurePosixPath(target.casefold())
    return (
        not _SECRET_FOLDERS.isdisjoint(path.parts)
        or path.name in _SECRET_FILES
        or path.name.startswith((".env.", *_SECRET_KEYS))
        or path.suffix in _SECRET_ENDINGS
    )


def _relaxed(effect: Effect, decision: Decision, case: _Case) -> Decision:
    """The decision where a folder's mode or a grant answers what would be asked; neither undoes a refusal."""
    if decision.verdict is not Verdict.ASK or decision.rule in {Rule.KEYS, Rule.UNHELD}:
        return decision
    if case.foreign and decision.rule is Rule.PROTECTED:
        return decision
    if not case.foreign and _is_let(effect, decision, case):
        return Decision(Verdict.ALLOW, f"{effect.target} is in a folder where you let it be.", Rule.FOLDER)
    if case.grants.covers(case.call, effect, session=case.session, foreign=case.foreign) is not None:
        return Decision(Verdict.ALLOW, f"You have granted it beforehand ({effect.target}).", Rule.GRANTED)
    return decision


def _is_let(effect: Effect, decision: Decision, case: _Case) -> bool:
    """Whether the mode lets an effect be because of where it happens; a program only with the owner there."""
    places = {Mode.TRUSTED: case.folders.trusted, Mode.YOLO: (*case.folders.trusted, case.folders.yolo)}
    folders = tuple(filter(None, places.get(case.mode, ())))
    if not folders or decision.rule is Rule.PROTECTED:
        return False
    if effect.kind is EffectKind.WRITES:
        return _is_in(effect.target, folders)
    written = [one.target for one in case.effects if one.kind is EffectKind.WRITES]
    inside = bool(written) and all(_is_in(target, folders) for target in written)
    return effect.kind is EffectKind.RUNS and case.attended and (effect.walled or inside)


def _is_in(target: str, folders: Iterable[str]) -> bool:
    path = PurePosixPath(target)
    if not path.parts or ".." in path.parts:
        return False
    outside = target.startswith(("/", "~"))
    return any(
        not outside if folder == "./" else path.is_relative_to(PurePosixPath(folder)) for folder in folders
    )


def _judge(effect: Effect, case: _Case) -> Decision:
    web = as_web(case.call, effect)
    effect, searches = web or effect, web is not None
    if effect.kind is EffectKind.READS:
        return _judge_read(effect.target, case.caller)
    does = f"{effect.kind.value} {effect.target}"
    if case.mode is Mode.READ_ONLY:
        return Decision(
            Verdict.DENY, f"In read-only mode nothing {effect.kind.value} ({effect.target}).", Rule.MODE
        )
    if case.caller is Caller.REMOTE:
        return Decision(
            Verdict.DENY, f"A caller from elsewhere may only read, not touch {effect.target}.", Rule.REMOTE
        )
    if case.mode is Mode.PLAN and not searches:
        return Decision(
            Verdict.DENY, f"In plan mode nothing is done; this is what it would do: it {does}.", Rule.MODE
        )
    decision = _judge_sending(effect, case) if searches else _judge_deed(effect, case)
    return decision if case.attended or searches else _alone(effect, decision, case.protected)


def as_web(call: ToolCall, effect: Effect) -> Effect | None:
    """An effect as a fetch (an address is sent to its own host) or a search (words, by a tool that says that it searches),
    where it is one: all that is sent is known, and nothing else decides. What else is sent is told to somebody.
    """
    if effect.kind is EffectKind.READS and effect.target.casefold().startswith(("http://", "https://")):
        return Effect(EffectKind.SENDS, host_in(effect.target), effect.target)
    sent, target = effect.sent, effect.target
    whole = not effect.sensitive or effect.sensitive == (sent,)
    if effect.kind is not EffectKind.SENDS or not sent or not whole or "@" in target:
        return None
    if "search" in call.name.casefold() and not is_address(sent):
        return effect
    url = sent if is_address(sent) else f"https://{sent}"
    own = is_address(url) and target.casefold() in {"", "web", host_in(url), sent.casefold()}
    return (
        replace(effect, target=host_in(url), sent=url, sensitive=())
        if own and " " not in url.strip()
        else None
    )


def _judge_deed(effect: Effect, case: _Case) -> Decision:
    if effect.kind is EffectKind.WRITES:
        return _judge_write(effect, case)
    if effect.kind is EffectKind.RUNS and is_unheld(case.effects):
        reason = f"No walls hold {effect.target}: it can read, change and send whatever you can."
        return Decision(Verdict.ASK, reason, Rule.UNHELD)
    if effect.kind is EffectKind.RUNS and effect.walled and not case.foreign:
        return Decision(
            Verdict.ALLOW, "It runs behind walls, and what it changes can be undone.", Rule.WALLED
        )
    if effect.kind is EffectKind.RUNS and not effect.walled and case.foreign:
        reason = f"It runs {effect.target}, which may reach more than the workspace, and this turn has read foreign text."
        return Decision(Verdict.ASK, reason, Rule.WALLED)
    return _judge_by_words(effect, case)


def _judge_by_words(effect: Effect, case: _Case) -> Decision:
    """What is done on the owner's word alone: it names all that decides, and asks for such a thing."""
    plan, does = case.plan, _does(effect)
    read = ", and this turn has read foreign text" if case.foreign else ""
    unnamed = plan.unnamed(effect)
    if unnamed is not None:
        named = f"{effect.kind.value} {unnamed} ({effect.target})"
        what = named if unnamed != effect.target else does if unnamed else f"{effect.kind.value} something"
        reason = f"It {what}, which you did not name yourself{read}."
        return Decision(Verdict.ASK, reason, Rule.UNNAMED)
    if effect.kind not in plan.kinds or not _is_lost_as_asked(effect, case):
        return Decision(Verdict.ASK, f"It {does}; you did not ask for such a thing{read}.", Rule.UNASKED)
    if effect.kind is EffectKind.SPENDS and of_spending(effect) in plan.done:
        return Decision(Verdict.ASK, f"It {does}, and did so before just the same.", Rule.AGAIN)
    told = copied(effect.sent, case.known) if effect.kind is EffectKind.SENDS and case.foreign else ""
    if told:
        reason = f"It {does}, and would tell {told!r}, which may come out of your notes{read}."
        return Decision(Verdict.ASK, reason, Rule.COPIED)
    return Decision(Verdict.ALLOW, f"It {does}, as you said.", Rule.NAMED)


def _does(effect: Effect) -> str:
    """What an effect does, in words for the owner."""
    uses_network = effect.kind is EffectKind.SENDS and effect.target == "network"
    return "uses the network" if uses_network else f"{effect.kind.value} {effect.target}"


def _is_lost_as_asked(effect: Effect, case: _Case) -> bool:
    """Whether it loses nothing, or the owner asked for something to be replaced, or gone."""
    if deletes(case.call.name):
        return case.plan.deletes
    return not effect.loses or case.plan.loses or case.plan.deletes


def _alone(effect: Effect, decision: Decision, protected: frozenset[str]) -> Decision:
    """The decision where the owner does not look on: of what is done, only writing plain notes needs no word."""
    if decision.verdict is not Verdict.ALLOW:
        return decision
    if effect.kind is not EffectKind.WRITES:
        return Decision(Verdict.ASK, f"It {_does(effect)}; you were not there.", Rule.ALONE)
    if is_protected(effect.target, protected):
        reason = f"{effect.target} speaks in prompts or starts things; you were not there."
        return Decision(Verdict.ASK, reason, Rule.PROTECTED)
    if effect.target.startswith(("/", "~")):
        reason = f"{effect.target} is outside the workspace; you were not there."
        return Decision(Verdict.ASK, reason, Rule.OUTSIDE)
    return decision


def _judge_read(target: str, caller: Caller) -> Decision:
    if not is_secret(target):
        return Decision(Verdict.ALLOW, f"Reading {target} is allowed.", Rule.READ)
    verdict = Verdict.DENY if caller is Caller.REMOTE else Verdict.ASK
    return Decision(verdict, f"{target} may hold keys or passwords.", Rule.KEYS)


def _judge_write(effect: Effect, case: _Case) -> Decision:
    target = effect.target
    if not case.foreign:
        return Decision(Verdict.ALLOW, f"Writing {target} can be undone.", Rule.NOTE)
    if is_protected(target, case.protected):
        reason = f"{target} speaks in prompts or starts things, and this turn has read foreign text."
        return Decision(Verdict.ASK, reason, Rule.PROTECTED)
    if is_note(target) and _leaves_yours(effect, case):
        return Decision(Verdict.ALLOW, f"{target} is a note; writing it can be undone.", Rule.NOTE)
    decision = _judge_by_words(effect, case)
    if decision.verdict is Verdict.ALLOW or not target.startswith(("/", "~")):
        return _about_lines(effect, decision)
    reason = f"{target} is outside the workspace, and this turn has read foreign text."
    return Decision(Verdict.ASK, reason, Rule.OUTSIDE)


def _leaves_yours(effect: Effect, case: _Case) -> bool:
    """Whether a write to a note only adds, with nothing else that would have to be named; or is one to a note that the
    owner named for it.
    """
    plan = case.plan
    if deletes(case.call.name) and not plan.deletes:
        return False
    if not effect.loses:
        return not effect.sensitive or plan.unnamed(effect) is None
    path_is_named = plan.unnamed(Effect(effect.kind, effect.target)) is None
    named = path_is_named or (bool(effect.sensitive) and plan.unnamed(effect) is None)
    return named and EffectKind.WRITES in plan.kinds


def _about_lines(effect: Effect, decision: Decision) -> Decision:
    if decision.verdict is Verdict.ALLOW or not (effect.loses and is_note(effect.target)):
        return decision
    reason = (
        f"It would replace or delete lines of yours in {effect.target}, and this turn has read foreign text."
    )
    return Decision(Verdict.ASK, reason, Rule.LOSES)


def is_note(target: str) -> bool:
    """Whether a target is a file of text in the workspace and no program, going by its name."""
    path = PurePosixPath(target)
    outside = target.startswith(("/", "~")) or ":" in target or "@" in target or ".." in path.parts
    return bool(path.suffix) and path.suffix.casefold() not in _PROGRAMS and not outside


def _judge_sending(effect: Effect, case: _Case) -> Decision:
    """A fetch (what is sent is an address at the target) or a search (what is sent is words)."""
    known, foreign = case.known, case.foreign
    carried = borrowed(effect.sent, known)
    if is_address(effect.sent):
        return _judge_fetch(effect, case, carried)
    if carried and (foreign or known.private):
        verdict = Verdict.DENY if foreign else Verdict.ASK
        reason = f"The search would carry words out of your notes: {_listed(carried)}."
        return Decision(verdict, reason, Rule.WEB)
    return Decision(Verdict.ALLOW, f"{effect.target} is asked for what you want to know.", Rule.WEB)


def _judge_fetch(effect: Effect, case: _Case, carried: tuple[str, ...]) -> Decision:
    known, host = case.known, effect.target
    if is_written(effect.sent, known):
        return Decision(Verdict.ALLOW, "You wrote this address.", Rule.WEB)
    if case.foreign:
        return _judge_fetch_after_foreign(effect, case, carried)
    if carried and not names_host(host, known):
        reason = f"The address would carry words that you did not write to {host}: {_listed(carried)}."
        return Decision(Verdict.ASK, reason, Rule.WEB)
    reason = f"Nothing foreign was read, and the address carries nothing to {host}."
    return Decision(Verdict.ALLOW, reason, Rule.WEB)


def _judge_fetch_after_foreign(effect: Effect, case: _Case, carried: tuple[str, ...]) -> Decision:
    host, known, verdict = effect.target, case.known, Verdict.DENY
    if known.private:
        reason = f"Private passages and foreign text were read: only addresses that you wrote are fetched, not {host}."
    elif carried:
        reason = f"The address would carry words out of your notes to {host}: {_listed(carried)}."
    elif is_listed(effect.sent, known):
        reason = f"A search or page of this conversation listed this address at {host}."
        verdict = Verdict.ALLOW
    elif is_mentioned(effect.sent, known) and case.attended:
        reason = (
            f"This address at {host} stands in foreign text; you did not write it, and no search listed it."
        )
        verdict = Verdict.ASK
    else:
        reason = (
            f"Foreign text was read: {host} is fetched only at an address that you wrote, or that a search "
            "or page of this conversation listed, letter by letter."
        )
    return Decision(verdict, reason, Rule.WEB)


def _listed(words: tuple[str, ...]) -> str:
    return ", ".join(words[:5]) + (" …" if len(words) > 5 else "")
