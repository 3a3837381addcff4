from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localgpt.agent.scales import LEAST, STEPS, Scale, Scales
from localgpt.core.values import Usage


@pytest.mark.parametrize(
    ("estimated", "reported", "window", "seen"),
    [
        (5_000, 5_000, 8_000, 8_000),
        (5_000, 6_200, 8_000, 8_000),  # within the reserve
        (5_000, 6_300, 8_000, 5_333),
        (5_000, 20_000, 8_000, 2_000),
        (5_000, 2_000, 8_000, 8_000),  # larger tokens than ours: room stays
        (5_000, 500_000, 8_000, 1_000),
        (400, 4_000, 8_000, 8_000),  # a small request, mostly what the vendor put around it
        (5_000, 0, 8_000, 8_000),  # nothing was reported
    ],
)
def test_a_window_in_our_tokens_follows_what_is_reported(estimated, reported, window, seen):
    scale = Scale()
    scale.used(estimated, Usage(cache_read_tokens=reported), window)
    assert scale.window(window) == seen


def test_a_report_never_widens_what_another_has_narrowed():
    scale = Scale()
    scale.used(5_000, Usage(input_tokens=20_000), 8_000)
    scale.used(5_000, Usage(input_tokens=5_000), 8_000)
    assert scale.ratio == 4


def test_a_refusal_with_figures_is_taken_at_its_word():
    scale = Scale()
    scale.refused(6_000, tokens=24_000, window=8_000)
    assert scale.window(8_000) == 1_800
    scale.refused(100_000)
    assert scale.window(8_000) == 1_800


@given(st.integers(1_000, 10**6), st.integers(0, 10**7), st.integers(0, 10**7), st.sampled_from(STEPS))
def test_after_a_refusal_less_fits_than_was_sent(estimated, tokens, window, ratio):
    scale = Scale(ratio)
    scale.refused(estimated, tokens, window)
    assert LEAST <= scale.window(10**9) < estimated


def test_each_engine_has_a_scale_of_its_own():
    scales = Scales()
    scales.of("a").refused(10_000)
    assert scales.of("a").window(8_000) == 5_000
    assert scales.of("b").window(8_000) == 8_000
