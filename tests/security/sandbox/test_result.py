from __future__ import annotations

import pytest

from localgpt.security.sandbox.result import Report, Result, report_of


@pytest.mark.parametrize(
    ("text", "report"),
    [
        ("", Report()),
        ("code 3\n", Report(code=3)),
        ("ended timeout\ncode 137\n", Report(code=137, reason="timeout")),
        ("failed mounts: no\nfailed later: no\ncode 125\n", Report(code=125, failed="mounts: no")),
        ("code x\n", Report()),
    ],
)
def test_a_report_is_read_from_its_lines(text, report):
    assert report_of(text) == report


def test_what_the_owner_should_know_is_said():
    assert Result(0, "", "", 1.0, "full").sentences == ()
    said = Result(137, "", "", 1.0, "weaker", reason="memory", cut=True).sentences
    assert [sentence.split()[0] for sentence in said] == ["It", "More", "It"]
