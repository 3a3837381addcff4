from __future__ import annotations

import asyncio

import pytest

STATS = {"workspace", "total_files", "total_chunks", "index_size_kb"}
REINDEXED = {"files_processed", "files_updated", "chunks_indexed", "duration_ms"}


def test_a_search_gives_passages_with_their_words_marked_and_why(server, api):
    server.note("health.md", "# Health\n\nThe dentist <b>is</b> Dr. Weber.\n")
    found = api.get("/api/memory/search", params={"q": "dentists", "explain": True}).json()
    (first, *_) = found["results"]
    assert (first["file"], first["line_start"], first["line_end"]) == ("health.md", 1, 3)
    assert "<mark>dentist</mark> &lt;b&gt;is&lt;/b&gt;" in first["html"]
    assert "The dentist <b>is</b> Dr. Weber." in first["content"]
    assert first["title"] == "health"
    assert 0 < first["score"] <= 1
    assert {"ranker", "detail", "value", "weight"} == set(first["why"][0])
    assert found["query"] == "dentists"
    assert api.get("/api/memory/search", params={"q": "dentists"}).json()["results"][0]["why"] == []


def test_a_search_says_what_became_of_a_note(server, api):
    server.note("a.md", "I met a axolotl.\n")
    asked = {"q": "axolotl", "expect": "b.md"}
    expected = api.get("/api/memory/search", params=asked).json()["expected"]
    assert (expected["place"], expected["step"], expected["rank"]) == ("b.md", "missing", 0)
    assert expected["sentence"].startswith("There is no b.md.")
    assert api.get("/api/memory/search", params={"q": "axolotl"}).json()["expected"] is None


def test_a_hit_that_was_opened_is_kept_as_a_case(server, api):
    server.note("a.md", "I met a axolotl in the harbour.\n")
    hit = {"q": "where did I meet a axolotl", "file": "a.md", "line_start": 1, "line_end": 1}
    assert api.post("/api/memory/opened", json=hit).status_code == 204
    assert api.post("/api/memory/opened", json={**hit, "file": "gone.md"}).status_code == 204
    (kept,) = server.assistant.learning.cases.all()
    assert (kept.question, kept.path, kept.how) == ("where did I meet a axolotl", "a.md", "opened")
    assert api.post("/api/memory/opened", json={**hit, "line_start": 0}).status_code == 422


def test_a_search_is_narrowed(server, api):
    server.note("memory/2026-03-01.md", "# 2026-03-01\n\nI met a narwhal.\n")
    for given, hits in (({"since": "2026-02"}, 1), ({"until": "2026-02"}, 0), ({"in": "sessions"}, 0)):
        found = api.get("/api/memory/search", params={"q": "narwhal", **given}).json()["results"]
        assert len(found) == hits, given


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({}, 422),
        ({"q": "x", "limit": 0}, 422),
        ({"q": "x", "limit": "many"}, 422),
        ({"q": "x", "in": "attic"}, 422),
        ({"q": "x", "since": "yesterday-ish"}, 400),
        ({"q": "x" * 6000}, 422),
        ({"q": ""}, 200),
        ({"q": '"( OR * NEAR <script>'}, 200),
    ],
)
def test_odd_searches_get_an_answer(api, given, status):
    answer = api.get("/api/memory/search", params=given)
    assert answer.status_code == status
    assert ("error" in answer.json()) is (status != 200)


def test_stats_and_reindexing_have_the_shapes_of_the_original(server, api):
    server.note("one.md", "one")
    stats = api.get("/api/memory/stats").json()
    assert set(stats) >= STATS
    assert stats["total_files"] == stats["notes"] + stats["sessions"] > 0
    for body in ({}, {"force": True}):
        done = api.post("/api/memory/reindex", json=body).json()
        assert set(done) >= REINDEXED
        assert done["files_processed"] == stats["total_files"]
    assert api.post("/api/memory/reindex").status_code == 200


def test_the_feed_tells_when_the_vectors_are_there(server, api):
    async def listening():
        with server.served.feed.listen() as heard:
            await asyncio.to_thread(api.post, "/api/memory/reindex", json={})
            return await heard.take(5)

    last = server.do(listening())[-1]
    assert (last["type"], last["finished"]) == ("index", True)


def test_what_is_remembered_stands_in_a_note_and_is_undone(api):
    kept = api.post(
        "/api/memory/remember", json={"text": "The key is <under> the mat", "to": "memory"}
    ).json()
    assert kept["path"] == "MEMORY.md"
    assert "The key is <under> the mat" in kept["text"]
    again = api.post(
        "/api/memory/remember", json={"text": "The key is <under> the mat", "to": "memory"}
    ).json()
    assert (again["turn_id"], again["start"]) == (None, kept["start"])
    assert api.post("/api/undo", json={"turn": kept["turn_id"]}).json()["files"] == ["MEMORY.md"]


@pytest.mark.parametrize(
    "body", [{"text": " "}, {"text": "x", "to": "../out.md"}, {"text": "x", "to": "a.sh"}]
)
def test_what_can_not_be_remembered_is_said(api, body):
    answer = api.post("/api/memory/remember", json=body)
    assert answer.status_code in {400, 403}
    assert answer.json()["error"]["message"]
