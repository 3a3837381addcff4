"""Which commands are for the daemon."""

from __future__ import annotations

import ast
from pathlib import Path

import click
import pytest

import localgpt
from localgpt.cli.main import TABLE, cli
from localgpt.daemon.routing import PLAIN, THINKING, routed

SOURCE = Path(localgpt.__file__).parent


@pytest.mark.parametrize(
    ("line", "words", "home", "profile"),
    [
        ("search x", "search x", None, None),
        ("--home /h search x", "search x", "/h", None),
        ("--home=/h --profile p memory get a.md", "memory get a.md", "/h", "p"),
        ("ask why", "ask why", None, None),
        ("session list", "session list", None, None),
    ],
)
def test_commands_for_the_daemon(line, words, home, profile):
    found = routed(line.split())
    assert found is not None
    assert (found.words, found.home, found.profile) == (tuple(words.split()), home, profile)
    assert found.thinking == (words.split()[0] in THINKING)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "--home",
        "-v search x",
        "--verbose search x",
        "--wrong search",
        "chat",
        "daemon status",
        "config show",
        "doctor",
        "search --help",
        "memory",
        "memory reindex",
        "memory nonsense",
        "memory get x -h",
        "session export last -o file",
        "session export last --output=file",
        "ask --attach=file why",
        "project add .",
        "nonsense",
    ],
)
def test_the_rest_runs_in_its_own_process(line):
    assert routed(line.split()) is None


def commands() -> list[tuple[str, click.Command]]:
    found = []
    for name, own in {**PLAIN, **THINKING}.items():
        command = cli.get_command(click.Context(cli), name)
        assert command is not None, name
        for below in own or ():
            assert isinstance(command, click.Group)
            assert command.get_command(click.Context(command), below) is not None, f"{name} {below}"
        found.append((name, command))
    return found


def test_every_routed_command_is_there():
    assert {name for name, _ in commands()} <= set(TABLE)


OWN_PROCESS = {
    "Path.cwd",
    "os.getcwd",
    "os.environ",
    "os.getenv",
    "sys.stdin",
    "sys.stdout",
    "sys.stderr",
    "click.echo",
}


@pytest.mark.parametrize("name", sorted({**PLAIN, **THINKING}))
def test_no_routed_command_takes_the_process_for_its_callers(name):
    path = SOURCE / f"{TABLE[name].module.removeprefix('localgpt.').replace('.', '/')}.py"
    tree = ast.parse(path.read_text())
    used = {ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    allowed = {"project": {"Path.cwd"}}.get(name, set())  # 'project add' is not routed
    assert used & OWN_PROCESS <= allowed
