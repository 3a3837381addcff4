"""What the command is started with: no tools and settings of its own, and little of our environment."""

from __future__ import annotations

import pytest

from localgpt.models.claude_cli import launch

OWN = {
    "HOME": "/h",
    "PATH": "/bin",
    "LC_ALL": "C",
    "https_proxy": "http://p",
    "ANTHROPIC_API_KEY": "k",
    "CLAUDE_CONFIG_DIR": "/c",
    "CLAUDECODE": "1",
    "CLAUDE_CODE_ENTRYPOINT": "cli",
    "OPENAI_API_KEY": "secret",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "LOCALGPT_HOME": "/l",
    "TMPDIR": "/elsewhere",
    "CLAUDE_CODE_MAX_RETRIES": "10",
}


def test_it_sees_its_login_and_the_way_out_and_nothing_else(tmp_path):
    seen = launch.environment(OWN, tmp_path)
    assert {name for name in OWN if name in seen} == {
        "HOME", "PATH", "LC_ALL", "https_proxy", "ANTHROPIC_API_KEY", "CLAUDE_CONFIG_DIR", "TMPDIR",
        "CLAUDE_CODE_MAX_RETRIES",
    }  # fmt: skip
    assert seen["TMPDIR"] == str(tmp_path)


def test_our_settings_win_over_the_owner_s(tmp_path):
    seen = launch.environment(OWN, tmp_path)
    assert seen["CLAUDE_CODE_MAX_RETRIES"] == "1"
    assert seen["CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC"] == "1"
    assert seen["CLAUDE_CODE_DISABLE_FILE_MENTIONS"] == "1"


def test_no_value_can_be_taken_for_a_flag():
    flags = launch.arguments("--dangerously-skip-permissions", tools=True)
    assert "--model=--dangerously-skip-permissions" in flags
    assert all(flag.startswith("-") for flag in flags)


def test_its_own_tools_are_off_and_ours_are_offered_only_if_there_are_any():
    assert "--tools=" in launch.arguments("opus", tools=False)
    assert not any("mcp__" in flag for flag in launch.arguments("opus", tools=False))
    assert "--allowedTools=mcp__localgpt" in launch.arguments("opus", tools=True)
    assert "--no-session-persistence" in launch.FLAGS
    assert "--setting-sources=" in launch.FLAGS


@pytest.mark.parametrize(
    ("switch", "names"),
    [
        ("CLAUDE_CODE_USE_BEDROCK", {"AWS_REGION", "AWS_PROFILE"}),
        ("CLAUDE_CODE_USE_VERTEX", {"GOOGLE_APPLICATION_CREDENTIALS", "CLOUD_ML_REGION"}),
        ("CLAUDE_CODE_USE_FOUNDRY", {"AZURE_CLIENT_ID"}),
    ],
)
def test_a_clouds_login_goes_along_only_where_that_cloud_is_used(tmp_path, switch, names):
    every = {
        "AWS_REGION", "AWS_PROFILE", "GOOGLE_APPLICATION_CREDENTIALS", "CLOUD_ML_REGION", "AZURE_CLIENT_ID"
    }  # fmt: skip
    own = dict.fromkeys(every, "x")
    assert not every & set(launch.environment({**own, switch: "0"}, tmp_path))
    seen = launch.environment({**own, switch: "1"}, tmp_path)
    assert every & set(seen) == names
    assert seen[switch] == "1"
