"""What files held before a command ran: in one file of its own, and read only where needed."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO

from localgpt.core import files
from localgpt.core.errors import UnreadableError
from localgpt.core.values import Egress
from localgpt.memory.chunks import chunks
from localgpt.memory.encoding import decode
from localgpt.memory.workspace import LARGEST_NOTE
from localgpt.tools.shell_looks import Look

MOST_BYTES = 256 * 1024 * 1024
"""All contents together; what comes after can't be put back."""
_IN_MEMORY = 1024 * 1024
_NOTES = (".md", ".markdown", ".txt")
_MAY_BE_PRIVATE = re.compile(rb"egress|privat", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Kept:
    """A file whose content is known: how it looked, and where the content is kept (-1: it is not)."""

    look: Look
    at: int = -1
    private: bool = False


class Preimages:
    """The contents of a folder's files. Not for several threads at once."""

    def __init__(
        self,
        root: str,
        most: int = MOST_BYTES,
        store: Callable[[], IO[bytes]] = lambda: files.nameless(_IN_MEMORY),
    ) -> None:
        self._new_store = store
        self._root, self._most = root, most
        self._store = store()
        self._end = 0
        self._known: dict[str, Kept] = {}

    def __contains__(self, path: str) -> bool:
        return path in self._known

    @property
    def paths(self) -> frozenset[str]:
        """The files that are known."""
        return frozenset(self._known)

    @property
    def private(self) -> tuple[str, ...]:
        """The notes that hold something that stays on this machine."""
        return tuple(path for path, kept in self._known.items() if kept.private)

    def known(self, path: str) -> Kept | None:
        """What is known of a file."""
        return self._known.get(path)

    def told(self) -> Iterator[tuple[str, Look, int]]:
        """Each file's path, look and place in the store, in which all of it stands by now."""
        self._store.flush()
        for path, kept in self._known.items():
            yield path, kept.look, kept.at

    def look_again(self, now: dict[str, Look]) -> None:
        """Know every file as it is ``now``: only what looks otherwise than last time is read."""
        for path in self._known.keys() - now.keys():
            del self._known[path]
        for path, look in now.items():
            kept = self._known.get(path)
            if kept is None or kept.look != look:
                self.learn(path, look, read(f"{self._root}/{path}", look))
        if self._end > 2 * self._wanted() + _IN_MEMORY:
            self._compact()

    def learn(self, path: str, look: Look, data: bytes | None) -> None:
        """Keep a file's content, if it is to be had and there is room."""
        private = data is not None and _is_private(path, data)
        self._known.pop(path, None)
        if data is not None and self._end + len(data) > self._most and self._end > self._wanted():
            self._compact()
        if data is None or self._end + len(data) > self._most:
            self._known[path] = Kept(look, private=private)
            return
        self._store.seek(self._end)
        self._store.write(data)
        self._known[path] = Kept(look, self._end, private)
        self._end += len(data)

    def forget(self, path: str) -> None:
        """The file is gone."""
        self._known.pop(path, None)

    def content(self, path: str) -> bytes | None:
        """What the file held when it was last looked at; ``None`` where that was not kept."""
        kept = self._known.get(path)
        if kept is None or kept.at < 0:
            return None
        self._store.seek(kept.at)
        return self._store.read(kept.look.size)

    def close(self) -> None:
        """Let go of all of it."""
        self._store.close()
        self._known.clear()

    def _wanted(self) -> int:
        return sum(kept.look.size for kept in self._known.values() if kept.at >= 0)

    def _compact(self) -> None:
        """Write what is still wanted into a new store: changed files have left holes."""
        old, held = self._store, self._known
        contents = {path: self.content(path) for path in held}
        self._store, self._end, self._known = self._new_store(), 0, {}
        for path, kept in held.items():
            self.learn(path, kept.look, contents[path])
        old.close()


def read(path: str, look: Look) -> bytes | None:
    """A file's content; ``None`` where it is too large for a note, can't be read, or is not what ``look`` saw."""
    if look.size > LARGEST_NOTE:
        return None
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return None
    with os.fdopen(handle, "rb") as file:
        if os.fstat(handle).st_ino != look.inode:
            return None
        data = file.read(LARGEST_NOTE + 1)
    return data if len(data) == look.size else None


def _is_private(path: str, data: bytes) -> bool:
    if not path.lower().endswith(_NOTES) or not _MAY_BE_PRIVATE.search(data):
        return False
    try:
        text = decode(data, path).text
    except UnreadableError:
        return True
    return any(chunk.egress is Egress.LOCAL for chunk in chunks(path, text))
