from __future__ import annotations

import json

import pytest

from localgpt.security.sandbox import status


@pytest.fixture
def walls(home):
    if status.status().strength != "full":
        pytest.skip("this machine does not allow all walls")
    home.workspace.mkdir(parents=True)


def test_status_tells_every_wall(run):
    done = run("sandbox", "status")
    assert done.code == 0
    for name in ("namespaces", "Landlock", "seccomp") if status.status().strength != "none" else ():
        assert name in done.out
    assert (
        json.loads(run("sandbox", "status", "--format", "json").out)["strength"] == status.status().strength
    )


def test_a_command_runs_in_the_workspace_and_its_code_is_ours(run, home, walls):
    done = run("sandbox", "run", "--", "pwd; echo oops >&2; exit 7")
    assert (done.code, done.out) == (7, f"{home.workspace}\n")
    assert "oops" in done.err


def test_options_behind_the_dashes_are_the_commands(run, walls):
    assert run("sandbox", "run", "--", "echo", "--network", "-x").out == "--network -x\n"


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["sandbox", "run"], 2, "Missing argument"),
        (["sandbox", "run", "--", "a\0b"], 2, "NUL"),
        (["sandbox", "run", "--", "x" * 200_000], 2, "200,000 bytes"),
        (["sandbox", "run", "--write", "/etc", "--", "ls"], 2, "belongs to the system"),
        (["sandbox", "run", "--timeout", "0", "--", "ls"], 2, "0 seconds"),
        (["sandbox", "run", "--timeout", "0.2", "--", "sleep 5"], 137, "took too long"),
        (["sandbox", "run", "--", "no-such-program", "x"], 1, "no program no-such-program"),
    ],
)
def test_bad_input_is_a_sentence(run, walls, words, code, sentence):
    done = run(*words)
    assert done.code == code
    assert sentence in done.err


def test_where_no_wall_stands_nothing_is_run(run, home, monkeypatch):
    home.workspace.mkdir(parents=True)
    monkeypatch.setattr(
        status, "status", lambda: status.judged("namespaces: forbidden", "Landlock: none", {})
    )
    done = run("sandbox", "run", "--", "touch ran")
    assert done.code == 1
    assert (
        "Nothing here can hold a command, so none is run but a model's, and each of those asks." in done.err
    )
    assert not (home.workspace / "ran").exists()


def test_the_table_of_attempts(run, walls, monkeypatch):
    from localgpt.security.sandbox import trial

    few = [trial.Verdict("files", "a", held=True), trial.Verdict("files", "b", held=False, remark="seen")]
    monkeypatch.setattr(trial, "escapes", lambda run: iter(few))
    monkeypatch.setattr(
        trial, "works", lambda run, below: iter([trial.Verdict("everyday", "git", None, "not installed")])
    )
    done = run("sandbox", "test")
    assert done.code == 1
    assert "files                  2     1        1" in done.out
    assert "ESCAPED  files: b  seen" in done.out
    assert len(json.loads(run("sandbox", "test", "--format", "json").out)["attempts"]) == 2
