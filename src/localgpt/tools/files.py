"""Tools over files of the workspace and of the folders the owner has opened."""

from __future__ import annotations

import difflib
import os
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated

from localgpt.core.errors import NotFound, ToolError
from localgpt.core.files import storage_error
from localgpt.core.values import Change, Chunk, Effect, Origin
from localgpt.memory.places import Place
from localgpt.memory.workspace import Note
from localgpt.security.content import visible
from localgpt.tools.base import Arguments, ToolContext, ToolOutput, edits, reads, tool, writes
from localgpt.tools.losing import loses
from localgpt.tools.passages import check_private, is_plain_name, origin_read, presented

LONGEST_READING = 40_000
"""Characters that ``read_file`` gives at once."""
MOST_FILES = 300
"""Files that ``list_files`` names; the rest is counted."""
MOST_SCANNED = 50_000
_COMPARED = 200
_MOST_COMPARED = 5_000


@tool(effects=reads("path"))
def read_file(
    context: ToolContext,
    path: Annotated[str, "A file, relative to the workspace or absolute."],
    offset: Annotated[int, "The first line."] = 1,
    limit: int = 1000,
) -> ToolOutput:
    """Read a text file; each line comes with its number and a tab before it."""
    start = max(offset, 1)
    note = context.workspace.read(path, start, start + max(limit, 1) - 1)
    if not note.text:
        return ToolOutput(
            f"{note.path} is empty." if not note.total else f"{note.path} has {note.total} lines."
        )
    check_private(context, path, note.start, note.end)
    origin = origin_read(context, Chunk(note.path, note.start, note.end, note.text))
    shown, end = _numbered(note)
    shown = presented(context, shown, origin, note.path)
    more = "" if end >= note.total else f"; go on with offset={end + 1}"
    return ToolOutput(f"[{note.path}, lines {note.start}-{end} of {note.total}{more}]\n{shown}", origin)


def _numbered(note: Note) -> tuple[str, int]:
    """The lines with their numbers, as many as fit, and the last of them."""
    shown: list[str] = []
    room = LONGEST_READING
    for number, line in enumerate(note.text.removesuffix("\n").split("\n"), start=note.start):
        text = visible(line).replace("\n", " ")
        entry = f"{number:>5}\t{text if len(text) <= LONGEST_READING else text[:LONGEST_READING] + ' […]'}"
        if shown and len(entry) > room:
            break
        shown.append(entry)
        room -= len(entry) + 1
    return "\n".join(shown), note.start + len(shown) - 1


def _write_effects(arguments: Arguments, context: ToolContext) -> tuple[Effect, ...]:
    path = str(arguments["path"])
    (effect,) = writes("path")(arguments, context)
    return (replace(effect, loses=loses(context, path, lambda _: str(arguments["content"]))),)


def _edit_effects(arguments: Arguments, context: ToolContext) -> tuple[Effect, ...]:
    path, old, new = (str(arguments[name]) for name in ("path", "old", "new"))
    *others, effect = edits("path")(arguments, context)
    return (*others, replace(effect, loses=loses(context, path, lambda text: text.replace(old, new))))


@tool(effects=_write_effects)
def write_file(
    context: ToolContext,
    path: Annotated[str, "Made if missing, folders too."],
    content: str,
) -> ToolOutput:
    """Write a whole text file; what stood there is replaced (and can be put back)."""
    return _written(context.workspace.replace(path, content, context.author))


@tool(effects=_edit_effects)
def edit_file(
    context: ToolContext,
    path: Annotated[str, "As for read_file."],
    old: Annotated[str, "The exact text, without line numbers; it must occur once."],
    new: str,
    all: Annotated[bool, "Replace every occurrence."] = False,  # noqa: A002 - the name models know
) -> ToolOutput:
    """Replace a piece of a text file and leave the rest as it is."""
    note = context.workspace.read(path)
    check_private(context, path, 1, note.total)
    old, new = (text.replace("\r\n", "\n") for text in (old, new))
    _check_edit(context, note, old, every=all)
    text = note.text.replace(old, new)
    return _written(context.workspace.replace(path, text, context.author, expected=note.sha256))


def _check_edit(context: ToolContext, note: Note, old: str, *, every: bool) -> None:
    if not old:
        raise ToolError("The text to replace is empty.", hint="Use write_file to write a whole file.")
    count = note.text.count(old)
    if count == 0:
        raise ToolError(f"That text is not in {note.path}.", hint=_nearest(context, note, old))
    if count > 1 and not every:
        places = ", ".join(map(str, _lines_of(note.text, old)))
        raise ToolError(
            f"That text is {count} times in {note.path} (lines {places}).",
            hint="Give more of the text around it, or set all to true.",
        )


