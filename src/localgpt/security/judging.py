"""The policy for use apart from the product: the owner's words, what was done so far, a call; may it run?

    decision = judge(["Send the notes of the meeting to anna@example.org."], past, call, effects)

Nothing is read or run here. ``docs/policy.md`` says how to describe calls, and what the answers mean.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from localgpt.core.values import Effect, Origin, ToolCall
from localgpt.security.intent import Plan, deletes, is_pasted, plan_of, typed
from localgpt.security.policy import Decision, Mode, as_web, decide
from localgpt.security.sending import Known, addresses_in

if TYPE_CHECKING:
    from localgpt.security.grant import Grant


@dataclass(frozen=True, slots=True)
class Step:
    """A call that was made, with its effects; ``text`` is what it brought, ``origin`` whose words that is."""

    call: ToolCall
    effects: Sequence[Effect]
    text: str = ""
    origin: Origin = Origin.FOREIGN


def judge(
    words: Sequence[str],
    past: Sequence[Step],
    call: ToolCall,
    effects: Sequence[Effect],
    *,
    mode: Mode = Mode.ASK,
    grants: Sequence[Grant] = (),
) -> Decision:
    """Decide about ``call``, which would have ``effects``.

    ``words`` are the owner's messages, the oldest first; ``past`` are the calls that were made since, in order. The
    decision's ``verdict`` is ``allow``, ``ask`` or ``deny``, its ``reason`` one sentence.
    """
    from localgpt.security.grant import GrantBook

    return decide(
        call,
        effects,
        origins=frozenset({Origin.OWNER, *_pasted(words), *(step.origin for step in past)}),
        mode=mode,
        known=_known(words, past),
        plan=_plan(words, past),
        grants=GrantBook(tuple(grants)),
    )


def _pasted(words: Sequence[str]) -> Iterable[Origin]:
    """What the owner only quotes or forwards is foreign."""
    return (Origin.FOREIGN for message in words if is_pasted(message))


def _plan(words: Sequence[str], past: Sequence[Step]) -> Plan:
    plan = plan_of(words, _trusted(past))
    for step in () if any(_pasted(words)) else _before_foreign(past):
        plan = plan.begun(step.effects, deletes=deletes(step.call.name))
    for step in past:
        plan = plan.spent(step.effects)
    return plan


def _before_foreign(past: Sequence[Step]) -> Iterable[Step]:
    """The calls that were made when nothing foreign had been read, the one that read it first too."""
    for step in past:
        yield step
        if step.origin is Origin.FOREIGN:
            return


def _trusted(past: Sequence[Step]) -> Iterable[str]:
    """What the owner's and the system's own results brought, without what they only repeat of their call."""
    for step in past:
        if step.origin in {Origin.OWNER, Origin.SYSTEM}:
            text = step.text
            for value in _texts(step.call.arguments.values()):
                text = text.replace(value, " … ") if value.strip() else text
            yield text


def _texts(values: Iterable[object]) -> Iterable[str]:
    for value in values:
        if isinstance(value, dict):
            yield from _texts(value.values())
        elif isinstance(value, list | tuple | set):
            yield from _texts(value)
        elif value is not None and not isinstance(value, bool):
            yield str(value)


def _known(words: Sequence[str], past: Sequence[Step]) -> Known:
    """A fetch and a search (what sends something that is known) bring addresses that count; all else may be private."""
    links: set[str] = set()
    mentioned: set[str] = set()
    notes: list[str] = []
    for step in past:
        on_the_web = any(as_web(step.call, effect) for effect in step.effects)
        if on_the_web and step.origin is Origin.FOREIGN:
            links |= addresses_in(step.text)
            continue
        notes.append(step.text)
        if step.origin is Origin.FOREIGN:
            mentioned |= addresses_in(step.text)
    return Known(
        "\n".join(map(typed, words)),
        frozenset(links),
        "\n".join(notes),
        mentioned=frozenset(mentioned),
        own="\n".join(step.text for step in past if step.origin is Origin.OWNER),
        foreign="\n".join(step.text for step in past if step.origin is Origin.FOREIGN),
    )
