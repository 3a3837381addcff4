"""Turns that live without whoever asked: read by many, resumed, in order, side by side, stopped."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from localgpt.app import turns as turns_module
from localgpt.app.assistant import Assistant
from localgpt.app.turns import NEVER_BEGAN, Turns
from localgpt.core.errors import NotFound, UnknownModel
from localgpt.core.events import TextDelta, TurnFinished, TurnStarted
from localgpt.core.values import Role, Stop, Usage
from localgpt.models.base import Finished


class Slow:
    """An engine that says one word at each ``go``; counts how many requests it has at once."""

    name, local, context_window = "slow", True, 128_000

    def __init__(self, words=3):
        self.words = words
        self.go = asyncio.Event()
        self.asked = []
        self.busy = self.most = 0

    async def aclose(self):
        pass

    async def request(self, request):
        self.asked.append(request.messages[-1].text)
        self.busy += 1
        self.most = max(self.most, self.busy)
        try:
            for number in range(self.words):
                yield TextDelta(f"{number} ")
                await self.go.wait()
            yield Finished(Stop.DONE, Usage(1, 1))
        finally:
            self.busy -= 1


@contextlib.asynccontextmanager
async def house(home, engine):
    home.root.mkdir(parents=True, exist_ok=True)
    home.config.write_text('[memory]\nembedding_provider = "none"\nharvest = false\n')
    async with Assistant(home, engine=engine) as assistant:
        yield assistant, Turns()


def run(home, work, words=3):
    async def whole():
        engine = Slow(words)
        async with house(home, engine) as (assistant, turns):
            return await work(assistant, turns, engine)

    return asyncio.run(whole())


async def until(true):
    async with asyncio.timeout(5):
        while not true():  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.002)


def texts(session):
    return [(message.role, message.text) for message in session.messages()]


def test_a_turn_needs_no_reader_and_two_read_the_same(home):
    async def work(assistant, turns, engine):
        session = assistant.sessions.new()
        live = turns.start(assistant, "hello", session=session)
        first = asyncio.create_task(whole(live))
        engine.go.set()
        finished = await live.wait()
        assert finished.response == "0 1 2 "
        assert await first == await whole(live)
        assert (await whole(live))[-1] == (live.last, finished)
        assert [number for number, _ in await whole(live)] == list(range(1, live.last + 1))
        assert await whole(live, after=live.last - 1) == [(live.last, finished)]
        assert await whole(live, after=live.last) == []
        assert await whole(live, after=10**6) == []
        started = next(event for _, event in await whole(live) if isinstance(event, TurnStarted))
        assert started.turn_id == finished.turn_id == live.id
        assert turns.get(live.id) is live
        assert turns.running() == ()

    run(home, work)


async def whole(live, after=0):
    return [pair async for pair in live.events(after)]


def test_turns_of_one_conversation_come_in_order_and_others_side_by_side(home):
    async def work(assistant, turns, engine):
        one, other = assistant.sessions.new(), assistant.sessions.new()
        lives = [turns.start(assistant, f"one {number}", session=one) for number in range(3)]
        lives.append(turns.start(assistant, "other", session=other))
        await until(lambda: len(engine.asked) == 2)
        await asyncio.sleep(0.05)
        assert sorted(engine.asked) == ["one 0", "other"]
        assert len(turns.in_session(one.id)) == 3
        engine.go.set()
        await asyncio.gather(*(live.wait() for live in lives))
        assert [text for text in engine.asked if text != "other"] == ["one 0", "one 1", "one 2"]
        assert engine.most == 2
        assert [text for role, text in texts(one) if role is Role.USER] == ["one 0", "one 1", "one 2"]

    run(home, work)


def test_stopping_keeps_what_came(home):
    async def work(assistant, turns, engine):
        session = assistant.sessions.new()
        live = turns.start(assistant, "hello", session=session)
        await until(lambda: any(isinstance(event, TextDelta) for _, event in live.since(0)))
        live.stop()
        finished = await live.wait()
        assert (finished.stop, finished.response) == (Stop.CANCELLED, "0 ")
        assert texts(session) == [(Role.USER, "hello"), (Role.ASSISTANT, "0 ")]
        live.stop()
        assert live.finished is finished

    run(home, work)


def test_one_that_waits_and_is_stopped_never_begins_and_the_next_waits_for_the_first(home):
    async def work(assistant, turns, engine):
        session = assistant.sessions.new()
        first, second, third = (turns.start(assistant, word, session=session) for word in "abc")
        await until(lambda: engine.asked)
        second.stop()
        assert (await second.wait()).error == NEVER_BEGAN
        await asyncio.sleep(0.02)
        assert engine.asked == ["a"]
        engine.go.set()
        await asyncio.gather(first.wait(), third.wait())
        assert [text for role, text in texts(session) if role is Role.USER] == ["a", "c"]

    run(home, work)


def test_one_that_is_stopped_before_its_first_step_has_ended(home):
    async def work(assistant, turns, engine):
        session = assistant.sessions.new()
        live = turns.start(assistant, "x", session=session)
        live.stop()  # at once: its task has not run yet
        after = turns.start(assistant, "y", session=session)
        engine.go.set()
        async with asyncio.timeout(5):
            ending = await live.wait()
            await after.wait()
        assert (ending.stop, ending.error) == (Stop.CANCELLED, NEVER_BEGAN)
        assert (turns.running(), engine.asked) == ((), ["y"])

    run(home, work)


def test_at_the_end_turns_may_finish(home):
    async def work(assistant, turns, engine):
        live = turns.start(assistant, "hello", session=assistant.sessions.new())
        asyncio.get_running_loop().call_later(0.05, engine.go.set)
        await turns.stop_all(5)
        assert live.finished.stop is Stop.DONE

    run(home, work)


def test_at_the_end_no_words_are_lost_not_even_of_turns_that_wait(home):
    async def work(assistant, turns, engine):
        session = assistant.sessions.new()
        lives = [turns.start(assistant, word, session=session) for word in "abc"]
        await until(lambda: engine.asked)
        await turns.stop_all(0.01)
        assert all(live.done for live in lives)
        assert texts(session) == [
            (Role.USER, "a"),
            (Role.ASSISTANT, "0 "),
            (Role.USER, "b"),
            (Role.USER, "c"),
        ]

    run(home, work)


def test_a_turn_that_can_not_begin_says_why(home):
    async def work(assistant, turns, engine):
        live = turns.start(assistant, "x", session=assistant.sessions.new(), model="nobody/nothing")
        with pytest.raises(UnknownModel):
            await live.wait()
        assert live.finished.stop is Stop.ERROR
        assert "nobody/nothing" in live.finished.error

    run(home, work)


def test_a_bug_ends_the_turn_with_a_sentence(home, caplog):
    async def work(assistant, turns, engine):
        async def broken(request):
            raise ZeroDivisionError
            yield

        engine.request = broken
        live = turns.start(assistant, "x", session=assistant.sessions.new())
        assert (await live.wait()).error == turns_module.BROKE

    run(home, work)
    assert "ZeroDivisionError" in caplog.text


def test_listeners_hear_every_event_and_can_break_nothing(home, caplog):
    async def work(assistant, turns, engine):
        heard = []

        def broken(live, event):
            raise ZeroDivisionError

        turns.watch(broken)
        turns.watch(lambda live, event: heard.append((live, event)))
        turns.watch(lambda live, event: heard.append((None, event)))()
        engine.go.set()
        live = turns.start(assistant, "x", session=assistant.sessions.new())
        await live.wait()
        assert heard == [(live, event) for _, event in live.since(0)]
        assert isinstance(heard[-1][1], TurnFinished)

    run(home, work)
    assert "a listener of turns broke" in caplog.text


@pytest.mark.parametrize(
    ("limit", "value", "kept"), [("KEPT_COUNT", 2, 2), ("KEPT_SECONDS", -1.0, 0), ("KEPT_BYTES", 1, 0)]
)
def test_finished_turns_are_kept_for_a_while_only(home, monkeypatch, limit, value, kept):
    monkeypatch.setattr(turns_module, limit, value)

    async def work(assistant, turns, engine):
        engine.go.set()
        for number in range(4):
            live = turns.start(assistant, str(number), session=assistant.sessions.new())
            await live.wait()
        assert len(turns.all()) == kept
        with pytest.raises(NotFound):
            turns.get("nobody")

    run(home, work)


def test_many_readers_of_a_long_turn_miss_nothing(home):
    async def work(assistant, turns, engine):
        engine.go.set()
        live = turns.start(assistant, "x", session=assistant.sessions.new())
        every = await asyncio.gather(*(whole(live, after=number) for number in range(30)))
        for number, one in enumerate(every):
            assert [at for at, _ in one] == list(range(number + 1, live.last + 1))

    run(home, work, words=40)


def test_what_ended_long_ago_goes_also_when_nobody_asks(home, monkeypatch):
    monkeypatch.setattr(turns_module, "KEPT_SECONDS", -1.0)

    async def work(assistant, turns, engine):
        engine.go.set()
        live = turns.start(assistant, "x", session=assistant.sessions.new())
        await live.wait()
        await until(lambda: not turns._all)

    run(home, work)
