"""Where a daemon listens, found with as little as can be."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from localgpt.core.paths import locate
from localgpt.daemon import address


@pytest.mark.parametrize(
    ("environ", "home", "profile"),
    [
        ({}, None, None),
        ({"LOCALGPT_HOME": "/a/../b//c/"}, None, None),
        ({"LOCALGPT_HOME": "~/x"}, None, None),
        ({"LOCALGPT_HOME": "/a"}, "relative/x", None),
        ({"LOCALGPT_PROFILE": " Work "}, None, None),
        ({"LOCALGPT_PROFILE": "work"}, None, "default"),
        ({"LOCALGPT_PROFILE": "work"}, "/h", "play"),
    ],
)
def test_the_home_is_the_one_that_the_rest_finds(environ, home, profile):
    found = address.home_of(environ, home, profile)
    assert found == (str(locate(environ, home=home, profile=profile).root), "")


def test_a_profile_that_the_rust_version_left_is_for_the_rest(tmp_path):
    (tmp_path / "workspace-work").mkdir()
    assert address.home_of({"LOCALGPT_HOME": str(tmp_path)}, None, "work") is None


def test_a_workspace_that_was_moved_is_told():
    assert address.home_of({"LOCALGPT_WORKSPACE": "/w"}, "/h", None) == ("/h", "/w")


@pytest.mark.parametrize(("mode", "private"), [(0o700, True), (0o750, False), (0o707, False), (0o500, True)])
def test_a_folder_is_private_by_owner_and_mode(tmp_path, mode, private):
    folder = tmp_path / "place"
    folder.mkdir()
    folder.chmod(mode)
    assert address.is_private(str(folder)) == private


def test_a_link_or_nothing_is_not_private(tmp_path):
    (tmp_path / "real").mkdir(mode=0o700)
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert not address.is_private(str(tmp_path / "link"))
    assert not address.is_private(str(tmp_path / "missing"))


def test_only_sockets_in_private_folders_are_found(tmp_path):
    environ = {"XDG_RUNTIME_DIR": str(tmp_path), "TMPDIR": str(tmp_path / "none")}
    first = next(address.places(environ))
    assert first == f"{tmp_path}/localgpt"
    folder = Path(first)
    folder.mkdir(mode=0o700)
    path = Path(address.socket_in(first, "/h"))
    path.touch()
    wanted = [str(path)] if len(os.fsencode(str(path))) <= address.LONGEST else []
    assert list(address.found(environ, "/h")) == wanted
    assert list(address.found(environ, "/other")) == []
    folder.chmod(0o755)
    assert list(address.found(environ, "/h")) == []
