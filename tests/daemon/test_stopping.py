"""The emergency stop in the daemon: as decisions of one loop, and with a real daemon that is slow to answer."""

from __future__ import annotations

import asyncio
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.support.daemon import RealDaemon, settled
from tests.support.fake_providers import FakeProviders, Say

from localgpt.core.paths import Home
from localgpt.daemon.stopping import Stopped
from localgpt.security.freeze import Freeze


class Hall:
    """Turns and commands that only note what becomes of them."""

    def __init__(self) -> None:
        self.stopped = 0
        self.interrupted = 0

    def running(self) -> tuple[Any, ...]:
        return () if self.stopped else (self,)

    def stop(self) -> None:
        self.stopped += 1

    def interrupt(self, *, thinking: bool) -> None:
        assert thinking
        self.interrupted += 1


async def seen(happened: Callable[[], bool]) -> None:
    """Wait for it; nothing tells of it."""
    while not happened():  # noqa: ASYNC110 - nothing tells of it
        await asyncio.sleep(0.01)


def test_turns_and_commands_end_and_loops_wait_for_the_thaw(tmp_path: Path) -> None:
    freeze, hall = Freeze(tmp_path), Hall()

    async def run() -> None:
        stopped = Stopped(freeze)
        heeding = asyncio.create_task(stopped.heed(hall, hall))
        await asyncio.wait_for(stopped.thawed(), 5)
        assert not stopped.news.is_set()
        freeze.freeze("terminal")
        await asyncio.wait_for(stopped.news.wait(), 5)
        waiting = asyncio.create_task(stopped.thawed())
        await asyncio.wait_for(seen(lambda: hall.stopped == 1 and hall.interrupted > 0), 10)
        assert not waiting.done()
        freeze.thaw("terminal")
        await asyncio.wait_for(waiting, 5)
        assert not stopped.news.is_set()
        heeding.cancel()

    asyncio.run(run())


def test_what_begins_frozen_waits(tmp_path: Path) -> None:
    freeze = Freeze(tmp_path)
    freeze.freeze("terminal")

    async def run() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(Stopped(freeze).thawed(), 0.05)

    asyncio.run(run())


@pytest.fixture
def daemon(home: Home) -> Iterator[RealDaemon]:
    """A daemon whose model takes ten seconds for an answer."""
    with FakeProviders(*[Say(*[f"word{number} " for number in range(200)], gap=0.05)] * 10) as fake:
        model = (
            f'[agent]\ndefault_model = "mybox/fake-model"\n[providers.mybox]\nbase_url = "{fake.url}/v1"\n'
        )
        settled(home, model)
        with RealDaemon(home.root) as running:
            yield running


@pytest.mark.slow
def test_a_real_daemon_stops_what_runs_stays_frozen_over_a_restart_and_goes_on(daemon: RealDaemon) -> None:
    asking = daemon.spawn("ask", "Go on.", stdin=subprocess.DEVNULL)
    assert asking.stdout
    assert asking.stdout.read(6) == b"word0 "
    daemon.run("task", "add", "Go on and on.")
    time.sleep(1)
    assert daemon.run("freeze", "enough").code == 0
    begin = time.monotonic()
    asking.wait(10)
    assert time.monotonic() - begin < 3  # the machine of a test may be busy; bench/freeze.py measures
    asking.communicate()
    assert asking.returncode
    assert "(enough)" in daemon.status()["frozen"]
    assert b"frozen" in daemon.run("daemon", "status").out
    daemon.kill()
    daemon.start()
    for line in ("ask Hello?", "task add x", "heartbeat run", "model test recall"):
        done = daemon.run(*line.split())
        assert (done.code, b"Everything is frozen" in done.err) == (1, True), done
    for line in ("search boat", "history", "task list", "session list"):
        assert daemon.run(*line.split()).code == 0, line
    assert daemon.run("thaw").code == 0
    daemon.until(lambda: not daemon.status()["frozen"])
    assert daemon.run("ask", "--model", "recall", "Hello?").code == 0
