"""Commits in the owner's own repository: only the turn's files, and nothing where something of theirs is in the way."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from tests.care.time_machine.test_machine import Notes

from localgpt.care.time_machine.owners import OwnersRepository

pytestmark = pytest.mark.skipif(not shutil.which("git"), reason="no git program to play the owner")


def git(root, *arguments):
    command = ["git", "-c", "user.name=Me", "-c", "user.email=me@localhost", "-C", str(root), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.fixture(params=["", "notes"])
def notes(request, tmp_path):
    """A workspace in a repository of the owner's: its root, or a folder of it."""
    top = tmp_path / "workspace" if not request.param else tmp_path
    top.mkdir(exist_ok=True)
    notes = Notes(tmp_path, owners=OwnersRepository(tmp_path / "workspace"))
    git(top, "init", "-q", "-b", "main")
    notes.edit("a.md", "one\n")
    notes.edit("other.md", "other\n")
    git(top, "add", "workspace" if request.param else ".")
    git(top, "commit", "-q", "-m", "mine")
    notes.machine.commit_turns()
    return notes


def subjects(notes):
    return git(notes.root, "log", "--format=%s").splitlines()[::-1]


def status(notes):
    return sorted(line for line in git(notes.root, "status", "--porcelain", ".").splitlines())


def test_a_turn_is_committed_and_nothing_else(notes):
    notes.edit("other.md", "other, staged\n")
    git(notes.root, "add", "other.md")
    notes.edit("loose.md", "mine\n")
    notes.turn("t1", "a.md", "two")
    notes.turn("t1", "new.md", "new")
    before = status(notes)
    notes.machine.commit_turns()
    assert subjects(notes) == ["mine", "Change a.md, new.md"]
    names = git(notes.root, "show", "--format=%an %(trailers:key=Turn)", "--name-only").split()
    assert [name.rpartition("/")[2] for name in names] == ["LocalGPT", "Turn:", "t1", "a.md", "new.md"]
    assert status(notes) == [line for line in before if "other" in line or "loose" in line]
    git(notes.root, "fsck", "--strict")
    assert notes.machine.commit_turns() == 0


def test_a_deleted_note(notes):
    from localgpt.core.values import Author, Origin

    notes.workspace.delete("a.md", Author(Origin.ASSISTANT, "t1"))
    notes.machine.commit_turns()
    assert subjects(notes) == ["mine", "Delete a.md"]
    assert status(notes) == []


def uncommitted(notes):
    notes.edit("a.md", "one, edited\n")


def staged(notes):
    notes.edit("a.md", "staged\n")
    git(notes.root, "add", "a.md")
    notes.edit("a.md", "one\n")


def detached(notes):
    git(notes.root, "checkout", "-q", "--detach")


def merging(notes):
    top = git(notes.root, "rev-parse", "--absolute-git-dir").strip()
    head = git(notes.root, "rev-parse", "HEAD")
    from pathlib import Path

    (Path(top) / "MERGE_HEAD").write_text(head)


def locked(notes):
    from pathlib import Path

    (Path(git(notes.root, "rev-parse", "--absolute-git-dir").strip()) / "index.lock").touch()


@pytest.mark.parametrize("hinder", [uncommitted, staged, detached, merging, locked])
def test_where_something_of_the_owners_is_in_the_way_it_stays_ours(notes, hinder):
    hinder(notes)
    index = git(notes.root, "ls-files", "-s")
    notes.turn("t1", "a.md", "two")
    notes.machine.commit_turns()
    assert subjects(notes) == ["mine"]
    assert git(notes.root, "ls-files", "-s") == index
    assert notes.options["owners"].problem
    assert [who for who, _ in notes.log()][-1] == "t1"


def test_a_workspace_in_no_repository(tmp_path):
    plain = Notes(tmp_path, owners=OwnersRepository(tmp_path / "workspace"))
    plain.turn("t1", "a.md", "x")
    assert plain.machine.commit_turns() == 1
    assert plain.options["owners"].obstacle() == "the workspace is in no git repository"
