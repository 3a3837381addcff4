"""What is due, and why: a pure function, held to its laws under clocks that jump."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localgpt.scheduler.due import MISSING, due
from localgpt.scheduler.heartbeat_file import read
from localgpt.scheduler.hours import Hours
from localgpt.scheduler.rules import Rules
from localgpt.scheduler.state import Ran, State

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
RULES = Rules(interval=1800, hours=Hours.of("", "", "UTC"))
TASK = "tasks:\n- name: a\n  interval: 1h\n  prompt: p\nprose"


def ago(minutes: float) -> float:
    return (NOW - timedelta(minutes=minutes)).timestamp()


def state(text: str, **fields: Any) -> State:
    (entry,) = read(text).entries
    return State({entry.key: Ran(**fields)})


def test_the_template_asks_for_nothing_and_a_missing_file_is_not_an_empty_one():
    assert due(NOW, read(""), State(), RULES).reason == "empty-heartbeat-file"
    assert due(NOW, read(""), State(), RULES).next_at is None
    found = due(NOW, None, State(), RULES)
    assert (found.reason, found.entries) == ("", (MISSING,))


@pytest.mark.parametrize(
    ("text", "fields", "is_due", "why"),
    [
        ("- [ ] a", {}, True, "never ran"),
        ("- [ ] a", {"last": ago(29)}, False, "Every 30m"),
        ("- [ ] a", {"last": ago(30)}, True, "Every 30m"),
        ("prose", {"last": ago(31)}, True, "Every 30m"),
        ("prose", {"last": ago(60), "checked": ago(10)}, False, "Every 30m"),
        (TASK, {"last": ago(31)}, False, "Every 1h"),
        (TASK, {"last": ago(60)}, True, "Every 1h"),
        (TASK, {"last": ago(-600)}, False, "2026-11-23 12:00"),
        ("- [ ] a @2026-11-23 12:01", {}, False, "Not before 2026-11-23 12:01"),
        ("- [ ] a @2026-11-23 12:00", {}, True, "never"),
        ("- [ ] a", {"question": "abc"}, False, "inbox (abc)"),
        ("- [ ] a", {"session": "s", "started": ago(1)}, True, "goes on"),
        ("- [ ] a", {"session": "s", "started": ago(1), "continued": True}, False, "Every"),
        ("- [ ] a", {"failures": 1, "retry": ago(-5), "error": "Oh."}, False, "failed once, next try"),
        ("- [ ] a", {"failures": 1, "retry": ago(0)}, True, "never"),
        ("- [ ] a", {"failures": 3, "retry": ago(-500)}, False, "rests until"),
        ("tasks:\n- name: a\n  interval: x\n  prompt: p", {}, False, "can't be read"),
    ],
)
def test_an_entry_and_its_past(text, fields, is_due, why):
    (verdict,) = due(NOW, read(text), state(text, **fields), RULES).verdicts
    assert verdict.due is is_due
    assert why in verdict.why
    assert verdict.due == (verdict.next_at == NOW)


def test_the_reasons_are_openclaws():
    assert due(NOW, read(TASK), state(TASK, last=ago(1)), RULES).reason == "no-tasks-due"
    assert due(NOW, read("- [ ] a"), state("- [ ] a", last=ago(1)), RULES).reason == "nothing-due"
    assert due(NOW, read("- [x] a"), State(), RULES).reason == "nothing-due"


def test_the_next_moment_is_the_earliest():
    found = due(NOW, read("- [ ] a\n- [ ] b @2026-11-23 12:10\n"), state("- [ ] a", last=ago(1)), RULES)
    assert found.next_at == datetime(2026, 11, 23, 12, 10, tzinfo=UTC)


@given(st.lists(st.integers(-400, 400), min_size=1, max_size=60))
def test_at_most_one_run_an_interval_whatever_the_clock_does(steps):
    """Each completed run needs an interval of time that has passed by the clock; setting it back is none."""
    file, known, now = read("- [ ] a"), State(), NOW
    (entry,) = file.entries
    forward, runs = 0, 0
    for step in steps:
        now += timedelta(minutes=step)
        forward += max(step, 0)
        known = known.at(now.timestamp())
        if due(now, file, known, RULES).entries:
            known = known.put(entry.key, Ran(last=now.timestamp()))
            runs += 1
            assert not due(now, file, known, RULES).entries
    assert runs <= 1 + forward / 30


@given(st.integers(-(10**6), 10**6), st.integers(0, 10**4))
def test_after_a_clock_that_was_set_back_it_runs_again_within_an_interval(minutes, wait):
    file = read("- [ ] a")
    known = State({file.entries[0].key: Ran(last=NOW.timestamp())})
    now = NOW + timedelta(minutes=minutes)
    found = due(now, file, known, RULES)
    assert found.next_at is not None
    assert found.next_at <= max(now, now + timedelta(minutes=30))
    later = now + timedelta(minutes=30 + wait)
    assert due(later, file, known.at(now.timestamp()), RULES).entries
