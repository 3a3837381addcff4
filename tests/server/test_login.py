"""The one-time code that a browser is logged in with."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor

import pytest

from localgpt.server import login


def test_a_code_is_good_once(tmp_path):
    code = login.write_code(tmp_path)
    assert login.take_code(tmp_path, code)
    assert not login.take_code(tmp_path, code)
    assert list((tmp_path / "login").iterdir()) == []


def test_of_many_who_try_at_once_one_succeeds(tmp_path):
    code = login.write_code(tmp_path)
    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(lambda _: login.take_code(tmp_path, code), range(40))) == 1


def test_a_code_is_good_for_a_minute(tmp_path):
    assert login.take_code(tmp_path, login.write_code(tmp_path, now=1000), now=1059.9)
    assert not login.take_code(tmp_path, login.write_code(tmp_path, now=1000), now=1060)
    assert not login.take_code(
        tmp_path, login.write_code(tmp_path, now=9000), now=1000
    )  # the clock was set back


@pytest.mark.parametrize("code", ["", "short", "../token", "x" * 43, "é" * 30, "a" * 5000, "a/../" * 8])
def test_what_is_no_code_opens_nothing(tmp_path, code):
    login.write_code(tmp_path)
    assert not login.take_code(tmp_path, code)


def test_only_the_codes_hash_is_written_and_only_for_the_owner(tmp_path):
    code = login.write_code(tmp_path)
    (file,) = (tmp_path / "login").iterdir()
    assert code not in file.name + file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_codes_that_nobody_used_are_swept_away(tmp_path):
    login.write_code(tmp_path)
    login.write_code(tmp_path, now=10**11)
    assert len(list((tmp_path / "login").iterdir())) == 1


def test_a_broken_code_file_opens_nothing(tmp_path):
    code = login.write_code(tmp_path)
    (file,) = (tmp_path / "login").iterdir()
    file.write_text("{}")
    assert not login.take_code(tmp_path, code)


def test_the_pages_show_what_they_are_given_as_text():
    assert "<b>" not in login.door('"><b>', '"><b>') + login.welcome('"><b>')


def test_the_address_is_noted_and_forgotten(tmp_path):
    login.note_address(tmp_path, "http://127.0.0.1:1", 5)
    assert '"pid": 5' in (tmp_path / login.ADDRESS).read_text()
    login.forget_address(tmp_path)
    login.forget_address(tmp_path)
    assert not (tmp_path / login.ADDRESS).exists()
