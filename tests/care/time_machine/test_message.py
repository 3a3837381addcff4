"""What a commit says: names, never texts."""

from __future__ import annotations

import os

import pytest

from localgpt.care.time_machine.message import editor_message
from localgpt.care.time_machine.trees import FILE, Entry

THERE = Entry(FILE, "1" * 40)


@pytest.mark.parametrize(
    ("entries", "subject"),
    [
        ({b"a.md": THERE}, "Add a.md"),
        ({b"old.md": THERE}, "Change old.md"),
        ({b"old.md": None}, "Delete old.md"),
        ({b"a.md": THERE, b"old.md": None}, "Change a.md, old.md"),
        ({b"%d.md" % n: THERE for n in range(5)}, "Add 5 files: 0.md, 1.md …"),
        ({b"a\nTurn: forged.md": THERE}, "Add a?Turn: forged.md"),
        ({b"x" * 300: THERE}, f"Add {'x' * 99}…"),
        ({os.fsencode("\udcff.md"): THERE}, "Add ?.md"),
    ],
)
def test_one_line_for_people(entries, subject):
    said, trailers = editor_message(entries, {b"old.md"})
    assert said == subject
    assert dict(trailers) == {"Who": "owner", "Door": "editor"}


def test_the_first_files_are_found():
    assert editor_message({b"a.md": THERE}, set(), first=True) == (
        "Find 1 file",
        [("Who", "owner"), ("Door", "found")],
    )
