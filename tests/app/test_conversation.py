"""The ten turns of ``bench/conversation.py``, with every engine that this machine has: nothing that was shown is lost."""

from __future__ import annotations

import pytest
from bench.conversation import MODELS, Record, held, missing
from bench.ten_turns import ATTACH, COMPACT, FACT, HOLD, RETRY, WORDS
from tests.support.fake_providers import FakeProviders, Say, Seen
from tests.support.ten_turns import SUMMARY, answer

SLOW = ("llama", "claude", "openai", "ollama", "anthropic", "mybox")
ENGINES = [pytest.param(name, marks=[pytest.mark.slow] if name in SLOW else []) for name in MODELS]


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    if lack := missing(name):
        pytest.skip(lack)
    return name


def test_ten_turns_with_a_compaction_a_kill_and_a_retry(engine, tmp_path):
    record = held(engine, tmp_path)
    assert record.done == list(WORDS)
    assert record.lost == []
    assert record.errors == ""
    check_the_kill(record)
    check_the_compaction(record)
    if engine != "llama":  # it babbles
        check_the_answers(record)
        # what comes from outside recall names by its place and doesn't quote
        assert ("offer.md:" if engine == "recall" else "8250") in record.turns[ATTACH]["answer"]


def check_the_kill(record: Record) -> None:
    """The turn that was killed has no end; its words were said again, and every call has its result."""
    assert HOLD not in record.turns
    assert next(line["text"] for line in record.of("kept") if line["turn"] == RETRY) == WORDS[HOLD]
    assert len(record.of("resumed")) == 1
    assert all(seen["whole"] for turn in record.turns.values() for seen in turn["seen"])


def check_the_compaction(record: Record) -> None:
    """The model sees less of the conversation, behind the same prefix; what is gone from it comes by search."""
    assert "Condensed" in record.of("compacted")[0]["text"]
    before, after = record.saw(COMPACT - 1), record.saw(COMPACT)
    assert after["messages"] < before["messages"]
    prefixes = {seen["prefix"] for turn in record.turns.values() for seen in turn["seen"] if seen["tools"]}
    assert prefixes == {before["prefix"]}
    assert any(seen["fact_found"] for seen in record.turns[len(WORDS)]["seen"])


def check_the_answers(record: Record) -> None:
    """Tools were used, and the last question is answered from before the compaction."""
    assert "Albatros" in record.noted
    assert "Westbahnhof" in record.turns[9]["answer"]
    assert FACT in record.turns[len(WORDS)]["answer"]


def test_a_loss_would_be_seen(tmp_path):
    lines = [{"kind": "kept", "turn": 1, "where": "session", "text": "never written"}]
    assert Record(lines, kept="something else").lost == ["never written"]


def test_the_fake_knows_only_what_it_is_shown():
    def said(*words: str, tools: bool = True) -> str:
        messages = [{"role": "user", "content": text} for text in words]
        offered = [{"function": {"name": "memory_search"}}] if tools else []
        reply = answer(Seen("POST", "/v1/chat/completions", {}, {"messages": messages, "tools": offered}))
        return "".join(reply.text)

    assert said(WORDS[1], WORDS[10]) == f"It is {FACT}."
    assert said(WORDS[10]) == "I don't know."
    assert said("You condense the older part", tools=False) == SUMMARY


def test_a_fake_provider_can_answer_by_the_request():
    with FakeProviders(lambda seen: Say(seen.path)) as fake:
        import urllib.request

        asked = urllib.request.Request(f"{fake.url}/v1/chat/completions", data=b"{}")
        with urllib.request.urlopen(asked) as reply:
            assert b"/v1/chat/completions" in reply.read()
