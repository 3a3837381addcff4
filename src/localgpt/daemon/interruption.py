"""Ctrl-C from afar: what a command in the daemon does when its caller gives up, or goes away."""

from __future__ import annotations

import asyncio
import os
import select
import threading
from collections.abc import Coroutine
from concurrent.futures import CancelledError
from typing import Any, TypeVar

T = TypeVar("T")

_LAST_MS = 1000
"""How long the last words of an interrupted command may wait for a caller who doesn't read."""


class Interruption:
    """Runs a command's coroutines on the daemon's loop, and interrupts its thread as Ctrl-C does in its own process.

    A coroutine that runs is cancelled; else the next reading, writing or running raises ``KeyboardInterrupt``, once.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, loop_thread: int) -> None:
        self._loop, self._loop_thread = loop, loop_thread
        self._lock = threading.Lock()
        self._task: asyncio.Task[Any] | None = None
        self._wanted = False
        self._raised = False
        self._wake, self._waker = os.pipe()

    @property
    def in_loop(self) -> bool:
        """Whether who asks stands in the daemon's loop, where nobody may wait."""
        return threading.get_ident() == self._loop_thread

    def interrupt(self) -> None:
        """Interrupt the command now; from any thread."""
        with self._lock:
            if self._wanted:
                return
            self._wanted = True
            if self._task is not None:
                self._loop.call_soon_threadsafe(self._task.cancel)
            os.write(self._waker, b".")

    def check(self) -> None:
        """Raise ``KeyboardInterrupt`` if that is due; never in the loop, whose tasks are cancelled instead."""
        if self._wanted and not self._raised and not self.in_loop:
            self._raised = True
            raise KeyboardInterrupt

    def wait(self, descriptor: int, event: int) -> None:
        """Wait until ``descriptor`` can be read or written (``select.POLLIN`` or ``POLLOUT``)."""
        self.check()
        self._poll(descriptor, event, None if self._raised else self._wake)
        self.check()

    def wait_apart(self, descriptor: int, event: int) -> bool:
        """The same for a thread that is not the command's: whether there is a point in going on."""
        if self._poll(descriptor, event, self._wake):
            return True
        return self._poll(descriptor, event, None, _LAST_MS)

    @staticmethod
    def _poll(descriptor: int, event: int, wake: int | None, patience_ms: int | None = None) -> bool:
        poll = select.poll()
        poll.register(descriptor, event)
        if wake is not None:
            poll.register(wake, select.POLLIN)
        return any(ready == descriptor for ready, _ in poll.poll(patience_ms))

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run ``coroutine`` on the loop; wait for its end."""

        async def whole() -> T:
            with self._lock:
                self._task = task = asyncio.current_task()
                if self._wanted and task is not None:
                    task.cancel()
            return await coroutine

        try:
            return asyncio.run_coroutine_threadsafe(whole(), self._loop).result()
        except CancelledError:
            self._raised = True
            raise KeyboardInterrupt from None
        finally:
            with self._lock:
                self._task = None

    def close(self) -> None:
        """Let go of what it waits with."""
        with self._lock:
            self._wanted = True  # and so nothing writes to them any more
            os.close(self._wake)
            os.close(self._waker)
