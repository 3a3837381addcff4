"""Days and times out of a text."""

from __future__ import annotations

import pytest

from localgpt.security.moments import days_in, times_in


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("2026-05-14", {"2026-05-14"}),
        ("14.5.2026", {"2026-05-14"}),
        ("14. 5.", {"--05-14"}),
        ("May 14th", {"--05-14"}),
        ("14th of May, 2026", {"2026-05-14"}),
        ("14. Mai 2026 und 3. März", {"2026-05-14", "--03-03"}),
        ("version 1.2.3 of 99", set()),
        ("2026-13-01", set()),
    ],
)
def test_days(text, days):
    assert days_in(text)[0] == days


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("at 10:30", {"10:30"}),
        ("3 pm", {"15:00"}),
        ("12 am", {"00:00"}),
        ("um 10 Uhr 30", {"10:30"}),
        ("um 10.30 Uhr", {"10:30"}),
        ("12.50 euros", set()),
        ("25:99", set()),
    ],
)
def test_times(text, times):
    assert times_in(text)[0] == times


def test_what_was_found_is_gone_from_the_rest():
    days, rest = days_in("on 2026-05-14 at 10:30 for 20")
    assert (len(days), times_in(rest)[1].split()) == (1, ["on", "at", "for", "20"])
