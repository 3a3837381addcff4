"""Everything that goes wrong, as JSON."""

from __future__ import annotations

import inspect
import json

import pytest

from localgpt.core import errors
from localgpt.core.errors import LocalGPTError
from localgpt.server import problems
from localgpt.server.problems import Refusal

KINDS = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, LocalGPTError)]


@pytest.mark.parametrize("kind", KINDS)
def test_every_error_has_a_status_and_its_sentence(kind):
    answer = problems.answer(kind("It broke.", hint="Mend it."))
    assert 400 <= answer.status_code < 600
    assert json.loads(bytes(answer.body)) == {
        "error": {"code": kind.code, "message": "It broke.", "hint": "Mend it."}
    }


def test_the_owners_mistakes_are_no_failures_of_the_server():
    ours = {kind.__name__ for kind in KINDS if problems.status_of(kind("x")) >= 500}
    assert ours.isdisjoint(
        {"UsageError", "ConfigError", "NotFound", "Conflict", "OutsideError", "UnknownModel"}
    )


def test_a_refusal_has_a_status_and_headers_of_its_own():
    answer = problems.answer(Refusal(429, "often", "Too often.", headers={"Retry-After": "3"}))
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "3")
    assert json.loads(bytes(answer.body))["error"]["code"] == "often"


def test_when_to_come_back_is_told():
    assert problems.answer(errors.RateLimited("x", retry_after=2.6)).headers["retry-after"] == "3"


def test_a_bug_shows_nothing_of_itself():
    assert b"secret" not in problems.answer_bug(ValueError("secret")).body
    assert problems.answer_bug(UnicodeEncodeError("utf-8", "\ud800", 0, 1, "x")).status_code == 422
