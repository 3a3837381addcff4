"""What got worse between two runs; and which run is compared with."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localgpt.memory.comparison import Run, Runs, Worse, changed, worse

OLD = {"model": "local", "version": "1"}
NEW = {"model": "ollama/bge-m3", "version": "1"}


@pytest.mark.parametrize(
    ("before", "now", "is_worse"),
    [(1, 2, True), (2, 1, False), (3, 3, False), (1, 0, True), (0, 0, False), (0, 4, False), (11, 15, False)],
)
def test_what_comes_later_is_worse(before, now, is_worse):
    found = worse(Run(OLD, {"q": before}), Run(NEW, {"q": now}))
    assert found == ([Worse("q", before, now)] if is_worse else [])


def test_the_worst_comes_first_and_strangers_do_not_count():
    before = Run(OLD, {"a": 1, "b": 2, "c": 1, "gone": 1})
    assert [one.question for one in worse(before, Run(NEW, {"a": 3, "b": 0, "c": 1, "new": 9}))] == ["b", "a"]


ranks = st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 20))


@given(ranks, ranks)
def test_nothing_is_worse_both_ways(one, other):
    there = {found.question for found in worse(Run(OLD, one), Run(NEW, other))}
    back = {found.question for found in worse(Run(NEW, other), Run(OLD, one))}
    assert not there & back
    assert worse(Run(OLD, one), Run(OLD, one)) == []


def test_what_differs():
    assert changed(Run(OLD, {}), Run(NEW, {})) == ["model: local → ollama/bge-m3"]
    assert changed(Run({}, {}), Run({"model": "x"}, {})) == ["model: none → x"]


def test_a_run_is_compared_with_the_newest_of_another_set_up(tmp_path):
    runs = Runs(tmp_path / "state" / "runs.json")
    assert runs.to_compare(OLD) is None
    runs.keep(Run(OLD, {"q": 1}))
    assert runs.to_compare(OLD) == Run(OLD, {"q": 1})
    runs.keep(Run(NEW, {"q": 4}))
    assert runs.to_compare(NEW) == Run(OLD, {"q": 1})
    assert runs.to_compare(OLD) == Run(NEW, {"q": 4})
    runs.keep(Run(NEW, {"q": 5}))
    assert len(runs.all()) == 2
    assert runs.path.stat().st_mode & 0o077 == 0


def test_few_runs_are_kept(tmp_path):
    runs = Runs(tmp_path / "runs.json")
    for number in range(20):
        runs.keep(Run({"model": str(number)}, {}))
    assert [one.setup["model"] for one in runs.all()] == [str(number) for number in range(12, 20)]


def test_the_set_up_that_was_seen(tmp_path):
    runs = Runs(tmp_path / "runs.json")
    assert runs.seen() == {}
    runs.keep(Run(OLD, {"q": 1}))
    assert runs.seen() == OLD
    runs.see(NEW)
    assert (runs.seen(), runs.all()) == (NEW, [Run(OLD, {"q": 1})])


@pytest.mark.parametrize(
    "content", [b"", b"[]", b'{"runs": [1, {"setup": {}, "ranks": {"q": "x"}}]}', b"\xff"]
)
def test_a_damaged_file_is_no_run(tmp_path, content):
    (tmp_path / "runs.json").write_bytes(content)
    runs = Runs(tmp_path / "runs.json")
    assert (runs.all(), runs.seen()) == ([], {})
