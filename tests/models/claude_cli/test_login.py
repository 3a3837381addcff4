"""Whether the command is there and logged in, from files and the environment alone."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from localgpt.models.claude_cli import login
from localgpt.models.claude_cli.launch import CLOUD_PREFIXES
from localgpt.models.claude_cli.login import Login

NOWHERE = "claude-that-nobody-has"


def write(path: Path, value: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(value if isinstance(value, str) else json.dumps(value))


def program(path: Path) -> Path:
    write(path, "#!/bin/sh\nexit 0\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize("place", ["on/the/path", ".local/bin", ".claude/local"])
def test_it_is_found_on_the_path_and_where_installers_put_it(tmp_path, place):
    there = program(tmp_path / place / NOWHERE)
    path = os.pathsep.join(["/nonexistent", str(tmp_path / "on/the/path")])
    assert login.find(NOWHERE, {"HOME": str(tmp_path), "PATH": path}) == there


def test_a_path_is_taken_as_it_is(tmp_path):
    there = program(tmp_path / "my-claude")
    assert login.find(str(there), {}) == there
    assert login.find(str(tmp_path / "other"), {"PATH": str(tmp_path)}) is None


@pytest.mark.skipif(os.name == "nt", reason="modes of Unix")
def test_what_can_t_run_is_not_it(tmp_path):
    write(tmp_path / ".local/bin" / NOWHERE, "text")
    (tmp_path / ".claude/local" / NOWHERE).mkdir(parents=True)
    assert login.find(NOWHERE, {"HOME": str(tmp_path), "PATH": ""}) is None


def test_a_shim_of_windows_is_not_it(tmp_path):
    shim = program(tmp_path / f"{NOWHERE}.cmd")
    assert login.find(str(shim), {}) is None


@pytest.mark.parametrize("name", ["ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "CLAUDE_CODE_OAUTH_TOKEN"])
def test_a_key_in_the_environment_is_a_login(name):
    assert login.logged_in({name: "x"}) == name
    assert login.logged_in({name: ""}) == ""


@pytest.mark.parametrize("name", CLOUD_PREFIXES)
def test_a_cloud_account_is_a_login(name):
    assert login.logged_in({name: "1"}) == login.logged_in({name: "true"}) == "cloud account"
    assert login.logged_in({name: "0"}) == login.logged_in({name: ""}) == ""


TOKENS = {"claudeAiOauth": {"accessToken": "a", "refreshToken": "r"}}
FILES = [
    (".claude/.credentials.json", TOKENS, "linux", "subscription"),
    (".claude/.credentials.json", {"claudeAiOauth": {}}, "linux", ""),
    (".claude/.credentials.json", "not json", "linux", ""),
    (".claude/.credentials.json", "[" * 100_000, "linux", ""),
    (".claude/.credentials.json", [1], "linux", ""),
    (".claude.json", {"primaryApiKey": "k"}, "linux", "key of the console"),
    (".claude.json", {"oauthAccount": {"emailAddress": "x"}}, "darwin", "subscription"),
    (".claude.json", {"oauthAccount": {"emailAddress": "x"}}, "linux", ""),
    (".claude.json", {"numStartups": 3}, "darwin", ""),
]


@pytest.mark.parametrize(("place", "value", "platform", "by"), FILES)
def test_files_tell_of_a_login(tmp_path, place, value, platform, by):
    write(tmp_path / place, value)
    assert login.logged_in({"HOME": str(tmp_path)}, platform=platform) == by


def test_its_settings_may_be_elsewhere(tmp_path):
    write(tmp_path / "else/.credentials.json", TOKENS)
    write(tmp_path / ".claude.json", {"primaryApiKey": "not looked at"})
    env = {"HOME": str(tmp_path), "CLAUDE_CONFIG_DIR": str(tmp_path / "else")}
    assert login.logged_in(env) == "subscription"
    assert login.logged_in({**env, "CLAUDE_CONFIG_DIR": str(tmp_path / "empty")}) == ""


def test_ready_takes_both(tmp_path):
    there = program(tmp_path / NOWHERE)
    assert login.look(str(there), {"ANTHROPIC_API_KEY": "x"}) == Login(there, "ANTHROPIC_API_KEY")
    assert login.look(str(there), {"ANTHROPIC_API_KEY": "x"}).ready
    assert not login.look(str(there), {}).ready
    assert not login.look(NOWHERE, {"ANTHROPIC_API_KEY": "x"}).ready


def test_without_a_home_there_is_nothing():
    assert login.look(NOWHERE, {}) == Login(None, "")
