"""Writing files: whole and durable, or not at all, with a sentence when the disk says no."""

from __future__ import annotations

import errno
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localgpt.core import files
from localgpt.core.errors import Locked, StorageError


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


# Replace


def test_replace_makes_the_file_and_its_folders(tmp_path: Path):
    path = tmp_path / "a" / "b" / "note.md"
    files.replace(path, b"one\n")
    assert path.read_bytes() == b"one\n"
    assert mode_of(path) == 0o644


@given(data=st.binary(max_size=4096))
def test_what_is_written_is_what_is_there(data: bytes, tmp_path_factory: pytest.TempPathFactory):
    path = tmp_path_factory.getbasetemp() / "law.bin"
    files.replace(path, data)
    assert path.read_bytes() == data


@pytest.mark.parametrize("mode", [0o600, 0o664, 0o755, 0o440])
def test_replace_keeps_the_mode_that_the_owner_gave(tmp_path: Path, mode: int):
    path = tmp_path / "note.md"
    path.write_bytes(b"old")
    path.chmod(mode)
    files.replace(path, b"new", mode=0o644)
    assert (path.read_bytes(), mode_of(path)) == (b"new", mode)


def test_a_new_secret_file_is_never_readable_by_others(tmp_path: Path):
    files.replace(tmp_path / "config.toml", b"key", mode=files.PRIVATE_FILE)
    assert mode_of(tmp_path / "config.toml") == 0o600


@pytest.mark.parametrize("link", ["../real/note.md", "{root}/real/note.md"])
def test_replace_follows_the_owners_symbolic_link(tmp_path: Path, link: str):
    real = tmp_path / "real" / "note.md"
    files.replace(real, b"old")
    (tmp_path / "workspace").mkdir()
    named = tmp_path / "workspace" / "note.md"
    named.symlink_to(link.format(root=tmp_path))
    files.replace(named, b"new")
    assert named.is_symlink()
    assert real.read_bytes() == b"new"


def test_a_link_to_a_file_that_is_not_there_yet_makes_it(tmp_path: Path):
    named = tmp_path / "note.md"
    named.symlink_to(tmp_path / "later" / "real.md")
    files.replace(named, b"new")
    assert (tmp_path / "later" / "real.md").read_bytes() == b"new"


def test_links_in_a_circle_are_a_sentence(tmp_path: Path):
    one, two = tmp_path / "one.md", tmp_path / "two.md"
    one.symlink_to(two)
    two.symlink_to(one)
    with pytest.raises(StorageError, match="form a loop"):
        files.replace(one, b"x")
    with pytest.raises(StorageError, match="form a loop"):
        files.append(one, b"x")


def test_nothing_is_left_beside_the_file(tmp_path: Path):
    files.replace(tmp_path / "note.md", b"one")
    files.replace(tmp_path / "note.md", b"two")
    assert [path.name for path in tmp_path.iterdir()] == ["note.md"]


@pytest.mark.parametrize("letter", ["n", "ü", "日"])
def test_a_name_of_the_greatest_length_can_be_replaced(tmp_path: Path, letter: str):
    path = tmp_path / (letter * (252 // len(letter.encode())) + ".md")
    files.replace(path, b"one")
    files.replace(path, b"two")
    assert path.read_bytes() == b"two"


def test_the_umask_does_not_narrow_the_mode_that_the_owner_gave(tmp_path: Path):
    path = tmp_path / "note.md"
    path.write_bytes(b"old")
    path.chmod(0o664)
    before = os.umask(0o077)
    try:
        files.replace(path, b"new")
    finally:
        os.umask(before)
    assert mode_of(path) == 0o664


def test_a_chain_of_links_stays_and_the_file_at_its_end_keeps_its_mode(tmp_path: Path):
    real = tmp_path / "real" / "note.md"
    files.replace(real, b"old", mode=0o640)
    (tmp_path / "one.md").symlink_to(real)
    (tmp_path / "two.md").symlink_to("one.md")
    files.replace(tmp_path / "two.md", b"new")
    assert (tmp_path / "one.md").is_symlink()
    assert (tmp_path / "two.md").is_symlink()
    assert (real.read_bytes(), mode_of(real)) == (b"new", 0o640)
    assert [path.name for path in real.parent.iterdir()] == ["note.md"]


def test_what_a_power_cut_may_leave_is_decided_by_the_order_of_the_syncs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    steps: list[str] = []
    sync, rename = os.fsync, Path.replace

    def synced(descriptor: int) -> None:
        steps.append("folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "data")
        sync(descriptor)

    def renamed(path: Path, target: Path) -> Path:
        steps.append("name")
        return rename(path, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Path, "replace", renamed)
    files.replace(tmp_path / "note.md", b"x")
    files.append(tmp_path / "log", b"x")
    files.append(tmp_path / "log", b"y")
    assert steps == ["data", "name", "folder", "data", "folder", "data"]


def test_threads_that_replace_one_file_leave_one_text_whole(tmp_path: Path):
    path = tmp_path / "note.md"
    texts = [letter * 50_000 for letter in (b"a", b"b", b"c")]

    def write(text: bytes) -> None:
        for _ in range(10):
            files.replace(path, text)

    with ThreadPoolExecutor() as pool:
        list(pool.map(write, texts))
    assert path.read_bytes() in texts
    assert list(tmp_path.iterdir()) == [path]


# The disk says no


def full(monkeypatch: pytest.MonkeyPatch, *, after: int) -> None:
    """Make the disk full once ``after`` more bytes are written."""
    real, left = os.write, [after]

    def write(descriptor: int, data: bytes) -> int:
        if not left[0]:
            raise OSError(errno.ENOSPC, "No space left on device")
        written = real(descriptor, bytes(data)[: left[0]])
        left[0] -= written
        return written

    monkeypatch.setattr(os, "write", write)


@pytest.mark.parametrize("after", [0, 1, 99])
def test_a_full_disk_leaves_the_old_file_and_no_debris(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: int
):
    path = tmp_path / "note.md"
    path.write_bytes(b"old")
    full(monkeypatch, after=after)
    with pytest.raises(StorageError, match="the disk is full") as caught:
        files.replace(path, b"n" * 100)
    assert str(path) in str(caught.value)
    assert caught.value.hint
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("note.md", b"old")]


@pytest.mark.parametrize("after", [0, 1, 99])
def test_a_full_disk_leaves_no_half_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: int):
    path = tmp_path / "log.jsonl"
    files.append(path, b"first\n")
    full(monkeypatch, after=after)
    with pytest.raises(StorageError, match="the disk is full"):
        files.append(path, b"s" * 100)
    assert path.read_bytes() == b"first\n"


@pytest.mark.parametrize("action", [files.replace, files.append])
def test_what_cant_be_synced_is_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, action: Callable):
    path = tmp_path / "log.jsonl"
    path.write_bytes(b"first\n")
    monkeypatch.setattr(os, "fsync", failing(errno.EIO))
    with pytest.raises(StorageError, match=os.strerror(errno.EIO)):
        action(path, b"second\n")
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("log.jsonl", b"first\n")]


