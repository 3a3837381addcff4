"""Whose child a process is, with real processes."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from localgpt.security import kinship
from localgpt.security.kinship import Family

pytestmark = pytest.mark.skipif(not kinship.TELLS, reason="only Linux tells")

_MEMBER = """
import os, subprocess, sys, time
from pathlib import Path
from localgpt.security.kinship import Family
Family(Path(sys.argv[1])).join()
twice = "import os, time\\nif os.fork(): os._exit(0)\\nos.setsid()\\nif os.fork(): os._exit(0)\\nprint(os.getpid(), flush=True)\\ntime.sleep(60)"
child = subprocess.Popen([sys.executable, "-c", twice], stdout=subprocess.PIPE, text=True)
print(child.stdout.readline().strip(), flush=True)
child.wait()
time.sleep(60)
"""


@pytest.fixture
def member(tmp_path: Path) -> Iterator[tuple[int, int]]:
    """A process that has joined the family, and a grandchild of it that hid behind two forks."""
    with subprocess.Popen(
        [sys.executable, "-c", _MEMBER, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as one:
        assert one.stdout
        hidden = int(one.stdout.readline())
        yield one.pid, hidden
        one.kill()
        with contextlib.suppress(ProcessLookupError):
            os.kill(hidden, signal.SIGKILL)


def _until(true: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 5
    while not true() and time.monotonic() < deadline:
        time.sleep(0.01)
    return true()


def test_a_child_can_not_hide_behind_two_forks(tmp_path: Path, member: tuple[int, int]) -> None:
    family = Family(tmp_path)
    parent, hidden = member
    assert family.members() == {parent}
    assert _until(lambda: parent in kinship.ancestors(hidden))
    assert family.is_own_child(hidden)
    assert hidden in family.children()
    assert not family.is_own_child(os.getpid())
    assert not family.is_own_child(parent)


def test_who_has_gone_counts_as_a_child(tmp_path: Path, member: tuple[int, int]) -> None:
    assert member
    gone = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"], check=True, capture_output=True
    )
    assert Family(tmp_path).is_own_child(int(gone.stdout))


def test_a_dead_member_is_none_and_without_members_nobody_is_a_child(tmp_path: Path) -> None:
    (tmp_path / "family").mkdir()
    (tmp_path / "family" / str(os.getppid())).write_text("1")  # that number, but born at another time
    (tmp_path / "family" / "x").write_text("1")
    assert Family(tmp_path).members() == frozenset()
    assert not Family(tmp_path).is_own_child(os.getpid())
    (tmp_path / "family" / str(os.getppid())).write_text(kinship.birth(os.getppid()))
    assert Family(tmp_path).is_own_child(os.getpid())


def test_the_names_of_processes_don_t_confuse_it(tmp_path: Path) -> None:
    (tmp_path / "7").mkdir()
    (tmp_path / "7" / "stat").write_text("7 (a) S 1 (b) R 99 " + "0 " * 30)
    assert list(kinship.ancestors(7, tmp_path)) == [99]


def test_who_holds_a_socket_is_found() -> None:
    with socket.socket() as line:
        inode = os.fstat(line.fileno()).st_ino
        assert kinship.holds_socket(os.getpid(), inode)
        assert not kinship.holds_socket(os.getpid(), inode + 10_000_000)
    assert not kinship.holds_socket(2**22 + 1, inode)


def test_orphans_that_ended_are_buried_after_a_while() -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])  # nobody waits for it
    pid = child.pid
    assert _until(lambda: pid in set(kinship._own_zombies()))
    seen: dict[int, float] = {}
    kinship.reap(seen, 100.0)
    assert seen[pid] == 100.0
    kinship.reap(seen, 104.0)
    assert pid in set(kinship._own_zombies())
    kinship.reap(seen, 106.0)
    assert pid not in set(kinship._own_zombies())
    kinship.reap(seen, 107.0)
    assert pid not in seen
    child.wait()


def test_a_closed_connection_that_had_the_same_number_does_not_hide_a_living_one(tmp_path: Path) -> None:
    (tmp_path / "net").mkdir()
    line = "  0: 0100007F:{own} 0100007F:{other} 06 00000000:00000000 00:00000000 00000000  0 0 {inode} 1"
    rows = [("1F90", "0050", 0), ("1F90", "7A5F", 0), ("1F90", "7A5F", 42), ("1F90", "0051", 43)]
    told = [line.format(own=own, other=other, inode=inode) for own, other, inode in rows]
    (tmp_path / "net" / "tcp").write_text("\n".join(["head", *told]))
    assert kinship.socket_at("127.0.0.1", 8080, 0x7A5F, tmp_path) == 42
    assert kinship.socket_at("127.0.0.1", 8080, 0x0050, tmp_path) == 0
    assert kinship.socket_at("127.0.0.1", 8080, 0x0052, tmp_path) is None
    assert kinship.socket_at("127.0.0.1", 8080, 0, tmp_path) == 42


def test_a_living_connection_of_somebody_else_is_not_ours() -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        ours = door.getsockname()[1]
        with socket.create_connection(("127.0.0.1", ours)) as line:
            host, port = line.getsockname()
            assert kinship.socket_at(host, port, ours) == os.fstat(line.fileno()).st_ino
