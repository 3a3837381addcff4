from __future__ import annotations

from pathlib import Path

import pytest

from localgpt.core.errors import UsageError
from localgpt.core.paths import Home
from localgpt.security.sandbox.planning import plan


def test_a_command_begins_in_the_workspace_and_may_write_it(place):
    made = plan(["ls"], place, environ={})
    assert made.folder == str(place.workspace)
    assert made.writable == (str(place.workspace),)
    assert f"{place.workspace}/AGENTS.md" in made.closed
    assert f"{place.workspace}/BOOT.md" in made.reserved


def test_a_granted_folder_is_open_and_what_starts_things_in_it_closed(place, tmp_path):
    (tmp_path / "project" / ".git").mkdir(parents=True)
    made = plan(["ls"], place, write=[tmp_path / "project"], folder=tmp_path / "project")
    assert str(tmp_path / "project") in made.writable
    assert str(tmp_path / "project" / ".git") in made.closed
    granted = plan(["ls"], place, write=[tmp_path / "project", tmp_path / "project" / ".git"])
    assert str(tmp_path / "project" / ".git") not in granted.closed


def test_the_workspaces_own_skills_can_be_granted_by_name(place):
    made = plan(["ls"], place, write=[place.workspace / "skills"])
    assert "skills" not in {Path(path).name for path in (*made.closed, *made.reserved)}


@pytest.mark.parametrize(
    "folder", ["/", "/etc", "/usr/share", "/proc", "/var", "~", "state", "root", "ssh", "gone", "file"]
)
def test_folders_that_are_never_opened(place, tmp_path, folder, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "me"))
    (tmp_path / "me" / ".ssh").mkdir(parents=True)
    place.state.mkdir()
    (tmp_path / "file").write_text("")
    paths = {"~": tmp_path / "me", "state": place.state, "root": tmp_path, "ssh": tmp_path / "me" / ".ssh",
             "gone": tmp_path / "gone", "file": tmp_path / "file"}  # fmt: skip
    with pytest.raises(UsageError):
        plan(["ls"], place, write=[paths.get(folder, Path(folder))])


def test_a_link_is_judged_by_where_it_leads(place, tmp_path):
    (tmp_path / "innocent").symlink_to("/etc")
    with pytest.raises(UsageError, match="/etc can't be opened"):
        plan(["ls"], place, write=[tmp_path / "innocent"])


def test_a_folder_that_is_not_open_is_no_place_to_begin(place, tmp_path):
    with pytest.raises(UsageError, match="not open"):
        plan(["ls"], place, folder=tmp_path)


def test_a_workspace_that_is_not_there_is_a_sentence(place):
    with pytest.raises(UsageError, match="no workspace"):
        plan(["ls"], Home(place.root, place.root / "gone"))
