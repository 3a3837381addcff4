"""The time machine as a whole: whose change is in which commit, and what it leaves alone."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from localgpt.care.time_machine.machine import TimeMachine
from localgpt.core.errors import StorageError
from localgpt.core.journal import Journal
from localgpt.core.values import Author, Origin
from localgpt.memory.workspace import Workspace


class Notes:
    """A workspace with its journal and time machine, and what is in the commits."""

    def __init__(self, home, **options):
        self.root = home / "workspace"
        self.root.mkdir(parents=True, exist_ok=True)
        self.journal = Journal(home / "journal", "desk")
        self.workspace = Workspace(self.root, locks=home / "locks", record=self.journal.change)
        self.home, self.options = home, options

    @property
    def machine(self):
        return TimeMachine(
            self.home / "history" / "workspace.git",
            self.root,
            self.journal,
            self.home / "cache" / "history.json",
            self.home / "state" / "history.lock",
            **self.options,
        )

    def turn(self, name, path, text, origin=Origin.ASSISTANT):
        self.workspace.append(path, text, Author(origin, name, "s1", "terminal"))

    def edit(self, path, text):
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(text.encode() if isinstance(text, str) else text)

    def log(self):
        """Who, turn and files with their texts, the first commit first."""
        git = self.machine.repository
        found = []
        for commit in git.log():
            files = git.files(commit.tree)
            before = git.files(git.commit_of(commit.parent).tree) if commit.parent else {}
            changed = {
                os.fsdecode(path): git.content(files[path].id).decode("utf-8", "replace")
                if path in files
                else None
                for path in {**before, **files}
                if before.get(path) != files.get(path)
            }
            found.append((commit.trailer("Turn") or commit.trailer("Door"), changed))
        return found[::-1]

    def tree(self):
        git = self.machine.repository
        head = git.head()
        files = git.files(git.commit_of(head).tree) if head else {}
        return {os.fsdecode(path): git.content(entry.id) for path, entry in files.items()}


@pytest.fixture
def notes(tmp_path):
    return Notes(tmp_path)


def test_turns_and_edits_each_in_a_commit_of_their_own(notes):
    notes.edit("a.md", "mine\n")
    assert notes.machine.commit_turns() == 1
    notes.turn("t1", "a.md", "yours")
    notes.turn("t1", "b.md", "new")
    assert notes.machine.commit_turns() == 1
    notes.edit("a.md", "mine, edited\nyours\n")
    (notes.root / "b.md").unlink()
    assert notes.machine.commit_turns() == 1
    assert notes.machine.commit_turns() == 0
    assert notes.log() == [
        ("found", {"a.md": "mine\n"}),
        ("t1", {"a.md": "mine\nyours\n", "b.md": "new\n"}),
        ("editor", {"a.md": "mine, edited\nyours\n", "b.md": None}),
    ]


def test_what_a_commit_says_about_itself(notes):
    notes.turn("t1", "memory/x.md", "a secret thought", Origin.OWNER)
    notes.machine.commit_turns()
    (commit,) = notes.machine.repository.log()
    assert commit.subject == "Add memory/x.md"
    assert dict(commit.trailers) | {"Journal": "", "Time": ""} == {
        "Turn": "t1",
        "Session": "s1",
        "Who": "owner",
        "Door": "terminal",
        "Journal": "",
        "Time": "",
    }
    assert "secret" not in str(commit)
    assert abs(commit.time - datetime.now(UTC)) < timedelta(minutes=1)


def test_several_turns_and_edits_between_them_are_told_apart_afterwards(notes):
    """Nobody committed for a while: the journal and what is on the disk say what was whose."""
    notes.edit("a.md", "one\n")
    notes.turn("t1", "a.md", "two")
    notes.turn("t2", "a.md", "three")
    notes.workspace.replace("a.md", "ONE\ntwo\nthree\n", Author(Origin.ASSISTANT, "t3", "s1", "page"))
    notes.edit("a.md", "ONE\ntwo\nthree\nmine\n")
    notes.turn("t4", "a.md", "four")
    notes.edit("a.md", "ONE\ntwo\nthree\nmine\nfour\nand mine\n")
    notes.machine.commit_turns()
    assert notes.log() == [
        ("found", {"a.md": "one\n"}),
        ("t1", {"a.md": "one\ntwo\n"}),
        ("t2", {"a.md": "one\ntwo\nthree\n"}),
        ("t3", {"a.md": "ONE\ntwo\nthree\n"}),
        ("editor", {"a.md": "ONE\ntwo\nthree\nmine\n"}),
        ("t4", {"a.md": "ONE\ntwo\nthree\nmine\nfour\n"}),
        ("editor", {"a.md": "ONE\ntwo\nthree\nmine\nfour\nand mine\n"}),
    ]


def test_an_edit_that_can_not_be_told_from_the_turns_is_named(notes):
    notes.turn("t1", "a.md", "yours")
    notes.edit("a.md", "YOURS and mine\n")
    notes.machine.commit_turns()
    (commit,) = notes.machine.repository.log()
    assert commit.trailer("With-Edits-Of-The-Owner") == "a.md"
    assert notes.tree() == {"a.md": b"YOURS and mine\n"}


def test_a_turn_that_goes_on_gets_one_commit_when_it_ends(notes):
    notes.journal.append("turn.started", turn="t1", session="s1")
    notes.turn("t1", "a.md", "first")
    notes.edit("mine.md", "mine\n")
    assert notes.machine.commit_turns() == 1
    notes.turn("t1", "b.md", "second")
    assert notes.machine.commit_turns() == 0
    notes.journal.append("turn.finished", turn="t1", session="s1")
    assert notes.machine.commit_turns() == 1
    assert [(who, sorted(files)) for who, files in notes.log()] == [
        ("found", ["mine.md"]),
        ("t1", ["a.md", "b.md"]),
    ]


@pytest.mark.parametrize("after", ["next", "late"])
def test_a_turn_that_was_killed_is_not_waited_for(tmp_path, after):
    moment = [datetime.now(UTC)]
    notes = Notes(tmp_path, clock=lambda: moment[0])
    notes.journal.append("turn.started", turn="t1", session="s1")
    notes.turn("t1", "a.md", "first")
    if after == "next":
        notes.journal.append("turn.started", turn="t2", session="s1")
        notes.journal.append("turn.finished", turn="t2", session="s1")
    else:
        moment[0] += timedelta(minutes=11)
    assert notes.machine.commit_turns() == 1
    assert notes.log() == [("t1", {"a.md": "first\n"})]


def test_a_write_that_never_came_is_no_commit(tmp_path):
    """Journalled, then killed: the file is still as before."""
    moment = [datetime.now(UTC)]
    notes = Notes(tmp_path, clock=lambda: moment[0])
    notes.edit("a.md", "one\n")
    notes.machine.commit_turns()
    notes.turn("t1", "a.md", "two")
    notes.edit("a.md", "one\n")
    assert notes.machine.commit_turns() == 0  # it may still be on its way
    moment[0] += timedelta(seconds=20)
    assert notes.machine.commit_turns() == 0
    notes.turn("t2", "a.md", "three")
    notes.machine.commit_turns()
    assert notes.log()[1:] == [("t2", {"a.md": "one\nthree\n"})]


def test_turns_side_by_side(notes):
    notes.turn("t1", "a.md", "1")
    notes.turn("t2", "b.md", "2")
    notes.turn("t1", "c.md", "3")
    notes.turn("t2", "a.md", "4")
    notes.turn("t1", "a.md", "5")
    notes.machine.commit_turns()
    assert notes.log() == [
        ("t1", {"a.md": "1\n", "c.md": "3\n"}),
        ("t2", {"b.md": "2\n", "a.md": "1\n4\n"}),
        ("t1", {"a.md": "1\n4\n5\n"}),
    ]


def test_the_repository_may_be_deleted(notes):
    import shutil

    notes.edit("old.md", "old\n")
    notes.turn("t1", "a.md", "one")
    notes.turn("t2", "a.md", "two")
    notes.machine.commit_turns()
    shutil.rmtree(notes.root.parent / "history")
    assert notes.machine.commit_turns() == 3
    assert notes.log() == [
        ("t1", {"a.md": "one\n"}),
        ("t2", {"a.md": "one\ntwo\n"}),
        ("found", {"old.md": "old\n"}),
    ]


@pytest.mark.parametrize("damage", ["cache", "old cache", "cache of another"])
def test_the_cache_may_be_anything(notes, damage):
    notes.turn("t1", "a.md", "one")
    notes.machine.commit_turns()
    old = notes.machine.cache.read_bytes()
    notes.turn("t2", "a.md", "two")
    notes.machine.commit_turns()
    notes.machine.cache.write_bytes(
        {"cache": b"{", "old cache": old, "cache of another": b'{"v":0}\n{}'}[damage]
    )
    assert notes.machine.commit_turns() == 0
    assert len(notes.log()) == 2


def test_what_is_not_kept(notes):
    notes.edit("a.md", "a")
    notes.edit("huge.bin", b"x" * (10 * 1024 * 1024 + 1))
    for path in (".git/config", "sub/.git/HEAD", "node_modules/x.js", ".a.md.1.2.tmp", "sub/.DS_Store"):
        notes.edit(path, "x")
    os.mkfifo(notes.root / "pipe")
    notes.machine.commit_turns()
    assert notes.tree() == {"a.md": b"a"}


def test_files_of_every_kind_to_the_byte(notes):
    strange = os.fsdecode(b"caf\xe9 \n.md")
    notes.edit(strange, b"\xff\x00\r\n")
    notes.edit("crlf.md", "a\r\nb\r\n")
    notes.edit("run.sh", "#!/bin/sh\n")
    (notes.root / "run.sh").chmod(0o755)
    (notes.root / "link.md").symlink_to("/etc/passwd")
    notes.edit("nested/repo/.git/HEAD", "ref")
    notes.edit("nested/repo/own.md", "kept")
    notes.machine.commit_turns()
    git = notes.machine.repository
    modes = {os.fsdecode(p): oct(e.mode) for p, e in git.files(git.commit_of(git.head()).tree).items()}
    assert modes == {
        strange: "0o100644",
        "crlf.md": "0o100644",
        "run.sh": "0o100755",
        "link.md": "0o120000",
        "nested/repo/own.md": "0o100644",
    }
    assert notes.tree()[strange] == b"\xff\x00\r\n"
    assert notes.tree()["link.md"] == b"/etc/passwd"
    notes.turn("t1", "run.sh", "true")
    notes.machine.commit_turns()
    assert git.files(git.commit_of(git.head()).tree)[b"run.sh"].mode == 0o100755
    time.sleep(0.06)
    notes.machine.commit_turns()
    (notes.root / "run.sh").chmod(0o644)
    assert notes.machine.commit_turns() == 1


def test_a_file_becomes_a_folder_and_back(notes):
    for make in (
        lambda: notes.edit("x", "file"),
        lambda: ((notes.root / "x").unlink(), notes.edit("x/y/z.md", "deep")),
        lambda: (
            (notes.root / "x/y/z.md").unlink(),
            (notes.root / "x/y").rmdir(),
            (notes.root / "x").rmdir(),
            notes.edit("x", "2"),
        ),
        (notes.root / "x").unlink,
    ):
        make()
        assert notes.machine.commit_turns() == 1
        there = {p.relative_to(notes.root).as_posix() for p in notes.root.rglob("*") if p.is_file()}
        assert set(notes.tree()) == there


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_what_can_not_be_read_is_not_gone(notes):
    notes.edit("sub/a.md", "a")
    notes.edit("b.md", "b")
    notes.machine.commit_turns()
    (notes.root / "sub").chmod(0)
    (notes.root / "b.md").chmod(0)
    try:
        assert notes.machine.commit_turns() == 0
    finally:
        (notes.root / "sub").chmod(0o755)
    assert set(notes.tree()) == {"sub/a.md", "b.md"}


def test_the_repository_is_private_and_a_git_program_can_read_it(notes):
    import shutil
    import subprocess

    notes.turn("t1", "a.md", "one")
    notes.machine.commit_turns()
    folder = notes.machine.folder
    assert folder.stat().st_mode & 0o077 == 0
    assert folder.parent.stat().st_mode & 0o077 == 0
    if not shutil.which("git"):
        pytest.skip("no git program")
    git = ["git", "--git-dir", str(folder)]
    log = subprocess.run(
        [*git, "log", "--format=%s %(trailers:key=Turn)"], capture_output=True, text=True, check=True
    )
    assert log.stdout.split() == ["Add", "a.md", "Turn:", "t1"]
    subprocess.run([*git, "fsck", "--strict"], capture_output=True, check=True)


def damage_head(folder):
    (folder / "refs/heads/main").write_text("garbage\n")


def damage_object(folder):
    for path in folder.rglob("objects/??/*"):
        path.chmod(0o600)
        path.write_bytes(os.urandom(30))


def no_objects(folder):
    import shutil

    shutil.rmtree(folder / "objects")


def no_head(folder):
    (folder / "HEAD").unlink()


@pytest.mark.parametrize("damage", [damage_head, damage_object, no_objects, no_head])
@pytest.mark.parametrize("cached", [True, False])
def test_a_damaged_repository_is_set_aside_and_made_anew(notes, damage, cached):
    notes.turn("t1", "a.md", "one")
    notes.machine.commit_turns()
    damage(notes.machine.folder)
    if not cached:
        notes.machine.cache.unlink()
    notes.turn("t2", "a.md", "two")
    notes.machine.commit_turns()
    assert [who for who, _ in notes.log()] == ["t1", "t2"]
    assert notes.tree() == {"a.md": b"one\ntwo\n"}
    assert [path.name[:20] for path in notes.machine.folder.parent.glob("*.broken-*")] == [
        "workspace.git.broken"
    ]


def test_another_process_at_work_is_left_to_it(notes):
    from localgpt.core import files

    notes.turn("t1", "a.md", "one")
    with files.lock(notes.machine.lock):
        assert notes.machine.commit_turns() == 0
    assert notes.machine.commit_turns() == 1


def test_where_the_history_cannot_be_written_it_says_so(notes):
    notes.machine.folder.parent.write_text("in the way")
    notes.turn("t1", "a.md", "one")
    with pytest.raises(StorageError):
        notes.machine.commit_turns()


def test_many_turns_come_in_portions(tmp_path):
    notes = Notes(tmp_path, most=3)
    for number in range(7):
        notes.turn(f"t{number}", "a.md", f"line {number}")
    notes.edit("mine.md", "mine")
    assert [notes.machine.commit_turns() for _ in range(4)] == [3, 3, 2, 0]
    assert [who for who, _ in notes.log()] == [f"t{n}" for n in range(7)] + ["found"]


def test_what_was_written_outside_is_not_ours(notes, tmp_path):
    notes.edit("a.md", "a")
    outside = tmp_path / "outside"
    outside.mkdir()
    workspace = Workspace(
        notes.root, locks=tmp_path / "locks", allowed=[outside], record=notes.journal.change
    )
    workspace.append(str(outside / "x.md"), "x", Author(Origin.ASSISTANT, "t1"))
    assert notes.machine.commit_turns() == 1
    assert set(notes.tree()) == {"a.md"}


def test_a_note_behind_a_link_is_the_file_it_leads_to(notes):
    notes.edit("real/a.md", "a\n")
    (notes.root / "link").symlink_to("real")
    notes.machine.commit_turns()
    notes.turn("t1", "link/a.md", "b")
    notes.machine.commit_turns()
    assert notes.log()[1:] == [("t1", {"real/a.md": "a\nb\n"})]


ACTS = st.lists(
    st.tuples(
        st.sampled_from(
            ["append", "replace", "delete", "edit", "prepend", "commit", "journal only", "forget"]
        ),
        st.sampled_from(["a.md", "b.md", "d/c.md"]),
        st.integers(0, 3),
    ),
    max_size=14,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ACTS)
def test_whatever_happens_the_last_commit_is_what_is_there(tmp_path_factory, acts):
    """And every turn that changed something has its commit; its own lines are in it."""
    notes = Notes(tmp_path_factory.mktemp("home"))
    turns = []
    for number, (act, path, text) in enumerate(acts):
        place, name = notes.root / path, f"turn{number}"
        author = Author(Origin.ASSISTANT, name, "s1", "terminal")
        before = place.read_bytes() if place.exists() else None
        if act == "append":
            notes.turn(name, path, f"line {number}")
        elif act == "replace":
            notes.workspace.replace(path, f"whole {number}\n" * text, author)
        elif act == "delete" and place.exists():
            notes.workspace.delete(path, author)
        elif act == "edit":
            notes.edit(path, f"mine {number}\n")
        elif act == "prepend" and place.exists():
            notes.edit(path, f"first {number}\n".encode() + (before or b""))
        elif act in {"commit", "journal only"}:
            notes.machine.commit_turns(scan=act == "commit")
        elif act == "forget":
            notes.machine.cache.unlink(missing_ok=True)
        if act == "append":
            turns.append(name)
    notes.machine.commit_turns()
    there = {
        p.relative_to(notes.root).as_posix(): p.read_bytes() for p in notes.root.rglob("*") if p.is_file()
    }
    assert notes.tree() == there
    assert notes.machine.commit_turns() == 0
    committed = [who for who, _ in notes.log() if who.startswith("turn")]
    assert len(committed) == len(set(committed))
    assert committed == sorted(committed, key=lambda who: int(who[4:]))
    assert all(files for _, files in notes.log())
