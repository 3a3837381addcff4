"""Git objects in a folder: written whole or not at all, checked against their names when read.

One file for each object, as git itself writes them; ``docs/decisions`` says why not by the library. It is asked for
what a ``git gc`` of the owner's has put into packs.
"""

from __future__ import annotations

import hashlib
import zlib
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from localgpt.core import files

if TYPE_CHECKING:
    import pygit2

COMMIT, TREE, BLOB = 1, 2, 3
_KINDS = {COMMIT: b"commit", TREE: b"tree", BLOB: b"blob"}
_NUMBERS = {name: number for number, name in _KINDS.items()}
_FAST = 1  # of zlib's levels: notes are short


class Store:
    """The objects below ``folder``, a git repository."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._objects = folder / "objects"

    def read(self, oid: str) -> tuple[int, bytes]:
        """Kind and bytes of an object. Raises ``KeyError`` where it is missing, ``ValueError`` where it is damaged."""
        try:
            packed = self._place(oid).read_bytes()
        except FileNotFoundError:
            return self._packed_object(oid)
        try:
            whole = zlib.decompress(packed)
        except zlib.error as error:
            raise ValueError(f"{oid} can't be unpacked") from error
        if hashlib.sha1(whole, usedforsecurity=False).hexdigest() != oid:
            raise ValueError(f"{oid} is not what its name says")
        head, _, data = whole.partition(b"\0")
        return _NUMBERS[head.partition(b" ")[0]], data

    def write(self, kind: int, data: bytes) -> str:
        """Store an object and return its id; one that is there already is left alone."""
        whole = b"%s %d\0" % (_KINDS[kind], len(data)) + data
        oid = hashlib.sha1(whole, usedforsecurity=False).hexdigest()
        place = self._place(oid)
        if not place.exists():
            files.replace(place, zlib.compress(whole, _FAST), mode=0o400, synced=False)
        return oid

    def named(self, prefix: str) -> str:
        """The id that begins with ``prefix`` (four hex digits or more), empty where none or several do."""
        if len(prefix) < 4 or not set(prefix) <= set("0123456789abcdef"):  # git's own least
            return ""
        found = [prefix[:2] + path.name for path in (self._objects / prefix[:2]).glob(prefix[2:] + "*")]
        if not found and self._packs is not None:
            found = [oid for oid in map(str, self._packs) if oid.startswith(prefix)]
        return found[0] if len(found) == 1 else ""

    def _place(self, oid: str) -> Path:
        return self._objects / oid[:2] / oid[2:]

    def _packed_object(self, oid: str) -> tuple[int, bytes]:
        if self._packs is None:
            raise KeyError(f"{oid} is missing")
        import pygit2

        try:
            kind, data = self._packs.read(pygit2.Oid(hex=oid))
        except pygit2.GitError as error:
            raise ValueError(f"{oid}: {error}") from error
        return int(kind), bytes(data)

    @cached_property
    def _packs(self) -> pygit2.Odb | None:
        if not any((self._objects / "pack").glob("*.pack")):
            return None
        import pygit2

        return pygit2.Odb(str(self._objects))
