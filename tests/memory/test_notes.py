"""Notes on disk: what is found, what is left alone, and what becomes of strange bytes and names."""

from __future__ import annotations

import os
import time
import unicodedata
from collections.abc import Mapping
from pathlib import Path

import pytest

from localgpt.core.errors import NotFound, StorageError, UnreadableError
from localgpt.memory.notes import LARGEST, ExtraFolder, NotesSource


def write(root: Path, files: Mapping[str, str | bytes]) -> NotesSource:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return NotesSource(root)


def names(source: NotesSource) -> list[str]:
    return sorted(stamp.path for stamp in source.scan())


def test_markdown_and_text_at_any_depth(tmp_path):
    files = {
        "MEMORY.md": "a",
        "knowledge/a/b.markdown": "b",
        "n.txt": "c",
        "N.MD": "d",
        "photo.jpg": "e",
        "md": "f",
    }
    assert names(write(tmp_path, files)) == ["MEMORY.md", "N.MD", "knowledge/a/b.markdown", "n.txt"]


def test_hidden_things_and_other_peoples_modules_are_left_alone(tmp_path):
    files = {
        ".git/a.md": "",
        ".obsidian/b.md": "",
        ".c.md": "",
        "node_modules/x/d.md": "",
        "a/.trash/e.md": "",
    }
    assert names(write(tmp_path, files)) == []


def test_a_missing_workspace_is_empty(tmp_path):
    assert names(NotesSource(tmp_path / "nowhere")) == []


@pytest.mark.parametrize("touch", [lambda path: path.write_text("bb"), lambda path: os.utime(path, (1, 1))])
def test_a_stamp_tells_of_every_change_even_under_an_old_time(tmp_path, touch):
    source = write(tmp_path, {"a.md": "aa"})
    before = list(source.scan())
    time.sleep(0.02)
    touch(tmp_path / "a.md")
    assert list(source.scan()) != before


def test_loops_of_links_are_walked_once(tmp_path):
    source = write(tmp_path, {"a/b/c.md": "x"})
    (tmp_path / "a/b/loop").symlink_to(tmp_path / "a")
    (tmp_path / "A-link").symlink_to(tmp_path / "a")
    (tmp_path / "self").symlink_to(tmp_path / "self")
    (tmp_path / "dead.md").symlink_to(tmp_path / "nowhere.md")
    assert names(source) == ["a/b/c.md"]


def test_linked_folders_and_notes_of_the_owner_are_followed(tmp_path):
    write(tmp_path / "vault", {"x.md": "vault"})
    source = write(tmp_path / "workspace", {"a.md": "x"})
    (tmp_path / "workspace/linked").symlink_to(tmp_path / "vault")
    (tmp_path / "workspace/one.md").symlink_to(tmp_path / "vault/x.md")
    assert names(source) == ["a.md", "linked/x.md", "one.md"]
    assert source.read("linked/x.md").chunks[0].text == "vault"


def test_decomposed_names_are_reported_composed_and_opened_as_they_are(tmp_path):
    composed = "Bücher/Über.md"
    source = write(tmp_path, {unicodedata.normalize("NFD", composed): "text"})
    assert names(source) == [composed]
    assert source.read(composed).chunks[0].path == composed


def test_twins_that_differ_only_in_spelling_are_both_there(tmp_path):
    forms = [unicodedata.normalize(form, "ü.md") for form in ("NFC", "NFD")]
    source = write(tmp_path, dict.fromkeys(forms, "x") | {forms[1]: "y"})
    if len(list(tmp_path.iterdir())) == 1:
        pytest.skip("this file system knows only one spelling")
    assert sorted(source.read(name).chunks[0].text for name in names(source)) == ["x", "y"]


def test_names_that_are_not_text(tmp_path):
    try:
        (tmp_path / os.fsdecode(b"caf\xe9.md")).write_text("x")
    except OSError:
        pytest.skip("this file system wants UTF-8")
    source = NotesSource(tmp_path)
    (name,) = names(source)
    assert name.encode()
    assert source.read(name).chunks[0].text == "x"


@pytest.mark.parametrize(
    "data",
    ["Grüße".encode(), "Grüße".encode("utf-8-sig"), "Grüße".encode("utf-16"), "Grüße".encode("cp1252")],
)
def test_encodings(tmp_path, data):
    (chunk,) = write(tmp_path, {"a.md": data}).read("a.md").chunks
    assert chunk.text == "Grüße"


def test_lines_count_the_same_whatever_ends_them(tmp_path):
    source = write(tmp_path, {"a.md": b"one\r\ntwo\rthree\n\nfour"})
    (chunk,) = source.read("a.md").chunks
    assert (chunk.start, chunk.end, chunk.text) == (1, 5, "one\ntwo\nthree\n\nfour")


