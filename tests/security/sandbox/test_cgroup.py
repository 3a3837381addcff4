from __future__ import annotations

from pathlib import Path

import pytest

from localgpt.security.sandbox import cgroup


@pytest.fixture
def tree(tmp_path):
    """A folder that looks like a cgroup tree with a group lent to a user."""
    lent = tmp_path / "user" / "app.slice"
    (lent / "shell.scope").mkdir(parents=True)
    (tmp_path / "cgroup.controllers").write_text("cpu memory pids\n")
    (lent / "cgroup.subtree_control").write_text("memory pids\n")
    (lent / "cgroup.procs").write_text("")
    mine = tmp_path / "mine"
    mine.write_text("1:name=systemd:/\n0::/user/app.slice/shell.scope\n")
    return tmp_path, lent, str(mine)


def test_a_group_is_made_beside_our_own(tree):
    root, lent, mine = tree
    assert cgroup.home(str(root), mine) == (str(lent), "")
    group = cgroup.make(str(lent), memory=1 << 20, processes=9)
    assert (Path(group) / "pids.max").read_text() == "9"
    assert (Path(group) / "memory.max").read_text() == str(1 << 20)
    cgroup.join(group)
    assert (Path(group) / "cgroup.procs").read_text() == "0"


def test_why_there_is_none(tree):
    root, lent, mine = tree
    (lent / "cgroup.subtree_control").write_text("cpu\n")
    assert cgroup.home(str(root), mine)[1] == "memory and processes are not counted in our group"
    (root / "cgroup.controllers").unlink()
    assert cgroup.home(str(root), mine)[1] == "this machine has no cgroup v2"
    assert cgroup.home(str(root), str(root / "gone"))[0] == ""
