"""The assistant that everybody in the daemon shares; a new one when the settings change, the old one while it is needed."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Iterator
from typing import TypeAlias

from localgpt.app import Assistant
from localgpt.core.config import Config
from localgpt.core.errors import LocalGPTError
from localgpt.core.paths import Home

_log = logging.getLogger(__name__)

COMMANDS = "terminal"
PAGE = "page"

_Stamp: TypeAlias = tuple[int, int, int]


class _Held:
    """An assistant, its sibling for the page, and how many commands use it."""

    def __init__(self, assistant: Assistant) -> None:
        self.assistant = assistant
        self.page = assistant.sibling(door=PAGE)
        self.lent = 0


class Holder:
    """Holds the assistant of ``home``. ``make`` makes one (for tests that bring their own engine)."""

    def __init__(self, home: Home, make: Callable[[Home], Assistant] | None = None) -> None:
        self.home = home
        self._make = make or (lambda home: Assistant(home, door="daemon"))
        self._lock = threading.RLock()
        self._stamp: _Stamp | None = None
        self._held: _Held | None = None
        self._retired: list[_Held] = []
        self._listeners: list[Callable[[Config], None]] = []
        self.problem = ""

    def watch(self, listener: Callable[[Config], None]) -> None:
        """Call ``listener`` with the settings whenever they are new."""
        self._listeners.append(listener)

    def current(self) -> Assistant:
        """The assistant by the settings as they are now. Raises ``ConfigError`` when these can't be used."""
        return self._now().assistant

    def page(self) -> Assistant:
        """The same for the page, whose door has its own name; settings that can't be used change nothing."""
        try:
            return self._now().page
        except LocalGPTError:
            if self._held is None:
                raise
            return self._held.page

    @contextlib.contextmanager
    def lend(self, model: str | None, *, local: bool) -> Iterator[Assistant]:
        """A sibling for one command."""
        with self._lock:
            held = self._now()
            held.lent += 1
        try:
            yield held.assistant.sibling(door=COMMANDS, model=model, local=local)
        finally:
            with self._lock:
                held.lent -= 1

    def _now(self) -> _Held:
        with self._lock:
            stamp = self._look()
            if self._held is None or (stamp != self._stamp and self.home.root.is_dir()):
                self._renew(stamp)
            assert self._held is not None
            return self._held

    def _look(self) -> _Stamp | None:
        try:
            found = self.home.config.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino

    def _renew(self, stamp: _Stamp | None) -> None:
        try:
            assistant = self._make(self.home)
        except LocalGPTError as error:
            if self.problem != error.message:
                _log.warning("the settings can't be used: %s", error)
            self.problem = error.message
            raise
        assistant.start()
        self.problem = ""
        if self._held is not None:
            _log.info("the settings have changed")
            self._retired.append(self._held)
        self._held, self._stamp = _Held(assistant), stamp
        for listener in self._listeners:
            listener(assistant.config)

    def leaving(self, *, turns: bool) -> list[Assistant]:
        """Assistants that nobody needs any more, to be closed; none while ``turns`` run that may be theirs.

        Beats and background tasks may still be theirs: one is kept while its models answer, and opens again what they
        need after that.
        """
        with self._lock:
            unused = (one for one in self._retired if not one.lent and not one.assistant.busy)
            free = [] if turns else list(unused)
            self._retired = [one for one in self._retired if one not in free]
        return [one.assistant for one in free]

    def all(self) -> list[Assistant]:
        """All that there are; for closing them at the end."""
        with self._lock:
            held = [*self._retired, *([self._held] if self._held else [])]
            self._retired, self._held = [], None
        return [one.assistant for one in held]
