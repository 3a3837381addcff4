"""Parts that fail are begun again, and the others go on."""

from __future__ import annotations

import asyncio
import itertools

import pytest

from localgpt.core.errors import StorageError
from localgpt.daemon.supervisor import Supervisor, pause


@pytest.mark.parametrize(("failures", "seconds"), [(1, 1), (2, 2), (3, 4), (6, 32), (7, 60), (50, 60)])
def test_the_pause_grows_up_to_a_minute(failures, seconds):
    assert pause(failures) == seconds


def test_a_part_that_fails_is_begun_again_and_nobody_else_notices():
    tries = itertools.count(1)

    async def whole() -> None:
        supervisor = Supervisor(first=0.001)
        steady, good = asyncio.Event(), asyncio.Event()

        async def broken() -> None:
            number = next(tries)
            if number == 1:
                raise StorageError("The disk is full.", hint="Free some space.")
            if number == 2:
                raise ZeroDivisionError("oh")
            good.set()
            await asyncio.Event().wait()

        async def other() -> None:
            steady.set()
            await good.wait()

        supervisor.add("broken", broken)
        supervisor.add("other", other)
        await asyncio.wait_for(good.wait(), 5)
        part, second = supervisor.parts
        assert (part.state, part.failures) == ("running", 2)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert steady.is_set()
        assert second.failures == 0
        await supervisor.stop()

    asyncio.run(whole())


def test_what_is_wrong_is_told_until_it_works():
    async def whole() -> None:
        supervisor = Supervisor(first=60)

        async def broken() -> None:
            raise StorageError("The disk is full.", hint="Free some space.")

        supervisor.add("broken", broken)
        await asyncio.sleep(0.01)
        (part,) = supervisor.parts
        assert (part.state, part.problem) == ("failing", "The disk is full. Free some space.")
        await supervisor.stop()

    asyncio.run(whole())


def test_a_part_that_returns_is_done():
    async def whole() -> None:
        supervisor = Supervisor()

        async def short() -> None:
            return

        supervisor.add("short", short)
        await asyncio.sleep(0.01)
        assert supervisor.parts[0].state == "done"
        await supervisor.stop()

    asyncio.run(whole())
