"""Slash commands about what may happen: the mode, the questions that wait, the stop of everything."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from localgpt.app.question import all_of_it
from localgpt.app.slash_command import SlashCommand, SlashReply
from localgpt.app.visiting import refuse
from localgpt.core.values import Approval
from localgpt.security.content import visible

if TYPE_CHECKING:
    from localgpt.app.talk import Talk
    from localgpt.security.grant import Grant

_MODES = {
    "ask": "what you did not ask for is a question",
    "trusted": "in trusted folders files are written and programs run behind walls without a question",
    "read-only": "nothing is written, sent or run",
    "plan": "it says what it would do, and does nothing of it",
    "yolo": "in one folder nothing is asked, but never after foreign text was read",
}


async def _mode(talk: Talk, _rest: str) -> SlashReply:
    """Only shown: who may change it is asked elsewhere, and for the next start."""
    refuse(talk.assistant.visit, "see what is allowed")
    bounds, session = talk.assistant.bounds, talk.session.id if talk.session else ""
    kept = await asyncio.to_thread(talk.assistant.grants.book, session)
    rows = [
        f"Mode **{bounds.mode}**: {_MODES.get(bounds.mode, '')}.",
        *(f"- in `{folder}`" for folder in bounds.folders),
        *(f"- allowed beforehand: {_granted(one)}" for one in kept.grants),
        "",
        "`localgpt config set security.mode` changes it, `localgpt grants` what was allowed.",
    ]
    return SlashReply("\n".join(rows))


def _granted(grant: Grant) -> str:
    until = "in this conversation" if grant.session else "always"
    return f"{grant.tool} {grant.kind.value} `{_line(grant.target)}`, {until}"


async def _approvals(talk: Talk, _rest: str) -> SlashReply:
    refuse(talk.assistant.visit, "see what waits")
    found = await asyncio.to_thread(talk.assistant.approvals.open)
    if not found:
        return SlashReply("Nothing waits for your word.")
    rows = [f"- `{one.id}` {_line(_asked(one))}" for one in found]
    return SlashReply(
        "\n".join([*rows, "", "`localgpt approvals show ID` shows one, `allow` and `deny` answer it."])
    )


def _asked(approval: Approval) -> str:
    from localgpt.agent.export import called

    return f"{called(approval.call)}: {all_of_it(approval)} ({approval.door})"


async def _freeze(talk: Talk, rest: str) -> SlashReply:
    refuse(talk.assistant.visit, "stop everything")
    await asyncio.to_thread(talk.assistant.freeze.freeze, talk.assistant.door, rest)
    return SlashReply(
        "Everything is frozen: nothing runs, and nothing begins. `localgpt thaw` lets it run again."
    )


def _line(text: str) -> str:
    return " ".join(visible(text).replace("`", "'").split())


COMMANDS: tuple[SlashCommand, ...] = (
    SlashCommand("mode", "mode", "shows how much may happen unasked", _mode),
    SlashCommand("approvals", "approvals", "lists the calls that wait for your word", _approvals),
    SlashCommand("freeze", "freeze [WHY]", "stops everything at once", _freeze),
)
