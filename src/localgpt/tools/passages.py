"""Passages of notes on their way to a model: private ones stay here, foreign ones go in a fence."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from localgpt.core.errors import ToolError
from localgpt.core.values import Chunk, Egress, Origin
from localgpt.memory.chunks import chunks
from localgpt.memory.workspace import Note
from localgpt.security.content import fence, visible
from localgpt.tools.base import ToolContext

MOST_WORDS = 8
"""Words of a name; what is longer, or has signs that names don't have, counts as somebody's text."""
_PLAIN_NAME = re.compile(r"[\w .,+()&'’-]{1,80}")
_GUIDES = frozenset({"agents.md", "claude.md", "skill.md"})


def presented(context: ToolContext, text: str, origin: Origin, source: str) -> str:
    """``text`` as a model is shown it: nothing invisible in it, and fenced when it is foreign."""
    return fence(text, context.marker, source) if origin is Origin.FOREIGN else visible(text)


def origin_read(context: ToolContext, passage: Chunk) -> Origin:
    """Whose words a passage is that a tool has read. Hidden folders, and what tells assistants what to do in a folder
    outside the workspace, were hardly ever written by the owner: their yes is asked for these elsewhere.
    """
    origin = context.origin_of(passage)
    path = PurePosixPath(passage.path)
    hidden = any(part.startswith(".") for part in path.parts)
    guide = passage.path.startswith("/") and path.name.casefold() in _GUIDES
    return Origin.FOREIGN if origin is Origin.OWNER and (hidden or guide) else origin


def is_plain_name(name: str) -> bool:
    """Whether a name is one, and no sentence that somebody wants to be read."""
    return _PLAIN_NAME.fullmatch(name) is not None and len(re.split(r"[\W_]+", name.strip())) <= MOST_WORDS


def check_shared(context: ToolContext, path: str) -> None:
    """Raise ``ToolError`` when what stands at a path is for the owner alone, and somebody else asks."""
    if not context.may_quote(path):
        raise ToolError(f"{visible(path)} is for the owner alone.", hint="Answer without it.")


def check_private(context: ToolContext, path: str, start: int, end: int) -> None:
    """Raise ``ToolError`` when these lines of a note are private and the model is not on this machine, and when the
    note is not for whoever asks.
    """
    check_shared(context, context.workspace.locate(path).name)
    if not context.local:
        check_private_lines(context, context.workspace.read(path), start, end)


def check_private_lines(context: ToolContext, whole: Note, start: int, end: int) -> None:
    """The same for lines of a text that was read, whole, from elsewhere."""
    if context.local:
        return
    for chunk in chunks(whole.path, whole.text):
        if chunk.egress is Egress.LOCAL and chunk.start <= end and chunk.end >= start:
            raise _private(str(chunk.span))


def check_private_talk(context: ToolContext, lines: Note) -> None:
    """The same for lines of a conversation: a search withholds them, so reading on does too."""
    if not context.local and any(chunk.egress is Egress.LOCAL for chunk in chunks(lines.path, lines.text)):
        raise _private(f"{lines.path}:{lines.start}-{lines.end}")


def _private(place: str) -> ToolError:
    return ToolError(
        f"{place} is private: it is shown to models on this machine only.",
        hint="Answer without it, or tell the owner to ask a local model.",
    )
