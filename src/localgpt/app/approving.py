"""Questions about tool calls, answered by a function of whoever uses the assistant from Python."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
from collections.abc import Awaitable, Callable, Coroutine
from typing import TYPE_CHECKING, TypeAlias

from localgpt.core.errors import UsageError
from localgpt.core.values import Answer, Approval

if TYPE_CHECKING:
    from localgpt.agent.approvals import Approvals

Approve: TypeAlias = Callable[[Approval], Answer | Awaitable[Answer]]
"""Is shown a call and gives the answer; one that takes its time is ``async``."""


def asked_of(approvals: Approvals, approve: Approve) -> Callable[[Approval], Coroutine[None, None, Answer]]:
    """Ask ``approve``, and let every other door answer too; whoever is first counts."""

    async def ask(approval: Approval) -> Answer:
        asking = asyncio.ensure_future(approvals.ask(approval))
        answering = asyncio.ensure_future(_answered(approvals, approve, approval))
        try:
            await asyncio.wait([asking, answering], return_when=asyncio.FIRST_COMPLETED)
            if answering.done():
                answering.result()  # what went wrong in it is told
            return await asking
        finally:
            for task in (asking, answering):
                task.cancel()
            await asyncio.gather(asking, answering, return_exceptions=True)

    return ask


async def _answered(approvals: Approvals, approve: Approve, approval: Approval) -> None:
    answer = approve(approval)
    given = await answer if inspect.isawaitable(answer) else answer
    with contextlib.suppress(UsageError):  # another door was faster
        await asyncio.to_thread(approvals.answer, approval.id, given)
