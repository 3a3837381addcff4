"""The cache between two looks: read back, and never trusted when it is something else."""

from __future__ import annotations

import pytest

from localgpt.care.time_machine import known
from localgpt.care.time_machine.known import Known
from localgpt.care.time_machine.pending import Position
from localgpt.care.time_machine.scan import Look, Seen

WHOLE = Known(
    "ab" * 20,
    Position("2026-11", 7),
    {b"a.md": Seen("cd" * 20, 0o100644, Look(0o100644, 1, 2, 3, 4)), b"\xff": Seen("ef" * 20, 0o120000)},
    fresh=True,
)


def test_it_is_read_back(tmp_path):
    path = tmp_path / "cache" / "history.json"
    known.save(path, WHOLE)
    assert known.load(path) == WHOLE
    assert known.position(path) == Position("2026-11", 7)


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[]\n{}", b'{"v":0}\n{}', b'{"v":1}\n{}', b"\xff\n\xff", b"1\n1"]
)
def test_anything_else_is_no_cache(tmp_path, data):
    path = tmp_path / "history.json"
    path.write_bytes(data)
    assert known.load(path) is None
    assert known.position(path) is None


def test_where_it_cannot_be_kept_nothing_happens(tmp_path):
    (tmp_path / "file").write_text("")
    known.save(tmp_path / "file" / "history.json", WHOLE)
    assert known.load(tmp_path / "file" / "history.json") is None
