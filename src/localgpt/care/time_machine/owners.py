"""Turns as commits in the owner's own repository of the workspace: only where nothing of theirs can be disturbed.

Only the files of the turn get into the commit and into the index. Where that can't be done without taking along or
covering what the owner has not committed, the turn is in the time machine's own repository alone.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from localgpt.care.time_machine import trees
from localgpt.care.time_machine.repository import ADDRESS, AUTHOR
from localgpt.care.time_machine.sequence import Batch, state
from localgpt.care.time_machine.trees import FILE, Entry

if TYPE_CHECKING:
    import pygit2

_BLOB = 3
_log = logging.getLogger(__name__)


class Unsafe(Exception):
    """Why a turn can't be committed into the owner's repository just now, in a few words."""


class OwnersRepository:
    """The owner's git repository with the workspace in it, if there is one. ``problem`` is why the last turn is not in."""

    def __init__(self, workspace: Path) -> None:
        self._workspace = os.path.realpath(workspace)
        self.problem = ""

    def commit(self, batch: Batch, subject: str, trailers: Sequence[tuple[str, str]]) -> bool:
        """Commit a turn's changes on the current branch; whether they are in it. Never raises for git's sake."""
        import pygit2

        try:
            self._commit(batch, subject, trailers)
        except Unsafe as error:
            self.problem = str(error)
        except (pygit2.GitError, KeyError, ValueError, OSError) as error:
            self.problem = f"git says: {error}"
        else:
            self.problem = ""
            return True
        _log.warning("a turn was not committed into the workspace's own repository: %s", self.problem)
        return False

    def obstacle(self) -> str:
        """Why nothing can be committed there just now, in a few words; empty where it can."""
        import pygit2

        try:
            self._opened()
        except Unsafe as error:
            return str(error)
        except (pygit2.GitError, KeyError, ValueError, OSError) as error:
            return f"git says: {error}"
        return self.problem

    def _commit(self, batch: Batch, subject: str, trailers: Sequence[tuple[str, str]]) -> None:
        import pygit2

        git = self._opened()
        head = git.references["HEAD"].resolve()
        commit = head.peel(pygit2.Commit)
        prefix = os.path.relpath(self._workspace, os.path.realpath(git.workdir or ""))
        index = git.index
        changes: dict[bytes, Entry | None] = {}
        for path, content in batch.changes.items():
            if batch.mixed and path in batch.mixed:
                raise Unsafe(f"{path} was edited by you in the same moment")
            name = path if prefix == "." else f"{prefix}/{path}"
            new = None if content is None else Entry(FILE, str(git.create_blob(content)))
            old = trees.find(git, str(commit.tree_id), os.fsencode(name))
            staged = index[name] if name in index else None  # noqa: SIM401 - an index has no get
            if (old and old.id) == (new and new.id):
                if staged is not None and new is not None and str(staged.id) == new.id:
                    continue
            else:
                _check(git, batch, path, old)
                changes[os.fsencode(name)] = Entry(old.mode, new.id) if old and new else new
            if (str(staged.id) if staged else None) not in {old and old.id, new and new.id}:
                raise Unsafe(f"you have staged something else of {path}")
            _stage(index, name, new, old)
        if changes:
            tree = trees.changed(git, str(commit.tree_id), changes)
            _write(git, head.name, str(commit.id), tree, subject, trailers, batch.group.time)
        index.write()

    def _opened(self) -> pygit2.Repository:
        import pygit2

        found = pygit2.discover_repository(self._workspace)
        if not found:
            raise Unsafe("the workspace is in no git repository")
        git = pygit2.Repository(found)
        if git.is_bare or git.head_is_unborn or git.head_is_detached:
            raise Unsafe("the repository is on no branch with a commit")
        if git.state() != pygit2.enums.RepositoryState.NONE:
            raise Unsafe("a merge, rebase or the like is under way in the repository")
        if (Path(git.path) / "index.lock").exists():
            raise Unsafe("another git command is at work in the repository")
        return git


def _check(git: pygit2.Repository, batch: Batch, path: str, old: Entry | None) -> None:
    """What is committed must be what the turn began with, or edits of the owner's would get into the turn's commit."""
    before = next(write.before for write in batch.group.writes if write.path == path)
    if state(git.read(old.id)[1] if old else None) != before:
        raise Unsafe(f"you have edited {path} and not committed it")


def _stage(index: pygit2.Index, name: str, new: Entry | None, old: Entry | None) -> None:
    import pygit2

    if new is not None:
        index.add(
            pygit2.IndexEntry(name, pygit2.Oid(hex=new.id), pygit2.enums.FileMode(old.mode if old else FILE))
        )
    elif name in index:
        index.remove(name)


def _write(
    git: pygit2.Repository,
    branch: str,
    parent: str,
    tree: str,
    subject: str,
    trailers: Sequence[tuple[str, str]],
    moment: datetime,
) -> None:
    import pygit2

    local = moment.astimezone()
    offset = int((local.utcoffset() or local - local).total_seconds() // 60)
    signature = pygit2.Signature(AUTHOR, ADDRESS, int(moment.timestamp()), offset)
    message = subject + "\n\n" + "".join(f"{key}: {value}\n" for key, value in trailers if value)
    git.create_commit(branch, signature, signature, message, pygit2.Oid(hex=tree), [pygit2.Oid(hex=parent)])
