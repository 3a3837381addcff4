"""Contents from hashes: from blobs, from what stands there, and what to do where neither has them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from localgpt.care.steps import Write
from localgpt.care.time_machine.pending import Group, Position
from localgpt.care.time_machine.sequence import Sources, batches, state, unwritten
from localgpt.core.journal import digest

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def group(turn, *writes):
    made = [
        Write(NOON.isoformat(), "a.md", "replace", state(before), state(after)) for before, after in writes
    ]
    return Group(turn, "s", "d", Position(), made)


def told(groups, *, committed=None, present=None, blobs=()):
    kept = {digest(blob): blob for blob in blobs}
    sources = Sources(lambda _: committed, lambda _: present, kept.get)
    return [("owner" if one.own else one.group.turn, one.changes["a.md"]) for one in batches(groups, sources)]


@pytest.mark.parametrize(
    ("groups", "sources", "expected"),
    [
        ([group("t", (None, b"a\n"))], {"present": b"a\n"}, [("t", b"a\n")]),
        ([group("t", (None, b"a\n"))], {"present": b"a\nb\n"}, [("t", b"a\n")]),
        ([group("t", (None, b"a\n"))], {"committed": b"a\n", "present": b"a\n"}, []),
        ([group("t", (b"x", None))], {"committed": b"x"}, [("t", None)]),
        ([group("t", (b"x", b"y"))], {"committed": b"w", "blobs": [b"x", b"y"]}, [("owner", b"x"), ("t", b"y")]),
        ([group("t", (b"x", b"y"), (b"y", b"z"))], {"committed": b"x", "blobs": [b"y", b"z"]}, [("t", b"z")]),
        (
            [group("t", (b"x", b"y"), (b"Y", b"z"))],
            {"committed": b"x", "blobs": [b"y", b"Y", b"z"]},
            [("t", b"y"), ("owner", b"Y"), ("t", b"z")],
        ),
        ([group("t", (None, b"lost"))], {"present": b"other"}, [("t", b"other")]),
        ([group("t", (None, b"lost")), group("u", (b"lost", b"z"))], {"blobs": [b"z"], "present": b"z"}, [("u", b"z")]),
    ],
)  # fmt: skip
def test_what_is_committed(groups, sources, expected):
    assert told(groups, **sources) == expected


@pytest.mark.parametrize(
    ("present", "age", "taken", "left"),
    [(b"x", 1, 0, 1), (b"x", 60, 1, 0), (b"y", 1, 1, 1), (b"other", 60, 1, 1)],
)
def test_a_write_that_is_on_its_way_or_never_came(present, age, taken, left):
    one = group("t", (b"x", b"y"))
    assert unwritten([one], lambda _: present, NOON + timedelta(seconds=age)) == taken
    assert len(one.writes) == left


def test_a_write_that_never_came_before_another_one():
    first, second = group("t", (b"x", b"y")), group("u", (b"x", b"z"))
    assert unwritten([first, second], lambda _: b"z", NOON + timedelta(seconds=60)) == 2
    assert (len(first.writes), len(second.writes)) == (0, 1)
