"""The one writer of notes: what it promises of bytes, order, locks and crashes."""

from __future__ import annotations

import contextlib
import hashlib
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from localgpt.core import files
from localgpt.core.errors import (
    Conflict,
    Locked,
    NotFound,
    OutsideError,
    StorageError,
    UnreadableError,
    UsageError,
)
from localgpt.core.values import Author, Change, Origin, Span
from localgpt.memory.workspace import LARGEST_NOTE, Note, Workspace

OWNER = Author(Origin.OWNER, turn="t1", session="s1", door="terminal")
NOW = datetime(2026, 11, 23, 14, 5, tzinfo=UTC)
TODAY = "memory/2026-11-23.md"


class Record(list[Change]):
    """A journal that keeps changes, with what stood on the disk when each was recorded."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[bytes | None] = []

    def __call__(self, change: Change) -> None:
        self.append(change)
        target = Path(change.target)
        self.seen.append(target.read_bytes() if target.exists() else None)


@pytest.fixture
def record():
    return Record()


@pytest.fixture
def workspace(tmp_path, record):
    return open_workspace(tmp_path, record=record)


def open_workspace(tmp_path, **options):
    options.setdefault("clock", lambda: NOW)
    return Workspace(tmp_path / "workspace", locks=tmp_path / "locks", **options)


def on_disk(workspace, path):
    return (workspace.root / path).read_bytes()


def test_a_note_is_read_by_lines(workspace):
    workspace.replace("a.md", "one\ntwo\nthree\n", OWNER)
    sha256 = hashlib.sha256(b"one\ntwo\nthree\n").hexdigest()
    assert workspace.read("a.md") == Note("a.md", "one\ntwo\nthree\n", 1, 3, 3, sha256)
    assert workspace.read("a.md", 2, 2) == Note("a.md", "two\n", 2, 2, 3, sha256)
    assert workspace.read("a.md", -4, 99).text == "one\ntwo\nthree\n"
    assert workspace.read("a.md", 9) == Note("a.md", "", 9, 8, 3, sha256)


def test_an_empty_note_has_no_lines(workspace):
    workspace.replace("a.md", "", OWNER)
    assert (workspace.read("a.md").total, workspace.read("a.md").text) == (0, "")


def test_a_missing_note_is_named_with_its_nearest(workspace):
    workspace.replace("knowledge/japan.md", "x", OWNER)
    with pytest.raises(NotFound, match=r"knowledge/jappan\.md") as caught:
        workspace.read("knowledge/jappan.md")
    assert "japan.md" in caught.value.hint


def test_what_is_no_note_is_refused(workspace, tmp_path):
    workspace.root.mkdir()
    with (workspace.root / "big.md").open("wb") as file:
        file.truncate(50 * 1024 * 1024)
    os.mkfifo(workspace.root / "pipe.md")
    (workspace.root / "zeros.md").write_bytes(b"\0" * 100)
    for path, reason in (
        ("big.md", "50.0 MB"),
        ("pipe.md", "pipe"),
        (".", "folder"),
        ("zeros.md", "not a text"),
    ):
        with pytest.raises(UnreadableError, match=reason):
            workspace.read(path)


def test_no_write_makes_a_note_that_could_not_be_read(workspace, record):
    for text in ("a\0b", "x" * (LARGEST_NOTE + 1)):
        with pytest.raises(UnreadableError):
            workspace.replace("a.md", text, OWNER)
        with pytest.raises(UnreadableError):
            workspace.append("a.md", text, OWNER)
    assert not record
    assert not (workspace.root / "a.md").exists()


def test_a_binary_file_is_not_overwritten(workspace):
    workspace.root.mkdir()
    (workspace.root / "photo.jpg").write_bytes(b"\xff\xd8\0\0")
    with pytest.raises(UnreadableError):
        workspace.replace("photo.jpg", "text", OWNER)


def test_a_change_is_recorded_before_it_happens(workspace, record):
    workspace.replace("a.md", "one\n", OWNER)
    workspace.replace("a.md", "one\ntwo\n", OWNER)
    workspace.append("a.md", "three", OWNER)
    workspace.delete("a.md", OWNER)
    assert record.seen == [None, b"one\n", b"one\ntwo\n", b"one\ntwo\nthree\n"]
    assert [change.before for change in record] == record.seen
    assert [change.after for change in record] == [b"one\n", b"one\ntwo\n", b"one\ntwo\nthree\n", None]
    assert [change.span for change in record] == [
        Span("a.md", 1, 1),
        Span("a.md", 2, 2),
        Span("a.md", 3, 3),
        Span("a.md", 0, 0),
    ]
    assert {change.target for change in record} == {str(workspace.root / "a.md")}
    assert record[2].new_text == "three"


def test_what_the_journal_refuses_does_not_happen(tmp_path):
    def refuse(change):
        raise StorageError("The disk is full.")

    workspace = open_workspace(tmp_path, record=refuse)
    for write in (workspace.replace, workspace.append):
        with pytest.raises(StorageError):
            write("a.md", "text", OWNER)
    assert not (workspace.root / "a.md").exists()


def test_the_same_text_again_is_no_change(workspace, record):
    workspace.replace("a.md", "one\n", OWNER)
    modified = (workspace.root / "a.md").stat().st_mtime_ns
    change = workspace.replace("a.md", "one\n", OWNER)
    assert change.before == change.after
    assert len(record) == 1
    assert (workspace.root / "a.md").stat().st_mtime_ns == modified


def test_each_run_of_new_lines_is_in_the_change(workspace):
    workspace.replace("a.md", "a\nb\nc\nd\n", OWNER)
    change = workspace.replace("a.md", "A\nb\nc\nD\n", OWNER)
    assert change.span == Span("a.md", 1, 4)
    assert change.spans == (Span("a.md", 1, 1), Span("a.md", 4, 4))
    assert change.new_text == "A\nD"


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
def test_new_text_is_the_text_in_every_encoding(workspace, encoding):
    workspace.root.mkdir()
    (workspace.root / "a.md").write_bytes("Käse\x0cund\nBrot\n".encode(encoding))
    assert workspace.append("a.md", "Zürich", OWNER).new_text == "Zürich"
    assert workspace.replace("a.md", "Käse\x0cund\nButter: süß\nZürich\n", OWNER).new_text == "Butter: süß"
    assert workspace.read("a.md").text == "Käse\x0cund\nButter: süß\nZürich\n"


def test_a_note_changed_since_it_was_read_is_not_overwritten(workspace):
    workspace.replace("a.md", "one\n", OWNER)
    read = workspace.read("a.md")
    (workspace.root / "a.md").write_text("the owner's\n")
    with pytest.raises(Conflict, match=r"a\.md has changed"):
        workspace.replace("a.md", "two\n", OWNER, expected=read.sha256)
    assert on_disk(workspace, "a.md") == b"the owner's\n"
    (workspace.root / "a.md").unlink()
    with pytest.raises(Conflict, match=r"a\.md is gone"):
        workspace.replace("a.md", "two\n", OWNER, expected=read.sha256)


def test_a_note_expected_to_be_new_is_not_overwritten(workspace):
    workspace.replace("a.md", "one\n", OWNER, expected="")
    with pytest.raises(Conflict, match="there already"):
        workspace.replace("a.md", "two\n", OWNER, expected="")


@pytest.mark.parametrize(
    ("before", "text", "after"),
    [
        (b"a\r\n", "b", b"a\r\nb\r\n"),
        (b"a", "b", b"a\nb\n"),
        ("Käse\n".encode("cp1252"), "süß", "Käse\nsüß\n".encode("cp1252")),
        ("Käse\n".encode("cp1252"), "你", "Käse\n你\n".encode()),
        (b"", "b\nc\n", b"b\nc\n"),
    ],
)
def test_an_addition_is_spelled_like_its_note(workspace, before, text, after):
    workspace.root.mkdir()
    (workspace.root / "a.md").write_bytes(before)
    workspace.append("a.md", text, OWNER)
    assert on_disk(workspace, "a.md") == after


@pytest.mark.parametrize(
    ("before", "text", "after"),
    [
        (None, "b", b"b\n"),
        (b"a\r\nb\r\n", "a\nc", b"a\r\nc\r\n"),
        (b"no newline", "still none", b"still none"),
        (b"a\n", "", b""),
    ],
)
def test_a_replacement_keeps_newlines_and_the_last_one(workspace, before, text, after):
    workspace.root.mkdir()
    if before is not None:
        (workspace.root / "a.md").write_bytes(before)
    workspace.replace("a.md", text, OWNER)
    assert on_disk(workspace, "a.md") == after


def test_an_editor_saving_in_between_loses_nothing_to_an_addition(tmp_path):
    def editor(change):
        with Path(change.target).open("ab") as file:
            file.write(b"from the editor\n")

    workspace = open_workspace(tmp_path, record=editor)
    workspace.root.mkdir()
    (workspace.root / "a.md").write_text("one\n")
    workspace.append("a.md", "two", OWNER)
    assert on_disk(workspace, "a.md") == b"one\nfrom the editor\ntwo\n"


def test_mode_and_links_of_the_owner_are_kept(workspace, tmp_path):
    workspace.root.mkdir()
    real = workspace.root / "real.md"
    real.write_text("one\n")
    real.chmod(0o640)
    (workspace.root / "link.md").symlink_to(real)
    workspace.replace("link.md", "two\n", OWNER)
    assert (workspace.root / "link.md").is_symlink()
    assert (real.read_text(), real.stat().st_mode & 0o777) == ("two\n", 0o640)


def test_a_note_the_owner_made_read_only_stays(workspace, monkeypatch):
    workspace.replace("a.md", "one\n", OWNER)
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # root may write everything
    with pytest.raises(StorageError, match=r"a\.md: it is read-only"):
        workspace.replace("a.md", "two\n", OWNER)


def test_writing_stays_inside(workspace, tmp_path):
    for path in ("../x.md", "/etc/x.md", ".git/hooks/post-commit"):
        for write in (workspace.replace, workspace.append):
            with pytest.raises(OutsideError):
                write(path, "x", OWNER)
        with pytest.raises(OutsideError):
            workspace.remember("x", OWNER, to=path) if path.endswith(".md") else workspace.delete(path, OWNER)


def test_today_is_remembered_under_a_title(workspace):
    first = workspace.remember("Anna likes tea", OWNER)
    second = workspace.remember("two\nlines", OWNER)
    assert on_disk(workspace, TODAY) == b"# 2026-11-23\n\n- 14:05 Anna likes tea\n- 14:05 two\n  lines\n"
    assert (first.span, second.span) == (Span(TODAY, 3, 3), Span(TODAY, 4, 5))
    assert first.change is not None
    assert first.change.new_text == first.text, "the title is nobody's"
    assert (first.text, second.text) == ("- 14:05 Anna likes tea", "- 14:05 two\n  lines")


@pytest.mark.parametrize(
    ("to", "path", "text"),
    [
        ("memory", "MEMORY.md", "# Memory\n\n- tea (2026-11-23)\n"),
        ("user", "USER.md", "# User\n\n- tea (2026-11-23)\n"),
        ("knowledge/japan trip.md", "knowledge/japan trip.md", "# japan trip\n\n- tea (2026-11-23)\n"),
        ("knowledge/japan", "knowledge/japan.md", "# japan\n\n- tea (2026-11-23)\n"),
    ],
)
def test_what_lasts_is_remembered_with_its_day(workspace, to, path, text):
    kept = workspace.remember("tea", OWNER, to=to)
    assert on_disk(workspace, path).decode() == text
    assert kept.span == Span(path, 3, 3)
    assert workspace.remembering(to) == path


def test_what_is_there_already_is_not_written_twice(workspace, record):
    kept = workspace.remember("tea", OWNER, to="memory")
    again = workspace.remember(" tea ", OWNER, to="memory")
    assert (again.span, again.change) == (kept.span, None)
    assert len(record) == 1


@pytest.mark.parametrize(
    ("text", "to"),
    [
        ("", "daily"),
        (" \n", "memory"),
        ("x", "photo.jpg"),
        ("x", ""),
        ("x", " "),
        ("x", "knowledge/"),
        ("x", ".."),
    ],
)
def test_nothing_and_nowhere_can_not_be_remembered(workspace, text, to):
    with pytest.raises(UsageError):
        workspace.remember(text, OWNER, to=to)


def test_an_entry_cut_short_by_a_crash_does_not_swallow_the_next(workspace):
    workspace.remember("Käse, süß", OWNER)
    with (workspace.root / TODAY).open("ab") as file:
        file.write("- 14:05 torn in mid ü".encode()[:-1])
    kept = workspace.remember("tëxt", OWNER)
    assert workspace.read(TODAY).text.endswith("mid \ufffd\n- 14:05 tëxt\n")
    assert workspace.read(TODAY, kept.span.start, kept.span.end).text == "- 14:05 tëxt\n"


def test_deleting_is_recorded_and_needs_a_file(workspace, record):
    workspace.replace("a.md", "one\n", OWNER)
    workspace.delete("a.md", OWNER)
    assert (record[-1].before, record[-1].after) == (b"one\n", None)
    with pytest.raises(NotFound):
        workspace.delete("a.md", OWNER)


def test_two_writers_of_one_note_wait_for_each_other(workspace, tmp_path):
    lines = [f"{name}{n}" for name in "ab" for n in range(25)]

    def write(name):
        own = open_workspace(tmp_path)
        for n in range(25):
            own.remember(f"{name}{n}", OWNER)

    threads = [threading.Thread(target=write, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    title, blank, *entries = on_disk(workspace, TODAY).decode().splitlines()
    assert (title, blank) == ("# 2026-11-23", "")
    assert sorted(entry.split()[-1] for entry in entries) == sorted(lines)


def test_a_note_held_by_another_process_is_said_to_be(workspace, tmp_path, monkeypatch):
    held = files.lock
    monkeypatch.setattr(files, "lock", lambda path: held(path, timeout=0.05))
    workspace.replace("a.md", "one\n", OWNER)
    (lock,) = (tmp_path / "locks").iterdir()
    with held(lock), pytest.raises(Locked):
        workspace.replace("a.md", "two\n", OWNER)


WRITER = """
import sys
from pathlib import Path
from localgpt.core.values import Author, Origin
from localgpt.memory.workspace import Workspace