def test_a_write_that_comes_in_parts_is_finished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    real = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: real(descriptor, bytes(data)[:7]))
    files.replace(tmp_path / "note.md", b"n" * 100)
    files.append(tmp_path / "note.md", b"m" * 100)
    assert (tmp_path / "note.md").read_bytes() == b"n" * 100 + b"m" * 100


def test_a_failed_rename_leaves_the_old_file_and_no_debris(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "note.md").write_bytes(b"old")
    monkeypatch.setattr(Path, "replace", failing(errno.EACCES))
    with pytest.raises(StorageError, match="permission was denied"):
        files.replace(tmp_path / "note.md", b"new")
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("note.md", b"old")]


def failing(code: int):
    def fail(*_: object, **__: object) -> None:
        raise OSError(code, os.strerror(code))

    return fail


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EROFS, "the disk is read-only"),
        (errno.EACCES, "permission was denied"),
        (errno.EISDIR, "it is a folder"),
        (errno.EIO, os.strerror(errno.EIO)),
    ],
)
def test_every_refusal_is_a_sentence_with_a_hint(code: int, reason: str):
    error = files.storage_error(OSError(code, os.strerror(code)), "write", "/notes/a.md")
    assert str(error) == f"Can't write /notes/a.md: {reason}."
    assert error.hint


def test_a_file_in_the_way_of_a_folder_is_a_sentence(tmp_path: Path):
    (tmp_path / "a").write_bytes(b"")
    with pytest.raises(StorageError, match="a part of its path is a file, not a folder"):
        files.replace(tmp_path / "a" / "note.md", b"x")


def test_a_folder_in_the_way_of_a_file_is_a_sentence(tmp_path: Path):
    (tmp_path / "note.md").mkdir()
    with pytest.raises(StorageError, match="it is a folder"):
        files.replace(tmp_path / "note.md", b"x")
    assert [path.name for path in tmp_path.iterdir()] == ["note.md"]


# Append, remove, move


def test_append_adds_and_tells_where(tmp_path: Path):
    path = tmp_path / "logs" / "log.jsonl"
    assert files.append(path, b"one\n", mode=0o600) == 0
    assert files.append(path, b"two\n") == 4
    assert path.read_bytes() == b"one\ntwo\n"
    assert mode_of(path) == 0o600


def test_append_follows_the_owners_link(tmp_path: Path):
    (tmp_path / "real").write_bytes(b"a")
    (tmp_path / "link").symlink_to("real")
    files.append(tmp_path / "link", b"b")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"ab"


def test_remove_takes_the_link_and_not_the_file(tmp_path: Path):
    (tmp_path / "real").write_bytes(b"a")
    (tmp_path / "link").symlink_to("real")
    files.remove(tmp_path / "link")
    assert [path.name for path in tmp_path.iterdir()] == ["real"]


def test_remove_does_not_take_a_folder(tmp_path: Path):
    (tmp_path / "folder").mkdir()
    with pytest.raises(StorageError, match="Can't delete"):
        files.remove(tmp_path / "folder")
    assert (tmp_path / "folder").is_dir()


