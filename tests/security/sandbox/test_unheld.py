"""Commands where no walls stand: nothing holds them but time, sizes and an end. The machine is told to have none."""

from __future__ import annotations

import asyncio
import os
import time

import pytest
from tests.support.shelling import Shell

from localgpt.core.errors import ToolError
from localgpt.core.journal import Journal
from localgpt.core.paths import Home
from localgpt.core.values import Choice, Effect, EffectKind, Origin, ToolCall
from localgpt.security.intent import plan_of
from localgpt.security.policy import Caller, Folders, Mode, Rule, Verdict, decide


@pytest.fixture
def shell(tmp_path):
    home = Home(tmp_path / "home", tmp_path / "home" / "workspace")
    made = Shell(home, Journal(home.journal), strength=lambda: "none")
    made.note("a.md")
    yield made
    made.room.close()


def run(work):
    return asyncio.run(work)


def is_there(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


class _Everything:
    def covers(self, *_given, **_named):
        return object()


@pytest.mark.parametrize("mode", [Mode.ASK, Mode.TRUSTED, Mode.YOLO])
@pytest.mark.parametrize("origins", [frozenset(), frozenset({Origin.FOREIGN})])
@pytest.mark.parametrize("attended", [True, False])
def test_each_command_asks_whatever_was_said_set_or_granted(shell, mode, origins, attended):
    effects = shell.shell.effects({"command": "make", "network": False, "folders": []}, None)
    decision = decide(
        ToolCall("c1", "shell", {"command": "make"}), effects, origins=origins, mode=mode, attended=attended,
        plan=plan_of(["run `make` and use the network, write into /"]), grants=_Everything(), folders=Folders(("./", "/"), "/"),
    )  # fmt: skip
    assert (decision.verdict, decision.rule) == (Verdict.ASK, Rule.UNHELD)
    assert "No walls hold make" in decision.reason


@pytest.mark.parametrize("given", [{"mode": Mode.READ_ONLY}, {"mode": Mode.PLAN}, {"caller": Caller.REMOTE}])
def test_nobody_else_is_asked_at_all(shell, given):
    effects = shell.shell.effects({"command": "ls", "network": False, "folders": []}, None)
    assert decide(ToolCall("c1", "shell", {}), effects, **given).verdict is Verdict.DENY


def test_it_runs_in_the_workspace_and_says_that_nothing_held_it(shell, monkeypatch):
    monkeypatch.setenv("SECRET_TOKEN", "hunter2")
    output = run(shell("pwd; env; cat; echo more >> a.md; ls /proc/self/fd 2>/dev/null; exit 3"))
    assert "Exit code 3" in output.text
    assert "No walls held it" in output.text
    assert str(shell.home.workspace.resolve()) in output.text
    assert "hunter2" not in output.text
    assert output.origin is Origin.FOREIGN
    assert shell.written() == [("append", "a.md", "foreign")]
    (line,) = shell.journal.entries("command.finished")
    assert line["walls"] == "none"


def test_what_it_started_is_dead_when_it_ends(shell):
    run(
        shell(
            "sleep 300 & echo $! > pids; (setsid sleep 301 & echo $! >> pids); wait -n %2 2>/dev/null; sleep 0.2"
        )
    )
    pids = [int(one) for one in (shell.home.workspace / "pids").read_text().split()]
    assert len(pids) == 2
    assert not any(map(is_there, pids))


@pytest.mark.parametrize(
    ("command", "timeout", "said"),
    [
        ("sleep 60", 1, "took too long"),
        ("yes", 20, "wrote too much"),
        ("no-such-program", 5, "Exit code 127"),
    ],
)
def test_time_and_output_are_bound(shell, command, timeout, said):
    begin = time.monotonic()
    assert said in run(shell(command, timeout=timeout)).text
    assert time.monotonic() - begin < 10


def test_a_command_goes_on_and_is_typed_to(shell):
    run(shell("read x; echo got $x", background=True))
    output = run(shell.run(shell.process, action="send", handle="p1", text="that\n"))
    if "got that" not in output.text:
        output = run(shell.run(shell.process, action="poll", handle="p1"))
    assert "got that" in output.text
    assert output.origin is Origin.FOREIGN


def test_with_private_notes_it_runs_only_for_a_model_on_this_machine(shell):
    shell.note("p.md", "# Private\n\nmine\n")
    assert "Exit code 0" in run(shell("true")).text
    shell.local = False
    with pytest.raises(ToolError, match="no walls here hide it"):
        run(shell("true"))


def test_a_question_about_it_offers_no_yes_that_lasts():
    from datetime import UTC, datetime

    from localgpt.agent.asking import question

    effects = (Effect(EffectKind.RUNS, "ls", sensitive=("ls",)), Effect(EffectKind.WRITES, "/"))
    asked = question(
        ToolCall("c1", "shell", {"command": "ls"}), effects, "No walls.", session="s", turn="t", door="chat",
        origin=Origin.OWNER, now=datetime.now(UTC), seconds=5,
    )  # fmt: skip
    assert asked.choices == (Choice.ONCE, Choice.NO)