@pytest.mark.parametrize("data", [b"\0" * 100, b"a\0b", bytes(range(256)) * 10])
def test_binary_files_are_no_notes(tmp_path, data):
    with pytest.raises(UnreadableError, match=r"a\.md"):
        write(tmp_path, {"a.md": data}).read("a.md")


def test_empty_files_have_no_passages(tmp_path):
    assert write(tmp_path, {"a.md": b""}).read("a.md").chunks == ()


def test_huge_files_are_no_notes_and_cost_nothing(tmp_path):
    source = write(tmp_path, {"a.md": b""})
    with (tmp_path / "a.md").open("r+b") as file:
        file.truncate(LARGEST * 5)
    with pytest.raises(UnreadableError, match="50 MB"):
        source.read("a.md")


def test_a_note_that_went_is_not_found(tmp_path):
    with pytest.raises(NotFound, match=r"a\.md"):
        NotesSource(tmp_path).read("a.md")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads everything")
def test_a_note_that_may_not_be_read_says_so(tmp_path):
    source = write(tmp_path, {"a.md": "x"})
    (tmp_path / "a.md").chmod(0)
    with pytest.raises(StorageError, match="permission"):
        source.read("a.md")


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("**/*.md", ["a.md", "x/b.md", "x/y/c.md"]),
        ("*.md", ["a.md"]),
        ("x/**/*.md", ["x/b.md", "x/y/c.md"]),
        ("**/?.org", ["x/d.org"]),
        ("x/**", ["x/b.md", "x/d.org", "x/y/c.md"]),
    ],
)
def test_extra_folders_have_absolute_paths_and_their_pattern(tmp_path, pattern, expected):
    extra = tmp_path / "extra"
    write(extra, {"a.md": "a", "x/b.md": "b", "x/y/c.md": "c", "x/d.org": "d", "e.png": ""})
    source = NotesSource(tmp_path / "workspace", [ExtraFolder(extra, pattern)])
    assert names(source) == [f"{extra}/{name}" for name in expected]
    assert all(source.read(name).chunks for name in names(source))


def test_an_extra_folder_inside_the_workspace_counts_once(tmp_path):
    source = write(tmp_path, {"knowledge/a.md": "a"})
    assert names(NotesSource(tmp_path, [ExtraFolder(tmp_path / "knowledge")])) == names(source)


def test_ten_thousand_notes_in_a_folder_are_scanned_quickly(tmp_path):
    for number in range(10_000):
        os.close(os.open(tmp_path / f"{number}.md", os.O_CREAT))
    begin = time.perf_counter()
    assert len(names(NotesSource(tmp_path))) == 10_000
    assert time.perf_counter() - begin < 1


def test_what_the_owner_leaves_out_is_left_out(tmp_path):
    files = {".localgptignore": "drafts/\n*.txt\n!keep.txt\n", "a.md": "", "b.txt": "", "keep.txt": ""}
    files |= {"drafts/c.md": "", "sub/drafts/d.md": "", "sub/e.md": "", "sub/f.txt": ""}
    assert names(write(tmp_path, files)) == ["a.md", "keep.txt", "sub/e.md"]


def test_a_part_is_what_a_whole_scan_says_of_these_places(tmp_path):
    source = write(
        tmp_path / "notes", {"a.md": "", "sub/b.md": "", "sub/.c.md": "", "sub/deep/d.md": "", "x.jpg": ""}
    )
    write(tmp_path / "extra", {"e.md": "", "f.txt": ""})
    source = NotesSource(tmp_path / "notes", [ExtraFolder(tmp_path / "extra")])
    every = {stamp.path: stamp for stamp in source.scan()}
    places = {"a.md": "a.md", "sub": "sub", "gone": "gone", "x.jpg": "x.jpg"}
    paths = [str(tmp_path / "notes" / place) for place in places] + [
        str(tmp_path / "extra" / "e.md"),
        str(tmp_path / "extra" / "f.txt"),
        str(tmp_path / "notes" / "sub" / ".c.md"),
        str(tmp_path / "notes" / ".git" / "index"),
        str(tmp_path / "elsewhere.md"),
    ]
    part = source.part(paths)
    assert part is not None
    assert dict(part.stamps) == every
    assert part.places == {*places, f"{tmp_path}/extra/e.md", f"{tmp_path}/extra/f.txt"}


@pytest.mark.parametrize("name", ["", ".localgptignore", "a\u0308.md", "link.md"])
def test_where_a_name_alone_does_not_tell_there_is_no_part(tmp_path, name):
    source = write(tmp_path, {"a.md": "x"})
    (tmp_path / "link.md").symlink_to(tmp_path / "a.md")
    assert source.part([str(tmp_path / name)]) is None
    assert source.part([str(tmp_path / "a.md")]) is not None
    list(source.scan())
    assert source.part([str(tmp_path / "a.md")]) is None