def _nearest(context: ToolContext, note: Note, old: str) -> str:
    """The line that is most like the first line sought; a foreign one is not quoted, for nothing fences it here."""
    wanted = next((line for line in old.split("\n") if line.strip()), old).strip()[:_COMPARED]
    whole = note.text.split("\n", _MOST_COMPARED)[:_MOST_COMPARED]
    lines = [line.strip()[:_COMPARED] for line in whole]
    near = difflib.get_close_matches(wanted, lines, n=1, cutoff=0.5)
    if not near:
        return "Read the file first."
    number = lines.index(near[0]) + 1
    if context.origin_of(Chunk(note.path, number, number, whole[number - 1])) is Origin.FOREIGN:
        return f"The nearest is line {number}; read it first."
    return f"The nearest is line {number}: {visible(near[0])}"


def _lines_of(text: str, old: str) -> Iterator[int]:
    """The lines at which the first ten occurrences begin."""
    place, line = -1, 1
    for _ in range(min(text.count(old), 10)):
        before, place = max(place, 0), text.find(old, place + 1)
        line += text.count("\n", before, place)
        yield line


def _written(change: Change) -> ToolOutput:
    if change.before == change.after:
        return ToolOutput(f"{change.path} was like that already; nothing was written.")
    done = "Made" if change.before is None else "Changed"
    place = str(change.span) if change.span.start else change.path
    return ToolOutput(f"{done} {place}", changes=(change,))


@dataclass(frozen=True, slots=True)
class _Entry:
    name: str
    is_folder: bool
    size: int = 0
    modified: float = 0.0

    def __str__(self) -> str:
        name = " ".join(visible(self.name).split())
        if self.is_folder:
            return f"{name}/"
        return f"{name}  ({self.size:,} bytes, {datetime.fromtimestamp(self.modified, UTC):%Y-%m-%d})"


@tool(effects=reads("path"))
def list_files(
    context: ToolContext,
    path: Annotated[str, "A folder."] = ".",
    pattern: Annotated[str, "Of names; with a / of whole paths."] = "*",
    depth: int = 2,
) -> ToolOutput:
    """List the files and folders in a folder; hidden ones are left out."""
    place = context.workspace.locate(path)
    _check_folder(place)
    entries, complete = _scanned(place.target, max(depth, 1))
    wanted = [
        entry
        for entry in entries
        if _matches(entry.name, pattern) and not (entry.is_folder and pattern != "*")
    ]
    wanted.sort(key=lambda entry: entry.name)
    lines = [str(entry) for entry in wanted[:MOST_FILES]]
    if len(wanted) > MOST_FILES:
        more = f"{len(wanted) - MOST_FILES:,}{'' if complete else ' or'} more"
        lines.append(f"[{more}; name a folder or a pattern]")
    if not lines:
        return ToolOutput(f"Nothing in {place.name} matches {pattern}.")
    strange = any(not is_plain_name(part) for entry in wanted[:MOST_FILES] for part in entry.name.split("/"))
    origin = Origin.FOREIGN if strange else Origin.SYSTEM
    return ToolOutput(presented(context, "\n".join(lines), origin, f"names in {place.name}"), origin)


def _check_folder(place: Place) -> None:
    if place.target.is_dir():
        return
    if place.target.exists():
        raise ToolError(f"{place.name} is a file, not a folder.", hint="Read it with read_file.")
    raise NotFound(f"There is no folder {place.name}.", hint="List the folder above it.")


def _matches(name: str, pattern: str) -> bool:
    return fnmatchcase(name if "/" in pattern else name.rsplit("/", 1)[-1], pattern)


def _scanned(folder: Path, depth: int) -> tuple[list[_Entry], bool]:
    """What is in ``folder`` down to ``depth`` levels, and whether that is all of it. Links aren't followed."""
    entries: list[_Entry] = []
    waiting = deque([("", depth)])
    while waiting:
        prefix, levels = waiting.popleft()
        for entry in _listed(folder, prefix):
            if len(entries) == MOST_SCANNED:
                return entries, False
            entries.append(entry)
            if entry.is_folder and levels > 1:
                waiting.append((f"{entry.name}/", levels - 1))
    return entries, True


def _listed(folder: Path, prefix: str) -> Iterator[_Entry]:
    """The entries of one folder, hidden ones left out; a folder within that can't be listed is as if empty."""
    try:
        with os.scandir(folder / prefix) as found:
            yield from (_entry(one, prefix) for one in found if not one.name.startswith("."))
    except OSError as error:
        if not prefix:
            raise storage_error(error, "list", folder) from error


def _entry(found: os.DirEntry[str], prefix: str) -> _Entry:
    status = found.stat(follow_symlinks=False)
    return _Entry(prefix + found.name, found.is_dir(follow_symlinks=False), status.st_size, status.st_mtime)
