"""What is watched is found without a walk: every way in which files change, with real ones."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.support.notebook import Notebook, WordVectors

from localgpt.memory import index, watching
from localgpt.memory.database import Database
from localgpt.memory.notes import NotesSource
from localgpt.memory.watching import Changes, Watch, is_remote


@pytest.fixture
def watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Notebook]:
    """A notebook that believes its watcher; ``walks`` counts how often all was walked nevertheless."""
    monkeypatch.setattr(index, "CHEAP", 0)
    notebook = Notebook(tmp_path, WordVectors())
    for name in ("a.md", "sub/b.md", "sub/deep/c.md"):
        notebook.write(name, f"note {name[-4]} about apples")
    watch = Watch([notebook.root], tmp_path / "cookies")
    notebook.index.watched_by(watch)
    notebook.index.catch_up()
    yield notebook
    watch.close()
    notebook.index.close()


@pytest.fixture
def walks(watched: Notebook, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    counted: list[int] = []
    scan = NotesSource.scan

    def counting(source: NotesSource) -> object:
        counted.append(1)
        return scan(source)

    monkeypatch.setattr(NotesSource, "scan", counting)
    return counted


def atomic(notebook: Notebook) -> None:
    """As editors save: another file, renamed over the note."""
    notebook.write(".a.md.swp", "plums, saved atomically")
    (notebook.root / ".a.md.swp").replace(notebook.root / "a.md")


def with_backup(notebook: Notebook) -> None:
    (notebook.root / "a.md").rename(notebook.root / "a.md~")
    notebook.write("a.md", "plums, with a backup")


def in_place(notebook: Notebook) -> None:
    with (notebook.root / "a.md").open("a") as note:
        note.write("\nplums added")


def new_folder(notebook: Notebook) -> None:
    notebook.write("new/deep/deeper/n.md", "plums")


def folder_moved_in(notebook: Notebook) -> None:
    outside = notebook.root.parent / "outside"
    (outside / "deep").mkdir(parents=True)
    (outside / "deep" / "n.md").write_text("plums")
    outside.rename(notebook.root / "inside")


def copied(notebook: Notebook) -> None:
    """As sync tools do: a copy that keeps its old time, moved into place."""
    notebook.write(".sync.tmp", "plums by sync")
    os.utime(notebook.root / ".sync.tmp", (1, 1))
    (notebook.root / ".sync.tmp").replace(notebook.root / "n.md")


def burst(notebook: Notebook) -> None:
    for number in range(300):
        notebook.write(f"burst/{number}.md", f"number{number} plums")


def umlaut(notebook: Notebook) -> None:
    notebook.write("Äpfel und Öl.md", "plums")


@pytest.mark.parametrize(
    "change", [atomic, with_backup, in_place, new_folder, folder_moved_in, copied, burst, umlaut]
)
def test_a_change_is_found_at_once_and_without_a_walk(
    watched: Notebook, walks: list[int], change: Callable[[Notebook], None]
):
    assert watched.search("plums") == ()
    change(watched)
    assert any("plums" in hit.text for hit in watched.search("plums"))
    assert walks == []


def test_what_goes_is_gone_at_once(watched: Notebook, walks: list[int]):
    shutil.rmtree(watched.root / "sub")
    assert watched.paths("apples") == ["a.md"]
    (watched.root / "a.md").unlink()
    assert watched.paths("apples") == []
    assert walks == []


def test_a_renamed_folder_is_followed_and_embeds_nothing(watched: Notebook, walks: list[int]):
    watched.index.embed()
    asked = watched.embedder.asked
    asked.clear()
    (watched.root / "sub").rename(watched.root / "renamed")
    watched.index.catch_up()
    assert watched.index.embed() == 2
    assert sorted(watched.paths("apples")) == ["a.md", "renamed/b.md", "renamed/deep/c.md"]
    (watched.root / "renamed/deep/c.md").write_text("plums by now")
    assert watched.paths("plums") == ["renamed/deep/c.md"]
    assert asked == ["plums by now"]
    assert walks == []


@pytest.mark.skipif(shutil.which("git") is None, reason="there is no git")
def test_a_git_checkout_is_followed(watched: Notebook, walks: list[int]):
    def git(*words: str) -> None:
        identity = ("-c", "user.name=n", "-c", "user.email=e@example.org")
        subprocess.run(["git", *identity, *words], cwd=watched.root, check=True, capture_output=True)

    git("init", "-b", "main")
    git("add", ".")
    git("commit", "-m", "one")
    git("checkout", "-b", "other")
    shutil.rmtree(watched.root / "sub")
    watched.write("other/d.md", "plums")
    watched.write("a.md", "pears")
    git("add", "-A")
    git("commit", "-m", "two")
    git("checkout", "main")
    assert sorted(watched.paths("apples")) == ["a.md", "sub/b.md", "sub/deep/c.md"]
    git("checkout", "other")
    assert (watched.paths("apples"), watched.paths("plums")) == ([], ["other/d.md"])
    assert walks == []


def test_after_any_changes_it_knows_what_a_whole_look_would(watched: Notebook, walks: list[int]):
    chance = random.Random(5)
    for turn in range(60):
        for _ in range(chance.randint(1, 4)):
            shuffle(watched.root, chance, turn)
        watched.index.catch_up()
    assert walks == []
    seen = documents(watched)
    assert watched.index.catch_up(whole=True).removed == 0
    assert documents(watched) == seen
    assert {path for path, _ in seen} == {stamp.path for stamp in NotesSource(watched.root).scan()}


def shuffle(root: Path, chance: random.Random, turn: int) -> None:
    """Write, delete or move a note, or a whole folder."""
    notes = sorted(path for path in root.rglob("*.md") if path.is_file())
    folders = sorted(path for path in root.iterdir() if path.is_dir())
    action = chance.choice(["write", "write", "delete", "move", "move folder", "delete folder"])
    if action == "write":
        path = root / chance.choice(["", "x/", "x/y/", "z/"]) / f"{chance.randint(0, 9)}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"word{turn} of {path.name}")
    elif action == "delete" and notes:
        chance.choice(notes).unlink()
    elif action == "move" and notes:
        chance.choice(notes).replace(root / f"moved{turn}.md")
    elif action == "move folder" and folders:
        chance.choice(folders).rename(root / f"folder{turn}-{chance.random()}")
    elif action == "delete folder" and folders:
        shutil.rmtree(chance.choice(folders))


def documents(notebook: Notebook) -> set[tuple[str, str]]:
    def look(database: Database) -> set[tuple[str, str]]:
        with database.read() as connection:
            query = "SELECT d.path, c.text FROM documents d JOIN chunks c ON c.document = d.id"
            return {(str(path), str(text)) for path, text in connection.execute(query)}

    return notebook.index.read(look)


def test_what_was_put_into_a_new_folder_before_it_was_watched_is_found(
    watched: Notebook, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(watching, "YOUNG", 0.3)
    watch = watched.index._watch
    assert watch is not None
    watched.write("new/x.md", "apricots")
    first = watch.take()
    assert any(path.endswith("/new") for path in first.paths)
    assert watch.take().paths == {path for path in first.paths if path.endswith("/new")}
    assert watch.wait(1)
    time.sleep(0.4)
    assert watch.take() == Changes()


@pytest.mark.parametrize(
    "how", ["many", "closed", "no cookies", "other folder", "nothing comes", "rules", "link", "asked"]
)
def test_where_the_watcher_cannot_tell_all_is_walked(
    watched: Notebook, walks: list[int], how: str, monkeypatch: pytest.MonkeyPatch
):
    watch = watched.index._watch
    assert watch is not None
    monkeypatch.setattr(watching, "_PATIENCE", 0.05)
    if how == "many":
        monkeypatch.setattr(watching, "MANY", 0)
    elif how == "closed":
        watch.close()
    elif how == "no cookies":
        shutil.rmtree(watched.root.parent / "cookies")
        (watched.root.parent / "cookies").write_text("in the way")
    elif how == "other folder":
        watched.root.rename(watched.root.with_name("before"))
        shutil.copytree(watched.root.with_name("before"), watched.root)
    elif how == "nothing comes":
        monkeypatch.setattr(watch, "_gather", lambda found: False)
    elif how == "rules":
        watched.write(".localgptignore", "sub/\n")
    elif how == "link":
        (watched.root / "link.md").symlink_to(watched.root / "a.md")
    watched.write("n.md", "plums")
    if how == "asked":
        watched.index.catch_up(whole=True)
    assert watched.paths("plums") == ["n.md"]
    assert walks
    assert watch.lost is (how in {"no cookies", "other folder", "nothing comes"})
    assert ("sub/b.md" in watched.paths("apples")) is (how != "rules")


def test_a_deleted_index_is_made_anew_from_all_notes(watched: Notebook):
    for suffix in ("", "-wal", "-shm"):
        (watched.cache / f"index.db{suffix}").unlink(missing_ok=True)
    assert sorted(watched.paths("apples")) == ["a.md", "sub/b.md", "sub/deep/c.md"]


def test_what_another_process_kept_from_being_indexed_comes_later(watched: Notebook):
    from localgpt.core import files

    watched.write("n.md", "plums")
    with files.lock(watched.cache / "index.db.lock"):
        assert watched.index.catch_up().busy
    assert watched.paths("plums") == ["n.md"]


def test_who_waits_hears_of_changes_and_of_the_end(tmp_path: Path):
    (tmp_path / "notes").mkdir()
    told: list[set[str]] = []
    watch = Watch([tmp_path / "notes"], tmp_path / "cookies", told.append)
    assert not watch.wait(0.01)
    heard: list[bool] = []

    def listen() -> None:
        for _ in range(2):
            heard.append(watch.wait(5))

    thread = threading.Thread(target=listen)
    thread.start()
    begin = time.monotonic()
    (tmp_path / "notes" / "a.md").write_text("x")
    while not heard and time.monotonic() - begin < 5:
        time.sleep(0.002)
    assert told == [{str(tmp_path / "notes" / "a.md")}]
    watch.close()
    thread.join(5)
    assert heard == [True, False]
    assert watch.take().whole


def test_a_folder_behind_a_link_is_told_of_by_its_own_name(tmp_path: Path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    watch = Watch([tmp_path / "link"], tmp_path / "cookies")
    watch.take()
    (tmp_path / "real" / "a.md").write_text("x")
    assert watch.take().paths == {str(tmp_path / "link" / "a.md")}
    watch.close()


@pytest.mark.parametrize(
    ("mount", "remote"),
    [
        ("server:/x /mnt/notes nfs4 rw 0 0", True),
        ("//server/x /mnt/notes cifs rw 0 0", True),
        ("x /mnt/notes fuse.sshfs rw 0 0", True),
        ("x /mnt/notes 9p rw 0 0", True),
        ("x /mnt/notes ext4 rw 0 0", False),
        ("x /mnt/notes fuseblk rw 0 0", False),
        ("server:/x /mnt/other nfs4 rw 0 0", False),
        ("server:/x /mnt/notes/mine/shared nfs4 rw 0 0", True),
    ],
)
def test_folders_of_other_machines_are_known(mount: str, remote: bool):
    mounts = f"/dev/x / ext4 rw 0 0\n{mount}\nbroken\n"
    assert is_remote(Path("/mnt/notes/mine"), mounts) is remote
