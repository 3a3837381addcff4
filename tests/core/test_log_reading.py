"""Reading the program's logs: the end of them, by level and time, and what is added."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, datetime, timedelta

import pytest

from localgpt.core.log_reading import follow, lines, parse, tail
from localgpt.core.logs import file_of

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def line(message, level="info", at=NOON, **fields):
    value = {"time": at.isoformat(), "level": level, "logger": "localgpt.care.x", "message": message}
    return json.dumps(value | ({"fields": fields} if fields else {}))


def put(folder, day, *texts, part=""):
    path = folder / f"localgpt-{day:%Y-%m-%d}{part}.log"
    with path.open("a") as stream:
        stream.writelines(text + "\n" for text in texts)


@pytest.fixture
def folder(tmp_path):
    put(tmp_path, NOON - timedelta(days=1), line("yesterday", "error", NOON - timedelta(days=1)))
    put(tmp_path, NOON, line("early"), part=".1")
    put(tmp_path, NOON, line("later"), part=".2")
    put(
        tmp_path,
        NOON,
        line("now", "warning", turn="t1", files=["a.md"]),
        "torn {",
        line("critically", "critical"),
    )
    return tmp_path


def messages(found):
    return [one.message for one in found]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, ["yesterday", "early", "later", "now", "torn {", "critically"]),
        ({"most": 2}, ["torn {", "critically"]),
        ({"level": "warning"}, ["yesterday", "now", "critically"]),
        ({"level": "error"}, ["yesterday", "critically"]),
        ({"since": NOON}, ["early", "later", "now", "critically"]),
        ({"since": NOON + timedelta(days=9)}, []),
        ({"level": "warning", "most": 1}, ["critically"]),
    ],
)
def test_which_lines_are_read(folder, options, expected):
    assert messages(lines(folder, **options)) == expected


def test_a_line_for_people_and_for_programs():
    one = parse(line("said", "warning", turn="t1", n=[1]).encode())
    assert one.text.endswith(" WARNING care.x: said turn=t1 n=[1]")
    assert one.as_json()["fields"] == {"turn": "t1", "n": [1]}
    assert parse(b"old text").text == "INFO    old text"
    assert parse(b"[1]").as_json()["message"] == "[1]"
    assert parse(b"\xff").message == "\ufffd"


def test_the_tail_of_today(folder):
    found = tail(folder, 2, today=NOON)
    assert (found.total_lines, found.file_size_bytes) == (3, file_of(folder, NOON).stat().st_size)
    assert [text.split()[-1] for text in found.lines] == ["{", "critically"]
    assert tail(folder, 0, today=NOON).lines == ()


def test_the_tail_where_today_has_none_yet(folder, tmp_path):
    assert tail(folder, 5, today=NOON + timedelta(days=3)).total_lines == 3
    assert tail(tmp_path / "none", 5, today=NOON).total_lines == 0


class Ended(Exception):
    pass


def test_following_goes_on_over_a_full_file_and_midnight(tmp_path):
    put(tmp_path, NOON, line("before"))
    moment = [NOON]

    def full():
        file_of(tmp_path, NOON).rename(tmp_path / "localgpt-2026-11-23.1.log")
        put(tmp_path, NOON, line("two"))

    def midnight():
        moment[0] += timedelta(days=1)
        put(tmp_path, moment[0], line("three", "error"))

    events = iter([lambda: put(tmp_path, NOON, line("one"), line("quiet", "debug")), full, midnight])

    def wait(_):
        act = next(events, None)
        if act is None:
            raise Ended
        act()

    found = []
    with contextlib.suppress(Ended):
        for one in follow(tmp_path, level="info", wait=wait, clock=lambda: moment[0]):
            found.append(one.message)
    assert found == ["one", "two", "three"]
