"""How long things take, as people write it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localgpt.scheduler.duration import seconds, spelled


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("30", 1800),
        ("30m", 1800),
        ("1h30m", 5400),
        ("1h 30m", 5400),
        ("2d", 172800),
        ("45s", 45),
        ("500ms", 0.5),
        ("0m", 0),
        ("0", 0),
        ("1.5h", 5400),
        (" 10M ", 600),
        ("", None),
        ("m", None),
        ("10x", None),
        ("-5m", None),
        ("1h30", None),
        ("nan", None),
        ("99999999d", None),
        ("٣m", None),
        ("1h" * 10_000 + "!", None),
    ],
)
def test_durations_are_read_as_openclaw_reads_them(text, expected):
    assert seconds(text) == expected


@given(st.integers(0, 10**8))
def test_what_is_spelled_is_read_again(value):
    assert seconds(spelled(value)) == value


@given(st.text(max_size=40))
def test_no_text_breaks_it(text):
    found = seconds(text)
    assert found is None or found >= 0
