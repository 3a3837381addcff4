from __future__ import annotations

import pytest

from localgpt.core.values import Author, Origin
from localgpt.tools.shell_change import change_of

WE = Author(Origin.ASSISTANT, "t")


@pytest.mark.parametrize(
    ("before", "after", "spans", "new"),
    [
        (None, b"a\nb\n", [(1, 2)], "a\nb"),
        (b"a\nb\nc\n", b"a\nB\nc\nd\n", [(2, 2), (4, 4)], "B\nd"),
        (b"a\nb\n", b"a\n", [], ""),
        (b"a\n", None, [], ""),
        (b"a\n", bytes(100), [], ""),
        ("ä\n".encode("latin-1"), "ä\nö\n".encode("latin-1"), [(2, 2)], "ö"),
    ],
)
def test_the_new_lines_are_known(before, after, spans, new):
    change = change_of("n.md", "/w/n.md", before, after, WE)
    assert [(one.start, one.end) for one in change.spans] == spans
    assert change.new_text == new
    assert (change.before, change.after) == (before, after)


def test_a_moved_file_has_no_new_lines():
    change = change_of("n.md", "/w/n.md", None, b"a\n", WE, "o.md")
    assert (change.moved_from, change.new_text) == ("o.md", "")
