"""Runs a plan: starts the child that builds the walls, reads what it says, and sees to it that nothing outlives it."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from localgpt.core import files
from localgpt.core.errors import SandboxError
from localgpt.security.content import visible
from localgpt.security.sandbox import orders, placeholders
from localgpt.security.sandbox.capture import Capture, Taker
from localgpt.security.sandbox.plan import SCRATCH, Plan
from localgpt.security.sandbox.result import Report, Result, report_of

_SOURCE = str(Path(__file__).resolve().parents[3])
_PROGRAM = "import sys; sys.path.insert(0, {!r}); from localgpt.security.sandbox.{} import main; main()"
_PATIENCE = 10.0
"""Seconds that the keeper gets beyond a run's own to end it; then it is ended itself, and the kernel ends the rest."""
_LINES, _COLUMNS = 40, 120


class Running:
    """A run that has begun: ``wait`` for it once, and ``stop`` it from any thread.

    With ``said`` it gets a terminal: what it writes there is handed to ``said`` (from the thread that waits), and
    ``type`` writes what it reads.
    """

    def __init__(self, plan: Plan, strength: str, scratch: str, said: Taker | None = None) -> None:
        self._plan, self._strength, self._said = plan, strength, said
        self._begin = time.monotonic()
        self._flooded = self._ended = False
        self._stopping = threading.Lock()
        self._terminal, terminal = _terminal() if said else (-1, -1)
        self._report, report = os.pipe()
        handed = [handle for handle in (report, terminal) if handle >= 0]
        try:
            self._child = subprocess.Popen(
                [sys.executable, "-I", "-S", "-c", _program(strength), str(report)],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                pass_fds=handed, start_new_session=True, cwd="/", env={}, bufsize=0,
            )  # fmt: skip
            _write(self._child, plan.orders(strength, scratch, terminal).to_bytes())
        except BaseException:
            os.close(self._report)
            if self._terminal >= 0:
                os.close(self._terminal)
            raise
        finally:
            for handle in handed:
                os.close(handle)

    def stop(self) -> None:
        """End it, and all that it started; ``wait`` returns soon after."""
        with self._stopping:
            if self._child.stdin is not None:
                self._child.stdin.close()

    def type(self, text: bytes) -> int:
        """Type into the command's terminal; how many bytes it took (it takes no more while nothing is read)."""
        with self._stopping:
            if self._terminal < 0 or self._ended:
                return 0
            try:
                return os.write(self._terminal, text)
            except OSError:  # it is full, or nobody has it any more
                return 0

    def wait(self) -> Result:
        """Read it to its end. Raises ``SandboxError`` where a layer could not be set up; nothing was run then."""
        assert self._child.stdout is not None
        assert self._child.stderr is not None
        limit = self._plan.limits.output
        pipes = {
            "out": self._child.stdout.fileno(),
            "err": self._child.stderr.fileno(),
            "report": self._report,
        }
        takers: dict[str, Taker] = {}
        if self._said is not None:
            pipes["terminal"], takers["terminal"] = self._terminal, self._said
        reported = bytearray()
        takers["report"] = reported.extend
        capture = Capture(pipes, limit, self._flood, takers)
        try:
            if not capture.run(self._plan.limits.seconds + _PATIENCE):
                self._child.kill()
                capture.run(_PATIENCE)
            self._child.wait()
        finally:
            self._end()
            capture.close()
        report = report_of(reported.decode("utf-8", "replace"))
        return self._result(report, capture)

    def finish(self) -> None:
        """See to it that it has ended; nothing happens if ``wait`` was called."""
        if not self._ended:
            self._end()

    def _flood(self) -> None:
        self._flooded = True
        self.stop()

    def _end(self) -> None:
        self.stop()
        try:
            self._child.wait(_PATIENCE)  # the keeper ends what is left; behind weaker walls only it can
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        for stream in (self._child.stdout, self._child.stderr):
            if stream is not None:
                stream.close()
        os.close(self._report)
        with self._stopping:
            self._ended = True
            if self._terminal >= 0:
                os.close(self._terminal)

    def _result(self, report: Report, capture: Capture) -> Result:
        if report.failed:
            raise refused(report.failed)
        err = capture.bytes_of("err")
        if report.code is None and not report.reason and not self._flooded:
            raise refused(f"start: {_text(err).strip()[-300:] or 'the child ended without a word'}")
        return Result(
            code=128 + 9 if report.code is None else report.code,
            out=_text(capture.bytes_of("out")),
            err=_text(err),
            seconds=time.monotonic() - self._begin,
            strength=self._strength,
            reason="output" if self._flooded else report.reason,
            cut=capture.cut("out") or capture.cut("err"),
        )


def _program(strength: str) -> str:
    """What keeps the command: it builds walls, or only looks after it."""
    return _PROGRAM.format(_SOURCE, "unheld" if strength == orders.NONE else "child")


def _terminal() -> tuple[int, int]:
    """A new terminal: our end, which never blocks, and the command's."""
    import termios

    ours, its = os.openpty()
    termios.tcsetwinsize(its, (_LINES, _COLUMNS))
    os.set_blocking(ours, False)
    return ours, its


def _write(child: subprocess.Popen[bytes], told: bytes) -> None:
    assert child.stdin is not None
    view = memoryview(told)
    with contextlib.suppress(BrokenPipeError):  # it has ended already, and the report says why
        while view:
            view = view[child.stdin.write(view) or 0 :]


def _text(data: bytes) -> str:
    return visible(data.decode("utf-8", "replace"))


def refused(failure: str) -> SandboxError:
    """The error for a layer that could not be set up (``failure`` names it and says why)."""
    layer, _, reason = failure.partition(": ")
    if layer == "command":
        return SandboxError(
            f"The command can't be started: {reason}.",
            hint="Check its name; only programs of the system are there.",
        )
    return SandboxError(
        f"The sandbox could not be set up, and nothing was run: {layer}: {reason}.",
        hint="'localgpt sandbox status' tells which walls this machine allows.",
    )


@contextlib.contextmanager
def started(plan: Plan, strength: str = orders.FULL, said: Taker | None = None) -> Iterator[Running]:
    """A run of ``plan`` behind walls of a strength; it has ended when the block is left, however that happens.

    ``said``: it gets a terminal (see ``Running``).
    """
    with _surroundings(plan, strength) as scratch:
        running = Running(plan, strength, scratch, said)
        try:
            yield running
        finally:
            running.finish()


def run(plan: Plan, strength: str = orders.FULL) -> Result:
    """Run ``plan`` to its end. Raises ``SandboxError`` where a layer could not be set up; nothing was run then."""
    with started(plan, strength) as running:
        return running.wait()


@contextlib.contextmanager
def _surroundings(plan: Plan, strength: str) -> Iterator[str]:
    """The private folder of a run, and the names that it can't make."""
    if strength == orders.FULL:
        reserved = plan.reserved if plan.writable else ()
        with (
            placeholders.held(reserved, plan.writable[0], Path(plan.state))
            if reserved
            else contextlib.nullcontext()
        ):
            yield SCRATCH
        return
    folder = files.private_folder("localgpt-sandbox-")
    try:
        files.make_folder(folder / "home", mode=files.PRIVATE_FOLDER)
        yield str(folder.resolve())
    finally:
        files.remove_folder(folder)
