"""The program's logs: whole lines, private, without secrets or texts, bounded in number and age."""

from __future__ import annotations

import json
import logging
import multiprocessing
import stat
from datetime import UTC, datetime, timedelta

import pytest

from localgpt.core import config, logs
from localgpt.core.errors import StorageError
from localgpt.core.logs import LogFile

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
KEY = "sk-ant-" + "a1" * 20


@pytest.fixture
def logger():
    """The house's logger without a log of its own (a command of another test may have left one); as it was afterwards."""
    ours, everybody = logging.getLogger("localgpt"), logging.getLogger()
    level, handlers, others = ours.level, list(ours.handlers), list(everybody.handlers)
    for one in (ours, everybody):
        one.handlers = [handler for handler in one.handlers if not isinstance(handler, LogFile)]
    yield ours
    ours.setLevel(level)
    ours.handlers, everybody.handlers = handlers, others


def written(folder):
    return [json.loads(line) for path in logs.files_in(folder) for line in path.read_text().splitlines()]


def a_log(tmp_path, **options):
    handler = LogFile(tmp_path / "logs", clock=lambda: NOON, **options)
    logger = logging.Logger("localgpt.care.time_machine")  # noqa: LOG001 - of this test alone
    logger.addHandler(handler)
    return logger


def test_a_record_is_one_line_of_json_in_a_private_file(tmp_path):
    a_log(tmp_path).warning("a\nb of %d", 3, extra={"turn": "t1", "files": ["a.md"], "size": 7})
    (path,) = logs.files_in(tmp_path / "logs")
    assert path.name == "localgpt-2026-11-23.log"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert written(path.parent) == [
        {
            "time": "2026-11-23T12:00:00.000+00:00",
            "level": "warning",
            "logger": "localgpt.care.time_machine",
            "message": "a\nb of 3",
            "fields": {"turn": "t1", "files": ["a.md"], "size": 7},
        }
    ]


def test_secrets_never_get_into_it(tmp_path):
    log = a_log(tmp_path, secrets=("my own secret word",))
    log.error("key %s", KEY, extra={"headers": [f"Bearer {KEY}"], "word": "my own secret word"})
    text = next((tmp_path / "logs").glob("*.log")).read_text()
    assert KEY not in text
    assert "my own secret" not in text
    assert "[redacted:anthropic-key]" in text


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (
            StorageError("Can't write a.md: the disk is full."),
            "StorageError: Can't write a.md: the disk is full.",
        ),
        (FileNotFoundError(2, "No such file", "a.md"), "FileNotFoundError: [Errno 2] No such file: 'a.md'"),
        (ValueError("invalid literal: 'Dear diary'"), "ValueError"),
    ],
)
def test_an_error_of_others_does_not_bring_the_text_it_chokes_on(tmp_path, error, told):
    log = a_log(tmp_path)
    try:
        raise error
    except type(error):
        log.exception("it failed")
    (line,) = written(tmp_path / "logs")
    assert line["fields"]["error"] == told
    assert line["fields"]["at"][-1].endswith("test_an_error_of_others_does_not_bring_the_text_it_chokes_on")


@pytest.mark.parametrize(
    ("days", "kept"),
    [(0, ["10-01", "11-21", "11-22", "11-23"]), (1, ["11-23"]), (2, ["11-22", "11-23"])],
)
def test_old_days_go(tmp_path, days, kept):
    folder = tmp_path / "logs"
    folder.mkdir()
    for day in ("10-01", "11-21", "11-22"):
        (folder / f"localgpt-2026-{day}.log").write_text("{}\n")
    (folder / "other.log").write_text("not ours")
    a_log(tmp_path, days=days).warning("x")
    assert [path.name[14:19] for path in logs.files_in(folder)] == kept
    assert (folder / "other.log").exists()


