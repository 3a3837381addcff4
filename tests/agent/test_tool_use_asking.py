"""A call that needs the owner's word: asked about as it stands, run as it was shown, or not at all."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import Annotated

import pytest
from tests.agent.test_turn import Room, last, read_web

from localgpt.agent.approvals import Approvals
from localgpt.agent.turn import Turn
from localgpt.core.errors import FrozenError, UsageError
from localgpt.core.events import ApprovalAnswered, ApprovalRequested, Notice, ToolFinished, ToolStarted
from localgpt.core.values import Answer, Choice, Effect, EffectKind, Origin, Stop, ToolCall
from localgpt.models.scripted import Scripted
from localgpt.security.policy import Caller, Mode
from localgpt.tools.base import Toolbox, ToolContext, no_effects, place_name, tool
from localgpt.tools.files import write_file

SENT: list[tuple[str, str]] = []
YES, NO = Answer(Choice.ONCE, door="page"), Answer(Choice.NO, door="page")


@tool(effects=lambda given, context: (Effect(EffectKind.SENDS, given["to"], sensitive=(given["to"],)),))
def send_mail(context: ToolContext, to: Annotated[str, "To."], body: Annotated[str, "Text."] = "") -> str:
    """Send a mail."""
    SENT.append((to, body))
    return f"Sent to {to}."


@tool(effects=lambda given, context: (Effect(EffectKind.CHANGES, place_name("link/a.md", context)),))
def follow(context: ToolContext) -> str:
    """Change what is behind a link."""
    SENT.append(("follow", place_name("link/a.md", context)))
    return "Done."


@tool(effects=no_effects)
async def wait(context: ToolContext) -> str:
    """Wait for long."""
    await asyncio.sleep(60)
    return "Waited."


class Asking(Room):
    """A room whose owner answers as they are told to."""

    def house(self, **rules):
        house = super().house(**rules)
        return replace(house, toolbox=Toolbox([send_mail, follow, write_file, read_web, wait]))


@pytest.fixture
def room(tmp_path, clock):
    SENT.clear()
    return Asking(tmp_path, clock)


class Asked:
    """Asks, and gives these answers one after the other; a function is called for its answer."""

    def __init__(self, *answers):
        self.left, self.asked = list(answers), []

    async def __call__(self, approval):
        self.asked.append(approval)
        answer = self.left.pop(0)
        return answer(approval) if callable(answer) else answer


def mail(to="eve@b.com"):
    return ToolCall("c1", "send_mail", {"to": to, "body": "hello"})


def told(events):
    return [event.text for event in events if isinstance(event, ToolFinished)]


def test_it_is_shown_answered_and_run(room):
    ask = Asked(YES)
    events = room.run(Scripted(mail(), "ok"), ask=ask)
    kinds = [
        type(event)
        for event in events
        if type(event) in {ToolStarted, ApprovalRequested, ApprovalAnswered, ToolFinished}
    ]
    assert kinds == [ToolStarted, ApprovalRequested, ApprovalAnswered, ToolFinished]
    assert (told(events), SENT) == (["Sent to eve@b.com."], [("eve@b.com", "hello")])
    (approval,) = ask.asked
    assert approval.shown == "send_mail\n  to: eve@b.com\n  body: hello"
    assert "eve@b.com" in approval.reason
    assert (approval.turn, approval.session, approval.door) == (last(events).turn_id, room.session.id, "test")


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (NO, "Not done: the owner said no."),
        (Answer(Choice.NO, "ask Bob"), "Not done: the owner said no: ask Bob"),
    ],
)
def test_a_no_is_told_to_the_model_with_its_word(room, answer, sentence):
    events = room.run(Scripted(mail(), "ok"), ask=Asked(answer))
    assert (told(events), SENT) == ([sentence], [])
    assert last(events).stop is Stop.DONE


def test_what_the_owner_says_with_a_no_names_things(room):
    word = Answer(Choice.NO, "send it to bob@b.com")
    events = room.run(Scripted(mail(), mail("bob@b.com"), "ok"), ask=Asked(word))
    assert SENT == [("bob@b.com", "hello")]
    assert last(events).stop is Stop.DONE


def test_named_and_asked_for_it_runs_without_a_question(room):
    room.run(Scripted(mail("bob@b.com"), "ok"), "Send hello to bob@b.com", ask=Asked())
    assert SENT == [("bob@b.com", "hello")]


@pytest.mark.parametrize(
    "rules",
    [
        {},
        {"caller": Caller.REMOTE, "ask": Asked()},
        {"unattended": lambda _: "It waits.", "ask": Asked()},
    ],
)
def test_where_nobody_can_be_asked_nothing_runs(room, rules):
    (text,) = told(room.run(Scripted(mail(), "ok"), **rules))
    assert text.startswith("Not done: ")
    assert SENT == []


def test_what_a_caller_from_elsewhere_wants_waits_for_the_owner(room):
    waiting = []

    def keep(one):
        waiting.append(one)
        return "It waits."

    (text,) = told(room.run(Scripted(mail(), "ok"), caller=Caller.REMOTE, unattended=keep))
    assert text.endswith("It waits.")
    assert waiting[0].call.arguments["to"] == "eve@b.com"


def test_a_link_that_is_swapped_while_the_owner_thinks_is_asked_about_again(room):
    root = room.workspace.root
    for name in ("one", "two"):
        (root / name).mkdir(parents=True)
    (root / "link").symlink_to("one")

    def swap(_approval):
        (root / "link").unlink()
        (root / "link").symlink_to("two")
        return YES

    ask = Asked(swap, YES)
    room.run(Scripted(ToolCall("c1", "follow", {}), "ok"), ask=ask)
    assert [approval.effects[0].target for approval in ask.asked] == ["one/a.md", "two/a.md"]
    assert SENT == [("follow", "two/a.md")]


def test_what_changes_each_time_is_given_up(room):
    root = room.workspace.root
    root.mkdir(parents=True)

    def swap(approval):
        (root / "link").unlink(missing_ok=True)
        (root / approval.id).mkdir()
        (root / "link").symlink_to(approval.id)
        return YES

    (text,) = told(room.run(Scripted(ToolCall("c1", "follow", {}), "ok"), ask=Asked(swap, swap, swap)))
    assert "changed each time" in text
    assert SENT == []


def test_the_arguments_that_run_are_those_that_were_shown(room):
    def change(approval):
        approval.call.arguments["to"] = "mallory@b.com"
        return YES

    room.run(Scripted(mail(), "ok"), ask=Asked(change))
    assert SENT == [("eve@b.com", "hello")]


def test_an_answer_for_longer_is_remembered_and_where_it_can_not_be_told(room):
    kept = []
    always = Answer(Choice.ALWAYS)
    room.run(Scripted(mail(), "ok"), ask=Asked(always), remember=lambda *one: kept.append(one))
    assert [choice for _, choice in kept] == [Choice.ALWAYS]

    def refuse(*_one):
        raise UsageError("Not for ever.")

    events = room.run(Scripted(mail(), "ok"), ask=Asked(always), remember=refuse)
    assert [event.text for event in events if isinstance(event, Notice)] == [
        "It is allowed this once only: Not for ever."
    ]
    assert len(SENT) == 2


def test_a_turn_that_is_stopped_closes_its_question(room, tmp_path):
    desk = Approvals(tmp_path / "approvals", room.journal)

    async def work():
        turn = Turn(room.house(ask=desk.ask), room.session, Scripted(mail(), "ok"))
        events = turn.run("hello")
        async for event in events:
            if isinstance(event, ApprovalRequested):
                break
        await events.aclose()

    asyncio.run(work())
    assert desk.open() == desk.orphans() == ()
    assert SENT == []


def test_in_plan_mode_nothing_happens_and_the_model_is_told_what_would(room):
    (text,) = told(room.run(Scripted(mail(), "ok"), mode=Mode.PLAN, ask=Asked()))
    assert "sends eve@b.com" in text
    assert SENT == []


def test_a_freeze_ends_a_turn_within_a_second_and_none_begins(room):
    stop, begun = [""], time.monotonic()

    async def work():
        seen = []
        house = room.house(frozen=lambda: stop[0])
        async for event in Turn(house, room.session, Scripted(ToolCall("c1", "wait", {}), "ok")).run("hello"):
            seen.append(event)
            if isinstance(event, ToolStarted):
                stop[0] = "Frozen by you."
        return seen

    events = asyncio.run(work())
    assert (last(events).stop, last(events).error) == (
        Stop.CANCELLED,
        "Frozen by you. 'localgpt thaw' lets things go on.",
    )
    assert time.monotonic() - begun < 2
    assert room.kinds()[-1] == "turn.finished"
    with pytest.raises(FrozenError):
        room.run(Scripted("ok"), frozen=lambda: stop[0])


def test_a_service_s_words_are_foreign_its_errors_too(room):
    foreign = replace(send_mail, origin=Origin.FOREIGN)

    class Serviced(Asking):
        def house(self, **rules):
            return replace(super().house(**rules), toolbox=Toolbox([foreign, write_file]))

    room.__class__ = Serviced
    soul = ToolCall("c2", "write_file", {"path": "SOUL.md", "content": "evil"})
    wrong = ToolCall("c1", "send_mail", {"tu": "x"})
    first, second, third = told(
        room.run(Scripted(mail("bob@b.com"), wrong, soul, "ok"), "send it to bob@b.com")
    )
    assert first.startswith("<<<foreign")
    assert second.startswith("<<<foreign")
    assert third.startswith("Not done: SOUL.md")
