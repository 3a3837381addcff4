"""Which writes take lines of the owner's away."""

from __future__ import annotations

import pytest

from localgpt.core.values import Author, Origin
from localgpt.memory.workspace import Workspace
from localgpt.tools import losing
from localgpt.tools.base import ToolContext
from localgpt.tools.files import edit_file, write_file
from localgpt.tools.losing import loses

NOTE = "# Tea\n\nmine\nmine too\nits own\nforeign\n"


@pytest.fixture
def context(tmp_path):
    workspace = Workspace(tmp_path / "workspace", locks=tmp_path / "locks")
    workspace.root.mkdir()
    (workspace.root / "a.md").write_text(NOTE)
    (workspace.root / "own.md").write_text("its own\n")
    (workspace.root / "b.bin").write_bytes(b"\0\1\2")

    def origin_of(chunk):
        lines = [line for line in chunk.text.split("\n") if line]
        if any("foreign" in line for line in lines):
            return Origin.FOREIGN
        return Origin.ASSISTANT if lines == ["its own"] else Origin.OWNER

    def search(_query):
        raise AssertionError("nothing here searches")

    return ToolContext(workspace, search, Author(Origin.OWNER), origin_of=origin_of)


@pytest.mark.parametrize(
    ("path", "after", "lost"),
    [
        ("new.md", "x", False),
        ("a.md", NOTE, False),
        ("a.md", NOTE + "more\n", False),
        ("a.md", "before\n" + NOTE, False),
        ("a.md", "# Tea\n\nmine too\nmine\nits own\nforeign\n", False),
        ("a.md", NOTE.replace("its own\n", ""), False),
        ("a.md", NOTE.replace("foreign\n", ""), False),
        ("a.md", NOTE.replace("mine too\n", ""), True),
        ("a.md", NOTE.replace("mine too", "mine 2"), True),
        ("a.md", "", True),
        ("own.md", "", False),
        ("b.bin", "x", True),
    ],
)
def test_whose_lines_go(context, path, after, lost):
    assert loses(context, path, lambda _: after) is lost


def test_where_many_go_the_note_as_a_whole_counts(context, monkeypatch):
    monkeypatch.setattr(losing, "MOST_LINES", 1)
    assert loses(context, "a.md", lambda _: "")


def test_the_tools_say_so(context):
    def lost(tool, **arguments):
        return [effect.loses for effect in tool.effects(arguments, context)]

    assert lost(write_file, path="a.md", content="") == [True]
    assert lost(write_file, path="a.md", content=NOTE) == [False]
    assert lost(edit_file, path="a.md", old="mine too", new="gone") == [False, True]
    assert lost(edit_file, path="a.md", old="its own", new="gone") == [False, False]
