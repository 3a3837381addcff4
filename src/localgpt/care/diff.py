"""A change as people read it: a unified diff of the lines. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from localgpt.core.errors import UnreadableError
from localgpt.memory.encoding import Hunk, decode, hunks, lines

AROUND = 3
"""Lines shown before and after what changes."""
_SPELLING = "(only the spelling of the file differs, not its words)"
_EMPTY = "(an empty file)"


def unified(path: str, old: bytes | None, new: bytes | None) -> str:
    """The diff from ``old`` to ``new`` (``None``: the file is not there); empty when they are the same."""
    if old == new:
        return ""
    head = [
        f"--- {path if old is not None else '(not there)'}",
        f"+++ {path if new is not None else '(deleted)'}",
    ]
    try:
        before, after = (lines(decode(data or b"", path).text) for data in (old, new))
    except UnreadableError:
        return "\n".join([*head, "(not text)"]) + "\n"
    found = [hunk for hunk in hunks(_bare(before), _bare(after)) if _changes(hunk)]
    body = [line for group in _groups(found) for line in _shown(group, before, after)]
    return "\n".join([*head, *(body or [_SPELLING if old and new else _EMPTY])]) + "\n"


def _changes(hunk: Hunk) -> bool:
    tag, i1, i2, j1, j2 = hunk
    return tag != "equal" and (i1 < i2 or j1 < j2)


def _groups(found: list[Hunk]) -> Iterator[list[Hunk]]:
    """Hunks that stand so close that the lines around them meet."""
    group: list[Hunk] = []
    for hunk in found:
        if group and hunk[1] - group[-1][2] > 2 * AROUND:
            yield group
            group = []
        group.append(hunk)
    if group:
        yield group


def _shown(group: list[Hunk], before: list[str], after: list[str]) -> Iterator[str]:
    first, last = max(group[0][1] - AROUND, 0), min(group[-1][2] + AROUND, len(before))
    shift, grown = group[0][3] - group[0][1], group[-1][4] - group[-1][2]
    yield f"@@ -{_range(first, last)} +{_range(first + shift, last + grown)} @@"
    at = first
    for _, i1, i2, j1, j2 in group:
        yield from (f" {line}" for line in _bare(before[at:i1]))
        yield from (f"-{line}" for line in _bare(before[i1:i2]))
        yield from (f"+{line}" for line in _bare(after[j1:j2]))
        at = i2
    yield from (f" {line}" for line in _bare(before[at:last]))


def _range(begin: int, end: int) -> str:
    """``start,count`` as in every unified diff: an empty range names the line before it."""
    return f"{begin + (end > begin)},{end - begin}"


def _bare(text: list[str]) -> list[str]:
    return [line.rstrip("\n") for line in text]
