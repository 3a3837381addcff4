"""The sandbox tried: every attempt to get out and every everyday command, with what came of each."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from localgpt.core.errors import LocalGPTError
from localgpt.security.sandbox import planning, supervisor
from localgpt.security.sandbox.attempts import ATTEMPTS, RESOURCES, Attempt
from localgpt.security.sandbox.everyday import EVERYDAY, Everyday
from localgpt.security.sandbox.plan import MEGABYTE, SEARCH_PATH, Limits
from localgpt.security.sandbox.result import Result
from localgpt.security.sandbox.scene import Scene

SMALL = Limits(
    seconds=3.0,
    memory=512 * MEGABYTE,
    processes=64,
    file_size=32 * MEGABYTE,
    disk=128 * MEGABYTE,
    scratch=48 * MEGABYTE,
)
"""The limits of an attempt: small, so that the machine doesn't notice."""
_PATIENT = Limits(seconds=60.0)
_SLACK = 3.0
_MARK = 100
"""Characters of the line that says where something is missing."""
_MOST_LEFT = 512 * MEGABYTE

Runner = Callable[[Scene, tuple[str, ...], Limits], Result]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of one attempt or command: ``held`` is what one wants; ``None`` where it could not be tried."""

    kind: str
    name: str
    held: bool | None
    remark: str = ""


def walled(strength: str) -> Runner:
    """Runs a command behind walls of a strength."""

    def run(scene: Scene, command: tuple[str, ...], limits: Limits) -> Result:
        return supervisor.run(planning.plan(command, scene.home, limits=limits), strength)

    return run


def bare(scene: Scene, command: tuple[str, ...], limits: Limits) -> Result:
    """Runs a command with no walls at all: what an attempt does then shows that it is one."""
    begin = time.monotonic()
    environment = {**os.environ, "HOME": str(scene.outside)}
    child = subprocess.Popen(
        command, cwd=scene.home.workspace, env=environment, start_new_session=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        out, _ = child.communicate(timeout=limits.seconds)
    except subprocess.TimeoutExpired:
        child.kill()
        out = b""
    assert child.stdout is not None
    child.stdout.close()
    child.wait()
    return Result(child.returncode, out.decode("utf-8", "replace"), "", time.monotonic() - begin, "bare")


def escapes(run: Runner, attempts: tuple[Attempt, ...] = ATTEMPTS) -> Iterator[Verdict]:
    """Every attempt, judged as it ends."""
    for attempt in attempts:
        program = "python3" if attempt.script.startswith("\n") else "bash"
        if shutil.which(program, path=SEARCH_PATH) is None:
            yield Verdict(attempt.kind, attempt.name, None, f"{program} is not installed")
        else:
            yield tried(attempt, run)


def tried(attempt: Attempt, run: Runner) -> Verdict:
    """One attempt in surroundings of its own."""
    scene = Scene()
    try:
        begin = time.monotonic()
        result = run(scene, attempt.command(scene.words()), SMALL)
        took = time.monotonic() - begin
        harm = [*scene.harm(result), *_greed(attempt, scene, took, len(result.out))]
    finally:
        scene.end()
    harm = [one.replace(str(scene.root), "…") for one in harm]
    return Verdict(attempt.kind, attempt.name, not harm, "; ".join(harm[:3]))


def _greed(attempt: Attempt, scene: Scene, took: float, said: int) -> list[str]:
    if attempt.kind != RESOURCES:
        return []
    found = [f"it took {took:.1f} s"] if took > SMALL.seconds + _SLACK else []
    found += ["more output than allowed"] if said > SMALL.output + _MARK else []
    sizes = [path.stat().st_size for path in scene.home.workspace.rglob("*") if path.is_file()]
    found += ["a larger file than allowed"] if max(sizes) > SMALL.file_size else []
    return found + (["more disk than allowed"] if sum(sizes) > _MOST_LEFT else [])


def works(
    run: Runner, commands: tuple[Everyday, ...] = EVERYDAY, *, below: bool = False
) -> Iterator[Verdict]:
    """Every everyday command, each in a workspace of its own: at its top, or in a folder ``below``."""
    place = "cd desk && " if below else ""
    for one in commands:
        if shutil.which(one.needs, path=SEARCH_PATH) is None:
            yield Verdict("everyday", one.name, None, f"{one.needs} is not installed")
            continue
        scene = Scene()
        try:
            yield _worked(one, run(scene, ("/bin/sh", "-c", place + one.script), _PATIENT))
        except LocalGPTError as error:
            yield Verdict("everyday", one.name, held=False, remark=str(error))
        finally:
            scene.end()


def _worked(one: Everyday, result: Result) -> Verdict:
    good = one.expected in result.out
    remark = "" if good else (result.err.strip() or result.reason or f"exit code {result.code}")[-200:]
    return Verdict("everyday", one.name, good, remark)
