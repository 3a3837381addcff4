"""The git repository of the time machine: made when first needed, read and written without a git program.

Bare but for the name of its work tree, so that ``git --git-dir`` shows it; no index, no hooks. What a commit stands
for is in its trailers, and so is how far the journal is committed: a kill between two steps repeats nothing.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from localgpt.care.time_machine import trees
from localgpt.care.time_machine.pending import Position
from localgpt.care.time_machine.trees import Changes, Entry
from localgpt.core import files
from localgpt.core.errors import StorageError

if TYPE_CHECKING:
    import pygit2

BRANCH = "refs/heads/main"
AUTHOR, ADDRESS = "LocalGPT", "localgpt@localhost"
_BLOB = 3


class Damaged(Exception):
    """The repository can't be read: objects or refs are not there, or not what they should be."""


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
        self._workspace = workspace

    @cached_property
    def _git(self) -> pygit2.Repository:
        import pygit2

        pygit2.settings.owner_validation = False  # our own folder; nothing in it is ever run
        with _explained("open", self.folder):
            if not self.folder.exists():
                _make(self.folder, self._workspace)
            return pygit2.Repository(str(self.folder), pygit2.enums.RepositoryOpenFlag.NO_SEARCH)

    def head(self) -> str:
        """The id of the last commit, empty where there is none yet. Raises ``Damaged``."""
        with _explained("read", self.folder):
            reference = self._git.references.get(BRANCH)
            if reference is None and (self.folder / BRANCH).exists():
                raise Damaged("the branch can't be read")
            return str(reference.target) if reference else ""

    def commit_of(self, oid: str) -> Commit:
        """The commit with this id. Raises ``Damaged``."""
        import pygit2

        with _explained("read", self.folder):
            found = self._git.get(oid)
            if not isinstance(found, pygit2.Commit):
                raise Damaged(f"{oid} is no commit")
            subject, _, body = found.raw_message.decode("utf-8", "replace").partition("\n")
            parents = found.parent_ids
            return Commit(
                str(found.id),
                str(found.tree_id),
                str(parents[0]) if parents else "",
                datetime.fromtimestamp(found.author.time, UTC),
                subject,
                tuple(_trailers(body)),
            )

    def log(self, start: str = "") -> Iterator[Commit]:
        """All commits from ``start`` (else the last one) back to the first."""
        oid = start or self.head()
        while oid:
            commit = self.commit_of(oid)
            yield commit
            oid = commit.parent

    def named(self, prefix: str) -> str:
        """The id of the commit that begins with ``prefix`` (four digits or more), empty where none or several do."""
        try:
            return str(self._git.expand_id(prefix)) if len(prefix) >= 4 else ""
        except (KeyError, ValueError):
            return ""

    def files(self, tree: str) -> dict[bytes, Entry]:
        """Every file of a tree."""
        with _explained("read", self.folder):
            return dict(trees.everything(self._git, tree)) if tree else {}

    def difference(self, commit: Commit) -> list[tuple[bytes, Entry | None, Entry | None]]:
        """Which files a commit changed, with what they were and are."""
        before = self.commit_of(commit.parent).tree if commit.parent else ""
        with _explained("read", self.folder):
            return list(trees.difference(self._git, before, commit.tree))

    def find(self, tree: str, path: bytes) -> Entry | None:
        """What stands at ``path`` in a tree."""
        with _explained("read", self.folder):
            return trees.find(self._git, tree, path) if tree else None

    def content(self, oid: str) -> bytes:
        """A file's bytes."""
        with _explained("read", self.folder):
            return bytes(self._git.read(oid)[1])

    def keep(self, data: bytes) -> str:
        """Store a file's bytes; its id."""
        with _explained("write", self.folder):
            return str(self._git.write(_BLOB, data))

    def commit(
        self, changes: Changes, subject: str, trailers: Sequence[tuple[str, str]], moment: datetime
    ) -> Commit:
        """Commit ``changes`` upon the last commit, and return the new one. Nothing is there before all of it is."""
        import pygit2

        head = self.head()
        old = self.commit_of(head).tree if head else ""
        local = moment.astimezone()
        offset = int((local.utcoffset() or local - local).total_seconds() // 60)
        signature = pygit2.Signature(AUTHOR, ADDRESS, int(moment.timestamp()), offset)
        message = subject + "\n\n" + "".join(f"{key}: {value}\n" for key, value in trailers if value)
        parents = [pygit2.Oid(hex=head)] if head else []
        with _explained("write", self.folder):
            tree = trees.changed(self._git, old, changes)
            oid = self._git.create_commit(
                BRANCH, signature, signature, message, pygit2.Oid(hex=tree), parents
            )
        return self.commit_of(str(oid))

    def check(self) -> None:
        """Read the last commit with all that is in it. Raises ``Damaged``."""
        if head := self.head():
            for entry in self.files(self.commit_of(head).tree).values():
                self.content(entry.id)

    def set_aside(self, now: datetime) -> Path:
        """Give a damaged repository another name, so that a new one can be made; returns where it is now."""
        self.__dict__.pop("_git", None)
        place = self.folder.with_name(f"{self.folder.name}.broken-{now:%Y-%m-%d-%H%M%S}")
        while place.exists():
            place = place.with_name(place.name + "-")
        files.move(self.folder, place)
        return place


def _make(folder: Path, workspace: Path) -> None:
    """Make an empty repository beside its place, and put it there whole."""
    import pygit2

    files.make_folder(folder.parent, mode=files.PRIVATE_FOLDER)
    making = folder.with_name(f".{folder.name}.making")
    files.remove_folder(making)
    flags = pygit2.enums.RepositoryInitFlag.MKPATH | pygit2.enums.RepositoryInitFlag.BARE
    git = pygit2.init_repository(str(making), flags=flags, mode=files.PRIVATE_FOLDER)
    git.config["core.bare"] = False
    git.config["core.worktree"] = str(workspace)
    git.config["core.logallrefupdates"] = False
    git.set_head(BRANCH)
    git.free()
    files.move(making, folder)


@contextlib.contextmanager
def _explained(action: str, folder: Path) -> Iterator[None]:
    """Errors of git in our words: ``Damaged`` where what is there can't be read, ``StorageError`` for the disk's."""
    import pygit2

    try:
        yield
    except OSError as error:
        raise files.storage_error(error, action, folder) from error
    except (KeyError, ValueError, RecursionError) as error:
        raise Damaged(str(error)) from error
    except pygit2.GitError as error:
        if action == "write":
            raise StorageError(
                f"Can't write {folder}: {error}.",
                hint="Is the disk full, or the folder not yours? Nothing is lost: the journal has it all.",
            ) from error
        raise Damaged(str(error)) from error


def _trailers(body: str) -> Iterator[tuple[str, str]]:
    for line in body.splitlines():
        key, found, value = line.partition(": ")
        if found and key.replace("-", "").isalpha():
            yield key, value
