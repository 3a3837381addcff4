"""The git repository of the time machine: made when first needed, read and written without a git program.

Bare but for the name of its work tree, so that ``git --git-dir`` shows it; no index, no hooks. What a commit stands
for is in its trailers, and so is how far the journal is committed: a kill between two steps repeats nothing.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from localgpt.care.time_machine import trees
from localgpt.care.time_machine.pending import Position
from localgpt.care.time_machine.store import BLOB, COMMIT, Store
from localgpt.care.time_machine.trees import Changes, Entry
from localgpt.core import files
from localgpt.core.errors import StorageError

BRANCH = "refs/heads/main"
AUTHOR, ADDRESS = "LocalGPT", "localgpt@localhost"
_ID = re.compile("[0-9a-f]{40}")
_CONFIG = b"""[core]
\trepositoryformatversion = 0
\tbare = false
\tworktree = %s
"""


class Damaged(StorageError):
    """The repository can't be read: objects or refs are not there, or not what they should be."""

    def __init__(self, why: str) -> None:
        super().__init__(
            f"The history's repository is damaged: {why}.",
            hint="localgpt doctor sets it aside and begins anew; the journal has all turns.",
        )


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit: its id (40 hex digits), tree and parent (empty: none), time, and what its message says."""

    id: str
    tree: str
    parent: str
    time: datetime
    subject: str
    trailers: tuple[tuple[str, str], ...]

    def trailer(self, name: str) -> str:
        """The value of a trailer, empty where there is none."""
        return next((value for key, value in self.trailers if key == name), "")

    def position(self, machine: str) -> Position | None:
        """How far the journal of ``machine`` is committed with it, if it says so."""
        folder, _, rest = self.trailer("Journal").partition("/")
        month, _, offset = rest.partition(" ")
        return Position(month, int(offset)) if folder == machine and offset.isdigit() else None


class Repository:
    """The repository in ``folder``, with ``workspace`` as its work tree."""

    def __init__(self, folder: Path, workspace: Path) -> None:
        self.folder = folder
        self._objects = Store(folder)
        self._workspace = workspace

    def make(self) -> None:
        """Make an empty repository if there is none: beside its place, and put there whole."""
        if self.folder.exists():
            return
        making = self.folder.with_name(f".{self.folder.name}.making")
        files.remove_folder(making)
        for folder in (making, making / "objects" / "pack", making / "refs" / "heads"):
            files.make_folder(folder, mode=files.PRIVATE_FOLDER)
        files.replace(making / "config", _CONFIG % _quoted(str(self._workspace)), mode=files.PRIVATE_FILE)
        files.replace(making / "HEAD", f"ref: {BRANCH}\n".encode(), mode=files.PRIVATE_FILE)
        files.move(making, self.folder)

    def head(self) -> str:
        """The id of the last commit, empty where there is none yet. Raises ``Damaged``."""
        with _explained(self.folder):
            if not self.folder.exists():
                return ""
            if not (self.folder / "HEAD").is_file() or not (self.folder / "objects").is_dir():
                raise Damaged("parts of it are missing")
            if not (oid := tip(self.folder)):
                return ""
            if not _ID.fullmatch(oid):
                raise Damaged("the branch can't be read")
            return oid

    def commit_of(self, oid: str) -> Commit:
        """The commit with this id. Raises ``Damaged``."""
        with _explained(self.folder):
            kind, data = self._objects.read(oid)
            if kind != COMMIT:
                raise Damaged(f"{oid} is no commit")
            return _commit(oid, data.decode("utf-8", "replace"))

    def log(self, start: str = "") -> Iterator[Commit]:
        """All commits from ``start`` (else the last one) back to the first."""
        oid = start or self.head()
        while oid:
            commit = self.commit_of(oid)
            yield commit
            oid = commit.parent

    def named(self, prefix: str) -> str:
        """The id of the commit that begins with ``prefix`` (four digits or more), empty where none or several do."""
        with _explained(self.folder):
            oid = self._objects.named(prefix)
            return oid if oid and self._objects.read(oid)[0] == COMMIT else ""

    def files(self, tree: str) -> dict[bytes, Entry]:
        """Every file of a tree."""
        with _explained(self.folder):
            return dict(trees.everything(self._objects, tree)) if tree else {}

    def difference(self, commit: Commit) -> list[tuple[bytes, Entry | None, Entry | None]]:
        """Which files a commit changed, with what they were and are."""
        before = self.commit_of(commit.parent).tree if commit.parent else ""
        with _explained(self.folder):
            return list(trees.difference(self._objects, before, commit.tree))

    def find(self, tree: str, path: bytes) -> Entry | None:
        """What stands at ``path`` in a tree."""
        with _explained(self.folder):
            return trees.find(self._objects, tree, path) if tree else None

    def content(self, oid: str) -> bytes:
        """A file's bytes."""
        with _explained(self.folder):
            return bytes(self._objects.read(oid)[1])

    def keep(self, data: bytes) -> str:
        """Store a file's bytes; its id."""
        self.make()
        return self._objects.write(BLOB, data)

    def commit(
        self, changes: Changes, subject: str, trailers: Sequence[tuple[str, str]], moment: datetime
    ) -> Commit:
        """Commit ``changes`` upon the last commit, and return the new one. Nothing is there before all of it is."""
        self.make()
        head = self.head()
        old = self.commit_of(head).tree if head else ""
        with _explained(self.folder):
            tree = trees.changed(self._objects, old, changes)
            data = _message(tree, head, subject, trailers, moment)
            oid = self._objects.write(COMMIT, data.encode("utf-8", "replace"))
        files.replace(self.folder / BRANCH, f"{oid}\n".encode(), mode=files.PRIVATE_FILE)
        return self.commit_of(oid)

    def check(self) -> None:
        """Read the last commit with all that is in it. Raises ``Damaged``."""
        if head := self.head():
            for entry in self.files(self.commit_of(head).tree).values():
                self.content(entry.id)

    def set_aside(self, now: datetime) -> Path:
        """Give a damaged repository another name, so that a new one can be made; returns where it is now."""
        place = self.folder.with_name(f"{self.folder.name}.broken-{now:%Y-%m-%d-%H%M%S}")
        while place.exists():
            place = place.with_name(place.name + "-")
        files.move(self.folder, place)
        return place


