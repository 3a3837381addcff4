"""``localgpt heartbeat`` as it is typed."""

from __future__ import annotations

import json
import os

import pytest

from localgpt.core import settings


@pytest.fixture(autouse=True)
def _recall(home):
    settings.change(home, "agent.default_model", "recall")
    settings.change(home, "heartbeat.notify", "false")


def write(home, text: str) -> None:
    home.workspace.mkdir(parents=True, exist_ok=True)
    path = home.workspace / "HEARTBEAT.md"
    path.write_text(text)
    os.utime(path, (0, 0))


def test_how_it_stands_and_what_comes_next(run, home):
    assert "Nothing stands in HEARTBEAT.md, so nothing runs." in run("heartbeat", "status").out
    write(home, "- [ ] Water the plants\n- [ ] Other @2999-01-01\n")
    found = run("heartbeat", "status")
    assert "Something is due." in found.out
    assert "Water the plants" in found.out
    assert "Not before 2999-01-01 00:00." in found.out
    assert "0 of 60 turns, 0 of 300,000 tokens, 0 of 1 US dollars" in found.out


def test_as_json_it_has_the_rust_localgpts_fields(run, home):
    write(home, "- [ ] Water the plants\n")
    found = json.loads(run("heartbeat", "status", "--format", "json").out)
    assert (found["enabled"], found["interval"], found["last_event"]) == (True, "30m", None)
    assert [item["name"] for item in found["plan"]["items"]] == ["Water the plants"]


def test_paused_and_resumed(run, home):
    write(home, "- [ ] a\n")
    assert run("heartbeat", "pause").out.startswith("Paused.")
    assert "It is paused" in run("heartbeat", "status").out
    assert "Something is due." in run("heartbeat", "resume").out


def test_without_a_model_it_says_so_and_fails(run, home):
    write(home, "- [ ] a\n")
    for arguments in ((), ("--dry-run",)):
        done = run("heartbeat", "run", *arguments)
        assert (done.code, "recall only quotes" in done.err) == (1, True)


def test_nothing_to_do_is_no_failure(run, home):
    write(home, "")
    done = run("heartbeat", "run", "--format", "json")
    assert (done.code, json.loads(done.out)["reason"]) == (0, "empty-heartbeat-file")
    assert "It has done nothing yet." in run("heartbeat", "log").err


def test_a_setting_that_can_not_be_read_is_told(run, home):
    settings.change(home, "heartbeat.interval", "often")
    assert "heartbeat.interval is 'often'" in run("heartbeat", "status").err


def test_what_it_did_is_listed(run, home):
    from datetime import UTC, datetime

    from localgpt.scheduler import log
    from localgpt.scheduler.reports import Beat, Run

    moment = datetime(2026, 11, 23, 12, tzinfo=UTC)
    log.append(
        home.state / "heartbeat.jsonl", Beat(moment, "sent", runs=(Run("a", "box", "sent", text="Dry."),))
    )
    assert "sent       Dry." in run("heartbeat", "log").out
    assert json.loads(run("heartbeat", "log", "--format", "json").out)["beats"][0]["preview"] == "Dry."
    assert "Dry." in run("heartbeat", "status").out
