"""Objects as git has them: read back, found by a prefix, known to be damaged, and those that a ``git gc`` packed."""

from __future__ import annotations

import shutil
import stat
import subprocess

import pytest
from tests.care.time_machine.test_machine import Notes

from localgpt.care.time_machine.store import BLOB, Store

HELLO = "b6fc4c620b67d95f953a5c1c1230aaab5db5a1b0"


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path)


def place(store):
    return store._objects / HELLO[:2] / HELLO[2:]


def test_an_object_has_the_id_that_git_gives_it(store):
    assert store.write(BLOB, b"hello") == store.write(BLOB, b"hello") == HELLO
    assert store.read(HELLO) == (BLOB, b"hello")
    assert stat.S_IMODE(place(store).stat().st_mode) == 0o400


@pytest.mark.parametrize("data", [b"", b"garbage", None])
def test_a_damaged_object_is_noticed(store, data):
    store.write(BLOB, b"hello")
    other = Store(store._folder / "other")
    other.write(BLOB, b"something else")
    (wrong,) = [path for path in other._objects.rglob("*") if path.is_file()]
    place(store).chmod(0o600)
    place(store).write_bytes(wrong.read_bytes() if data is None else data)
    with pytest.raises(ValueError, match=r"can't be unpacked|not what its name says"):
        store.read(HELLO)


def test_a_missing_object(store):
    with pytest.raises(KeyError):
        store.read(HELLO)


@pytest.mark.parametrize(
    ("prefix", "found"), [("b6fc", HELLO), (HELLO, HELLO), ("b6f", ""), ("b6fd", ""), ("../x", ""), ("", "")]
)
def test_by_the_beginning_of_the_name(store, prefix, found):
    store.write(BLOB, b"hello")
    assert store.named(prefix) == found


@pytest.mark.skipif(not shutil.which("git"), reason="no git program")
def test_what_was_packed_is_read_on(tmp_path):
    notes = Notes(tmp_path)
    notes.turn("t1", "a.md", "one")
    notes.machine.commit_turns()
    head = notes.machine.repository.head()
    subprocess.run(["git", "--git-dir", str(notes.machine.folder), "gc", "-q"], check=True)
    assert not (notes.machine.folder / "refs/heads/main").exists()
    assert notes.machine.repository.named(head[:8]) == head
    notes.machine.cache.unlink()
    notes.turn("t2", "a.md", "two")
    assert notes.machine.commit_turns() == 1
    assert [who for who, _ in notes.log()] == ["t1", "t2"]
    subprocess.run(
        ["git", "--git-dir", str(notes.machine.folder), "fsck", "--strict"], check=True, capture_output=True
    )
