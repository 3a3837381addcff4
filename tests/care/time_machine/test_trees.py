"""Trees in git's format: changed in a few places, the same as what git would write."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localgpt.care.time_machine.trees import (
    FILE,
    FOLDER,
    Entry,
    changed,
    difference,
    entries,
    everything,
    find,
)

ONE, TWO = "11" * 20, "22" * 20


class Memory:
    """Objects in a dictionary."""

    def __init__(self):
        self.kept = {}

    def read(self, oid):
        return self.kept[oid]

    def write(self, kind, data):
        import hashlib

        oid = hashlib.sha1(b"tree %d\0" % len(data) + data).hexdigest()
        self.kept[oid] = (kind, data)
        return oid


PATHS = st.sampled_from([b"a", b"a.b", b"a/b", b"a/c/d", b"a0", b"x/y", b"\xff"])
CHANGES = st.dictionaries(PATHS, st.sampled_from([Entry(FILE, ONE), Entry(FILE, TWO), None]), max_size=5)


def fits(files, path):
    """Whether a file can be there beside the others: none of them is its folder, nor in it."""
    return not any(
        path != other and (other.startswith(path + b"/") or path.startswith(other + b"/")) for other in files
    )


@given(st.lists(CHANGES, max_size=4))
def test_a_tree_is_what_the_changes_made_of_it(steps):
    memory, tree = Memory(), ""
    files: dict = {}
    for changes in steps:
        wanted = {**files, **changes}
        there = {path: entry for path, entry in wanted.items() if entry}
        if not all(fits(there, path) for path in there):
            continue
        before, tree = tree, changed(memory, tree, changes)
        assert dict(everything(memory, tree)) == there
        assert {path: now for path, _, now in difference(memory, before, tree)} == {
            path: there.get(path)
            for path in files.keys() | there.keys()
            if files.get(path) != there.get(path)
        }
        assert tree == changed(memory, "", there)
        files = there


def test_names_are_in_gits_order():
    memory = Memory()
    tree = changed(memory, "", {path: Entry(FILE, ONE) for path in (b"a/x", b"a.b", b"a0", b"b")})
    assert list(entries(memory, tree)) == [b"a.b", b"a", b"a0", b"b"]


def test_finding_a_file_or_folder():
    memory = Memory()
    tree = changed(memory, "", {b"a/x": Entry(FILE, ONE)})
    assert find(memory, tree, b"a/x") == Entry(FILE, ONE)
    folder = find(memory, tree, b"a")
    assert folder
    assert folder.mode == FOLDER
    assert find(memory, tree, b"a/x/y") is None
    assert find(memory, tree, b"b") is None


@pytest.mark.parametrize("data", [b"100644 a", b"100644 a\0short", b"10064x a\0" + b"\1" * 20])
def test_a_damaged_tree_is_noticed(data):
    memory = Memory()
    with pytest.raises(ValueError):  # noqa: PT011 - which one doesn't matter
        entries(memory, memory.write(2, data))
    with pytest.raises(ValueError, match="not a tree"):
        entries(memory, memory.write(3, b""))
