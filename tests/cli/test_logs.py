"""``localgpt logs`` as it is typed."""

from __future__ import annotations

import json
import logging

import pytest

from localgpt.core import config, logs


@pytest.fixture
def logged(quick):
    handler = logs.LogFile(quick.logs)
    for level in ("INFO", "WARNING", "ERROR"):
        handler.emit(
            logging.makeLogRecord(
                {"name": "localgpt.care.x", "levelname": level, "msg": f"{level} came", "turn": "t1"}
            )
        )
    return quick


def test_nothing_was_logged_yet(run, quick):
    done = run("logs")
    assert (done.out, done.err, done.code) == ("", "There is nothing in the logs yet.\n", 0)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ([], ["INFO", "WARNING", "ERROR"]),
        (["--level", "warning"], ["WARNING", "ERROR"]),
        (["-n", "1"], ["ERROR"]),
        (["-n", "0", "--since", "2h"], ["INFO", "WARNING", "ERROR"]),
        (["--since", "today", "--level", "error"], ["ERROR"]),
        (["--since", "10min"], ["INFO", "WARNING", "ERROR"]),
    ],
)
def test_which_lines_are_shown(run, logged, options, expected):
    done = run("logs", *options)
    assert [line.split()[2] for line in done.out.splitlines()] == expected
    assert all(line.endswith("came turn=t1") for line in done.out.splitlines())


def test_as_json(run, logged):
    (line,) = map(json.loads, run("logs", "-n", "1", "--format", "json").out.splitlines())
    assert (line["level"], line["message"], line["fields"]) == ("error", "ERROR came", {"turn": "t1"})


@pytest.mark.parametrize("since", ["soon", "3x", "2026-13-01"])
def test_a_moment_that_is_none(run, logged, since):
    assert run("logs", "--since", since).code == 2


def test_a_command_logs_what_went_wrong_and_nothing_else(quick, run):
    run("remember", "my secret thought")
    ours = logging.getLogger("localgpt")
    before, level = list(ours.handlers), ours.level
    try:
        logs.setup(quick, config.Config())
        run("remember", "another secret thought")
        assert not quick.logs.exists()
    finally:
        ours.handlers = before
        ours.setLevel(level)
