"""One daemon per home."""

from __future__ import annotations

import os

import pytest

from localgpt.core.errors import Locked
from localgpt.daemon import lock
from localgpt.daemon.lock import Record


def test_the_second_is_told_of_the_first(home):
    with lock.held(home):
        lock.write(home, Record(4711, "2026-11-23T10:00:00"))
        with pytest.raises(Locked, match="process 4711, since 2026-11-23") as caught, lock.held(home):
            pass
        assert caught.value.hint
        assert lock.running(home) == Record(4711, "2026-11-23T10:00:00")
    assert lock.running(home) is None
    with lock.held(home):
        pass


def test_one_that_was_killed_does_not_count_though_its_process_id_lives(home):
    with lock.held(home):
        lock.write(home, Record(os.getpid(), "then", ready=True))
        kept = (home.state / "daemon.json").read_bytes()
    (home.state / "daemon.json").write_bytes(kept)
    assert lock.read(home) is not None
    assert lock.running(home) is None


@pytest.mark.parametrize("text", [b"", b"{}", b"[1]", b"nonsense", b'{"pid": 1, "wrong": 2}', b"\xff"])
def test_a_damaged_record_is_none(home, text):
    home.state.mkdir(parents=True)
    (home.state / "daemon.json").write_bytes(text)
    assert lock.read(home) is None
    with lock.held(home):
        assert lock.running(home) == Record(0, "")


def test_the_record_is_private_and_goes_with_its_holder(home):
    with lock.held(home):
        lock.write(home, Record.mine())
        assert (home.state / "daemon.json").stat().st_mode & 0o077 == 0
    assert not (home.state / "daemon.json").exists()
