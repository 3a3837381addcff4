"""A stream that an emergency stop ends: soon, whatever it waits for, and with its own end done."""

from __future__ import annotations

import asyncio
import time

import pytest

from localgpt.agent.freezing import check, until_frozen
from localgpt.core.errors import FrozenError


class Stream:
    def __init__(self, *events, wait=0.0, error=None):
        self.events, self.wait, self.error, self.went, self.ended = events, wait, error, [], ""

    async def run(self):
        try:
            for event in self.events:
                self.went.append(event)
                yield event
            await asyncio.sleep(self.wait)
            if self.error:
                raise self.error
        except asyncio.CancelledError:
            self.ended = "cancelled"
            raise
        except GeneratorExit:
            self.ended = "closed"
            raise


def never():
    return ""


def test_without_a_stop_everything_comes_in_order_and_errors_too():
    async def listen():
        seen = [event async for event in until_frozen(Stream(1, 2, 3).run(), never)]
        with pytest.raises(ValueError, match="broken"):
            _ = [one async for one in until_frozen(Stream(error=ValueError("broken")).run(), never)]
        return seen

    assert asyncio.run(listen()) == [1, 2, 3]


def test_a_stop_ends_what_waits_within_a_second_and_is_told():
    stop, stream = [""], Stream(1, wait=60)

    async def listen():
        async for _ in until_frozen(stream.run(), lambda: stop[0]):
            stop[0] = "Frozen by you."

    begun = time.monotonic()
    with pytest.raises(FrozenError, match="Frozen"):
        asyncio.run(listen())
    assert stream.ended == "cancelled"
    assert time.monotonic() - begun < 1


def test_the_stream_does_not_go_on_before_more_is_wanted_and_is_closed_with_its_listener():
    stream = Stream(1, 2, 3)

    async def listen():
        events = until_frozen(stream.run(), never)
        assert await anext(events) == 1
        await asyncio.sleep(0.01)
        assert stream.went == [1]
        await events.aclose()

    asyncio.run(listen())
    assert stream.went == [1]


def test_cancelling_the_listener_cancels_the_stream_first():
    stream = Stream(wait=60)

    async def listen():
        task = asyncio.ensure_future(anext(until_frozen(stream.run(), never)))
        await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.wait([task])
        return task.cancelled(), stream.ended

    assert asyncio.run(listen()) == (True, "cancelled")


def test_nothing_begins_while_frozen():
    check(never)
    with pytest.raises(FrozenError) as raised:
        check(lambda: "Frozen by you.")
    assert "thaw" in raised.value.hint
