"""The command line's way to the daemon, and back where there is none."""

from __future__ import annotations

import asyncio
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from localgpt.daemon import address, client, wire
from localgpt.daemon.call import Call


def test_without_a_daemon_it_is_for_this_process(home):
    assert client.run(["search"], str(home.root), "", models=False) is None


def test_one_that_says_nothing_is_not_waited_for(hall, monkeypatch):
    monkeypatch.setattr(client, "PATIENCE", 0.05)
    hall.door.shut()
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(hall.path)
        silent.listen()
        assert hall.run("search") is None


def test_ctrl_c_cancels_and_waits_for_what_is_put_away(hall):
    put_away = threading.Event()

    async def long() -> None:
        try:
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
            await asyncio.sleep(30)
        finally:
            put_away.set()

    def command(call: Call) -> int:
        try:
            call.run(long())
        except KeyboardInterrupt:
            return 130
        return 0

    hall.command = command
    assert hall.run("ask") == 130
    assert put_away.is_set()


def test_one_that_dies_in_the_middle_is_told_of_and_nothing_is_done_twice(hall, monkeypatch):
    hall.door.shut()

    def dies(listening: socket.socket) -> None:
        line, _ = listening.accept()
        with line:
            line.recv(100_000)
            line.sendall(wire.packed(wire.ACCEPT))
            wire.receive(line.recv)

    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(hall.path)
        listening.listen()
        thread = threading.Thread(target=dies, args=(listening,))
        thread.start()
        assert hall.run("remember", "x") == 1
        thread.join()
    assert hall.printed("err") == client.ENDED


@pytest.mark.parametrize("room", ["address", "wire", "request", "client", "routing"])
def test_the_first_path_imports_next_to_nothing(room):
    heavy = "asyncio argparse click pathlib json subprocess typing_extensions localgpt.core localgpt.cli"
    script = (
        f"import sys; before = set(sys.modules); import localgpt.daemon.{room};"
        f"print(*[name for name in '{heavy}'.split() if name in set(sys.modules) - before])"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-c", script], capture_output=True, text=True, check=False, env=path()
    )
    assert (done.stdout, done.stderr) == ("\n", "")


def path() -> dict[str, str]:
    return {"PYTHONPATH": str(Path(address.__file__).parents[2])}
