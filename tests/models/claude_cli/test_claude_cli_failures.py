"""The engine on a fake command that fails: every way has its error, and the next request works."""

from __future__ import annotations

import pytest
from tests.support.claude import ask, assistant, engine, one, request, run, said, told, user
from tests.support.fake_claude import KEY

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
from localgpt.models.claude_cli import ClaudeCli, Patience
from localgpt.models.retrying import UsedUp

HELLO = "Hello from claude."


@pytest.mark.parametrize(
    ("scene", "error"),
    [
        ("not_logged_in", NotLoggedIn),
        ("bad_key", NotLoggedIn),
        ("forbidden", NotLoggedIn),
        ("no_model", UnknownModel),
        ("limit", RateLimited),
        ("subscription", UsedUp),
        ("credit", UsedUp),
        ("overloaded", Overloaded),
        ("broken_server", Overloaded),
        ("no_network", Overloaded),
        ("too_long", ContextTooLong),
        ("too_large", ContextTooLong),
        ("refusal", Refused),
        ("bad_request", ModelError),
        ("dies", CutOff),
        ("leaves", CutOff),
    ],
)
def test_each_failure_is_an_error_with_a_way_on(tmp_path, scene, error):
    with pytest.raises(ModelError) as raised:
        one(tmp_path, scene)
    assert type(raised.value) is error
    assert raised.value.hint
    if isinstance(raised.value, RateLimited) and scene == "limit":
        assert raised.value.retry_after == 7.0


def test_nobody_waits_for_an_hour(tmp_path):
    with pytest.raises(RateLimited, match="3600 s") as raised:
        one(tmp_path, "long_wait")
    assert raised.value.retry_after == 3600.0


def test_what_came_before_a_death_stays(tmp_path):
    async def work() -> None:
        made = engine(tmp_path)
        events = made.request(request(user("scene:dies")))
        assert said([await anext(events), await anext(events)]) == "One two "
        with pytest.raises(CutOff, match="139") as raised:
            await anext(events)
        assert "hunter2222" not in raised.value.message
        await made.aclose()

    run(work())


def test_after_a_failure_the_next_request_has_a_fresh_process(tmp_path):
    async def work() -> None:
        made = engine(tmp_path)
        with pytest.raises(CutOff):
            await ask(made, user("scene:dies"))
        assert len(made.warm) == 0
        past = [user("scene:dies"), assistant("One two "), user("scene:text")]
        assert said(await ask(made, *past)) == HELLO
        await made.aclose()

    run(work())
    assert "[assistant] One two " in told(tmp_path)[-1]


@pytest.mark.parametrize(("scene", "error"), [("hangs", Overloaded), ("deaf", CutOff)])
def test_silence_ends_in_an_error(tmp_path, scene, error):
    with pytest.raises(error, match=r"0\.5 seconds"):
        one(tmp_path, scene, patience=Patience(silence=0.5, interrupt=0.1, leave=1))


def test_a_command_that_does_not_come_up(tmp_path):
    with pytest.raises(ModelError, match="unknown option") as raised:
        one(tmp_path, "text", start="dies")
    assert KEY not in raised.value.message


def test_no_command_is_one_sentence(tmp_path):
    made = ClaudeCli(
        "opus", command="claude-that-nobody-has", env={"HOME": str(tmp_path)}, record=lambda *_: None
    )
    with pytest.raises(ModelError, match="no command 'claude-that-nobody-has'") as raised:
        run(ask(made, user("hi")))
    assert "Install Claude Code" in raised.value.hint
