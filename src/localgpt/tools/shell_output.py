"""What a model is shown of a command's output: beginning and end of it, without secrets, fenced where it is foreign."""

from __future__ import annotations

from collections.abc import Callable

from localgpt.core.redact import redact
from localgpt.core.values import Origin
from localgpt.security.content import fence
from localgpt.security.sandbox.result import Result

LONGEST = 50_000
"""Characters of a command's output that a model is given."""
_ROOM = 8_000
"""Characters for what is said of it beside."""


def shown(text: str, origin: Origin, marker: str, redacted: Callable[[str], str] = redact) -> str:
    """``text`` as it goes to a model."""
    text = middle_out(redacted(text).rstrip("\n"), LONGEST - _ROOM)
    return fence(text, marker, "a command") if text and origin is Origin.FOREIGN else text


def both(result: Result) -> str:
    """What a run wrote to its two streams."""
    if not result.err.strip():
        return result.out
    out = result.out if not result.out or result.out.endswith("\n") else f"{result.out}\n"
    return f"{out}[errors]\n{result.err}"


def middle_out(text: str, limit: int) -> str:
    """At most ``limit`` characters: the beginning and the end, and a line on what is missing between."""
    if len(text) <= limit:
        return text
    mark = f"\n[… {len(text) - limit:,} characters are left out here …]\n"
    head = (limit - len(mark)) // 2
    return text[:head] + mark + text[len(text) - (limit - len(mark) - head) :]
