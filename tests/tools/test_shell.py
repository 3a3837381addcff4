"""The shell's tools as a model and the policy see them; tests/tools/test_shell_room.py runs commands."""

from __future__ import annotations

import pytest

from localgpt.core.errors import ToolError
from localgpt.core.values import Effect, EffectKind, ToolCall
from localgpt.security.policy import Folders, Mode, Verdict, decide, is_unheld
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


@pytest.mark.parametrize(
    "arguments", [{}, {"network": True}, {"folders": ["/srv/boat"]}, {"background": True}]
)
def test_where_no_wall_stands_a_command_is_told_as_one_that_can_do_anything(arguments):
    shell, process = tools("none")
    told = shell.effects({"command": "ls", **arguments}, None)
    assert [(one.kind, one.target, one.walled) for one in told] == [
        (RUNS, "ls", False),
        (WRITES, "/", False),
        (SENDS, "network", False),
    ]
    assert is_unheld(told)
    assert is_unheld(process.effects({"action": "send", "handle": "p1", "text": "y\n"}, None))


def test_behind_weaker_walls_no_mode_for_a_folder_lets_a_command_with_folders_pass():
    shell, _ = tools("weaker")
    told = shell.effects({"command": "ls", "folders": ["/srv/boat"]}, None)
    call = ToolCall("c1", "shell", {})
    for mode in (Mode.TRUSTED, Mode.YOLO):
        decided = decide(call, told, mode=mode, folders=Folders(("/srv/boat/",), "/srv/boat/"))
        assert decided.verdict is Verdict.ASK
        assert not is_unheld(told)
    walled = shell.effects({"command": "ls"}, None)
    assert decide(call, walled, mode=Mode.TRUSTED).verdict is Verdict.ALLOW


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