def tip(folder: Path) -> str:
    """What the branch points at, as it stands in the repository's files; empty where nothing does."""
    try:
        return (folder / BRANCH).read_bytes().decode("ascii", "replace").strip() or "nothing"
    except FileNotFoundError:
        return _packed_tip(folder / "packed-refs")
    except OSError as error:
        raise files.storage_error(error, "read", folder) from error


def _packed_tip(path: Path) -> str:
    try:
        lines = path.read_bytes().decode("ascii", "replace").splitlines()
    except FileNotFoundError:
        return ""
    return next((line.split(" ")[0] for line in lines if line.endswith(" " + BRANCH)), "")


@contextlib.contextmanager
def _explained(folder: Path) -> Iterator[None]:
    """What can't be read is ``Damaged``, what the disk refuses a ``StorageError``."""
    try:
        yield
    except (KeyError, ValueError, RecursionError) as error:
        raise Damaged(str(error)) from error
    except OSError as error:
        raise files.storage_error(error, "read", folder) from error


def _quoted(text: str) -> bytes:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'.encode("utf-8", "surrogateescape")


def _message(
    tree: str, parent: str, subject: str, trailers: Sequence[tuple[str, str]], moment: datetime
) -> str:
    """A commit as git writes it."""
    who = f"{AUTHOR} <{ADDRESS}> {int(moment.timestamp())} {moment.astimezone():%z}"
    lines = [f"tree {tree}", *([f"parent {parent}"] if parent else []), f"author {who}", f"committer {who}"]
    said = [f"{key}: {value}" for key, value in trailers if value]
    return "\n".join([*lines, "", subject, "", *said]) + "\n"


def _commit(oid: str, text: str) -> Commit:
    head, _, message = text.partition("\n\n")
    fields: dict[str, str] = {}
    for line in head.split("\n"):
        key, _, value = line.partition(" ")
        fields.setdefault(key, value)
    subject, _, body = message.partition("\n")
    trailers = tuple(_trailers(body))
    exact = next((value for key, value in trailers if key == "Time"), "")
    moment = datetime.fromtimestamp(int(fields["author"].split(" ")[-2]), UTC)
    moment = datetime.fromisoformat(exact) if exact else moment
    return Commit(oid, fields["tree"], fields.get("parent", ""), moment, subject, trailers)


def _trailers(body: str) -> Iterator[tuple[str, str]]:
    for line in body.splitlines():
        key, found, value = line.partition(": ")
        if found and key.replace("-", "").isalpha():
            yield key, value
