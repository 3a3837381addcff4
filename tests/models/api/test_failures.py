"""What goes wrong with a vendor, as one sentence and the way out; and the law that nothing else ever comes out."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from tests.support.asking import KEY, SHAPES, ask, asked, calls, engine_at, finished, gather, run, text
from tests.support.fake_providers import (
    Broken,
    Call,
    Fail,
    FailLater,
    FakeProviders,
    Raw,
    Reply,
    Say,
    Silence,
    wire,
)

from localgpt.core.errors import (
    ContextTooLong,
    CutOff,
    LocalGPTError,
    ModelError,
    NotLoggedIn,
    Overloaded,
    RateLimited,
    Refused,
    UnknownModel,
)
from localgpt.models.api import ApiEngine, failures
from localgpt.models.api.answer import Patience
from localgpt.models.base import EngineEvent
from localgpt.models.retrying import Retrying, UsedUp

ANT, OAI, BOX = SHAPES[0], SHAPES[1], SHAPES[3]
QUOTA = "You exceeded your current quota"

TABLE: list[tuple[str, Reply, type[ModelError], str, str]] = [
    (ANT, Fail(401, "invalid x-api-key"), NotLoggedIn, r"Anthropic did not accept the API key \(invalid x-api-key\)\.", "Check ANTHROPIC_API_KEY"),
    (OAI, Fail(401, "Incorrect API key", code="invalid_api_key"), NotLoggedIn, "OpenAI did not accept the API key", "Check OPENAI_API_KEY"),
    (ANT, Fail(403, "forbidden"), NotLoggedIn, "Anthropic did not accept", "providers.anthropic.api_key"),
    (BOX, Fail(401, "who are you"), NotLoggedIn, "mybox wants an API key", "providers.mybox.api_key"),
    (ANT, Fail(404, "model: fake-modle"), UnknownModel, "Anthropic has no model 'fake-model'", "Did you mean anthropic/fake-model"),
    (OAI, Fail(404, "no such model", code="model_not_found"), UnknownModel, "OpenAI has no model", "Did you mean openai/fake-model"),
    (BOX, Fail(404, "x"), UnknownModel, "mybox has no model", "Did you mean mybox/fake-model"),
    (ANT, Fail(429, "slow", {"retry-after": "7"}), RateLimited, "Anthropic takes no more requests for now", "in 7 s"),
    (OAI, Fail(429, "slow", {"retry-after": "7"}), RateLimited, "OpenAI takes no more requests for now", "in 7 s"),
    (OAI, Fail(429, "slow"), RateLimited, "OpenAI takes no more requests", "Try again later"),
    (OAI, Fail(429, QUOTA, kind="insufficient_quota", code="insufficient_quota"), RateLimited, "The credit with OpenAI is used up", "Add credit"),
    (ANT, Fail(400, "Your credit balance is too low to access the API"), RateLimited, "The credit with Anthropic is used up", "Add credit"),
    (ANT, Fail(500, "boom"), Overloaded, r"Anthropic is busy or failing \(500, boom\)", "Try again later"),
    (ANT, Fail(529, "Overloaded"), Overloaded, "busy or failing", "another model"),
    (OAI, Fail(503, "no"), Overloaded, "OpenAI is busy or failing", "another model"),
    (BOX, Fail(502, "bad gateway"), Overloaded, "mybox is busy", "another model"),
    (ANT, Fail(400, "prompt is too long: 250000 tokens > 200000 maximum"), ContextTooLong, "longer than anthropic/fake-model takes", "/compact"),
    (OAI, Fail(400, "This model's maximum context length is 8192 tokens.", code="context_length_exceeded"), ContextTooLong, "longer than", "/new"),
    (BOX, Fail(400, "the request exceeds the available context size", kind="exceed_context_size_error"), ContextTooLong, "longer than", "larger window"),
    (BOX, Fail(413, "too big"), ContextTooLong, "longer than", "larger window"),
    (ANT, Say("I can", stop="refusal"), Refused, "Anthropic would not answer this", "other words"),
    (OAI, Say("", stop="content_filter"), Refused, "OpenAI would not answer this", "other words"),
    (ANT, Fail(400, "tool names must be ascii"), ModelError, r"Anthropic can't do this \(400, tool names must be ascii\)", "another model"),
    (BOX, Fail(418, "teapot"), ModelError, r"mybox can't do this \(418, teapot\)", "another model"),
    (ANT, FailLater(), CutOff, "Anthropic stopped in the middle of its answer: Overloaded", "go on"),
    (OAI, FailLater(), CutOff, "OpenAI stopped in the middle of its answer: Overloaded", "go on"),
    (BOX, Raw(b"<html>Welcome</html>", "text/html"), ModelError, "mybox", ""),
    (ANT, Raw(b"data: {broken\n\n"), ModelError, "Anthropic", ""),
    (OAI, Raw(b"data: {broken\n\n"), ModelError, "OpenAI", ""),
    (OAI, Raw(b"data: [1, 2]\n\ndata: 3\n\n"), ModelError, "OpenAI", ""),
    (BOX, Raw(b"\xff\xfe\x00data: \x00"), ModelError, "mybox", ""),
    (BOX, Raw(b""), ModelError, "mybox", ""),
]  # fmt: skip


@pytest.mark.parametrize(("name", "reply", "kind", "sentence", "hint"), TABLE)
def test_each_failure_has_its_sentence(
    name: str, reply: Reply, kind: type[ModelError], sentence: str, hint: str
):
    with FakeProviders(reply, models=("fake-model-2", "other")) as fake:
        engine = engine_at(fake, name)
        with pytest.raises(kind, match=sentence) as caught:
            ask(engine)
    assert hint in caught.value.hint
    assert caught.value.message.endswith(".")
    assert "\n" not in caught.value.message + caught.value.hint


def test_an_unknown_model_without_a_near_one_lists_some_and_without_a_list_doubts_the_address():
    with FakeProviders(Fail(404, "x"), models=[f"qwen{n}" for n in range(7)]) as fake:
        with pytest.raises(UnknownModel) as caught:
            ask(engine_at(fake, "mybox/zzzzzz"))
        assert caught.value.hint == "It has: qwen0, qwen1, qwen2, qwen3, qwen4 …"
        fake.models = ()
        with pytest.raises(UnknownModel, match="zzzzzz") as caught:
            ask(engine_at(fake, "mybox/zzzzzz"))
    assert "the right address? (providers.mybox.base_url)" in caught.value.hint


@pytest.mark.parametrize(
    ("told", "window", "tokens"),
    [
        ("prompt is too long: 213,462 tokens > 200,000 maximum", 200_000, 213_462),
        (
            "This model's maximum context length is 8192 tokens. However, your messages resulted in 24500 tokens.",
            8192,
            24_500,
        ),
        (
            "The maximum context length is 8192 tokens. You requested 9626 tokens (5530 and 4096 to complete).",
            8192,
            9626,
        ),
        ("request (9043 tokens) exceeds the available context size (8192 tokens)", 8192, 9043),
        ("This model's maximum context length is 8192 tokens.", 8192, 0),
        ("the request exceeds the available context size", None, None),
        ("", None, None),
    ],
)
def test_how_long_it_was_and_may_be_is_read_from_the_vendors_words(told, window, tokens):
    found = failures.sizes(told)
    assert (found.get("window"), found.get("tokens")) == (window, tokens)


@pytest.mark.parametrize(
    "told", ["You exceeded your current quota", "Daily limit reached", "Your monthly quota is used up"]
)
def test_a_limit_that_lasts_is_not_waited_for(told):
    with FakeProviders(Fail(429, told, {"retry-after": "1"})) as fake:
        engine = Retrying(engine_at(fake))
        with pytest.raises(UsedUp):
            run(engine, lambda: gather(engine, asked(), []))  # type: ignore[arg-type]
        assert len(fake.requests) == 1


def test_retry_after_is_kept_and_a_used_up_quota_waits_for_long():
    with FakeProviders(Fail(429, "x", {"retry-after": "7"})) as fake:
        with pytest.raises(RateLimited) as caught:
            ask(engine_at(fake))
        assert caught.value.retry_after == 7
    with FakeProviders(Fail(429, QUOTA, code="insufficient_quota", kind="insufficient_quota")) as fake:
        engine = Retrying(engine_at(fake, "openai/fake-model"))
        with pytest.raises(UsedUp):
            run(engine, lambda: gather(engine, asked(), []))  # type: ignore[arg-type]
        assert len(fake.requests) == 1


def test_too_many_requests_and_then_an_answer():
    with FakeProviders(Fail(429, "slow", {"retry-after": "1"}), Say("Now.")) as fake:
        engine = Retrying(engine_at(fake))
        events: list[EngineEvent] = []
        begin = time.monotonic()
        run(engine, lambda: gather(engine, asked(), events))  # type: ignore[arg-type]
        assert time.monotonic() - begin >= 1
        assert len(fake.requests) == 2
    assert text(events) == "Now."


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("ollama/m", "Is it running? Start it with: ollama serve"),
        ("lmstudio/m", "Start it with: lms server start"),
        ("mybox/m", "Is it running?"),
        ("anthropic/m", "Is it running?"),
    ],
)
def test_a_server_on_this_machine_that_is_not_there(name: str, hint: str):
    with pytest.raises(Overloaded, match=r"can't be reached at http://127\.0\.0\.1:9") as caught:
        ask(engine_at("http://127.0.0.1:9", name))
    assert hint in caught.value.hint


def test_a_service_elsewhere_out_of_reach(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("NO_PROXY", "")  # by the closed door that stands for a proxy
    with pytest.raises(Overloaded, match=r"OpenAI can't be reached \(api\.example\.com\)") as caught:
        ask(engine_at("https://api.example.com", "openai/m"))
    assert "network" in caught.value.hint


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("before", [True, False])
def test_silence_is_not_waited_for(name: str, before: bool):
    with FakeProviders(Silence(20, before=before)) as fake:
        begin = time.monotonic()
        with pytest.raises(Overloaded, match="did not answer in time"):
            ask(engine_at(fake, name, patience=Patience(first=0.3, idle=0.3)))
        assert time.monotonic() - begin < 10


@pytest.mark.parametrize("name", SHAPES)
def test_a_pause_that_is_too_long_cuts_off_and_keeps_what_came(name: str):
    with FakeProviders(Say("a", "b", "c", gap=0.7)) as fake:
        events: list[EngineEvent] = []
        with pytest.raises(CutOff, match="stopped in the middle"):
            ask(engine_at(fake, name, patience=Patience(first=10, idle=0.3)), into=events)
    assert text(events) in {"a", "ab"}


@pytest.mark.parametrize("name", SHAPES)
def test_keys_never_stand_in_a_sentence(name: str):
    leak = f"The key {KEY} of sk-proj-abcdefghijklmnopqrstuvwxyz0123 is unknown"
    for status in (400, 401, 404, 429, 500):
        with FakeProviders(Fail(status, leak)) as fake, pytest.raises(ModelError) as caught:
            ask(engine_at(fake, name))
        told = f"{caught.value} {caught.value.hint}"
        assert KEY not in told
        assert "sk-proj-abc" not in told


def test_a_vendors_long_story_is_cut_and_its_pages_are_left_out():
    with FakeProviders(Fail(400, "x\n" * 1000)) as fake, pytest.raises(ModelError) as caught:
        ask(engine_at(fake))
    assert len(caught.value.message) < 300
    page = Raw(b"<html><body>nginx</body></html>", "text/html", 502)
    with FakeProviders(page) as fake, pytest.raises(Overloaded) as caught:
        ask(engine_at(fake))
    assert caught.value.message == "mybox is busy or failing (502)."


# The law: wherever the line breaks, nothing but our errors comes out, and what came is kept

WHOLE = Say(
    "Grüße ", "aus ", "Köln.", thinking=("Hm, ", "well."), calls=[Call("remember", '{"text": "a"}')]
)  # fmt: skip
SAID = "Grüße aus Köln."


def check_broken_at(engine: ApiEngine, fake: FakeProviders, cuts: list[int]) -> None:
    async def work() -> None:
        for at in cuts:
            fake.replies = [Broken(WHOLE, at)]
            events: list[EngineEvent] = []
            try:
                await gather(engine, asked(), events)
            except LocalGPTError as error:
                assert error.message.endswith("."), at  # noqa: PT017 - most cuts raise, the last ones need not
                assert calls(events) == [], at
            else:
                assert text(events) == SAID, at
                assert calls(events), at
                finished(events)
            assert SAID.startswith(text(events)), at

    run(engine, work)


def path_of(name: str) -> str:
    return "/v1/messages" if name.startswith("anthropic") else "/v1/chat/completions"


@pytest.mark.parametrize("name", [ANT, BOX])
def test_a_line_that_breaks_anywhere_sampled(name: str):
    length = len(wire(WHOLE, path_of(name)))
    with FakeProviders() as fake:
        check_broken_at(engine_at(fake, name), fake, list(range(0, length, 97)))


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", SHAPES)
def test_a_line_that_breaks_anywhere(name: str):
    length = len(wire(WHOLE, path_of(name)))
    with FakeProviders() as fake:
        check_broken_at(engine_at(fake, name), fake, list(range(length + 1)))


@pytest.mark.parametrize("name", SHAPES)
def test_a_stream_that_ends_early_without_breaking_is_cut_off(name: str):
    frames = wire(Say("Half", " of it"), path_of(name)).partition(b"\r\n\r\n")[2]
    body = b"".join(piece for piece in frames.split(b"\r\n") if piece.startswith((b"data:", b"event:")))
    half = body[: body.index(b"of it")]
    proper = half[: half.rindex(b"\n\n") + 2]
    events: list[EngineEvent] = []
    with FakeProviders(Raw(proper)) as fake, pytest.raises(CutOff, match="stopped in the middle"):
        ask(engine_at(fake, name), into=events)
    assert text(events) == "Half"


def test_errors_of_many_at_once_stay_apart():
    with FakeProviders(Fail(500, "boom")) as fake:
        engine = engine_at(fake)

        async def work() -> list[Any]:
            asks = [gather(engine, asked(), []) for _ in range(10)]
            return await asyncio.gather(*asks, return_exceptions=True)

        assert {type(one) for one in run(engine, work)} == {Overloaded}
