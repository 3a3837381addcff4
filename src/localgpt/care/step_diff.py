"""What a step of the history did to each file, as a diff, as far as its texts are still known.

The journal keeps what was replaced, not what was added: a file as it was after a step is what it is now, what a later
change replaced, or the beginning of either, where only lines were added since. A hash says whether it is the one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from localgpt.care.diff import unified
from localgpt.care.steps import State, Step
from localgpt.core.errors import LocalGPTError
from localgpt.core.journal import digest

UNKNOWN = "(what stood there then is not kept any more)"


@dataclass(frozen=True, slots=True)
class FileDiff:
    """What happened to one file; ``known`` is false where ``diff`` can't tell."""

    path: str
    diff: str
    known: bool = True


def diffs(
    step: Step,
    every: Sequence[Step],
    read: Callable[[str], bytes | None],
    blob: Callable[[str], bytes | None],
) -> list[FileDiff]:
    """What ``step`` (one of ``every``) did, file by file. ``read`` gives a file as it is, ``blob`` a content by its hash."""
    return [_diff(path, step, list(_contents(path, every, read, blob))) for path in step.paths]


def _diff(path: str, step: Step, contents: Sequence[bytes]) -> FileDiff:
    writes = [write for write in step.writes if write.path == path]
    first, last = writes[0].before, writes[-1].after
    before, after = _of(first, contents), _of(last, contents)
    if (first and before is None) or (last and after is None):
        return FileDiff(path, f"--- {path}\n+++ {path}\n{UNKNOWN}\n", known=False)
    return FileDiff(path, unified(path, before, after))


def _contents(
    path: str,
    every: Sequence[Step],
    read: Callable[[str], bytes | None],
    blob: Callable[[str], bytes | None],
) -> Iterator[bytes]:
    """All that is known to have stood in the file at some time."""
    try:
        now = read(path)
    except LocalGPTError:
        now = None
    if now is not None:
        yield now
    states = (
        state
        for step in every
        for one in step.writes
        if one.path == path
        for state in (one.before, one.after)
    )
    for name in dict.fromkeys(state.sha256 for state in states if state):
        if (found := blob(name)) is not None:
            yield found


def _of(state: State | None, contents: Sequence[bytes]) -> bytes | None:
    if state is None:
        return None
    fitting = (one[: state.size] for one in contents if len(one) >= state.size)
    return next((one for one in fitting if digest(one) == state.sha256), None)