root = Path(sys.argv[1])
workspace = Workspace(root / "workspace", locks=root / "locks")
for n in range(100_000):
    workspace.replace("whole.md", f"{n}\\n" * 20_000, Author(Origin.OWNER))
    workspace.remember(f"fact {n} " + "x" * 3000, Author(Origin.OWNER), to="facts.md")
    print(n, flush=True)
"""


@pytest.mark.slow
@pytest.mark.parametrize("wait", [0.0, 0.011, 0.023, 0.037, 0.05])
def test_a_killed_writer_leaves_whole_notes(tmp_path, wait):
    command = [sys.executable, "-c", WRITER, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        acknowledged = [int(child.stdout.readline()) for _ in range(3)]
        time.sleep(wait)
        child.send_signal(signal.SIGKILL)
        acknowledged += map(int, child.stdout.read().split())
    workspace = open_workspace(tmp_path)
    whole = workspace.read("whole.md").text.split("\n")
    assert len(whole) == 20_001
    assert len(set(whole[:-1])) == 1
    facts = [
        line.split() for line in workspace.read("facts.md").text.splitlines() if line.startswith("- fact")
    ]
    assert {fact[2] for fact in facts} >= set(map(str, acknowledged))
    workspace.remember("after the crash", OWNER, to="facts.md")
    assert workspace.read("facts.md").text.endswith("\n- after the crash (2026-11-23)\n")


def test_a_note_is_moved_to_the_byte_and_both_sides_are_recorded(tmp_path, workspace, record):
    data = "Größe\r\nzwei".encode("latin-1")
    (tmp_path / "workspace").mkdir(exist_ok=True)
    (tmp_path / "workspace" / "a.md").write_bytes(data)
    change = workspace.move("a.md", "knowledge/b.md", OWNER, expected=hashlib.sha256(data).hexdigest())
    assert (tmp_path / "workspace" / "knowledge" / "b.md").read_bytes() == data
    assert not (tmp_path / "workspace" / "a.md").exists()
    assert [(one.path, one.before, one.after) for one in record] == [
        ("knowledge/b.md", None, data),
        ("a.md", data, None),
    ]
    assert (change.moved_from, change.new_text) == ("a.md", "")
    assert record.seen == [None, data]


def test_a_move_takes_nobodys_place_and_nothing_unread(tmp_path, workspace, record):
    workspace.replace("a.md", "one", OWNER)
    workspace.replace("b.md", "two", OWNER)
    for arguments, error in (
        (("a.md", "b.md"), Conflict),
        (("a.md", "./a.md"), UsageError),
        (("c.md", "d.md"), NotFound),
        (("a.md", "../c.md"), OutsideError),
        (("../c.md", "a.md"), OutsideError),
    ):
        with pytest.raises(error):
            workspace.move(*arguments, OWNER)
    with pytest.raises(Conflict):
        workspace.move("a.md", "c.md", OWNER, expected="0" * 64)
    assert len(record) == 2
    assert workspace.read("a.md").text == "one\n"
    assert workspace.read("b.md").text == "two\n"


def test_two_who_move_in_a_circle_do_not_wait_for_each_other(workspace):
    workspace.replace("a.md", "one", OWNER)

    def move(first: str, second: str) -> None:
        for _ in range(20):
            with contextlib.suppress(NotFound, Conflict):
                workspace.move(first, second, OWNER)

    movers = [threading.Thread(target=move, args=pair) for pair in (("a.md", "b.md"), ("b.md", "a.md"))]
    for mover in movers:
        mover.start()
    for mover in movers:
        mover.join(20)
    assert [workspace.content(path) for path in ("a.md", "b.md")].count(b"one\n") == 1


def test_a_note_that_changed_since_it_was_read_is_not_deleted(workspace):
    read = workspace.replace("a.md", "one", OWNER).after
    workspace.replace("a.md", "two", OWNER)
    with pytest.raises(Conflict):
        workspace.delete("a.md", OWNER, expected=hashlib.sha256(read).hexdigest())
    workspace.delete("a.md", OWNER, expected=workspace.read("a.md").sha256)
    assert workspace.content("a.md") is None
