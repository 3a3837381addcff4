"""What the heartbeat tells of itself, as JSON."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from localgpt.scheduler.reports import PREVIEW, Beat, Run, Would, moment

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def test_a_beat_as_json_has_the_rust_localgpts_fields_and_more():
    run = Run("a", "box", "sent", text="ü" * 300, told=("inbox",))
    found = json.loads(
        json.dumps(Beat(NOW, "sent", runs=(run,), would=(Would("a", "p", "m", True, ("inbox",)),)).as_json())
    )
    assert {"ts", "status", "duration_ms", "preview", "reason"} <= found.keys()
    assert (found["ts"], found["preview"]) == (1795435200000, "ü" * PREVIEW)
    assert found["runs"][0]["usage"] == {"input": 0, "output": 0, "cached": 0, "cost_usd": 0.0}
    assert found["would"] == [{"name": "a", "prompt": "p", "model": "m", "local": True, "to": ["inbox"]}]


def test_moments_are_in_utc():
    assert moment(NOW) == "2026-11-23T12:00:00Z"
    assert moment(None) is None
