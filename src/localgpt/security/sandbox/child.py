"""The program that becomes a command: builds the walls around itself, layer by layer, and fails closed.

Three processes: the *keeper* stays outside, watches and ends everything; the *first* is process 1 of the new world and
buries the dead; the *command* drops what is left of its rights and becomes the program. On the report pipe, which no
command inherits, stand lines of a word and a value: ``failed LAYER: reason``, ``ended REASON``, ``code N``.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # what ``signal`` is made of, without its enumerations
import os
import select
import sys

from localgpt.security.sandbox import (
    cgroup,
    kernel,
    landlock,
    limits,
    namespaces,
    orders,
    room,
    seccomp,
    watch,
)
from localgpt.security.sandbox.orders import Orders

FAILED = 125
LIFELINE = 0
_GO, _CLOSE, _DONE = b"g", b"c", b"d"
_TIOCSCTTY = 0x540E
_INFORMATION = ("cpuinfo", "filesystems", "meminfo", "stat", "uptime", "version", "sys/vm/overcommit_memory")


class Layer:
    """A part of the set-up: what goes wrong in it is reported by its name, and nothing is run."""

    def __init__(self, name: str, report: int) -> None:
        self._name, self._report = name, report

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        """Report what went wrong, and end this process."""
        if error is not None:
            tell(self._report, "failed", f"{self._name}: {error}")
            os._exit(FAILED)


def tell(report: int, word: str, value: str) -> None:
    """Write a line of the report."""
    os.write(report, f"{word} {' '.join(value.split())[:400]}\n".encode("utf-8", "replace"))


def main() -> None:
    """Be the keeper: the report pipe's number is the argument, the orders come on standard input."""
    report = int(sys.argv[1])
    os.set_inheritable(report, False)  # noqa: FBT003 - the standard library's signature
    told = orders.read(LIFELINE)
    with Layer("processes", report):
        kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 1)
        if os.geteuid() == 0:
            os.setgroups([])
    group = _group(told)
    if told.strength == orders.FULL:
        with Layer("namespaces", report):
            namespaces.enter(network=told.network)
    answers, answering = os.pipe()
    asked, asking = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(answers)
        os.close(asking)
        _become(told, report, group, (asked, answering))
    os.close(answering)
    os.close(asked)
    os.read(answers, 1)  # the child's word that the room stands; nothing, if it never will
    mounts = watch.mounts_of(child) if told.strength == orders.FULL else -1
    eye = watch.Watch(told, child, LIFELINE, mounts, lambda: _closed_again(child, asking, answers))
    _tell_child(asking)
    _keep(eye, child, report, group)


def _tell_child(asking: int) -> None:
    """Let it begin, now that it is watched. One that has ended already has said why in its report."""
    try:
        os.write(asking, _GO)
    except BrokenPipeError:
        return


def _closed_again(child: int, asking: int, answers: int) -> bool:
    """Have process 1 close again what was replaced from outside, while all others stand still; whether it could."""
    stopped = watch.stand_still(child)
    if stopped is None:
        return False
    try:
        os.write(asking, _CLOSE)
        return os.read(answers, 1) == _DONE
    except OSError:
        return False
    finally:
        watch.go_on(stopped)


def _group(told: Orders) -> str:
    """A control group where there is one to be had; the other limits hold without."""
    parent, _ = cgroup.home()
    try:
        return cgroup.make(parent, memory=told.memory, processes=told.processes) if parent else ""
    except OSError:
        return ""


def _keep(eye: watch.Watch, child: int, report: int, group: str) -> None:
    reason = eye.wait()
    if reason:
        tell(report, "ended", reason)
        os.kill(child, kernel.SIGKILL)
    code = exit_code(os.waitpid(child, 0)[1])
    watch.end_all()
    if group:
        cgroup.remove(group)
    tell(report, "code", str(code))
    os._exit(0)


def exit_code(status: int) -> int:
    """What a shell would say of a process that ended: 128 and the signal, if one ended it."""
    code = os.waitstatus_to_exitcode(status)
    return 128 - code if code < 0 else code


def _become(told: Orders, report: int, group: str, gate: tuple[int, int]) -> None:
    with Layer("processes", report):
        kernel.prctl(kernel.PR_SET_PDEATHSIG, kernel.SIGKILL)
        nothing = os.open("/dev/null", os.O_RDONLY)
        os.dup2(nothing, LIFELINE)
        limits.be_first_to_go()
        if group:
            cgroup.join(group)
    with Layer("limits", report):
        limits.hold(told, counted=bool(group))
    if told.strength == orders.FULL:
        _be_first(told, report, gate)
    else:
        _wait_at(gate)
        _be_command(told, report)


