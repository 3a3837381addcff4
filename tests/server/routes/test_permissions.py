"""Grants and the emergency stop over HTTP."""

from __future__ import annotations

from dataclasses import replace

from tests.app.test_question import question

from localgpt.core.values import Choice, Effect, EffectKind


def granted(server, choice, name):
    approval = replace(
        question(Effect(EffectKind.RUNS, name, walled=True)), choices=tuple(Choice), session="s1"
    )
    return server.assistant.grants.remember(approval, choice)


def test_grants_are_listed_and_taken_back(server):
    always = granted(server, Choice.ALWAYS, "make")
    granted(server, Choice.SESSION, "make")
    found = server.api.get("/api/grants").json()
    assert found["problems"] == []
    assert [(one["tool"], one["exact"], one["session"]) for one in found["grants"]] == [
        ("shell", True, ""),
        ("shell", True, "s1"),
    ]
    taken = server.api.delete(f"/api/grants/{always.id}").json()
    assert (taken["id"], taken["kind"]) == (always.id, "runs")
    assert [one["session"] for one in server.api.get("/api/grants").json()["grants"]] == ["s1"]
    assert server.api.delete(f"/api/grants/{always.id}").status_code == 404


def test_everything_is_stopped_and_goes_on(server):
    assert server.api.get("/api/status").json()["frozen"] is None
    frozen = server.api.post("/api/freeze", json={"why": "it went wild"}).json()
    assert (frozen["by"], frozen["why"]) == ("api", "it went wild")
    assert server.api.get("/api/status").json()["frozen"] == frozen
    assert server.api.post("/api/freeze").json() == frozen
    assert server.api.post("/api/thaw").json() == {"was": frozen}
    assert server.api.post("/api/thaw").json() == {"was": None}
    assert server.api.get("/api/status").json()["frozen"] is None


def test_nobody_without_the_token_may(server):
    stranger = server.client()
    for method, path in (
        ("GET", "/api/grants"),
        ("DELETE", "/api/grants/x"),
        ("POST", "/api/freeze"),
        ("POST", "/api/thaw"),
    ):
        assert stranger.request(method, path).status_code == 401
