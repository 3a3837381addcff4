from __future__ import annotations

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from localgpt.core import threads


def test_the_work_is_done_in_another_thread():
    async def work() -> None:
        assert await threads.done(threading.get_ident) != threading.get_ident()
        assert await threads.done(int, "11", base=2) == 3
        with pytest.raises(ValueError, match="invalid literal"):
            await threads.done(int, "x")

    asyncio.run(work())


def test_the_loop_goes_on_meanwhile():
    async def work() -> None:
        let = threading.Event()
        waiting = asyncio.ensure_future(threads.done(let.wait, 10))
        await asyncio.sleep(0)
        assert not waiting.done()
        let.set()
        assert await waiting

    asyncio.run(work())


@pytest.mark.parametrize("busy", [False, True])
def test_what_was_asked_for_is_done_however_often_it_is_cancelled(busy):
    """Also where no thread was free for it yet."""
    finished: list[int] = []

    def write() -> None:
        time.sleep(0.02)
        finished.append(1)

    async def work() -> None:
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
        let = threading.Event()
        before = asyncio.ensure_future(threads.done(let.wait, 10)) if busy else None
        writing = asyncio.ensure_future(threads.done(write))
        for _ in range(3):
            await asyncio.sleep(0)
            writing.cancel()
        let.set()
        with pytest.raises(asyncio.CancelledError):
            await writing
        assert finished == [1]
        if before:
            await before

    asyncio.run(work())


def test_the_end_of_a_loop_does_not_drop_it():
    finished: list[int] = []

    def write() -> None:
        time.sleep(0.05)
        finished.append(1)

    async def work() -> None:
        asyncio.ensure_future(threads.done(write))  # noqa: RUF006 - left alone
        await asyncio.sleep(0.01)

    asyncio.run(work())
    assert finished == [1]
