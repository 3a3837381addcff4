"""The log of beats: private, bounded, readable after a crash."""

from __future__ import annotations

from datetime import UTC, datetime

from localgpt.scheduler import log
from localgpt.scheduler.reports import Beat, Run

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def beat(text: str) -> Beat:
    return Beat(NOW, "sent", runs=(Run("a", "box", "sent", text=text),))


def test_the_newest_comes_first_and_a_torn_line_is_left_out(tmp_path):
    path = tmp_path / "state" / "heartbeat.jsonl"
    assert log.entries(path) == []
    log.append(path, beat("one"))
    with path.open("ab") as file:
        file.write(b'{"status": "se')
    log.append(path, beat("two password=hunter2hunter"))
    found = log.entries(path)
    assert [entry["preview"] for entry in found] == ["two password=[redacted:password]", "one"]
    assert log.entries(path, 1) == found[:1]
    assert path.stat().st_mode & 0o777 == 0o600


def test_the_oldest_go_first(tmp_path, monkeypatch):
    monkeypatch.setattr(log, "LARGEST", 5_000)
    monkeypatch.setattr(log, "KEPT", 4)
    path = tmp_path / "heartbeat.jsonl"
    for number in range(30):
        log.append(path, beat(f"{number}"))
    assert path.stat().st_size < 6_000
    assert [entry["preview"] for entry in log.entries(path)][:2] == ["29", "28"]
