from __future__ import annotations

import difflib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localgpt.care.diff import unified

LINES = st.lists(st.sampled_from([f"{letter}\n" for letter in "abcdefgh"]), max_size=30)


@given(LINES, LINES)
def test_a_diff_has_what_differs_and_says_where(before, after):
    text = unified("a.md", "".join(before).encode(), "".join(after).encode())
    body = text.splitlines(keepends=True)[2:]
    old = [line[1:] for line in body if line[0] in " -"]
    new = [line[1:] for line in body if line[0] in " +"]
    assert bool(text) == (before != after)
    if before != after and len(before) < 5 and len(after) < 5:
        assert (old, new) == (before, after)
    for line in body:
        if line.startswith("@@"):
            _, start, count = line.split()[1].replace("-", ",").split(",")
            assert int(start) + int(count) <= len(before) + 1


def test_a_diff_reads_as_every_unified_diff():
    before = [f"line {n}\n" for n in range(30)]
    after = [*before[:4], "new\n", *before[5:20], *before[21:]]
    ours = unified("a.md", "".join(before).encode(), "".join(after).encode()).splitlines(keepends=True)
    assert ours == list(difflib.unified_diff(before, after, "a.md", "a.md"))


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        (b"a\n", b"a\n", ""),
        (None, b"a\n", "--- (not there)\n+++ x\n@@ -0,0 +1,1 @@\n+a\n"),
        (b"a\n", None, "--- x\n+++ (deleted)\n@@ -1,1 +0,0 @@\n-a\n"),
        (None, b"", "--- (not there)\n+++ x\n(an empty file)\n"),
        (b"", None, "--- x\n+++ (deleted)\n(an empty file)\n"),
        (b"a\0", b"b\n", "--- x\n+++ x\n(not text)\n"),
        (b"a\r\n", b"a\n", "--- x\n+++ x\n(only the spelling of the file differs, not its words)\n"),
    ],
)
def test_files_that_come_go_or_are_no_text(old, new, text):
    assert unified("x", old, new) == text
