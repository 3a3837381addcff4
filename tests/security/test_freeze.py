"""The emergency stop: a file that every process sees."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest

from localgpt.core.errors import FrozenError
from localgpt.security.freeze import Freeze, Frozen, watch


def test_freezing_is_seen_by_everybody_until_it_is_thawed(tmp_path: Path) -> None:
    told: list[tuple[str, dict[str, Any]]] = []
    mine, theirs = Freeze(tmp_path, lambda kind, **fields: told.append((kind, fields))), Freeze(tmp_path)
    assert theirs.frozen() is None
    assert theirs.sentence() == ""
    theirs.check()
    mine.freeze("terminal", "it \n writes too much")
    found = theirs.frozen()
    assert found
    assert (found.by, found.why) == ("terminal", "it writes too much")
    with pytest.raises(FrozenError, match=r"frozen since 20\d\d-\d\d-\d\d \d\d:\d\d \(it writes too much\)"):
        theirs.check()
    assert mine.thaw("page") == found
    assert theirs.frozen() is None
    assert [kind for kind, _ in told] == ["frozen", "thawed"]


def test_what_is_frozen_stays_as_it_was_frozen_first(tmp_path: Path) -> None:
    told: list[str] = []
    freeze = Freeze(tmp_path, lambda kind, **_: told.append(kind))
    first = freeze.freeze("page", "one")
    assert freeze.freeze("terminal", "two") == first
    assert told == ["frozen"]
    assert oct(freeze.path.stat().st_mode)[-3:] == "600"


def test_thawing_what_is_not_frozen_says_so(tmp_path: Path) -> None:
    assert Freeze(tmp_path).thaw("terminal") is None


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"[]", b"null", b'{"since": 3}', b"{"])
def test_a_file_that_makes_no_sense_is_frozen(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "frozen").write_bytes(content)
    assert Freeze(tmp_path).frozen() is not None
    assert Freeze(tmp_path).thaw("terminal") is not None
    assert Freeze(tmp_path).frozen() is None


def test_a_folder_a_dead_link_and_a_state_that_is_no_folder_are_frozen(tmp_path: Path) -> None:
    (tmp_path / "a" / "frozen").mkdir(parents=True)
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "frozen").symlink_to(tmp_path / "nowhere")
    (tmp_path / "c").write_text("")
    for name in "abc":
        assert Freeze(tmp_path / name).frozen() is not None, name


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_frozen(tmp_path: Path) -> None:
    (tmp_path / "frozen").write_text("{}")
    (tmp_path / "frozen").chmod(0)
    assert Freeze(tmp_path).frozen() is not None


def test_a_watch_tells_once_of_each_freeze(tmp_path: Path) -> None:
    freeze, seen = Freeze(tmp_path), list[Frozen]()

    async def run() -> None:
        news = asyncio.Event()

        def told(one: Frozen) -> None:
            seen.append(one)
            news.set()

        task = asyncio.create_task(watch(freeze, told, every=0.005))
        for number in (1, 2):
            freeze.freeze("terminal")
            await asyncio.wait_for(news.wait(), 5)
            await asyncio.sleep(0.03)
            assert len(seen) == number
            news.clear()
            freeze.thaw("terminal")
            await asyncio.sleep(0.03)
        task.cancel()

    asyncio.run(run())
