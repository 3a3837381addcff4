"""LocalGPT is killed (kill -9) while a command runs: the next start writes down what the command did."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.support.shelling import Shell

from localgpt.app.assistant import Assistant
from localgpt.care import undo
from localgpt.care.steps import KINDS, steps
from localgpt.core.journal import Journal
from localgpt.core.paths import Home
from localgpt.tools import shell_intent
from localgpt.tools.shell_recovery import recover

_PROGRAM = """
import asyncio, sys
from pathlib import Path
from tests.support.shelling import Shell
from localgpt.core.journal import Journal
from localgpt.core.paths import Home
home = Home(Path(sys.argv[1]), Path(sys.argv[1]) / "workspace")
shell = Shell(home, Journal(home.journal), strength=lambda: "none")
asyncio.run(shell(sys.argv[2]))
asyncio.run(shell(sys.argv[3]))
"""
_TO_BEGIN = 20.0


@pytest.fixture
def home(tmp_path):
    made = Home(tmp_path / "home", tmp_path / "home" / "workspace")
    (made.workspace / "knowledge").mkdir(parents=True)
    (made.workspace / "a.md").write_text("one\n")
    (made.workspace / "gone.md").write_text("was here\n")
    return made


def killed(home: Home, command: str, before: str = "true") -> None:
    """Run ``command`` in a process of its own and kill that as soon as the file ``done`` is there."""
    root = Path(__file__).resolve().parents[2]
    process = subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, str(home.root), before, f"{command}; touch done; sleep 300"],
        cwd=root, env={**os.environ, "PYTHONPATH": f"{root}/src:{root}"},
    )  # fmt: skip
    end = time.monotonic() + _TO_BEGIN
    while not (home.workspace / "done").exists() and time.monotonic() < end:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert (home.workspace / "done").exists()


def test_what_a_command_wrote_is_its_turns_and_can_be_undone(home):
    killed(home, "echo two >> a.md; rm gone.md; echo new > knowledge/new.md", before="echo zero > a.md")
    journal = Journal(home.journal)
    assert recover(home.state, home.workspace, journal) == 4
    made = [
        (one["op"], one["path"], one["origin"], one["turn"], one["session"])
        for one in journal.entries("file.changed")
    ]
    assert made[1:] == [
        ("append", "a.md", "foreign", "turn1", "talk"),
        ("create", "done", "foreign", "turn1", "talk"),
        ("create", "knowledge/new.md", "foreign", "turn1", "talk"),
        ("delete", "gone.md", "foreign", "turn1", "talk"),
    ]
    assert [one["reason"] for one in journal.entries("command.finished")] == ["", "killed"]
    assert recover(home.state, home.workspace, journal) == 0
    assert shell_intent.left(home.state) == []
    every = steps(journal.entries(*KINDS))
    shell = Shell(home, journal)
    planned = undo.plan(
        [one for one in every if one.id == "turn1"], every, shell.workspace.content, journal.blob
    )
    undo.act(planned, shell.workspace, journal)
    left = {str(path.relative_to(home.workspace)) for path in home.workspace.rglob("*") if path.is_file()}
    assert left == {"a.md", "gone.md"}
    assert (home.workspace / "a.md").read_text() == "one\n"
    assert (home.workspace / "gone.md").read_text() == "was here\n"
    shell.room.close()


def test_the_next_start_writes_it_down(home):
    killed(home, "echo two >> a.md")
    assistant = Assistant(home)
    assistant.start()
    assert ("append", "a.md") in [
        (one["op"], one["path"]) for one in assistant.journal.entries("file.changed")
    ]


def test_a_process_that_lives_is_left_alone(home):
    shell = Shell(home, Journal(home.journal), strength=lambda: "none")
    assert recover(home.state, home.workspace, shell.journal) == 0
    assert len(shell_intent.left(home.state)) == 1
    shell.room.close()
    assert shell_intent.left(home.state) == []
