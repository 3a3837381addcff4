"""The settings of the heartbeat, and what they mean."""

from __future__ import annotations

from localgpt.core import config
from localgpt.scheduler.rules import Rules


def rules(text: str = "") -> Rules:
    return Rules.of(config.read(text))


def test_the_usual_rules():
    found = rules()
    assert (found.enabled, found.interval, found.timeout, found.parallel) == (True, 1800, 600, 3)
    assert found.hours.always
    assert found.problems == ()
    assert (found.allowed.turns, found.allowed.tokens, found.allowed.usd) == (60, 300_000, 1.0)


def test_the_rust_localgpts_settings_mean_what_they_did():
    found = rules(
        '[heartbeat]\nenabled = false\ninterval = "1h30m"\ntimezone = "Europe/Vienna"\n'
        '[heartbeat.active_hours]\nstart = "09:00"\nend = "17:00"'
    )
    assert (found.enabled, found.interval, found.spelled) == (False, 5400, "1h30m")
    assert found.hours.spelled == "09:00-17:00 Europe/Vienna"


def test_a_short_interval_has_a_short_time_out():
    assert rules('heartbeat.interval = "4m"').timeout == 120
    assert rules('heartbeat.interval = "10s"').timeout == 60
    assert rules('heartbeat.timeout = "90s"').timeout == 90


def test_what_can_not_be_read_is_told_and_the_usual_is_used():
    found = rules('heartbeat.interval = "often"\nheartbeat.timeout = "x"\nheartbeat.timezone = "Nowhere"')
    assert (found.interval, found.timeout) == (1800, 600)
    assert [problem.split()[0] for problem in found.problems] == [
        "heartbeat.interval",
        "heartbeat.timeout",
        "heartbeat.timezone",
    ]
