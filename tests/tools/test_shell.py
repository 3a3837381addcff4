"""The shell's tools as a model and the policy see them; tests/tools/test_shell_room.py runs commands."""

from __future__ import annotations

import pytest

from localgpt.core.errors import SandboxError, ToolError
from localgpt.core.values import Effect, EffectKind
from localgpt.security.sandbox import status
from localgpt.security.sandbox.status import Layer, Status
from localgpt.tools.shell import shell_tools
from localgpt.tools.shell_room import ShellRoom

RUNS, WRITES, SENDS, READS = EffectKind.RUNS, EffectKind.WRITES, EffectKind.SENDS, EffectKind.READS


def tools(strength="full"):
    def room() -> ShellRoom:
        raise AssertionError("nothing runs here")

    return shell_tools(room, lambda: strength)


@pytest.mark.parametrize(
    ("strength", "arguments", "effects"),
    [
        ("full", {}, (Effect(RUNS, "ls", sensitive=("ls",), walled=True),)),
        ("weaker", {"background": True}, (Effect(RUNS, "ls", sensitive=("ls",), walled=True),)),
        ("full", {"network": True}, (Effect(RUNS, "ls", sensitive=("ls",)), Effect(SENDS, "network"))),
        (
            "full",
            {"folders": ["/srv/boat"]},
            (
                Effect(RUNS, "ls", sensitive=("ls",)),
                Effect(WRITES, "/srv/boat/", sensitive=("/srv/boat",), loses=True),
            ),
        ),
    ],
)
def test_what_a_command_does_is_told(strength, arguments, effects):
    shell, _ = tools(strength)
    assert shell.effects({"command": "ls", **arguments}, None) == effects


def test_where_no_wall_stands_nobody_is_asked_and_nothing_runs(monkeypatch):
    monkeypatch.setattr(
        status, "status", lambda: Status("none", (Layer("Landlock", stands=False, remark="too old"),))
    )
    shell, _ = tools("none")
    with pytest.raises(SandboxError, match=r"so none is run. Landlock: too old"):
        shell.effects({"command": "ls"}, None)


def test_a_folder_is_told_as_what_it_is_and_named_as_it_was_said(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "there")
    shell, _ = tools()
    *_, writes = shell.effects({"command": "ls", "folders": [f"{tmp_path}/link"]}, None)
    assert (writes.target, writes.sensitive) == (f"{tmp_path}/there/", (f"{tmp_path}/link",))


@pytest.mark.parametrize("command", ["", " \n", "a\0", "x" * (1 << 20)])
def test_what_is_no_command_is_refused_before_anybody_is_asked(command):
    shell, _ = tools()
    with pytest.raises(ToolError):
        shell.effects({"command": command}, None)


def test_looking_after_a_command_reads():
    _, process = tools()
    assert process.effects({"action": "poll", "handle": "p1"}, None) == (Effect(READS, "command p1"),)
    assert process.effects({"action": "list"}, None) == (Effect(READS, "command"),)


def test_they_take_little_room_in_a_prompt():
    said = sum(len(one.spec.description) + len(str(one.spec.parameters)) for one in tools())
    assert said < 1100
