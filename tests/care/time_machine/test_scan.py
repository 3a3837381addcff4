"""The walk over the workspace: what looks other than it was."""

from __future__ import annotations

import os

import pytest

from localgpt.care.time_machine.scan import Look, Seen, content, differences, lasting, look_of, skipped


@pytest.mark.parametrize(
    ("name", "left_out"),
    [
        (b".git", True), (b".GIT", True), (b"git~1", True), (b"node_modules", True), (b".a.md.1.2.tmp", True),
        (b".DS_Store", True), (b".obsidian", False), (b"a.tmp", False), (b"gitter.md", False), (b".gitignore", False),
    ],
)  # fmt: skip
def test_what_is_left_out(name, left_out):
    assert skipped(name) is left_out


def test_new_changed_gone_and_the_same(tmp_path):
    for name in ("same.md", "changed.md", "new.md"):
        (tmp_path / name).write_text(name)
    same, changed = (look_of(os.lstat(tmp_path / name)) for name in ("same.md", "changed.md"))
    assert changed
    known = {
        b"same.md": Seen("1" * 40, 0o100644, same),
        b"changed.md": Seen("2" * 40, 0o100644, changed._replace(size=1)),
        b"gone.md": Seen("3" * 40, 0o100644),
    }
    found = dict(differences(tmp_path, known))
    assert found.keys() == {b"changed.md", b"new.md", b"gone.md"}
    assert found[b"gone.md"] is None


def test_a_workspace_that_is_not_there_has_lost_nothing(tmp_path):
    assert differences(tmp_path / "unmounted", {b"a.md": Seen("1" * 40, 0o100644)}) == []


def test_a_file_written_just_now_is_looked_at_again():
    look = Look(0o100644, 1_000_000_000, 1_000_000_000, 3, 4)
    assert lasting(look, now=1_010_000_000) is None
    assert lasting(look, now=2_000_000_000) == look


def test_what_has_no_content(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    (tmp_path / "loop").symlink_to("loop")
    assert content(tmp_path, b"pipe") is None
    assert content(tmp_path, b"folder") is None
    assert content(tmp_path, b"none") is None
    found = content(tmp_path, b"loop")
    assert found
    assert found[0] == b"loop"
