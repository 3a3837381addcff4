from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localgpt.memory.links import Backlink, Link, Names, of_workspace, outgoing, title_of
from localgpt.memory.notes import NotesSource
from localgpt.memory.workspace import Workspace


@pytest.fixture
def notes(tmp_path):
    """Write notes, and give the links among them."""
    root = tmp_path / "workspace"
    root.mkdir()
    links = of_workspace(Workspace(root, locks=tmp_path / "locks"), NotesSource(root).scan)

    def write(**texts: str):
        for name, text in texts.items():
            path = root / f"{name.replace('__', '/')}.md"
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return links

    return write


@pytest.mark.parametrize(
    ("text", "targets"),
    [
        ("See [[Rome]] and [[Food|what we ate]].", ["Rome", "Food"]),
        ("[[Rome#Food]]", ["Rome"]),
        ("[it](../Reise%20nach%20Rom.md#food) and [b](<b.md> 'title')", ["../Reise nach Rom.md", "b.md"]),
        ("[it](notes/a.md:3-9)", ["notes/a.md"]),
        ("[x](https://a.example) [y](mailto:a@b.example) [z](#part) [[ ]]", []),
        ("`[[Rome]]` and ``[a](b.md)``", []),
        ("```\n[[Rome]]\n```\n[[Food]]\n~~~~\n[[x]]\n~~~\n[[y]]\n~~~~\n[[z]]", ["Food", "z"]),
        ("```\n[[Rome]]", []),
    ],
)
def test_links_of_a_note(text, targets):
    assert [link.target for link in outgoing(text)] == targets


def test_a_link_has_its_line():
    assert outgoing("a\n\n  - see [[B]]  \n") == (Link("B", 3, "- see [[B]]"),)


@given(st.text(alphabet="[]()`~|#ab.md/\n ", max_size=200))
def test_whatever_is_written_lines_are_those_of_the_text(text):
    lines = text.split("\n")
    for link in outgoing(text):
        assert link.target.strip()
        assert link.text == lines[link.line - 1].strip()


@pytest.mark.parametrize("unit", ["[", "[[", "](", "[[a", "`a", "[a](b", "![[a]]"])
def test_a_hostile_note_takes_no_longer_than_it_is_long(unit):
    text = (unit * 200_000)[:200_000]
    begin = time.perf_counter()
    outgoing(text)
    outgoing("\n".join(text[at : at + 19_000] for at in range(0, len(text), 19_000)))
    assert time.perf_counter() - begin < 1


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("# Rome #\n\n# Other", "Rome"),
        ("---\ntitle: 'A trip'\n---\n# Rome", "A trip"),
        ("no heading", "a b"),
        ("## only a second", "a b"),
        ("#\n# ", "a b"),
    ],
)
def test_what_a_note_is_called(text, title):
    assert title_of(text, "knowledge/a b.md") == title


@pytest.mark.parametrize(
    ("target", "path", "found"),
    [
        ("rome.md", "knowledge/food.md", "knowledge/rome.md"),
        ("rome", "knowledge/food.md", "knowledge/rome.md"),
        ("../MEMORY.md", "knowledge/food.md", "MEMORY.md"),
        ("knowledge/rome.md", "memory/2026-11-23.md", "knowledge/rome.md"),
        ("/knowledge/rome.md", "MEMORY.md", "knowledge/rome.md"),
        ("ROME", "MEMORY.md", "knowledge/rome.md"),
        ("the eternal city", "MEMORY.md", "knowledge/rome.md"),
        ("2026-11-23", "MEMORY.md", "memory/2026-11-23.md"),
        ("nowhere", "MEMORY.md", None),
        ("../../etc/passwd", "MEMORY.md", None),
    ],
)
def test_what_a_link_means(target, path, found):
    titles = {
        "MEMORY.md": "Memory",
        "knowledge/food.md": "Food",
        "knowledge/rome.md": "The Eternal City",
        "memory/2026-11-23.md": "2026-11-23",
    }
    assert Names(titles).resolve(target, path) == found


def test_a_name_beats_a_title_and_a_short_path_a_long_one():
    names = Names({"a/Rome.md": "x", "Rome.md": "y", "z.md": "Rome"})
    assert names.resolve("rome", "elsewhere/b.md") == "Rome.md"


def test_backlinks_follow_what_is_written(notes):
    links = notes(a="# A\n\nto [[B]] and [b](b.md)\nagain [[b]]", b="self [[b]]", k__c="[up](../b.md)")
    assert links.now().back("b.md") == [
        Backlink("a.md", 3, "to [[B]] and [b](b.md)"),
        Backlink("a.md", 4, "again [[b]]"),
        Backlink("k/c.md", 1, "[up](../b.md)"),
    ]
    notes(a="nothing now", d="[[b]]")
    assert [one.path for one in links.now().back("b.md")] == ["d.md", "k/c.md"]
    assert [(one.path, one.title) for one in links.now().notes()] == [
        ("a.md", "a"),
        ("b.md", "b"),
        ("d.md", "d"),
        ("k/c.md", "c"),
    ]
    assert links.now().back("not-there.md") == []
    assert (links.now().title("a.md"), links.now().title("k/not there.md")) == ("a", "not there")


def test_only_what_changed_is_read_again(tmp_path, notes):
    links = notes(a="[[b]]", b="x")
    read: list[str] = []
    inner: Callable[[str], str] = links._read

    def reading(path: str) -> str:
        read.append(path)
        return inner(path)

    links._read = reading
    links.now().notes()
    links.now().notes()
    notes(b="# Changed title")
    assert links.now().names.resolve("changed title") == "b.md"
    assert read == ["a.md", "b.md", "b.md"]


def test_a_note_that_is_no_text_is_there_by_its_name(tmp_path, notes):
    links = notes(a="[[b]]")
    (tmp_path / "workspace" / "b.md").write_bytes(b"\0\1\2")
    assert [one.title for one in links.now().notes()] == ["a", "b"]
    assert [one.path for one in links.now().back("b.md")] == ["a.md"]
