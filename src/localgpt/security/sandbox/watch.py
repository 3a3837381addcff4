"""The eye on a running command: its time, its memory, its processes, the disk it fills; and ending all of it."""

from __future__ import annotations

import os
import select
import time
from collections.abc import Callable

from localgpt.security.sandbox import kernel
from localgpt.security.sandbox.orders import Orders

_LOOK = 0.05
"""Seconds between looks; what one process may take is bound by the kernel meanwhile."""
TIMEOUT, STOPPED, MEMORY, PROCESSES, DISK = "timeout", "stopped", "memory", "processes", "disk"
REPLACED = "replaced"
_MOST_REPLACED = 500
_AT_REST = "TtZX"
_STILL = 2.0
_NEW_FILES = 100_000


class Watch:
    """Waits for a process, and says why it has to end before it does by itself (empty: it ended).

    ``lifeline`` is a pipe from whoever started all this: closed, it means stop, or that nobody is there any more.
    ``mounts`` is the child's table of them, if it has its own: when somebody outside replaces a file that is closed
    inside, the kernel takes its mount away, and with it what closed it. ``close_again`` closes it, or tells that it can't.
    """

    def __init__(
        self,
        orders: Orders,
        child: int,
        lifeline: int,
        mounts: int = -1,
        close_again: Callable[[], bool] = lambda: False,
    ) -> None:
        self._orders, self._child, self._lifeline, self._mounts = orders, child, lifeline, mounts
        self._close_again, self._replaced = close_again, 0
        self._end = time.monotonic() + orders.seconds
        self._places = [*orders.writable, orders.scratch]
        self._free = [_free(path) for path in self._places]

    def wait(self) -> str:
        """Until the child has ended, or must: the reason, empty if it did by itself."""
        handle = os.pidfd_open(self._child)
        try:
            poll = select.poll()
            poll.register(handle, select.POLLIN)
            poll.register(self._lifeline, select.POLLIN)
            if self._mounts >= 0:
                poll.register(self._mounts, select.POLLPRI)
            while True:
                left = self._end - time.monotonic()
                ready = {one for one, _ in poll.poll(max(0, int(min(left, _LOOK) * 1000) + 1))}
                if handle in ready:
                    return ""
                if self._mounts in ready and not self._holds():
                    return REPLACED
                if self._lifeline in ready:
                    return STOPPED
                if reason := self._too_much():
                    return reason
        finally:
            os.close(handle)

    def _holds(self) -> bool:
        self._replaced += 1
        return self._replaced <= _MOST_REPLACED and self._close_again()

    def _too_much(self) -> str:
        if time.monotonic() >= self._end:
            return TIMEOUT
        processes = descendants(self._child)
        if len(processes) > self._orders.processes:
            return PROCESSES
        if sum(map(memory_of, processes)) > self._orders.memory:
            return MEMORY
        for path, (space, files) in zip(self._places, self._free, strict=True):
            space_now, files_now = _free(path)
            if space - space_now > self._orders.disk or files - files_now > _NEW_FILES:
                return DISK
        return ""


def mounts_of(process: int) -> int:
    """A handle on the table of mounts of a process, read once: from now on it tells of changes."""
    try:
        handle = os.open(f"/proc/{process}/mountinfo", os.O_RDONLY | os.O_CLOEXEC)
        while os.read(handle, 1 << 16):
            pass
    except OSError:
        return -1  # it has ended, for a wall could not be built
    return handle


def _free(path: str) -> tuple[int, int]:
    try:
        found = os.statvfs(path)
    except OSError:
        return 0, 0
    return found.f_bavail * found.f_frsize, found.f_favail


def descendants(process: int) -> list[int]:
    """A process and everything below it."""
    found, todo = [], [process]
    while todo:
        one = todo.pop()
        found.append(one)
        todo += children(one)
    return found


def children(process: int) -> list[int]:
    """The children of all threads of a process; none if it has ended."""
    found: list[int] = []
    try:
        for thread in os.listdir(f"/proc/{process}/task"):
            with open(f"/proc/{process}/task/{thread}/children", encoding="ascii") as file:
                found += map(int, file.read().split())
    except OSError:
        return found
    return found


def stand_still(first: int) -> list[int] | None:
    """Stop everything below the process ``first``; gives what was stopped, ``None`` where that does not come to an end."""
    end = time.monotonic() + _STILL
    stopped: dict[int, None] = {}
    quiet = 0
    while time.monotonic() < end:
        there = [(process, state_of(process)) for process in descendants(first)[1:]]
        moving = [process for process, state in there if state not in _AT_REST and process not in stopped]
        moving += [process for process, state in there if state in "RS" and process in stopped]
        quiet = 0 if moving else quiet + 1
        if quiet == 2:  # one that was seen at rest may have had a child just before
            return list(stopped)
        for process in moving:
            try:
                os.kill(process, kernel.SIGSTOP)
            except ProcessLookupError:
                continue
            stopped[process] = None
        time.sleep(0.0005)
    go_on(list(stopped))
    return None


def go_on(stopped: list[int]) -> None:
    """Let go on what ``stand_still`` stopped."""
    for process in stopped:
        try:
            os.kill(process, kernel.SIGCONT)
        except ProcessLookupError:
            continue


def state_of(process: int) -> str:
    """The letter that the kernel has for what a process does; ``X`` if it is gone."""
    try:
        with open(f"/proc/{process}/stat", "rb") as file:
            return file.read().rpartition(b")")[2].split()[0].decode()
    except (OSError, IndexError):
        return "X"


def memory_of(process: int) -> int:
    """Bytes that a process holds and no file backs."""
    total = 0
    try:
        with open(f"/proc/{process}/status", encoding="utf-8", errors="replace") as file:
            for line in file:
                if line.startswith(("RssAnon:", "RssShmem:")):
                    total += int(line.split()[1]) * 1024
    except OSError:
        return 0
    return total


def end_all() -> None:
    """Kill every descendant of this process, those that were left behind by their parents too, and wait for them."""
    while True:
        for process in descendants(os.getpid())[1:]:
            try:
                os.kill(process, kernel.SIGKILL)
            except ProcessLookupError:
                continue
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return
