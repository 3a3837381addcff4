"""The hours in which it may run: zones, midnight, and clocks that jump."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localgpt.scheduler.hours import Hours

VIENNA = ZoneInfo("Europe/Vienna")


def at(text: str, zone: ZoneInfo = VIENNA) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("start", "end", "moment", "is_open"),
    [
        ("08:00", "22:00", "2026-11-23 08:00", True),
        ("08:00", "22:00", "2026-11-23 07:59", False),
        ("08:00", "22:00", "2026-11-23 21:59", True),
        ("08:00", "22:00", "2026-11-23 22:00", False),
        ("08:00", "24:00", "2026-11-23 23:59", True),
        ("00:00", "24:00", "2026-11-23 00:00", True),
        ("22:00", "06:00", "2026-11-23 23:00", True),
        ("22:00", "06:00", "2026-11-24 05:59", True),
        ("22:00", "06:00", "2026-11-24 06:00", False),
        ("09:00", "09:00", "2026-11-23 09:00", False),
        ("08:00", "", "2026-11-23 23:59", True),
        ("", "08:00", "2026-11-23 08:00", False),
        ("", "", "2026-11-23 03:00", True),
        ("8 o'clock", "22:00", "2026-11-23 03:00", True),
        ("08:61", "22:00", "2026-11-23 03:00", True),
        ("24:00", "22:00", "2026-11-23 03:00", True),
    ],
)
def test_within_or_not(start, end, moment, is_open):
    assert Hours.of(start, end, "Europe/Vienna").open(at(moment)) is is_open


def test_the_zone_counts_not_the_moments_own():
    hours = Hours.of("08:00", "22:00", "Asia/Tokyo")
    assert hours.open(datetime(2026, 11, 23, 0, 0, tzinfo=UTC))  # nine in the morning there
    assert not hours.open(datetime(2026, 11, 23, 14, 0, tzinfo=UTC))
    assert hours.spelled == "08:00-22:00 Asia/Tokyo"


@pytest.mark.parametrize("zone", ["", "local", "user"])
def test_without_a_zone_it_is_this_machines(zone):
    assert Hours.of("08:00", "22:00", zone).zone is None


@pytest.mark.parametrize("zone", ["Europe/Wien", "../etc/passwd", "Europe", "x" * 500, "\0"])
def test_a_zone_that_nobody_knows_closes_nothing_and_is_told(zone):
    hours = Hours.of("08:00", "22:00", zone)
    assert hours.always
    assert "heartbeat.timezone" in hours.problem


def test_a_time_that_nobody_can_read_is_told():
    assert "'8 Uhr'" in Hours.of("8 Uhr", "22:00").problem


@pytest.mark.parametrize(
    ("start", "end", "now", "opens"),
    [
        ("08:00", "22:00", "2026-11-23 07:00", "2026-11-23 08:00"),
        ("08:00", "22:00", "2026-11-23 22:00", "2026-11-24 08:00"),
        ("08:00", "22:00", "2026-11-23 12:00", "2026-11-23 12:00"),
        ("22:00", "06:00", "2026-11-23 12:00", "2026-11-23 22:00"),
        ("02:30", "22:00", "2026-03-29 01:00", "2026-03-29 03:00"),  # that night there is no half past two
        ("02:30", "22:00", "2026-10-25 01:00", "2026-10-25 02:30"),  # and that night there are two
    ],
)
def test_when_it_opens(start, end, now, opens):
    found = Hours.of(start, end, "Europe/Vienna").opens(at(now))
    assert found is not None
    assert found.astimezone(UTC) == at(opens).astimezone(UTC)


def test_a_window_without_width_never_opens():
    assert Hours.of("09:00", "09:00").opens(at("2026-11-23 08:00")) is None


@given(
    st.integers(0, 1439),
    st.integers(0, 1440),
    st.sampled_from(["Europe/Vienna", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"]),
    st.integers(0, 366 * 24 * 60),
)
def test_it_opens_at_the_first_moment_at_which_it_is_open(start, end, zone, minutes):
    hours = Hours(start, end, ZoneInfo(zone))
    now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    opens = hours.opens(now)
    if opens is None:
        assert start == end or (start, end) == (0, 0)
        return
    assert opens >= now
    assert hours.open(opens)
    assert opens == now or not hours.open(opens - timedelta(minutes=1)) or opens - now < timedelta(minutes=1)
