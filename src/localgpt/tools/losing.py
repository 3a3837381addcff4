"""Whether a write takes away lines that the owner has written, by whose each line is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from localgpt.core.errors import LocalGPTError, NotFound
from localgpt.core.values import Chunk, Origin
from localgpt.tools.base import ToolContext

MOST_LINES = 300
"""Lines that are looked at one by one; where more go, the note as a whole counts."""


def loses(context: ToolContext, path: str, after: Callable[[str], str]) -> bool:
    """Whether lines of the owner's are gone when ``after`` has made a new text of the one that is there.

    Lines that moved are not gone, and the assistant's own and foreign ones may go. What can't be read counts as theirs.
    """
    try:
        note = context.workspace.read(path)
    except NotFound:
        return False
    except LocalGPTError:
        return True
    new = after(note.text)
    left = Counter(line.strip() for line in new.split("\n"))
    gone: list[tuple[int, str]] = []
    for number, line in enumerate(note.text.split("\n"), start=1):
        text = line.strip()
        if left[text] > 0:
            left[text] -= 1
        elif text:
            gone.append((number, line))
    return bool(gone) and _has_owners(context, note.path, note.text, gone)


def _has_owners(context: ToolContext, path: str, text: str, gone: list[tuple[int, str]]) -> bool:
    if context.origin_of(Chunk(path, 1, text.count("\n") + 1, text)) is Origin.ASSISTANT:
        return False
    if len(gone) > MOST_LINES:
        return True
    theirs = {Origin.ASSISTANT, Origin.FOREIGN}
    return any(context.origin_of(Chunk(path, number, number, line)) not in theirs for number, line in gone)
