from __future__ import annotations

import sys

import pytest

from localgpt.tools.shell_readers import Readers

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the kernel of Linux tells")


def test_an_opened_file_is_told_and_another_is_not(tmp_path):
    mine, other = tmp_path / "mine", tmp_path / "other"
    mine.write_text("x")
    other.write_text("x")
    eyes = Readers([str(mine), str(tmp_path / "gone")])
    other.read_text()
    mine.stat()
    mine.rename(tmp_path / "moved")
    assert not eyes.opened
    (tmp_path / "moved").read_text()
    eyes.close()
    assert eyes.opened


def test_what_can_not_be_watched_counts_as_opened(tmp_path):
    assert not Readers([]).opened
    assert Readers([str(tmp_path)] * 30_000).opened
