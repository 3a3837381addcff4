"""Reading the time machine: the owner's own edits as steps, what a turn changed, a file as it was at some moment.

Nothing is made: where there is no repository, there is no past.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

from localgpt.care.steps import EDITOR, State, Step, Write
from localgpt.care.time_machine.repository import Commit, Repository
from localgpt.care.time_machine.sequence import Content
from localgpt.care.time_machine.trees import FOLDER, Entry
from localgpt.core.journal import digest

ID_LENGTH = 12
"""Digits of a commit's id that name an edit."""

_OUT_OF_ORDER = timedelta(days=1)


@dataclass(slots=True)
class Past:
    """The commits in ``folder``, a repository of ``workspace``. All its methods raise ``Damaged``."""

    folder: Path
    workspace: Path
    _contents: dict[str, tuple[Repository, str]] = field(default_factory=dict, init=False, repr=False)

    def edits(self, limit: int = 0, path: str = "") -> list[Step]:
        """The owner's own edits, the last first, at most ``limit`` (0: all); only those of a file or folder ``path``."""
        wanted = os.fsencode(path)
        found = (
            step
            for git, commit in self._log()
            if commit.trailer("Door") == EDITOR and (not path or _touches(git, commit, wanted))
            for step in [self._step(git, commit)]
        )
        return list(islice(found, limit or None))

    def edit(self, name: str) -> Step | None:
        """The owner's edit whose id begins with ``name``."""
        for git in self._repository():
            oid = git.named(name)
            commit = git.commit_of(oid) if oid else None
            if commit is not None and commit.trailer("Door") == EDITOR:
                return self._step(git, commit)
        return None

    def content(self, sha256: str) -> Content:
        """A content that one of the steps given out speaks of."""
        git, oid = self._contents.get(sha256, (None, ""))
        return git.content(oid) if git is not None else None

    def changed_by(self, turn: str, since: datetime) -> list[tuple[str, Content, Content]]:
        """What a turn of about that time changed: each file with what it was and became; nothing if it is not in yet."""
        found: list[tuple[str, Content, Content]] = []
        for git, commit in self._log():
            if commit.trailer("Turn") == turn:
                found = [
                    (os.fsdecode(path), _content(git, was), _content(git, now))
                    for path, was, now in git.difference(commit)
                ] + found
            elif found or commit.time < since - _OUT_OF_ORDER:
                break
        return found

    def at(self, moment: datetime) -> Commit | None:
        """The last commit of that moment or before."""
        return next((commit for _, commit in self._log() if commit.time <= moment), None)

    def after(self, turn: str, since: datetime) -> Commit | None:
        """The last commit of a turn of about that time."""
        for _, commit in self._log():
            if commit.trailer("Turn") == turn:
                return commit
            if commit.time < since - _OUT_OF_ORDER:
                break
        return None

    def named(self, name: str) -> Commit | None:
        """The commit whose id begins with ``name``."""
        for git in self._repository():
            if oid := git.named(name):
                return git.commit_of(oid)
        return None

    def file(self, commit: Commit, path: str) -> Content:
        """A file as it was after ``commit``; ``None`` where there was none."""
        for git in self._repository():
            entry = git.find(commit.tree, os.fsencode(path))
            return _content(git, entry) if entry and entry.mode != FOLDER else None
        return None

    def _repository(self) -> Iterator[Repository]:
        if self.folder.exists():
            yield Repository(self.folder, self.workspace)

    def _log(self) -> Iterator[tuple[Repository, Commit]]:
        for git in self._repository():
            for commit in git.log():
                yield git, commit

    def _step(self, git: Repository, commit: Commit) -> Step:
        moment = commit.time.isoformat(timespec="milliseconds")
        writes = tuple(
            Write(
                moment,
                os.fsdecode(path),
                "create" if was is None else "delete" if now is None else "replace",
                self._state(git, was),
                self._state(git, now),
                origin="owner",
            )
            for path, was, now in git.difference(commit)
        )
        return Step(commit.id[:ID_LENGTH], moment, EDITOR, "", writes)

    def _state(self, git: Repository, entry: Entry | None) -> State | None:
        if entry is None:
            return None
        data = git.content(entry.id)
        sha256 = digest(data)
        self._contents[sha256] = (git, entry.id)
        return State(sha256, len(data))


def _touches(git: Repository, commit: Commit, path: bytes) -> bool:
    before = git.find(git.commit_of(commit.parent).tree, path) if commit.parent else None
    return before != git.find(commit.tree, path)


def _content(git: Repository, entry: Entry | None) -> Content:
    return None if entry is None else git.content(entry.id)
