"""The program that looks after a command where no wall stands: its time, its limits, and an end of all that it started.

Nothing here keeps the command from a file or from the network: the owner said yes to it, knowing that. What is certain
everywhere is the end of its process group; on Linux also of what left that group. Speaks as ``child`` does.
"""

from __future__ import annotations

import os
import resource
import select
import signal
import sys
import time

from localgpt.security.sandbox import orders
from localgpt.security.sandbox.orders import Orders

FAILED = 125
_LIFELINE = 0
_LOOK = 0.25
_LIMITS = ("RLIMIT_CORE", "RLIMIT_FSIZE", "RLIMIT_DATA", "RLIMIT_NOFILE")
_FILES = 1024


def main() -> None:
    """Keep one command: the report pipe's number is the argument, the orders come on standard input."""
    report = int(sys.argv[1])
    os.set_inheritable(report, False)  # noqa: FBT003 - the standard library's signature
    told = orders.read(_LIFELINE)
    _adopt()
    woken = _told_of_children()
    child = os.fork()
    if child == 0:
        _become(told, report)
    reason, status = _wait(child, told.seconds, woken)
    if reason:
        _tell(report, "ended", reason)
    _end_group(child)
    if status is None:
        status = os.waitpid(child, 0)[1]
    _end_rest()
    code = os.waitstatus_to_exitcode(status)
    _tell(report, "code", str(128 - code if code < 0 else code))
    os._exit(0)


def _tell(report: int, word: str, value: str) -> None:
    os.write(report, f"{word} {' '.join(value.split())[:400]}\n".encode("utf-8", "replace"))


def _adopt() -> None:
    """Be the parent of what its own parents leave behind, where the kernel has such a thing."""
    if sys.platform == "linux":
        from localgpt.security.sandbox import kernel

        kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 1)


def _told_of_children() -> int:
    """A pipe that tells when a child has ended."""
    woken, waking = os.pipe()
    os.set_blocking(waking, False)
    os.set_blocking(woken, False)
    signal.set_wakeup_fd(waking, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    return woken


def _wait(child: int, seconds: float, woken: int) -> tuple[str, int | None]:
    """Until it has ended or must: why it must (empty: it ended), and how it ended."""
    end = time.monotonic() + seconds
    while True:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return "", status
        left = end - time.monotonic()
        if left <= 0:
            return "timeout", None
        ready, _, _ = select.select([_LIFELINE, woken], [], [], min(left, _LOOK))
        if _LIFELINE in ready:
            return "stopped", None
        if woken in ready:
            os.read(woken, 4096)


def _end_group(child: int) -> None:
    try:
        os.killpg(child, signal.SIGKILL)
    except OSError:
        return  # nobody of it is left


def _end_rest() -> None:
    """What left the group of the command: on Linux it is ours by now."""
    if sys.platform == "linux":
        from localgpt.security.sandbox import watch

        watch.end_all()


def _become(told: Orders, report: int) -> None:
    try:
        os.setsid()
        _take_streams(told.terminal)
        _bound(told)
        os.chdir(told.folder)
        for one in (signal.SIGCHLD, signal.SIGPIPE):
            signal.signal(one, signal.SIG_DFL)
        os.execvpe(told.command[0], told.command, told.environment)  # noqa: S606 - this is what it is for
    except BaseException as error:  # noqa: BLE001 - whatever it is, this process must not go on as its parent
        _tell(report, "failed", f"command: {error}")
    os._exit(FAILED)


def _take_streams(terminal: int) -> None:
    """A terminal of its own, or nothing to read."""
    if terminal < 0:
        os.dup2(os.open(os.devnull, os.O_RDONLY), _LIFELINE)
        return
    import fcntl
    import termios

    fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
    for handle in range(3):
        os.dup2(terminal, handle)
    os.close(terminal)


def _bound(told: Orders) -> None:
    """Each process of it may use so much; not how many there are, for those of the owner would count too."""
    sizes = (0, told.file_size, told.memory, _FILES)
    for name, wanted in zip(_LIMITS, sizes, strict=True):
        which = getattr(resource, name)
        highest = resource.getrlimit(which)[1]
        allowed = wanted if highest == resource.RLIM_INFINITY else min(wanted, highest)
        resource.setrlimit(which, (allowed, allowed))


if __name__ == "__main__":
    main()