def test_remove_is_content_with_a_file_that_is_gone(tmp_path: Path):
    files.replace(tmp_path / "note.md", b"x")
    files.remove(tmp_path / "note.md")
    files.remove(tmp_path / "note.md")
    assert list(tmp_path.iterdir()) == []


def test_move_replaces_what_stood_there(tmp_path: Path):
    (tmp_path / "from").write_bytes(b"new")
    (tmp_path / "to").write_bytes(b"old")
    files.move(tmp_path / "from", tmp_path / "to")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("to", b"new")]


def test_moving_what_is_gone_is_a_sentence(tmp_path: Path):
    with pytest.raises(StorageError, match="Can't move"):
        files.move(tmp_path / "from", tmp_path / "to")


# Locks

HOLD = """
import sys
from pathlib import Path
from localgpt.core import files
with files.lock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def holder(path: Path) -> subprocess.Popen[str]:
    child = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "held\n"
    return child


def test_a_lock_holds_against_another_process_and_goes_with_it(tmp_path: Path):
    path = tmp_path / "state" / "lock"
    with holder(path) as child:
        with pytest.raises(Locked, match="Another process holds"), files.lock(path, timeout=0.05):
            pass
        child.send_signal(signal.SIGKILL)
        child.wait()
        with files.lock(path, timeout=1):
            pass


COUNT = """
import sys
from pathlib import Path
from localgpt.core import files
number = Path(sys.argv[1])
for _ in range(15):
    with files.lock(number.with_name("lock"), timeout=30):
        files.replace(number, b"%d" % (int(number.read_bytes()) + 1))
"""


def test_processes_that_lock_never_overtake_each_other(tmp_path: Path):
    number = tmp_path / "number"
    number.write_bytes(b"0")
    children = [subprocess.Popen([sys.executable, "-c", COUNT, str(number)]) for _ in range(3)]
    assert [child.wait(50) for child in children] == [0, 0, 0]
    assert number.read_bytes() == b"45"


def test_a_lock_is_free_again_after_an_error(tmp_path: Path):
    with pytest.raises(ValueError, match="oops"), files.lock(tmp_path / "lock"):
        raise ValueError("oops")
    with files.lock(tmp_path / "lock", timeout=0):
        pass


# Crashes

WRITE = """
import itertools, sys
from pathlib import Path
from localgpt.core import files
path, log = Path(sys.argv[1]), Path(sys.argv[2])
for number in itertools.count():
    files.replace(path, (b"%d " % number) * 20_000)
    files.append(log, b"%d\\n" % number)
    print(number, flush=True)
"""


@pytest.mark.slow
@pytest.mark.parametrize("attempt", range(8))
def test_killed_at_any_moment_a_file_is_the_old_or_the_new_one(tmp_path: Path, attempt: int):
    path, log = tmp_path / "note.md", tmp_path / "log"
    with subprocess.Popen(
        [sys.executable, "-c", WRITE, str(path), str(log)], stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(0.05 + attempt * 0.013)
        child.send_signal(signal.SIGKILL)
        acknowledged = [int(line) for line in child.stdout if line.endswith("\n")]
    words = path.read_bytes().split()
    assert len(words) == 20_000
    assert len(set(words)) == 1
    last = max(acknowledged, default=0)
    assert int(words[0]) >= last
    lines = log.read_bytes().split(b"\n")
    assert [int(line) for line in lines[: last + 1]] == list(range(last + 1))


@pytest.mark.skipif(os.name == "nt", reason="no modes there")
@pytest.mark.parametrize("write", [files.replace, files.append])
def test_the_umask_narrows_the_mode_of_a_new_file(tmp_path: Path, write: Callable):
    before = os.umask(0o077)
    try:
        write(tmp_path / "a.md", b"x")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a.md").stat().st_mode) == 0o600


def test_a_file_system_without_locks_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def refused(_descriptor: int) -> bool:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(files, "_try_lock", refused)
    with pytest.raises(StorageError, match="Can't lock"), files.lock(tmp_path / "a.lock"):
        pass


def test_no_mask_makes_folders_that_others_can_write_to(tmp_path: Path):
    before = os.umask(0)
    try:
        files.make_folder(tmp_path / "a/b/c")
    finally:
        os.umask(before)
    assert {folder.stat().st_mode & 0o777 for folder in tmp_path.rglob("*")} == {0o755}


def test_a_file_without_a_name_holds_more_than_memory_should():
    with files.nameless(10) as waiting:
        waiting.write(b"x" * 100)
        waiting.seek(0)
        assert waiting.read() == b"x" * 100
    assert waiting.closed


def test_a_new_private_file_is_ours_alone_and_new(tmp_path):
    with files.new_private(tmp_path / "x") as made:
        made.write(b"one")
        made.seek(0)
        assert made.read() == b"one"
    assert (tmp_path / "x").stat().st_mode & 0o77 == 0
    with pytest.raises(StorageError):
        files.new_private(tmp_path / "x")
