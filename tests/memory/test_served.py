"""Vectors from a server: in order, of length one, in batches; whatever it does wrong is one sentence, and soon."""

from __future__ import annotations

import asyncio
import math
import time
from array import array
from collections.abc import Iterator

import pytest
from tests.support.embedding_server import EmbeddingServer

from localgpt.core.errors import EmbeddingError
from localgpt.core.outbound import Outbound
from localgpt.memory import served
from localgpt.memory.served import AT_ONCE, Place, Served


@pytest.fixture
def server() -> Iterator[EmbeddingServer]:
    with EmbeddingServer() as made:
        yield made


def served_by(server: EmbeddingServer, **options: object) -> Served:
    place = Place("box/words", server.url, "words", **{"local": True, **options})  # type: ignore[arg-type]
    return Served(place, Outbound(lambda *_, **__: None).client)


def length(vector: bytes) -> float:
    return math.sqrt(sum(value * value for value in array("f", vector)))


def test_vectors_come_in_the_order_of_the_texts_and_have_length_one(server):
    embedder = served_by(server)
    vectors = embedder.embed_documents(["apples", "pears"])
    assert [math.isclose(length(vector), 1, abs_tol=1e-6) for vector in vectors] == [True, True]
    assert cosine(vectors[0], server.words.embed_query("apples")) > 0.999
    assert cosine(vectors[1], server.words.embed_query("pears")) > 0.999
    assert embedder.dimensions == 64


def cosine(one: bytes, other: bytes) -> float:
    return sum(a * b for a, b in zip(array("f", one), array("f", other), strict=True))


def test_many_texts_go_in_few_requests(server):
    served_by(server).embed_documents([f"text {number}" for number in range(2 * AT_ONCE + 1)])
    assert [len(request["input"]) for request in server.requests] == [AT_ONCE, AT_ONCE, 1]
    assert server.requests[0]["model"] == "words"


def test_the_key_and_headers_go_along(server):
    served_by(server, key="k-1", headers={"x-tenant": "me"}).embed_query("apples")
    assert (server.headers["authorization"], server.headers["x-tenant"]) == ("Bearer k-1", "me")


def test_nothing_is_asked_twice_for_the_same_question(server):
    embedder = served_by(server)
    assert embedder.embed_query("apples") == embedder.embed_query("apples")
    assert len(server.requests) == 1


def test_secrets_stay_here_unless_the_server_is_here_too(server):
    secret = "the key is sk-ant-abcdefghijklmnopqrstuvwx"
    served_by(server).embed_documents([secret])
    served_by(server, local=False).embed_documents([secret])
    served_by(server, local=False).embed_query(secret)
    here, there, asked = server.texts
    assert here == secret
    assert "sk-ant" not in there + asked


@pytest.mark.parametrize("text", ["", " ", "\0", "\ud800", "word " * 100_000])
def test_any_text_has_a_vector(server, text):
    embedder = served_by(server)
    assert len(embedder.embed_query(text)) == len(embedder.embed_documents([text])[0]) == 4 * 64


def test_what_fails_for_a_moment_is_tried_again(server, monkeypatch):
    monkeypatch.setattr(served, "_LONGEST_WAIT", 1.0)
    server.replies = [(429, {"error": {"message": "slow down"}}), (503, "busy")]
    monkeypatch.setattr(asyncio, "sleep", _no_time)
    assert len(served_by(server).embed_documents(["apples"])) == 1
    assert len(server.requests) == 3


async def _no_time(_seconds: float) -> None:
    return None


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        ((401, {"error": {"message": "no"}}), "its key was not accepted (401)"),
        ((404, {"error": "model not found, try pulling it first"}), "it answered 404 (model not found"),
        ((200, "<html>"), "its answer is no JSON"),
        ((200, {"data": []}), "it gave 0 vectors for 1 texts"),
        ((200, {"error": "x"}), "its answer holds no vectors"),
        ((200, {"data": [{"index": 7, "embedding": [1.0]}]}), "numbers the vectors wrongly"),
        ((200, {"data": [{"embedding": [0.0, 0.0]}]}), "no vector"),
        ((200, {"data": [{"embedding": ["1"]}]}), "no vector"),
        ((200, {"data": [{"embedding": []}]}), "no vector"),
        ((200, {"data": [{"embedding": None}]}), "no vector"),
        ((200, '{"data": [{"embedding": [NaN]}]}'), "no vector"),
        ((200, '{"data": [{"embedding": [1e308, 1e308]}]}'), "no vector"),
    ],
)
def test_a_wrong_answer_is_one_sentence_and_not_asked_for_again(server, reply, reason):
    server.replies = [reply]
    embedder = served_by(server, advice="Do this.")
    with pytest.raises(EmbeddingError) as raised:
        embedder.embed_documents(["apples"])
    assert raised.value.message.startswith("The embedding model box/words gave no vectors: ")
    assert reason in raised.value.message
    assert raised.value.hint == "Do this."
    assert len(server.requests) == 1


def test_a_server_that_is_not_there_costs_no_time_after_the_first_try():
    with EmbeddingServer() as gone:
        embedder = served_by(gone)
    with pytest.raises(EmbeddingError, match="can't be reached"):
        embedder.embed_query("apples")
    begin = time.monotonic()
    with pytest.raises(EmbeddingError):
        embedder.embed_query("pears")
    assert time.monotonic() - begin < 0.05


def test_it_is_asked_again_after_a_rest(server, monkeypatch):
    monkeypatch.setattr(served, "REST", 0.0)
    server.replies = [(401, {})]
    embedder = served_by(server)
    with pytest.raises(EmbeddingError):
        embedder.embed_query("apples")
    assert embedder.embed_query("apples")


def test_vectors_of_another_length_are_refused(server):
    embedder = served_by(server)
    embedder.embed_query("apples")
    server.replies = [(200, {"data": [{"embedding": [1.0, 2.0]}]})]
    with pytest.raises(EmbeddingError, match="vectors of 2 numbers, and gave some of 64 before"):
        embedder.embed_query("pears")


def test_it_works_inside_an_event_loop_too(server):
    async def work() -> bytes:
        return served_by(server).embed_query("apples")

    assert asyncio.run(work())


def test_what_is_sent_is_recorded(server):
    entries: list[tuple[str, object]] = []
    place = Place("box/words", server.url, "words", local=True)
    outbound = Outbound(lambda kind, **facts: entries.append((kind, facts.get("purpose"))))
    Served(place, outbound.client).embed_query("apples")
    assert [kind for kind, _ in entries] == ["exit.opened", "exit.closed"]
    assert entries[0][1] == "embedding with box/words"


def test_the_words_a_model_wants_stand_before(server):
    place = Place("ollama/nomic-embed-text", server.url, "nomic-embed-text", local=True)
    embedder = Served(place, Outbound(lambda *_, **__: None).client)
    embedder.embed_query("apples")
    embedder.embed_documents(["pears"])
    assert server.texts == ["search_query: apples", "search_document: pears"]
