"""How much, how often and how slowly anybody may ask."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.exceptions import HTTPException

from localgpt.server import limits
from localgpt.server.limits import Rate


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


def test_a_burst_passes_then_one_after_the_other():
    clock = Clock()
    rate = Rate(60, 3, clock)
    assert [rate.wait("a") for _ in range(3)] == [0, 0, 0]
    assert rate.wait("a") == pytest.approx(1)
    assert rate.wait("b") == 0
    clock.now += 1
    assert rate.wait("a") == 0
    assert rate.wait("a") > 0


def test_no_limit_is_no_limit():
    rate = Rate(0, 0)
    assert not any(rate.wait("a") for _ in range(1000))


@given(st.lists(st.floats(0, 5), max_size=80))
def test_never_more_than_the_burst_and_what_time_brings(pauses):
    clock = Clock()
    rate = Rate(60, 5, clock)
    passed = 0
    for pause in pauses:
        clock.now += pause
        passed += rate.wait("a") == 0
    assert passed <= 5 + sum(pauses) + 1e-6


def test_strangers_do_not_fill_the_memory():
    rate = Rate(60, 5, Clock())
    for number in range(3000):
        rate.wait(str(number))
    assert len(rate._buckets) <= 1000


@pytest.mark.parametrize(
    ("headers", "large"),
    [
        ({}, False),
        ({"content-length": "10"}, False),
        ({"content-length": "11"}, True),
        ({"content-length": "-1"}, True),
        ({"content-length": "ten"}, True),
        ({"content-length": "9" * 400}, True),
    ],
)
def test_a_length_says_beforehand_whether_a_body_is_too_large(headers, large):
    assert limits.too_large(headers, 10) is large


def messages(*bodies, more=False):
    parts = [{"type": "http.request", "body": body, "more_body": True} for body in bodies]
    if not more:
        parts[-1]["more_body"] = False

    async def receive():
        if parts:
            return parts.pop(0)
        await asyncio.sleep(60)
        raise AssertionError

    return receive


def test_a_body_that_grows_too_large_on_the_way_is_refused():
    async def run():
        receive = limits.limited(messages(b"12345", b"67890", b"1"), 10)
        assert (await receive())["body"] == b"12345"
        assert (await receive())["body"] == b"67890"
        with pytest.raises(HTTPException) as refused:
            await receive()
        assert refused.value.status_code == 413

    asyncio.run(run())


def test_a_body_that_does_not_go_on_is_given_up(monkeypatch):
    monkeypatch.setattr(limits, "BODY_PATIENCE", 0.01)

    async def run():
        receive = limits.limited(messages(b"123", more=True), 10)
        await receive()
        with pytest.raises(HTTPException) as refused:
            await receive()
        assert refused.value.status_code == 408

    asyncio.run(run())


def test_after_the_body_waiting_for_the_clients_end_is_no_slowness(monkeypatch):
    monkeypatch.setattr(limits, "BODY_PATIENCE", 0.01)

    async def run():
        receive = limits.limited(messages(b"123"), 10)
        await receive()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(receive(), 0.1)

    asyncio.run(run())


def test_a_client_that_does_not_read_is_given_up(monkeypatch):
    monkeypatch.setattr(limits, "SEND_PATIENCE", 0.01)

    async def send(message):
        await asyncio.sleep(60)

    async def run():
        with pytest.raises(TimeoutError):
            await limits.patient(send)({"type": "http.response.body"})

    asyncio.run(run())
