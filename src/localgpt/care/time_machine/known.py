"""What the time machine remembers between two looks: how far it is, and how each file looked. A cache in JSON.

Whatever is wrong with it, it is made again from the repository: the last commit says how far the journal is
committed, and its tree what every file holds.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path

from localgpt.care.time_machine.pending import Position
from localgpt.care.time_machine.scan import Look, Seen
from localgpt.core import files
from localgpt.core.errors import StorageError

_VERSION = 1


@dataclass(slots=True)
class Known:
    """The last commit (empty: none), how far the journal was read, and the files of that commit.

    ``fresh``: the repository is new, and what was there before it has not been found yet.
    """

    head: str = ""
    position: Position = field(default_factory=Position)
    seen: dict[bytes, Seen] = field(default_factory=dict)
    fresh: bool = False


def position(path: Path) -> Position | None:
    """How far the journal was read, from the first line alone; ``None`` where that isn't known."""
    try:
        with path.open("rb") as stream:
            first = json.loads(stream.readline(4096))
        return Position(str(first["month"]), int(first["offset"])) if first["v"] == _VERSION else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def load(path: Path) -> Known | None:
    """The whole of it; ``None`` where there is none that can be read."""
    try:
        first, _, rest = path.read_bytes().partition(b"\n")
        head = json.loads(first)
        if head["v"] != _VERSION:
            return None
        seen = {
            os.fsencode(name): Seen(oid, mode, Look(*look) if look else None)
            for name, (oid, mode, look) in json.loads(rest).items()
        }
        position = Position(str(head["month"]), int(head["offset"]))
        return Known(str(head["head"]), position, seen, bool(head["fresh"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def save(path: Path, known: Known) -> None:
    """Keep it; where it can't be written, it is made again next time."""
    first = {
        "v": _VERSION,
        "head": known.head,
        "month": known.position.month,
        "offset": known.position.offset,
        "fresh": known.fresh,
    }
    rest = {os.fsdecode(name): seen for name, seen in known.seen.items()}
    data = json.dumps(first) + "\n" + json.dumps(rest, separators=(",", ":")) + "\n"
    try:
        files.make_folder(path.parent, mode=files.PRIVATE_FOLDER)
        files.replace(path, data.encode(), mode=files.PRIVATE_FILE)
    except StorageError:
        return
