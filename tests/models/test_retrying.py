"""Trying again, and asking somebody else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localgpt.core.errors import (
    ContextTooLong,
    CutOff,
    ModelError,
    NotLoggedIn,
    Overloaded,
    RateLimited,
    Refused,
    UnknownModel,
)
from localgpt.core.events import Notice, TextDelta
from localgpt.core.values import Attached, Media, Message, Role, Stop, Text
from localgpt.models.base import Engine, EngineEvent, Finished, Request, takes
from localgpt.models.recall import Recall
from localgpt.models.retrying import REST_S, Chain, NotRunning, Plan, Retrying, UsedUp, readable
from localgpt.models.scripted import Reply, Scripted

NOTHING = Request((), (), ())
BUSY = Overloaded("It is busy.")


def collect(engine: Engine) -> list[EngineEvent]:
    async def work() -> list[EngineEvent]:
        async with aclosing(engine.request(NOTHING)) as events:
            return [event async for event in events]

    return asyncio.run(work())


def text(events: Iterable[EngineEvent]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


def notices(events: Iterable[EngineEvent]) -> list[str]:
    return [event.text for event in events if isinstance(event, Notice)]


class Waits(list[float]):
    async def sleep(self, seconds: float) -> None:
        self.append(seconds)


def retrying(*replies: Reply, plan: Plan | None = None) -> tuple[Retrying, Waits]:
    waits = Waits()
    return Retrying(Scripted(*replies), plan, sleep=waits.sleep), waits


def breaks_after(words: str, error: ModelError) -> Reply:
    def events(_request: Request) -> Iterable[EngineEvent]:
        yield TextDelta(words)
        raise error

    return events


def test_a_busy_service_is_asked_again_with_growing_waits():
    engine, waits = retrying(BUSY, BUSY, "Here I am.")
    events = collect(engine)
    assert text(events) == "Here I am."
    assert [round(wait) for wait in waits] == [1, 2]
    assert notices(events) == [
        "It is busy. Trying again in 1 s.",
        "It is busy. Trying again in 2 s.",
    ]
    assert isinstance(events[-1], Finished)


def test_what_the_service_asks_for_is_honoured():
    engine, waits = retrying(RateLimited("Slowly.", retry_after=7), "Now.")
    assert text(collect(engine)) == "Now."
    assert waits == [7]


def test_a_long_wait_is_left_to_the_owner():
    engine, waits = retrying(RateLimited("Tomorrow.", retry_after=3600), "never")
    with pytest.raises(RateLimited, match="Tomorrow"):
        collect(engine)
    assert waits == []


def test_it_gives_up_with_the_last_error():
    engine, waits = retrying(BUSY, BUSY, Overloaded("Still busy."), "never")
    with pytest.raises(Overloaded, match="Still busy"):
        collect(engine)
    assert len(waits) == 2


@pytest.mark.parametrize(
    "error",
    [
        NotLoggedIn("x"),
        UnknownModel("x"),
        ContextTooLong("x"),
        Refused("x"),
        ModelError("x"),
        NotRunning("x"),
    ],
)
def test_what_waiting_does_not_mend_is_raised_at_once(error: ModelError):
    engine, waits = retrying(error, "never")
    with pytest.raises(type(error)):
        collect(engine)
    assert waits == []


def test_what_was_shown_is_not_asked_for_again():
    engine, waits = retrying(breaks_after("half ", CutOff("The line broke.")), "never")
    with pytest.raises(CutOff):
        collect(engine)
    assert waits == []


def test_a_line_that_broke_before_the_first_word_is_tried_again():
    engine, _ = retrying(CutOff("The line broke."), "whole")
    assert text(collect(engine)) == "whole"


def test_it_looks_like_the_engine_it_stands_for():
    inner = Scripted("x", name="box/m", local=False, context_window=5000)
    engine = Retrying(inner)
    assert (engine.name, engine.local, engine.context_window) == ("box/m", False, 5000)


@given(st.integers(1, 9), st.integers(1, 9), st.floats(0, 1), st.none() | st.floats(0, 1e6))
def test_a_wait_is_bounded_and_never_shorter_than_asked(
    tries: int, tried: int, chance: float, asked: float | None
):
    plan = Plan(tries=tries)
    wait = plan.wait(RateLimited("x", retry_after=asked), tried, chance)
    if tried >= tries or (asked or 0) > plan.longest:
        assert wait is None
    else:
        assert wait is not None
        assert (asked or 0) <= wait <= plan.longest * 1.25


# Asking somebody else


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_the_next_answers_where_one_can_not():
    first, second = Scripted(BUSY, name="a", local=False), Scripted("Hello.", name="b", local=False)
    events = collect(Chain([first, second]))
    assert text(events) == "Hello."
    assert notices(events) == ["It is busy. b answers instead."]
    assert events[-1] == Finished(Stop.DONE, events[-1].usage, "b")  # type: ignore[union-attr]


def test_the_first_answers_under_its_own_name():
    events = collect(Chain([Scripted("Hi.", name="a"), Scripted("never", name="b")]))
    assert isinstance(events[-1], Finished)
    assert events[-1].model == ""


def test_the_last_error_counts():
    chain = Chain([Scripted(BUSY, name="a"), Scripted(NotLoggedIn("No key."), name="b")])
    with pytest.raises(NotLoggedIn, match="No key"):
        collect(chain)


def test_who_refused_is_not_gone_around():
    chain = Chain([Scripted(Refused("No."), name="a"), Scripted("never", name="b")])
    with pytest.raises(Refused):
        collect(chain)


def test_an_answer_that_began_is_not_begun_by_another():
    chain = Chain([Scripted(breaks_after("half", CutOff("Broken.")), name="a"), Scripted("never", name="b")])
    with pytest.raises(CutOff):
        collect(chain)


def test_a_private_conversation_stays_at_home():
    here, cloud = Scripted(BUSY, name="here", local=True), Scripted("never", name="cloud", local=False)
    with pytest.raises(Overloaded):
        collect(Chain([here, cloud]))
    assert cloud.requests == []


def test_a_cloud_may_fall_back_to_this_machine():
    here, cloud = Scripted("Here.", name="here", local=True), Scripted(BUSY, name="cloud", local=False)
    chain = Chain([cloud, here])
    assert not chain.local
    assert text(collect(chain)) == "Here."


def test_one_that_failed_rests_for_a_minute():
    clock = Clock()
    first, second = Scripted(BUSY, "Back.", name="a"), Scripted("One.", "Two.", name="b")
    chain = Chain([first, second], clock=clock)
    assert text(collect(chain)) == "One."
    assert text(collect(chain)) == "Two."
    assert len(first.requests) == 1
    clock.now = REST_S + 1
    assert text(collect(chain)) == "Back."


def test_where_all_rest_all_are_asked():
    chain = Chain([Scripted(BUSY, "Back.", name="a"), Scripted(BUSY, name="b")], clock=Clock())
    with pytest.raises(Overloaded):
        collect(chain)
    assert text(collect(chain)) == "Back."


def test_closing_a_request_closes_the_engines_and_closing_the_chain_closes_all():
    closed: list[str] = []

    class Endless(Scripted):
        async def request(self, request: Request) -> AsyncGenerator[EngineEvent, None]:
            try:
                while True:
                    yield TextDelta("x")
            finally:
                closed.append("request")

        async def aclose(self) -> None:
            closed.append("engine")

    async def work() -> None:
        trying = Retrying(Endless())
        chain = Chain([trying, Endless()])
        async with aclosing(chain.request(NOTHING)) as events:
            assert await anext(events) == TextDelta("x")
            assert trying.at_work == 1
        assert (closed, trying.at_work) == (["request"], 0)
        await chain.aclose()

    asyncio.run(work())
    assert closed == ["request", "engine", "engine"]


def test_what_an_engine_takes_is_known_of_those_made_of_it():
    sees, blind = Scripted(takes=["image/png"]), Scripted()
    for engine in (Retrying(sees), Chain([sees, blind]), Retrying(Chain([Retrying(sees), blind]))):
        assert engine.takes("image/png")
        assert not engine.takes("application/pdf")
    assert not Chain([blind, sees]).takes("image/png")
    assert not takes(Recall(), "image/png")


def test_what_is_used_up_is_not_asked_for_again():
    waits = Waits()
    engine = Scripted(UsedUp("The day's quota is used up.", retry_after=1), "never")
    with pytest.raises(UsedUp):
        collect(Retrying(engine, sleep=waits.sleep))
    assert (len(engine.requests), waits) == (1, [])


def test_a_conversation_that_is_too_long_is_not_handed_on():
    first, second = Scripted(ContextTooLong("Too long."), "Now.", name="a"), Scripted("never", name="b")
    chain = Chain([first, second])
    with pytest.raises(ContextTooLong):
        collect(chain)
    assert text(collect(chain)) == "Now."
    assert second.requests == []


PICTURE = Media("image/png", b"png", "cat.png", 1600)
PAPER = Media("application/pdf", b"%PDF", "paper.pdf", 1600, text="what stands in it")


def test_who_can_not_take_an_attachment_gets_the_text_in_it():
    first, second = Scripted(BUSY, name="a", takes=["application/pdf"]), Scripted("I see.", name="b")
    request = Request((), (Message(Role.USER, (PAPER, PICTURE, Text("Look."))),), ())

    async def work() -> None:
        async with aclosing(Chain([first, second]).request(request)) as events:
            assert [event async for event in events]

    asyncio.run(work())
    assert first.requests[0].messages[0].blocks[0] == PAPER
    shown, picture, words = second.requests[0].messages[0].blocks
    assert isinstance(shown, Attached)
    assert (shown.name, shown.text) == ("paper.pdf", "what stands in it")
    assert (picture, words) == (PICTURE, Text("Look."))  # there is no text in a picture


def test_who_takes_all_gets_the_very_request():
    request = Request((), (Message(Role.USER, (PAPER,)),), ())
    assert readable(request, Scripted(takes=["application/pdf"])) is request
    assert readable(NOTHING, Scripted()) is NOTHING
