"""Every way in which the command says that it failed has its error, and a way on."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localgpt.core.errors import (
    ContextTooLong,
    CutOff,
    ModelError,
    NotLoggedIn,
    Overloaded,
    RateLimited,
    Refused,
    UnknownModel,
)
from localgpt.models.claude_cli import failures
from localgpt.models.retrying import UsedUp


def result(said="", **more):
    return {"type": "result", "subtype": "success", "is_error": True, "result": said, **more}


SEEN = [
    (
        result("Not logged in · Please run /login", api_error_status=None),
        "authentication_failed",
        NotLoggedIn,
    ),
    (
        result("Invalid API key · Fix external API key", api_error_status=401),
        "authentication_failed",
        NotLoggedIn,
    ),
    (
        result("Failed to authenticate. API Error: 403 x", api_error_status=403),
        "authentication_failed",
        NotLoggedIn,
    ),
    (result("OAuth token has expired", api_error_status=None), "", NotLoggedIn),
    (result("API Error: Request rejected (429)", api_error_status=429), "rate_limit", RateLimited),
    (result("You've hit your session limit · resets 3pm", api_error_status=None), "", UsedUp),
    (result("Claude AI usage limit reached|1760000000", api_error_status=None), "", UsedUp),
    (result("Credit balance is too low", api_error_status=400), "billing_error", UsedUp),
    (
        result("There's an issue with the selected model (x).", api_error_status=404),
        "model_not_found",
        UnknownModel,
    ),
    (result("API Error: 529 Overloaded.", api_error_status=529), "server_error", Overloaded),
    (result("API Error: 500 Internal.", api_error_status=500), "server_error", Overloaded),
    (
        result("API Error: Connection refused (ECONNREFUSED)", api_error_status=None),
        "server_error",
        Overloaded,
    ),
    (
        result("Prompt is too long", terminal_reason="prompt_too_long", api_error_status=400),
        "",
        ContextTooLong,
    ),
    (result("Request too large (max 32MB).", api_error_status=413), "invalid_request", ContextTooLong),
    (result("API Error: can't help", stop_reason="refusal"), "invalid_request", Refused),
    (result("API Error: 400 bad thing", api_error_status=400), "unknown", ModelError),
    (result("", errors=["No conversation found"], subtype="error_during_execution"), "", ModelError),
]


@pytest.mark.parametrize(("told", "kind", "error"), SEEN, ids=lambda value: str(value)[:40])
def test_each_failure_that_was_seen_has_its_error(told, kind, error):
    made = failures.from_result(told, model="claude-cli/opus", kind=kind)
    assert type(made) is error
    assert made.hint
    assert failures.words_of(told) in made.message


def test_what_the_last_retry_waited_is_passed_on():
    made = failures.from_result(result(api_error_status=429), model="m", retry_after=7.0)
    assert isinstance(made, RateLimited)
    assert made.retry_after == 7.0


def test_not_logged_in_says_what_to_do():
    made = failures.from_result(result("Not logged in · Please run /login"), model="m")
    assert made.hint == "Run `claude` once and log in, or choose another model: localgpt model list"


def test_what_it_said_is_short_and_without_secrets():
    key = "sk-ant-api03-" + "a" * 40
    made = failures.died(139, f"boom {key}\n" + "x" * 5000, midway=True)
    assert isinstance(made, CutOff)
    assert key not in made.message
    assert len(made.message) < 600
    assert "\n" not in made.message


def test_before_the_first_word_it_is_no_cut_off():
    assert type(failures.died(1, "", midway=False)) is ModelError
    assert isinstance(failures.silent(5, midway=False), Overloaded)
    assert isinstance(failures.silent(5, midway=True), CutOff)


@given(
    st.dictionaries(
        st.sampled_from(["result", "errors", "api_error_status", "stop_reason"]),
        st.none() | st.text() | st.integers() | st.lists(st.integers()),
    )
)
def test_no_shape_of_a_result_breaks_it(told):
    assert failures.from_result(told, model="m").message
