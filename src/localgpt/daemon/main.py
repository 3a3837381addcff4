"""The daemon: one loop with one assistant, the local socket, the page's server, and what is done unasked."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from localgpt import __version__
from localgpt.app import Assistant
from localgpt.app.turns import Live, Turns
from localgpt.core import logs
from localgpt.core.config import Config
from localgpt.core.errors import LocalGPTError
from localgpt.core.events import Event, TurnFinished
from localgpt.core.paths import Home
from localgpt.daemon import lock, status, stopping, tending
from localgpt.daemon.call import RunCommand
from localgpt.daemon.door import Door
from localgpt.daemon.holder import Holder
from localgpt.daemon.page import Page
from localgpt.daemon.status import PartStatus, Status
from localgpt.daemon.supervisor import Supervisor
from localgpt.security.freeze import Freeze
from localgpt.security.kinship import Family

_log = logging.getLogger(__name__)

_LEAVING = 5.0
"""Seconds that interrupted commands have for putting down what came."""
_TURN_OF_A_THREAD = 0.001
"""Seconds that a thread may compute while others wait: a short question isn't to wait for a hundred long answers."""
_MOST_TOLD = 50
"""Notes that the page is told of one by one when many change at once."""


class Daemon:
    """The daemon of ``home``. ``run_command`` is the command line's; ``make`` makes its assistant (for tests)."""

    def __init__(
        self, home: Home, run_command: RunCommand, *, make: Callable[[Home], Assistant] | None = None
    ) -> None:
        self.home = home
        self.holder = Holder(home, make)
        self.turns = Turns()
        self.supervisor = Supervisor()
        self.page = Page(self.holder.page, self.turns, datetime.now(UTC))
        self.history = tending.History(self.holder.page)
        self._run_command = run_command
        self._record = lock.Record.mine()
        self._stopping = asyncio.Event()
        self._hurry = asyncio.Event()
        self._family = Family(home.state)
        self.stopped = stopping.Stopped(Freeze(home.state))

    async def run(self, ready: Callable[[str], None] = lambda _: None) -> None:
        """Be the home's daemon until told to stop; ``ready`` is called with the page's address.

        Raises ``Locked`` when there is one, ``ConfigError`` for settings that can't be used.
        """
        with lock.held(self.home):
            lock.write(self.home, self._record)
            assistant = self.holder.current()
            logs.setup(self.home, assistant.config, daemon=True)
            status.descriptors_wide()
            sys.setswitchinterval(_TURN_OF_A_THREAD)
            self._heed_signals()
            self._family.join()
            door = Door(
                self.holder,
                self._run_command,
                lambda: self.status().as_json(),
                loop=asyncio.get_running_loop(),
                environ=os.environ,
            )
            self.door = door
            self._record = replace(self._record, socket=door.open())
            _log.info("the daemon has started", extra={"pid": self._record.pid, "version": __version__})
            try:
                self._begin()
                await self.page.tried.wait()
                self._record = replace(self._record, port=self.page.port, ready=True)
                lock.write(self.home, self._record)
                ready(self.page.address)
                await self._stopping.wait()
            finally:
                await self._leave(door)

    def stop(self) -> None:
        """Let what runs finish and end; called again, don't wait."""
        if self._stopping.is_set():
            self._hurry.set()
        self._stopping.set()

    def status(self) -> Status:
        """How things are."""
        parts = tuple(
            PartStatus(part.name, part.state, part.problem, part.failures) for part in self.supervisor.parts
        )
        return Status(
            pid=self._record.pid,
            version=__version__,
            started=self._record.started,
            home=str(self.home.root),
            address=self.page.address,
            turns=len(self.turns.running()),
            commands=self.door.busy,
            served=self.door.served,
            memory_mb=round(status.memory_mb(), 1),
            problem=self.holder.problem,
            parts=parts,
            frozen=self.stopped.freeze.sentence(),
        )

    def _heed_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            loop.add_signal_handler(number, self.stop)

    def _begin(self) -> None:
        """Begin the parts. They use the assistant of the page: settings that can't be used change nothing for it."""
        self._loop, current = asyncio.get_running_loop(), self.holder.page
        self.holder.watch(self._renewed)
        self.turns.watch(self._told)
        self.supervisor.add("page", self.page.run)
        self.supervisor.add("index", tending.Indexing(current, self._notes_changed).run)
        self.supervisor.add("history", self.history.run)
        self.supervisor.add("heartbeat", self._attend)
        self.supervisor.add("freeze", lambda: self.stopped.heed(self.turns, self.door))
        self.supervisor.add("orphans", tending.bury_orphans)
        self.supervisor.add("settling", lambda: tending.settle(current))
        self.supervisor.add("home", lambda: tending.watch_home(self.home.root, self._gone))
        self.supervisor.add("rest", tending.Resting(current).run)
        self.supervisor.add("settings", self._let_go)
        self.supervisor.add("warm-up", lambda: tending.in_background(lambda: tending.warm_up(current())))

    def _renewed(self, _: Config) -> None:
        """There are new settings; told in whatever thread noticed."""
        self._loop.call_soon_threadsafe(self.page.renew)

    async def _attend(self) -> None:
        from localgpt.scheduler.loop import attend

        while True:
            await self.stopped.thawed()
            await attend(self.holder.page, [self.page], self.stopped.news)

    def _told(self, live: Live, event: Event) -> None:  # noqa: ARG002 - a listener's shape
        if isinstance(event, TurnFinished):
            self.history.changed()

    def _notes_changed(self, paths: set[str]) -> None:
        self.history.changed()
        for path in sorted(paths)[:_MOST_TOLD]:
            self.page.publish("note", path=path)

    def _gone(self) -> None:
        """End at once: there is nowhere to keep anything, and whatever is written now would make a new home.

        The line goes to standard error, which is a file that went with the home, or the terminal.
        """
        self.door.shut()
        sys.stderr.write(f"{self.home.root} is no longer there; the daemon ends.\n")
        sys.stderr.flush()
        os._exit(0)  # no failure that a service would start again after

    async def _let_go(self) -> None:
        """Notice new settings, and close assistants of former ones when nobody uses them any more."""
        while True:
            await asyncio.sleep(tending.LOOK_EVERY)
            self.holder.page()
            for assistant in self.holder.leaving(turns=bool(self.turns.running())):
                await assistant.aclose()

    async def _leave(self, door: Door) -> None:
        """End in order: no new work, a grace for what runs, then what came of it is kept, and all is closed."""
        _log.info("the daemon is stopping")
        door.shut()
        grace = float(self.holder.page().config.daemon.stop_grace)
        finishing = asyncio.create_task(self._finished(door, grace))
        hurrying = asyncio.create_task(self._hurry.wait())
        await asyncio.wait({finishing, hurrying}, return_when=asyncio.FIRST_COMPLETED)
        finishing.cancel()
        hurrying.cancel()
        door.interrupt()
        await self.turns.stop_all(0)
        await _until(lambda: not door.busy, _LEAVING)
        await self.supervisor.stop()
        self._family.leave()
        for assistant in self.holder.all():
            try:
                await assistant.aclose()
            except LocalGPTError as error:
                _log.warning("closing failed: %s", error)
        _log.info("the daemon has stopped")

    async def _finished(self, door: Door, grace: float) -> None:
        await _until(lambda: not door.busy and not self.turns.running(), grace)


async def _until(done: Callable[[], bool], seconds: float) -> None:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while not done() and loop.time() < deadline:  # noqa: ASYNC110 - commands end in threads of their own
        await asyncio.sleep(0.02)