def test_a_full_file_is_followed_by_another_and_all_of_them_are_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr(logs, "LARGEST_FILE", 1000)
    monkeypatch.setattr(logs, "MOST_FILES", 4)
    log = a_log(tmp_path)
    for number in range(100):
        log.warning("line %d %s", number, "x" * 100)
    lines = written(tmp_path / "logs")
    numbers = [int(line["message"].split()[1]) for line in lines]
    assert numbers == list(range(numbers[0], 100))
    sizes = [path.stat().st_size for path in logs.files_in(tmp_path / "logs")]
    assert len(sizes) <= 5
    assert max(sizes) <= 1000


def test_each_day_has_its_file(tmp_path):
    days = iter([NOON, NOON + timedelta(days=1)])
    handler = LogFile(tmp_path, clock=lambda: next(days))
    for _ in range(2):
        handler.emit(logging.makeLogRecord({"msg": "x"}))
    assert [path.name for path in logs.files_in(tmp_path)] == [
        "localgpt-2026-11-23.log",
        "localgpt-2026-11-24.log",
    ]


def test_a_log_that_cannot_be_written_stops_nobody(tmp_path):
    (tmp_path / "logs").write_text("a file is in the way")
    a_log(tmp_path).error("x %d", "not a number")
    assert (tmp_path / "logs").read_text() == "a file is in the way"


@pytest.mark.parametrize(
    ("text", "options", "expected"),
    [
        ("", {}, ["warning", "error"]),
        ("", {"daemon": True}, ["info", "warning", "error"]),
        ("", {"verbose": True}, ["debug", "info", "warning", "error"]),
        ('[logging]\nlevel = "error"', {"daemon": True}, ["error"]),
        ('[logging]\nlevel = "trace"', {"daemon": True}, ["debug", "info", "warning", "error"]),
        ('[logging]\nlevel = "trace"', {}, ["warning", "error"]),
    ],
)
def test_what_is_written_at_which_level(home, logger, text, options, expected):
    logs.setup(home, config.read(text), **options)
    for level in ("debug", "info", "warning", "error"):
        getattr(logging.getLogger("localgpt.some"), level)("said")
    logging.getLogger("other").warning("of a library")
    ours = [line["level"] for line in written(home.logs) if line["logger"] == "localgpt.some"]
    assert ours == expected
    others = [line for line in written(home.logs) if line["logger"] == "other"]
    assert bool(others) is ("daemon" in options and "error" not in text)


def test_a_command_that_the_daemon_runs_leaves_its_log_alone(home, logger):
    logs.setup(home, config.read(""), daemon=True)
    before = list(logging.getLogger().handlers)
    logs.setup(home, config.read(""))
    assert logging.getLogger().handlers == before
    logging.getLogger("localgpt.x").info("once")
    assert [line["message"] for line in written(home.logs)] == ["once"]


def test_nothing_is_made_before_there_is_something_to_write(home, logger):
    logs.setup(home, config.read(""))
    logging.getLogger("localgpt.x").info("not told by a command")
    assert not home.logs.exists()


def _write_many(folder, name):
    handler = LogFile(folder, clock=lambda: NOON)
    for number in range(200):
        handler.emit(logging.makeLogRecord({"msg": f"{name} {number} " + "x" * 50}))


@pytest.mark.slow
def test_several_processes_write_whole_lines_while_files_fill_up(tmp_path, monkeypatch):
    monkeypatch.setattr(logs, "LARGEST_FILE", 20_000)
    context = multiprocessing.get_context("fork")
    workers = [context.Process(target=_write_many, args=(tmp_path, name)) for name in "abcd"]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    said = [line["message"].split()[:2] for line in written(tmp_path)]
    assert sorted(map(tuple, said)) == sorted((name, str(n)) for name in "abcd" for n in range(200))


def test_no_line_makes_a_home_anew_that_was_taken_away(tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    handler = LogFile(home / "logs", days=1)
    log = logging.getLogger("localgpt.gone")
    record = log.makeRecord(log.name, logging.INFO, "f", 1, "hello", (), None)
    handler.emit(record)
    home.rename(tmp_path / "away")
    handler.emit(record)
    assert not home.exists()
