"""Days that questions speak of."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localgpt.memory.when import Period, periods

TODAY = dt.date(2026, 11, 23)  # a Monday


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("what happened on 2023-05-08?", "2023-05-08", "2023-05-08"),
        ("in 2023-05", "2023-05-01", "2023-05-31"),
        ("on 8 May 2023", "2023-05-08", "2023-05-08"),
        ("on May 8th, 2023", "2023-05-08", "2023-05-08"),
        ("on the 8th of May 2023", "2023-05-08", "2023-05-08"),
        ("in May 2023", "2023-05-01", "2023-05-31"),
        ("am 8. Mai 2023", "2023-05-08", "2023-05-08"),
        ("am 8.5.2023", "2023-05-08", "2023-05-08"),
        ("im März 2024", "2024-03-01", "2024-03-31"),
        ("in 2022", "2022-01-01", "2022-12-31"),
        ("yesterday", "2026-11-22", "2026-11-22"),
        ("vorgestern", "2026-11-21", "2026-11-21"),
        ("what did I do today", "2026-11-23", "2026-11-23"),
        ("3 days ago", "2026-11-20", "2026-11-20"),
        ("two weeks ago", "2026-11-06", "2026-11-12"),
        ("vor zwei Wochen", "2026-11-06", "2026-11-12"),
        ("last week", "2026-11-09", "2026-11-23"),
        ("letzte Woche", "2026-11-09", "2026-11-23"),
        ("last Friday", "2026-11-20", "2026-11-20"),
        ("letzten Montag", "2026-11-16", "2026-11-16"),
        ("a fortnight ago", "2026-11-02", "2026-11-16"),
        ("vor vierzehn Tagen", "2026-11-09", "2026-11-09"),
        ("what happened last March?", "2026-03-01", "2026-03-31"),
        ("last November", "2025-11-01", "2025-11-30"),
        ("last December", "2025-12-01", "2025-12-31"),
        ("letzten Oktober", "2026-10-01", "2026-10-31"),
        ("im vergangenen Mai", "2026-05-01", "2026-05-31"),
        ("letzten Sommer", "2026-06-01", "2026-08-31"),
        ("last autumn", "2025-09-01", "2025-11-30"),
        ("last winter", "2025-12-01", "2026-02-28"),
        ("last month", "2026-10-01", "2026-10-31"),
        ("diesen Monat", "2026-11-01", "2026-11-30"),
        ("letztes Jahr", "2025-01-01", "2025-12-31"),
        ("this year", "2026-01-01", "2026-12-31"),
        ("vorletzte Woche", "2026-11-09", "2026-11-15"),
        ("im vorletzten Monat", "2026-09-01", "2026-09-30"),
        ("Anfang Mai 2025", "2025-05-01", "2025-05-12"),
        ("Ende Februar 2024", "2024-02-19", "2024-02-29"),
        ("in early May 2025", "2025-05-01", "2025-05-12"),
        ("le 8 mai 2023", "2023-05-08", "2023-05-08"),
        ("le 1er mars 2024", "2024-03-01", "2024-03-01"),
        ("el 8 de mayo de 2023", "2023-05-08", "2023-05-08"),
        ("l'8 maggio 2023", "2023-05-08", "2023-05-08"),
        ("qu'est-ce que nous avons fait hier ?", "2026-11-22", "2026-11-22"),
        ("¿qué hice ayer?", "2026-11-22", "2026-11-22"),
        ("cosa ho fatto ieri?", "2026-11-22", "2026-11-22"),
        ("la semaine dernière", "2026-11-09", "2026-11-23"),
        ("la semana pasada", "2026-11-09", "2026-11-23"),
        ("la settimana scorsa", "2026-11-09", "2026-11-23"),
        ("le mois dernier", "2026-10-01", "2026-10-31"),
        ("el mes pasado", "2026-10-01", "2026-10-31"),
        ("il mese scorso", "2026-10-01", "2026-10-31"),
        ("l'année dernière", "2025-01-01", "2025-12-31"),
        ("el lunes pasado", "2026-11-16", "2026-11-16"),
        ("venerdì scorso", "2026-11-20", "2026-11-20"),
        ("il y a deux semaines", "2026-11-06", "2026-11-12"),
        ("hace dos semanas", "2026-11-06", "2026-11-12"),
        ("due settimane fa", "2026-11-06", "2026-11-12"),
    ],
)
def test_periods(text, start, end):
    assert periods(text, TODAY) == (Period(start, end),)


@pytest.mark.parametrize(
    "text",
    [
        "May I go?",
        "we march on",
        "version 1.2.3",
        "call 20231231999",
        "",
        "at 10.30",
        "was liegt hier?",
        "life on Mars",
    ],
)
def test_no_period(text):
    assert periods(text, TODAY) == ()


def test_a_month_without_a_year_is_that_month_of_any_late_year():
    found = periods("what happened in March?", TODAY)
    assert any("2026-03-15" in period for period in found)
    assert any("2019-03-01" in period for period in found)
    assert not any("2026-04-01" in period for period in found)


@pytest.mark.parametrize("text", ["am 3.4.", "am 3. 4.", "am 3. April", "le 3 avril", "el 3 de abril"])
def test_a_day_without_a_year_is_that_day_of_any_late_year(text):
    found = periods(text, TODAY)
    assert any("2026-04-03" in period for period in found)
    assert not any("2026-04-04" in period or "2026-03-04" in period for period in found)


@pytest.mark.parametrize(
    ("today", "start"),
    [
        ("2026-01-10", "2024-12-01"),
        ("2026-02-28", "2024-12-01"),
        ("2026-03-01", "2025-12-01"),
        ("2026-12-24", "2025-12-01"),
    ],
)
def test_the_last_winter_is_one_that_is_over(today, start):
    assert periods("last winter", dt.date.fromisoformat(today))[0].start == start


def test_last_month_in_january_is_in_the_old_year():
    assert periods("last month", dt.date(2026, 1, 10)) == (Period("2025-12-01", "2025-12-31"),)


@given(st.text(alphabet="0123456789.- abcdeghilmnorstuvwyMay", max_size=80))
def test_any_text_gives_real_days_in_order(text):
    for period in periods(text, TODAY):
        assert dt.date.fromisoformat(period.start) <= dt.date.fromisoformat(period.end)
