"""What a commit of the time machine says: one line for people, then what it stands for, as trailers. Pure.

Names of files, never a word of what is in them.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from typing import TypeAlias

from localgpt.care.steps import EDITOR
from localgpt.care.time_machine.sequence import Batch
from localgpt.care.time_machine.trees import Entry

OWNER, FOUND = "owner", "found"
"""``Who`` of the owner, and by which ``Door`` the first files come (their edits come by ``EDITOR``)."""

Trailers: TypeAlias = Sequence[tuple[str, str]]

_NAMED = 3
_LONGEST_NAME = 100


def turn_message(batch: Batch, known: Collection[bytes]) -> tuple[str, Trailers]:
    """Subject and trailers of a turn's commit; ``known`` are the files that were there."""
    group = batch.group
    there = {os.fsencode(path): content is not None for path, content in batch.changes.items()}
    origins = sorted({write.origin for write in group.writes if write.origin})
    trailers = [
        ("Turn", _plain(group.turn)),
        ("Session", _plain(group.session)),
        ("Who", OWNER if group.undoes else ", ".join(origins)),
        ("Door", _plain(group.door)),
        *(("Undoes", _plain(turn)) for turn in group.undoes),
        *(("With-Edits-Of-The-Owner", _plain(path)) for path in batch.mixed),
    ]
    return ("Undo: " if group.undoes else "") + _subject(there, known), trailers


def editor_message(
    entries: Mapping[bytes, Entry | None], known: Collection[bytes], *, first: bool = False
) -> tuple[str, Trailers]:
    """Subject and trailers of what the owner changed with their own programs; ``first``: what was there at all."""
    there = {path: entry is not None for path, entry in entries.items()}
    if first:
        return f"Find {_counted(len(there))}", [("Who", OWNER), ("Door", FOUND)]
    return _subject(there, known), [("Who", OWNER), ("Door", EDITOR)]


def _subject(there: Mapping[bytes, bool], known: Collection[bytes]) -> str:
    words = {
        "Change" if path in known else "Add" if is_there else "Delete" for path, is_there in there.items()
    }
    if not any(there.values()):
        words = {"Delete"}
    verb = words.pop() if len(words) == 1 else "Change"
    names = [_plain(os.fsdecode(path)) for path in sorted(there)]
    if len(names) > _NAMED:
        return f"{verb} {_counted(len(names))}: {', '.join(names[: _NAMED - 1])} …"
    return f"{verb} {', '.join(names)}"


def _counted(count: int) -> str:
    return "1 file" if count == 1 else f"{count} files"


def _plain(text: str) -> str:
    """One line without what isn't a letter to see: a name may hold anything."""
    shown = "".join(char if char.isprintable() else "?" for char in text)
    return shown if len(shown) <= _LONGEST_NAME else shown[: _LONGEST_NAME - 1] + "…"
