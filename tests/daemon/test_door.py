"""Who comes in at the local socket, and who doesn't."""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import threading
import time
from pathlib import Path

import pytest

from localgpt.core.errors import StorageError
from localgpt.daemon import address, door, wire


def test_callers_of_another_world_are_sent_home(hall, monkeypatch):
    assert hall.run("search") == 0
    assert hall.run("search", moved="/elsewhere") is None
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    assert hall.run("search") is None
    monkeypatch.delenv("TZ")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-other")
    assert hall.run("search") == 0
    assert hall.run("ask", models=True) is None
    monkeypatch.delenv("OPENAI_API_KEY")
    assert hall.run("ask", models=True) == 0
    before = os.umask(0o027)
    try:
        assert hall.run("search") is None
    finally:
        os.umask(before)
    assert hall.door.served == 3


def test_another_version_is_sent_home(hall, monkeypatch):
    monkeypatch.setattr(door, "__version__", "0.0.1")
    assert hall.run("search") is None


def test_a_door_that_is_busy_or_shut_sends_home(hall, monkeypatch):
    monkeypatch.setattr(door, "MOST", 0)
    assert hall.run("search") is None
    hall.door.shut()
    assert not Path(hall.path).exists()
    assert hall.run("search") is None


def test_other_users_get_nothing(hall, monkeypatch):
    monkeypatch.setattr(door, "peer", lambda _: (os.getpid(), os.geteuid() + 1))
    assert hall.run("search") is None


def test_the_peer_is_this_user(hall):
    one, other = socket.socketpair()
    with one, other:
        assert door.peer(one) == (os.getpid(), os.geteuid())


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"x",
        b"GET / HTTP/1.1\r\n\r\n",
        wire.packed(wire.GO),
        wire.packed(wire.HELLO, ["x"]),
        b"\x00\xff\xff\xff\xff",
    ],
)
def test_nonsense_harms_nobody(hall, data):
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(hall.path)
        line.sendall(data)
        line.shutdown(socket.SHUT_WR)
        line.settimeout(5)
        with contextlib.suppress(ConnectionResetError):  # it hung up without reading all of it
            assert line.recv(100) in {b"", wire.packed(wire.DECLINE)}
    assert hall.run("search") == 0


def test_a_caller_that_lost_patience_has_nothing_done(hall):
    from localgpt.daemon import request

    asked = request.here(["remember", "x"], (str(hall.home.root), ""), os.environ, models=False)
    with socket.socket(socket.AF_UNIX) as line, Path(os.devnull).open("r+b") as nothing:
        line.connect(hall.path)
        socket.send_fds(line, [wire.packed(wire.HELLO, asked.packed())], [nothing.fileno()] * 3)
        assert wire.receive(line.recv).kind == wire.ACCEPT
    assert hall.run("search") == 0
    assert hall.door.served == 1


def test_a_socket_that_a_dead_one_left_is_taken_over(hall):
    hall.door.shut()
    left, path = door.listening(os.environ, str(hall.home.root))
    left.close()
    assert Path(path).exists()
    assert hall.run("search") is None
    line, again = door.listening(os.environ, str(hall.home.root))
    line.close()
    assert again == path


def test_a_folder_that_others_may_enter_is_not_used(tmp_path, monkeypatch):
    monkeypatch.setattr(
        address, "places", lambda _: iter([str(tmp_path / "open"), str(tmp_path / ("x" * 200))])
    )
    (tmp_path / "open").mkdir(mode=0o755)
    (tmp_path / "open").chmod(0o755)
    with pytest.raises(StorageError, match="yours alone"):
        door.listening({}, "/h")


def test_a_crowd_does_not_shut_out_everybody_nor_leave_anything_behind(hall, monkeypatch):
    monkeypatch.setattr(door, "_PATIENCE", 0.2)
    threads = threading.active_count()
    crowd: list[socket.socket] = []
    while len(crowd) < 3 * door.CALLERS:
        line = socket.socket(socket.AF_UNIX)
        line.connect(hall.path)
        crowd.append(line)
    assert threading.active_count() <= threads + door.CALLERS
    for line in crowd:
        line.close()
    _until(lambda: hall.run("search") == 0)
    _until(lambda: threading.active_count() <= threads + 1)


def test_descriptors_of_a_question_are_closed(hall):
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(20):
        with socket.socket(socket.AF_UNIX) as line, Path(os.devnull).open() as nothing:
            line.connect(hall.path)
            socket.send_fds(line, [wire.packed(wire.STATUS)], [nothing.fileno()] * 3)
            assert wire.receive(line.recv).kind == wire.TOLD
            assert line.recv(1) == b""
    _until(lambda: len(list(Path("/proc/self/fd").iterdir())) <= before)


def test_without_descriptors_it_waits_for_some(hall, monkeypatch):
    monkeypatch.setattr(door, "_RELIEF", 0.01)
    accept, failures = socket.socket.accept, [OSError(errno.EMFILE, "Too many open files")] * 3

    def failing(line):
        if failures:
            raise failures.pop()
        return accept(line)

    monkeypatch.setattr(socket.socket, "accept", failing)
    hall.run("search")  # the accept that waits already
    assert hall.run("search") == 0
    assert not failures


def _until(true):
    end = time.monotonic() + 10
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)
