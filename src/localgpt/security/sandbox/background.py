"""Commands that go on while others do something else: each has a handle, a terminal, and an end of its own."""

from __future__ import annotations

import codecs
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from localgpt.core.errors import LocalGPTError, NotFound, UsageError
from localgpt.security.content import visible
from localgpt.security.sandbox import supervisor
from localgpt.security.sandbox.plan import Plan
from localgpt.security.sandbox.result import Result

MOST = 8
"""Commands that may go on at once."""
KEPT = 256 * 1024
"""Bytes of output that wait for somebody to ask; what is older is lost, and counted."""
_MOST_ENDED = 16
_LOOK = 0.25
_PATIENCE, _TO_BEGIN = 15.0, 5.0


@dataclass(frozen=True, slots=True)
class Polled:
    """What came since the last look, harmless to a terminal; ``lost`` bytes before it are gone.

    ``result`` is there when it has ended, ``failure`` when it could not be run at all.
    """

    text: str
    lost: int = 0
    result: Result | None = None
    failure: LocalGPTError | None = None

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return self.result is not None or self.failure is not None


class Background:
    """One command that goes on. ``owner`` says who may ask for it (a conversation), ``ended`` is called at its end."""

    def __init__(
        self, name: str, plan: Plan, strength: str, owner: str, ended: Callable[[], None] = lambda: None
    ) -> None:
        self.name, self.plan, self.owner = name, plan, owner
        self._strength, self._ended = strength, ended
        self._begin = time.monotonic()
        self._waiting = bytearray()
        self._lost = 0
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._news = threading.Condition()
        self._running: supervisor.Running | None = None
        self._result: Result | None = None
        self._failure: LocalGPTError | None = None
        self._killed = False
        self._begun = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"command {name}", daemon=True)
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether it goes on."""
        return self._result is None and self._failure is None

    @property
    def seconds(self) -> float:
        """How long it has been there, or was."""
        return self._result.seconds if self._result else time.monotonic() - self._begin

    def poll(self, wait: float = 0.0) -> Polled:
        """What is new; if nothing is, wait so many seconds for something."""
        with self._news:
            self._news.wait_for(lambda: bool(self._waiting) or not self.alive, wait)
            data, lost = bytes(self._waiting), self._lost
            self._waiting.clear()
            self._lost = 0
            text = self._decoder.decode(data, not self.alive)
            return Polled(visible(text), lost, self._result, self._failure)

    def send(self, text: str) -> None:
        """Type ``text`` into its terminal. Raises ``UsageError`` where it has ended, or reads nothing."""
        data = text.encode("utf-8", "replace")
        self._begun.wait(_TO_BEGIN)
        running = self._running
        if not self.alive or running is None:
            raise UsageError(f"{self.name} has ended; nothing reads that any more.", hint="Start it again.")
        taken = running.type(data)
        if taken < len(data):
            raise UsageError(
                f"{self.name} took {taken:,} of {len(data):,} bytes: it does not read.",
                hint="Poll it, and send the rest later; a line may have 4,095 bytes.",
            )

    def kill(self) -> None:
        """End it, and all that it started; returns when that is done."""
        self._killed = True
        if self._running is not None:
            self._running.stop()
        self._thread.join(_PATIENCE)

    def _run(self) -> None:
        try:
            with supervisor.started(self.plan, self._strength, self._take) as running:
                self._running = running
                self._begun.set()
                if self._killed:
                    running.stop()
                result = running.wait()
            self._close(result=result)
        except LocalGPTError as error:
            self._close(failure=error)
        except Exception as error:  # noqa: BLE001 - whoever polls must be told, there is nobody above this thread
            self._close(failure=LocalGPTError(f"The command broke off: {error}.", hint="Start it again."))
        self._ended()

    def _close(self, result: Result | None = None, failure: LocalGPTError | None = None) -> None:
        with self._news:
            self._result, self._failure = result, failure
            self._begun.set()
            self._news.notify_all()

    def _take(self, data: bytes) -> None:
        with self._news:
            self._waiting += data
            if (over := len(self._waiting) - KEPT) > 0:
                del self._waiting[:over]
                self._lost += over
            self._news.notify_all()


class Handles:
    """The commands that go on in this process, and a few that have ended. ``frozen``: none may, and all are ended."""

    def __init__(self, frozen: Callable[[], object] = lambda: None) -> None:
        self._frozen = frozen
        self._all: dict[str, Background] = {}
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._count = 0
        self._watching = False

    def start(
        self, plan: Plan, strength: str, owner: str, ended: Callable[[], None] = lambda: None
    ) -> Background:
        """Let a command go on. Raises ``UsageError`` where there are as many as may be."""
        with self._lock:
            if sum(one.alive for one in self._all.values()) >= MOST:
                raise UsageError(
                    f"{MOST} commands go on already.", hint="End one of them: process with action kill."
                )
            for name in [name for name, one in self._all.items() if not one.alive][:-_MOST_ENDED]:
                del self._all[name]
            self._count += 1
            name = f"p{self._count}"
            made = self._all[name] = Background(name, plan, strength, owner, ended)
            if not self._watching:
                self._watching = True
                threading.Thread(target=self._watch, name="frozen?", daemon=True).start()
        return made

    def get(self, name: str, owner: str) -> Background:
        """The command of that name. Raises ``NotFound`` for one that is somebody else's, too."""
        found = self._all.get(name.strip())
        if found is None or found.owner != owner:
            names = ", ".join(one.name for one in self.of(owner))
            raise NotFound(
                f"No command goes on as {visible(name)[:40]!r}.",
                hint=f"There are: {names}." if names else "None was started in this conversation.",
            )
        return found

    def of(self, owner: str) -> tuple[Background, ...]:
        """The commands of one owner, the oldest first."""
        with self._lock:
            return tuple(one for one in self._all.values() if one.owner == owner)

    def close(self) -> None:
        """End all of them; no other can begin to matter: this is the end of the process, or of the assistant."""
        self._closed.set()
        self.kill_all()

    def kill_all(self) -> None:
        """End all of them, side by side."""
        with self._lock:
            alive = [one for one in self._all.values() if one.alive]
        enders = [threading.Thread(target=one.kill, daemon=True) for one in alive]
        for ender in enders:
            ender.start()
        for ender in enders:
            ender.join()

    def _watch(self) -> None:
        """While a command goes on, look whether the owner has stopped everything."""
        while not self._closed.wait(_LOOK):
            if self._frozen():
                self.kill_all()
            with self._lock:
                if not any(one.alive for one in self._all.values()):
                    self._watching = False
                    return
