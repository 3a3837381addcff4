"""A process that asks one question and writes its answer down; for tests of several processes."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from localgpt.agent.approvals import Approvals
from localgpt.core.journal import Journal
from localgpt.core.values import Approval, Choice, Effect, EffectKind, Origin, ToolCall


def approval(
    name: str = "abcd1234", *, seconds: int = 30, session: str = "", **arguments: object
) -> Approval:
    """A question about a note that would be written."""
    call = ToolCall("c1", "write_file", arguments or {"path": "SOUL.md", "content": "Be kind.\n"})
    return Approval(
        name,
        call,
        (Effect(EffectKind.WRITES, "SOUL.md", sensitive=("SOUL.md",)),),
        "It speaks in prompts.",
        f"write_file {dict(call.arguments)}",
        session,
        "turn1",
        "chat",
        "2026-11-24T08:00:00+00:00",
        f"2026-11-24T08:00:{seconds:02}+00:00",
        tuple(Choice),
        Origin.FOREIGN,
    )


if __name__ == "__main__":
    home = Path(sys.argv[1])
    desk = Approvals(home / "approvals", Journal(home / "journal"))
    answer = asyncio.run(desk.ask(approval()))
    (home / "answer").write_text(f"{answer.choice.value} {answer.word}", encoding="utf-8")
