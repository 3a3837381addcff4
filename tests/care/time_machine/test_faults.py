"""The time machine where things go wrong: killed at any moment, a full disk, several processes at once."""

from __future__ import annotations

import multiprocessing
import os
import random
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.care.time_machine.test_machine import Notes

from localgpt.core.errors import StorageError

ROOT = Path(__file__).resolve().parents[3]


def turns(notes):
    return [who for who, _ in notes.log() if who.startswith("t")]


def _commit(home):
    Notes(home).machine.commit_turns()


@pytest.mark.slow
def test_killed_at_any_moment_nothing_is_lost_or_doubled(tmp_path):
    """Killed after a random time, forty times over; each time a few turns and an edit more."""
    notes = Notes(tmp_path)
    context = multiprocessing.get_context("fork")
    chance = random.Random(7)
    number = killed = 0
    for _ in range(40):
        for _ in range(chance.randrange(1, 5)):
            notes.turn(f"t{number}", f"notes/{chance.randrange(3)}.md", f"line {number}")
            number += 1
        notes.edit("mine.md", f"edit {number}\n" * 2000)
        worker = context.Process(target=_commit, args=(tmp_path,))
        worker.start()
        time.sleep(chance.random() * 0.03)
        if worker.pid and worker.is_alive():
            os.kill(worker.pid, signal.SIGKILL)
        worker.join()
        killed += worker.exitcode == -signal.SIGKILL
    notes.machine.commit_turns()
    assert killed > 5
    assert turns(notes) == [f"t{n}" for n in range(number)]
    there = {
        p.relative_to(notes.root).as_posix(): p.read_bytes() for p in notes.root.rglob("*") if p.is_file()
    }
    assert notes.tree() == there
    assert not list(notes.machine.folder.parent.glob("*.broken*"))
    notes.machine.repository.check()


def _commit_often(home):
    for _ in range(20):
        Notes(home).machine.commit_turns()


@pytest.mark.slow
def test_several_processes_at_once_commit_each_turn_once(tmp_path):
    notes = Notes(tmp_path)
    context = multiprocessing.get_context("fork")
    workers = [context.Process(target=_commit_often, args=(tmp_path,)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for number in range(60):
        notes.turn(f"t{number}", "a.md", f"line {number}")
    for worker in workers:
        worker.join()
    notes.machine.commit_turns()
    assert turns(notes) == [f"t{n}" for n in range(60)]


FULL = """
import resource, signal, sys
from pathlib import Path
from tests.care.time_machine.test_machine import Notes
from localgpt.core.errors import StorageError
notes = Notes(Path(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), -1))
try:
    notes.machine.commit_turns()
except StorageError as error:
    print(error.message)
    sys.exit(3)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="no such limits there")
@pytest.mark.parametrize("room", [0, 20, 100, 400, 3000])
def test_a_full_disk_is_said_and_made_up_for(tmp_path, room):
    notes = Notes(tmp_path)
    notes.turn("t1", "a.md", "one")
    notes.machine.commit_turns()
    notes.turn("t2", "a.md", "two")
    notes.edit("big.bin", os.urandom(10_000))
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path), str(room)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (3, "")
    assert str(notes.machine.folder) in done.stdout
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY
    assert not list(notes.machine.folder.parent.glob("*.broken*"))
    notes.machine.commit_turns()
    assert turns(notes) == ["t1", "t2"]
    assert set(notes.tree()) == {"a.md", "big.bin"}


@pytest.mark.slow
def test_random_damage_never_stops_it(tmp_path):
    """Bytes of any file of the repository overwritten or cut: it goes on, with what the journal holds."""
    notes = Notes(tmp_path)
    chance = random.Random(11)
    for number in range(25):
        notes.turn(f"t{number}", "a.md", f"line {number}")
        notes.machine.commit_turns()
        victims = [path for path in notes.machine.folder.rglob("*") if path.is_file()]
        victim = chance.choice(victims)
        victim.chmod(0o600)
        data = victim.read_bytes()
        at = chance.randrange(len(data) + 1)
        victim.write_bytes(data[:at] + (os.urandom(4) + data[at + 4 :] if chance.random() < 0.5 else b""))
        if chance.random() < 0.5:
            notes.machine.cache.unlink(missing_ok=True)
    try:
        notes.machine.commit_turns()
    except StorageError as error:
        pytest.fail(str(error))
    assert notes.tree()["a.md"].endswith(b"line 24\n")
