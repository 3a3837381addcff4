"""The commands about the daemon; ``tests/daemon`` tries a real one."""

from __future__ import annotations

import pytest

from localgpt.cli.daemon import _rows
from localgpt.daemon import lock
from localgpt.daemon.lock import Record
from localgpt.daemon.status import PartStatus, Status


@pytest.mark.parametrize("command", ["status", "stop"])
def test_without_a_daemon_it_is_said_and_how_to_start_one(run, quick, command):
    done = run("daemon", command)
    assert (done.out, done.code) == ("", 1)
    assert done.err == f"Error: No daemon runs for {quick.root}.\n  'localgpt daemon start' starts one.\n"


def test_broken_settings_are_told_before_anything_starts(run, quick):
    quick.config.write_text("nonsense = = 1\n")
    assert run("daemon", "start").code == 2
    assert run("daemon", "restart").code == 2


def test_one_that_does_not_answer_is_told(run, quick):
    with lock.held(quick):
        lock.write(quick, Record(4711, "then", socket=str(quick.root / "none.sock")))
        done = run("daemon", "status")
        assert (done.code, "process 4711) does not answer" in done.err) == (1, True)
        assert run("daemon", "install").code == 1


def test_what_is_wrong_stands_in_the_status():
    parts = (PartStatus("page", "failing", "Port 1 is in use.", 3), PartStatus("index", "running"))
    one = Status(1, "0.1.0", "then", "/h", "", 2, 3, 4, 80.5, "It can't be read.", parts)
    rows = {name: getattr(value, "text", value) for name, value in _rows(one)}
    assert rows["page"] == "failing: Port 1 is in use. (tried 3 times)"
    assert rows["settings"] == "It can't be read."
    assert rows["now"] == "2 turns, 3 commands (4 since the start)"
    assert rows["memory"] == "80 MB"
    assert rows["index"] == "running"
