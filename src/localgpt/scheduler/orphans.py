"""Questions whose asker has died (a crash, a restart): they go on waiting in the inbox, with the exact call."""

from __future__ import annotations

from localgpt.agent.approval_file import Kept
from localgpt.agent.approvals import Approvals
from localgpt.scheduler.inbox import Box, Call, Item, ItemKind


def adopt(approvals: Approvals, inbox: Box) -> list[Item]:
    """Put each orphan into the inbox, once, whoever else tries to; gives what was put there."""
    adopted = []
    for approval in approvals.orphans():
        with approvals.adopting(approval) as kept:
            if kept is not None:
                adopted.append(_item(kept, inbox))
    return adopted


def _item(kept: Kept, inbox: Box) -> Item:
    approval = kept.approval
    assert approval is not None
    effects = tuple((effect.kind.value, effect.target) for effect in approval.effects)
    call = Call(approval.call.name, approval.call.arguments, effects, approval.origin.value, whole=kept.whole)
    what = ", ".join(f"{kind} {target}" for kind, target in effects)
    said = "You said yes, but too late: it was not done.\n" if kept.answer else ""
    return inbox.add(
        ItemKind.QUESTION,
        f"May it use {call.tool}? It {what}",
        f"{said}What asked this ended before it was done ({approval.door}, {approval.asked}).\n{approval.reason}",
        call=call,
        key=f"approval-{approval.id}",
        session=approval.session,
        turn=approval.turn,
    )
