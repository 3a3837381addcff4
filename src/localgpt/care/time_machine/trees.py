"""Git's trees, as bytes: read, looked into, and changed in a few places without touching the rest.

The raw format instead of the library's builder, since a name on disk is bytes and need not be UTF-8.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple, Protocol, TypeAlias

FILE, PROGRAM, LINK, FOLDER = 0o100644, 0o100755, 0o120000, 0o040000

_TREE = 2  # the number of a tree among git's kinds of objects


class Entry(NamedTuple):
    """What stands in a tree under a name: its mode, and the id of its content (40 hex digits)."""

    mode: int
    id: str


Changes: TypeAlias = Mapping[bytes, Entry | None]
"""What becomes of files, by their path below the root; ``None``: they go."""


class Objects(Protocol):
    """A store of git objects, as ``pygit2.Repository`` is one."""

    def read(self, oid: str) -> tuple[int, bytes]: ...

    def write(self, kind: int, data: bytes) -> object: ...


def entries(objects: Objects, tree: str) -> dict[bytes, Entry]:
    """The names in one tree. Raises ``ValueError`` where it is damaged."""
    kind, data = objects.read(tree)
    if kind != _TREE:
        raise ValueError(f"{tree} is not a tree")
    found: dict[bytes, Entry] = {}
    at = 0
    while at < len(data):
        space = data.index(b" ", at)
        end = data.index(b"\0", space)
        if len(data) < end + 21:
            raise ValueError(f"{tree} is cut off")
        found[data[space + 1 : end]] = Entry(int(data[at:space], 8), data[end + 1 : end + 21].hex())
        at = end + 21
    return found


def everything(objects: Objects, tree: str, prefix: bytes = b"") -> Iterator[tuple[bytes, Entry]]:
    """Every file below a tree with its path."""
    for name, entry in entries(objects, tree).items():
        if entry.mode == FOLDER:
            yield from everything(objects, entry.id, prefix + name + b"/")
        else:
            yield prefix + name, entry


def difference(
    objects: Objects, old: str, new: str, prefix: bytes = b""
) -> Iterator[tuple[bytes, Entry | None, Entry | None]]:
    """Every file that differs between two trees (empty: nothing there), with what it was and is."""
    before, after = (entries(objects, tree) if tree else {} for tree in (old, new))
    for name in sorted(before.keys() | after.keys()):
        was, now = before.get(name), after.get(name)
        if was == now:
            continue
        folders = ["" if one is None or one.mode != FOLDER else one.id for one in (was, now)]
        if any(folders):
            yield from difference(objects, folders[0], folders[1], prefix + name + b"/")
        files = [None if one is None or one.mode == FOLDER else one for one in (was, now)]
        if any(files):
            yield prefix + name, files[0], files[1]


def find(objects: Objects, tree: str, path: bytes) -> Entry | None:
    """What stands at ``path``, a file or a folder; ``None`` if nothing does."""
    entry = Entry(FOLDER, tree)
    for name in path.split(b"/"):
        if entry.mode != FOLDER:
            return None
        found = entries(objects, entry.id).get(name)
        if found is None:
            return None
        entry = found
    return entry


def changed(objects: Objects, tree: str, changes: Changes) -> str:
    """Write the tree that ``changes`` make of ``tree`` (empty: of nothing), and return its id."""
    return _changed(objects, tree, changes) or _written(objects, {})


def _changed(objects: Objects, tree: str, changes: Changes) -> str:
    """The same, but an empty text for a tree in which nothing is left."""
    names = entries(objects, tree) if tree else {}
    below: dict[bytes, dict[bytes, Entry | None]] = {}
    for path, entry in changes.items():
        first, _, rest = path.partition(b"/")
        if rest:
            below.setdefault(first, {})[rest] = entry
        elif entry is not None:
            names[first] = entry
        elif names.get(first, Entry(0, "")).mode != FOLDER:
            names.pop(first, None)
    for name, inner in below.items():
        _change_folder(objects, names, name, inner)
    return _written(objects, names) if names else ""


def _change_folder(objects: Objects, names: dict[bytes, Entry], name: bytes, changes: Changes) -> None:
    old = names.get(name)
    is_folder = old is not None and old.mode == FOLDER
    if old is not None and not is_folder and not any(changes.values()):
        return  # a file took the folder's place: what was below is gone already
    new = _changed(objects, old.id if old is not None and is_folder else "", changes)
    if new:
        names[name] = Entry(FOLDER, new)
    elif is_folder:
        del names[name]


def _written(objects: Objects, names: Mapping[bytes, Entry]) -> str:
    ordered = sorted(names.items(), key=lambda item: item[0] + (b"/" if item[1].mode == FOLDER else b""))
    data = b"".join(b"%o %s\0" % (entry.mode, name) + bytes.fromhex(entry.id) for name, entry in ordered)
    return str(objects.write(_TREE, data))
