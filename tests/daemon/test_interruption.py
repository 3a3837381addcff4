"""Ctrl-C from afar."""

from __future__ import annotations

import asyncio
import os
import select
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from localgpt.daemon.interruption import Interruption


@pytest.fixture
def loop() -> Iterator[tuple[asyncio.AbstractEventLoop, int]]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield loop, thread.ident or 0
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


@pytest.fixture
def interruption(loop: tuple[asyncio.AbstractEventLoop, int]) -> Iterator[Interruption]:
    one = Interruption(*loop)
    yield one
    one.close()


def soon(work: Callable[[], Any]) -> None:
    threading.Timer(0.05, work).start()


def test_a_coroutine_runs_in_the_loop(interruption):
    async def where() -> bool:
        return bool(interruption.in_loop)

    assert interruption.run(where())
    assert not interruption.in_loop


def test_its_error_is_the_callers(interruption):
    async def fails() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        interruption.run(fails())


def test_a_coroutine_is_cancelled_and_may_put_things_away(interruption):
    kept = []

    async def long() -> None:
        try:
            await asyncio.sleep(30)
        finally:
            kept.append("what came")

    soon(interruption.interrupt)
    with pytest.raises(KeyboardInterrupt):
        interruption.run(long())
    assert kept == ["what came"]
    interruption.check()  # once is enough: what is said afterwards is not cut off


def test_one_that_had_not_begun_does_not(interruption):
    interruption.interrupt()
    interruption.interrupt()

    async def never() -> None:
        await asyncio.sleep(30)

    with pytest.raises(KeyboardInterrupt):
        interruption.run(never())


def test_waiting_for_a_reader_ends_at_once(interruption):
    reading, writing = os.pipe()
    soon(interruption.interrupt)
    begin = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        interruption.wait(reading, select.POLLIN)
    assert time.monotonic() - begin < 5
    interruption.wait(writing, select.POLLOUT)
    os.close(reading)
    os.close(writing)


def test_closed_it_can_not_be_interrupted_any_more(loop):
    one = Interruption(*loop)
    one.close()
    one.interrupt()
