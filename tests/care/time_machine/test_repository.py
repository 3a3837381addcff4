"""The repository: made whole, its commits say what they stand for."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from localgpt.care.time_machine.pending import Position
from localgpt.care.time_machine.repository import Damaged, Repository
from localgpt.care.time_machine.trees import FILE, Entry

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def git(tmp_path):
    return Repository(tmp_path / "h" / "workspace.git", tmp_path / 'my "notes"')


def test_nothing_is_made_by_reading(git):
    assert git.head() == ""
    assert list(git.log()) == []
    assert not git.folder.exists()


def test_a_commit_is_read_as_it_was_written(git):
    trailers = [
        ("Turn", "t1"),
        ("Session", ""),
        ("Undoes", "a"),
        ("Undoes", "b"),
        ("Journal", "desk-1/2026-11 345"),
    ]
    made = git.commit({b"a.md": Entry(FILE, git.keep(b"x"))}, "Add ü: a.md", trailers, NOON)
    (read,) = git.log()
    assert read == made
    assert (read.subject, read.time, read.parent) == ("Add ü: a.md", NOON, "")
    assert read.trailers == tuple((key, value) for key, value in trailers if value)
    assert read.position("desk-1") == Position("2026-11", 345)
    assert read.position("other") is None
    assert [commit.id for commit in git.log()] == [git.named(made.id[:6])]


def test_a_begun_repository_is_begun_anew(git):
    making = git.folder.with_name(f".{git.folder.name}.making")
    making.mkdir(parents=True)
    (making / "HEAD").write_text("half")
    git.make()
    assert git.head() == ""
    assert not making.exists()


def test_a_blob_is_no_commit_and_an_id_that_is_none_is_damage(git):
    oid = git.keep(b"x")
    assert git.named(oid[:8]) == ""
    with pytest.raises(Damaged):
        git.commit_of(oid)
    (git.folder / "refs/heads/main").write_text("zz" * 20)
    with pytest.raises(Damaged):
        git.head()


def test_set_aside_twice_in_a_second(git):
    places = []
    for _ in range(2):
        git.make()
        places.append(git.set_aside(NOON).name)
    assert places == ["workspace.git.broken-2026-11-23-120000", "workspace.git.broken-2026-11-23-120000-"]
