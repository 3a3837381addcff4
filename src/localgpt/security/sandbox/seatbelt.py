"""The walls on macOS: the profile that its ``sandbox-exec`` takes, generated from a plan. Never tried on a Mac.

Nothing is run by it yet: ``status`` says so there.
"""

from __future__ import annotations

from localgpt.security.sandbox.plan import Plan

_SYSTEM = (
    "/usr",
    "/bin",
    "/sbin",
    "/System",
    "/Library/Frameworks",
    "/private/etc/ssl",
    "/private/var/db/timezone",
)
_DEVICES = ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom")


def profile(plan: Plan, scratch: str) -> str:
    """The profile: everything is denied that is not named; later rules win, so what is closed comes last."""
    reserved = [name.rstrip("/") for name in plan.reserved]
    lines = [
        "(version 1)",
        "(deny default)",
        "(allow process-fork)",
        "(allow process-exec)",
        "(allow signal (target same-sandbox))",
        "(allow sysctl-read)",
        '(allow file-read-metadata (literal "/"))',
        _rule("allow", "file-read*", (*_SYSTEM, *plan.readable)),
        _rule("allow", "file-read* file-write*", (*plan.writable, scratch, *_DEVICES)),
        "(allow network*)" if plan.network else "(deny network*)",
        _rule("deny", "file-write*", (*plan.closed, *reserved)),
        "(deny file-write-setugid)",
        "(deny mach-lookup)",
    ]
    return "\n".join(line for line in lines if line) + "\n"


def _rule(verdict: str, what: str, paths: tuple[str, ...]) -> str:
    if not paths:
        return ""
    places = " ".join(f"(subpath {quoted(path)})" for path in paths)
    return f"({verdict} {what} {places})"


def quoted(path: str) -> str:
    """A path as the profile's language writes a text."""
    escaped = path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
