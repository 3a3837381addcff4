"""``localgpt task`` as it is typed."""

from __future__ import annotations

import json

import pytest

from localgpt.core import settings
from localgpt.daemon import lock


@pytest.fixture(autouse=True)
def _recall(home):
    settings.change(home, "agent.default_model", "recall")
    settings.change(home, "heartbeat.notify", "false")


def add(run, *words: str) -> str:
    return str(json.loads(run("task", "add", *words, "--format", "json").out)["id"])


def test_added_listed_shown_and_stopped(run):
    done = run("task", "add", "count", "the stars")
    assert done.out.endswith(" waits.\n")
    assert "localgpt daemon start" in done.err
    (task,) = json.loads(run("task", "list", "--format", "json").out)["tasks"]
    assert (task["text"], task["state"]) == ("count the stars", "queued")
    assert "count the stars" in run("task", "list").out
    assert "queued" in run("task", "show", task["id"][:4]).out
    assert run("task", "pause", task["id"]).out == f"Task {task['id']} is paused.\n"
    assert run("task", "resume", task["id"]).code == 0
    assert run("task", "cancel", task["id"]).code == 0
    assert run("task", "list").out == ""
    assert "cancelled" in run("task", "list", "--all").out


def test_where_a_daemon_runs_it_is_not_to_be_started(run, home):
    with lock.held(home):
        done = run("task", "add", "count")
    assert done.err == "The daemon runs it now.\n"


def test_what_waits_is_run_and_what_could_not_is_told(run):
    task = add(run, "count")
    done = run("task", "run")
    assert (done.code, "recall only quotes" in done.out) == (1, True)
    assert "count: paused" in run("inbox").out
    assert "recall only quotes" in run("task", "show", task).out
    assert run("task", "run").err == "No task waits.\n"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(("show", "zz"), 1), (("pause", "../.."), 1), (("add", " "), 2), (("add",), 2), (("resume", ""), 1)],
)
def test_what_makes_no_sense_is_said_in_a_sentence(run, arguments, code):
    done = run("task", *arguments)
    assert (done.code, done.out) == (code, "")
    assert done.err.startswith("Error: ")


def test_a_task_that_has_ended_can_not_be_paused(run):
    task = add(run, "count")
    run("task", "cancel", task)
    done = run("task", "pause", task)
    assert (done.code, "is cancelled; it can't be paused" in done.err) == (2, True)
