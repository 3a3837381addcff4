from __future__ import annotations

import pytest

ORIGINAL = {"enabled", "interval", "last_event"}


def test_how_it_stands_has_the_shape_of_the_original(own):
    found = own.api.get("/api/heartbeat/status").json()
    assert set(found) >= ORIGINAL | {"paused", "next_at", "budget"}
    assert (found["enabled"], found["interval"], found["last_event"]) == (True, "30m", None)
    assert set(found["budget"]) == {"turns", "tokens", "usd"}


def test_nothing_to_do_runs_nothing(own):
    beat = own.api.post("/api/heartbeat/run").json()
    assert (beat["status"], beat["runs"]) == ("skipped", [])
    assert beat["text"]
    assert own.api.get("/api/heartbeat/log").json() == {"beats": []}


def test_what_is_open_is_planned_previewed_run_and_logged(own):
    own.note("HEARTBEAT.md", "- [ ] Look after <b>the ferry</b>\n")
    plan = own.api.get("/api/heartbeat/plan").json()
    assert [(item["name"], item["kind"]) for item in plan["items"]] == [
        ("Look after <b>the ferry</b>", "box")
    ]
    assert plan["items"][0]["why"]
    would = own.api.post("/api/heartbeat/run", json={"dry_run": True}).json()
    assert (would["status"], would["runs"]) == ("dry-run", [])
    assert "ferry" in would["would"][0]["prompt"]
    beat = own.api.post("/api/heartbeat/run", json={}).json()
    assert beat["runs"][0]["name"] == "Look after <b>the ferry</b>"
    assert own.api.get("/api/heartbeat/log").json()["beats"][0]["status"] == beat["status"]
    assert own.api.get("/api/heartbeat/status").json()["last_event"]["status"] == beat["status"]


def test_it_rests_and_goes_on(own):
    assert own.api.post("/api/heartbeat/pause", json={"paused": True}).json()["paused"]
    assert own.api.get("/api/heartbeat/status").json()["paused"]
    assert not own.api.post("/api/heartbeat/pause", json={"paused": False}).json()["paused"]


@pytest.mark.parametrize(
    "text", ["", "\0\1", "- [ ] x\n" * 130_000, "tasks:\n  - name: [\n", "<script>" * 1000]
)
def test_whatever_stands_in_the_file_there_is_a_plan(own, text):
    own.note("HEARTBEAT.md", text)
    assert own.api.get("/api/heartbeat/plan").status_code == 200
    assert own.api.get("/api/heartbeat/status").status_code == 200


def test_what_makes_no_sense_is_refused(server):
    assert server.api.post("/api/heartbeat/pause", json={}).status_code == 422
    assert server.api.get("/api/heartbeat/log", params={"limit": 0}).status_code == 422
    assert server.client().get("/api/heartbeat/status").status_code == 401
