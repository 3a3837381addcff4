"""Which walls this machine allows, found out by building them around a program that does nothing; and why not the others."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import cache

from localgpt.core import files
from localgpt.core.errors import SandboxError
from localgpt.security.sandbox.plan import FULL, NONE, WEAKER, Limits, Plan

_ORDER = ("start", "processes", "namespaces", "mounts", "limits", "privileges", "Landlock", "seccomp")
_OF_WEAKER = frozenset(_ORDER) - {"namespaces", "mounts"}


@dataclass(frozen=True, slots=True)
class Layer:
    """One wall: whether it stands here (``None``: an earlier one failed, so it was not tried), and what is to be said."""

    name: str
    stands: bool | None
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Status:
    """What this machine allows: ``strength`` is ``full``, ``weaker`` or ``none``."""

    strength: str
    layers: tuple[Layer, ...]

    @property
    def sentence(self) -> str:
        """The whole in one sentence."""
        return {
            FULL: "Commands can run behind all walls.",
            WEAKER: "Commands can run behind weaker walls: no namespaces, so other processes' names can be seen, and "
            "nothing new can be made beside a file that stays closed.",
            NONE: "Nothing here can hold a command, so none is run but a model's, and each of those asks.",
        }[self.strength]


@cache
def status() -> Status:
    """What this machine allows; tried once in a process, in about 50 ms."""
    if sys.platform != "linux":
        return Status(NONE, (Layer("system", stands=False, remark=_elsewhere(sys.platform)),))
    full = failure_of(FULL)
    weaker = failure_of(WEAKER) if full else ""
    return judged(full, weaker, _remarks())


def _elsewhere(platform: str) -> str:
    if platform == "darwin":
        return "the profile for macOS is generated but was never tried on a Mac, so nothing is run by it"
    return f"there is no sandbox for {platform}"


def failure_of(strength: str) -> str:
    """What goes wrong when a program that does nothing is run behind walls of a strength; empty if nothing does."""
    from localgpt.security.sandbox import supervisor

    folder = files.private_folder("localgpt-sandbox-probe-")
    try:
        place = str(folder.resolve())
        plan = Plan(("/bin/sh", "-c", ":"), place, writable=(place,), limits=Limits(seconds=10))
        supervisor.run(plan, strength)
    except SandboxError as error:
        return error.message.partition("nothing was run: ")[2].rstrip(".") or error.message
    finally:
        files.remove_folder(folder)
    return ""


def judged(full: str, weaker: str, remarks: dict[str, str]) -> Status:
    """The status from what failed of the full set (``LAYER: reason``, or nothing) and then of the weaker one."""
    strength = FULL if not full else WEAKER if not weaker else NONE
    layers = []
    for name in _ORDER[1:]:
        stands, remark = _standing(name, full)
        if stands is None and name in _OF_WEAKER:
            stands, remark = _standing(name, weaker)
        layers.append(Layer(name, stands, remark or (remarks.get(name, "") if stands else "")))
    group = remarks.get("cgroup", "")
    return Status(
        strength, (*layers, Layer("cgroup", not group, group or "memory and processes are counted"))
    )


def _standing(name: str, failure: str) -> tuple[bool | None, str]:
    failed, _, reason = failure.partition(": ")
    if not failed:
        return True, ""
    at = _ORDER.index(failed) if failed in _ORDER else 0
    here = _ORDER.index(name)
    if here == at or at == 0:
        return False, reason or failure
    return (True, "") if here < at else (None, "")


def _remarks() -> dict[str, str]:
    from localgpt.security.sandbox import cgroup, kernel

    version = kernel.landlock_version()
    _, none = cgroup.home()
    return {
        "Landlock": f"version {version}",
        "cgroup": f"{none}; a watch looks 20 times a second instead" if none else "",
    }


def best() -> str:
    """The strongest walls that this machine allows. Raises ``SandboxError`` where there are none."""
    found = status()
    if found.strength == NONE:
        why = next(
            (f"{one.name}: {one.remark}" for one in found.layers if one.stands is False), "no wall stands"
        )
        raise SandboxError(
            f"{found.sentence} {why}.",
            hint="'localgpt sandbox status' shows all of it; run it yourself if you trust it.",
        )
    return found.strength