def _wait_at(gate: tuple[int, int]) -> None:
    """Say that all is built, and wait for the keeper's word."""
    asked, answering = gate
    os.write(answering, _GO)
    if os.read(asked, 1) != _GO:
        os._exit(FAILED)  # nobody is there any more


def _be_first(told: Orders, report: int, gate: tuple[int, int]) -> None:
    with Layer("mounts", report):
        room.build(told)
        namespaces.bound_processes(told.processes)
        room.close()
        kernel.call("sethostname", b"sandbox", 7)
        os.makedirs(told.environment["HOME"])
    _wait_at(gate)
    woken = _told_of_children()
    command = os.fork()
    if command == 0:
        _be_command(told, report)
    os.close(report)
    _bury_and_close(told, command, gate, woken)


def _bury_and_close(told: Orders, command: int, gate: tuple[int, int], woken: int) -> None:
    """Be process 1: bury who ends, until the command does, and close again what the keeper says was replaced."""
    asked, answering = gate
    links = frozenset(path for path in told.closed if os.path.islink(path))
    poll = select.poll()
    for handle in (asked, woken):
        poll.register(handle, select.POLLIN)
    while True:
        ended, status = os.waitpid(-1, os.WNOHANG)
        if ended == command:
            os._exit(exit_code(status))
        if ended:
            continue
        ready = {one for one, _ in poll.poll()}
        if woken in ready:
            os.read(woken, 4096)
        if asked in ready:
            if os.read(asked, 1) != _CLOSE:
                os._exit(FAILED)  # the keeper is gone, and the kernel ends us too
            os.write(answering, _DONE if room.closed_again(told, links) else _GO)


def _told_of_children() -> int:
    """A pipe that tells when a child has ended."""
    woken, waking = os.pipe()
    os.set_blocking(waking, False)
    _signal.set_wakeup_fd(waking, warn_on_full_buffer=False)
    _signal.signal(_signal.SIGCHLD, lambda *_: None)
    return woken


def _be_command(told: Orders, report: int) -> None:
    full = told.strength == orders.FULL
    if told.terminal >= 0:
        with Layer("terminal", report):
            _take_terminal(told.terminal)
    with Layer("limits", report):
        limits.apply(told, 0 if full else limits.threads_of(os.getuid()))
    with Layer("privileges", report):
        os.chdir(told.folder)
        if full or os.geteuid() == 0:
            kernel.drop_capabilities()
        kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    with Layer("Landlock", report):
        landlock.restrict(rules(told), network=told.network)
    with Layer("seccomp", report):
        signals = full or kernel.landlock_version() >= landlock.SCOPES_SINCE
        kernel.install_filter(seccomp.program(os.uname().machine, network=told.network, signals=signals))
    with Layer("command", report):
        kernel.default_signals()
        _start(told)


def _take_terminal(terminal: int) -> None:
    """Make the terminal the command's own: what it types into and what interrupts it."""
    os.setsid()
    kernel.call("ioctl", terminal, _TIOCSCTTY, 0)
    for handle in range(3):
        os.dup2(terminal, handle)
    os.close(terminal)


def _start(told: Orders) -> None:
    """Become the program, from the first folder of the search path that has it (``execvp`` would import a module)."""
    name = told.command[0]
    folders = [""] if "/" in name else [f"{folder}/" for folder in told.environment["PATH"].split(":")]
    for folder in folders:
        try:
            os.execve(f"{folder}{name}", told.command, told.environment)  # noqa: S606 - this is what it is for
        except FileNotFoundError:
            continue
    raise FileNotFoundError(f"there is no program {name}")


def rules(told: Orders) -> list[tuple[str, int]]:
    """What Landlock lets the command touch."""
    found = [(path, landlock.READ) for path in told.readable]
    found += [(f"/dev/{name}", landlock.DEVICE) for name in room.DEVICES]
    found += [(path, landlock.DEVICE) for path in room.terminal_of(told)]
    if told.strength == orders.FULL:
        links = [path for path in told.closed if os.path.islink(path)]
        for path in told.writable:  # what is closed in it is mounted so; nothing can be mounted on a link
            found += landlock.carved(path, links)
        found += [("/", landlock.READ_DIR), ("/proc", landlock.READ_FILE | landlock.READ_DIR)]
        return [
            *found,
            ("/tmp", landlock.WRITE),
            ("/dev/shm", landlock.WRITE),
            (told.scratch, landlock.SCRATCH),
        ]
    for path in told.writable:
        found += landlock.carved(path, told.closed)
    found += [(f"/proc/{name}", landlock.READ_FILE) for name in _INFORMATION]
    return [*found, (told.scratch, landlock.SCRATCH)]


if __name__ == "__main__":
    main()
