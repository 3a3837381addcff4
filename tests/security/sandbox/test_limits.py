from __future__ import annotations

import os

import pytest

from localgpt.security.sandbox import limits
from localgpt.security.sandbox.plan import Plan


@pytest.mark.parametrize(
    ("strength", "user", "counted", "held"),
    [
        ("weaker", 0, False, False),
        ("weaker", 0, True, True),
        ("weaker", 1000, False, True),
        ("full", 0, False, True),
    ],
)
def test_root_behind_weaker_walls_needs_somebody_who_counts(strength, user, counted, held, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: user)
    told = Plan(("ls",), "/w").orders(strength, "/s")
    if held:
        limits.hold(told, counted=counted)
    else:
        with pytest.raises(OSError, match="root"):
            limits.hold(told, counted=counted)


def test_threads_of_a_user_are_counted():
    assert limits.threads_of(os.getuid()) >= 1
    assert limits.threads_of(2**31 - 7) == 0
