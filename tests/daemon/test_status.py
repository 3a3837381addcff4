"""How the daemon says it is."""

from __future__ import annotations

import resource
import sys

import pytest

from localgpt.daemon import status
from localgpt.daemon.status import PartStatus, Status

PARTS = (PartStatus("page", "failing", "Port 1 is in use.", 3), PartStatus("index", "running"))
ONE = Status(1, "0.1.0", "2026-11-23", "/h", "http://127.0.0.1:1", 2, 3, 4, 80.5, "", PARTS)


def test_it_goes_through_json():
    assert Status.of_json(ONE.as_json()) == ONE


def test_a_door_is_asked(hall, monkeypatch):
    monkeypatch.setattr(hall.door, "_status", ONE.as_json)
    assert status.asked(hall.path) == ONE
    monkeypatch.setattr(hall.door, "_status", lambda: "[1]")
    assert status.asked(hall.path) is None


def test_nobody_answers(tmp_path):
    assert status.asked(str(tmp_path / "missing.sock")) is None


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells PSS")
def test_memory_is_that_of_this_process():
    assert 5 < status.memory_mb() < 5000


def test_it_may_open_as_many_files_as_the_system_lets_it():
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (256, before[1]))
        status.descriptors_wide(300)
        assert resource.getrlimit(resource.RLIMIT_NOFILE) == (300, before[1])
        status.descriptors_wide(10)
        assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] == 300
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
