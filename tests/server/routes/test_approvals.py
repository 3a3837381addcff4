"""Questions about tool calls over HTTP: listed, answered once, told to whoever listens."""

from __future__ import annotations

import asyncio
import json
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

from tests.app.test_question import question
from tests.server.conftest import Server, eventually

from localgpt.core.values import Answer, Choice, Effect, EffectKind

LATER = "2099-01-01T00:00:00+00:00"


def ask(server: Server, name: str, **other: Any) -> Future[Answer]:
    """A turn of the server's process waits for the owner's word."""
    effect = Effect(EffectKind.RUNS, "make", walled=True)
    approval = replace(question(effect), id=name, asked="2026-01-01T00:00:00+00:00", expires=LATER)
    waiting = asyncio.run_coroutine_threadsafe(
        server.assistant.approvals.ask(replace(approval, **other)), server.loop
    )
    eventually(lambda: any(one["id"] == name for one in listed(server)))
    return waiting


def listed(server: Server) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = server.api.get("/api/approvals").json()["approvals"]
    return found


def test_a_question_is_listed_whole_and_answered_once(server):
    waiting = ask(server, "one111")
    (found,) = listed(server)
    assert found["shown"] == "make test"
    assert found["effects"] == [{"kind": "runs", "target": "make", "loses": False, "walled": True}]
    assert (found["tool"], found["choices"], found["foreign"]) == ("shell", ["once", "no"], True)
    assert server.api.get("/api/status").json()["approvals"] == 1
    told = server.api.post("/api/approvals/one111", json={"choice": "no", "word": " use make check "}).json()
    assert told == {"id": "one111", "choice": "no", "word": "use make check", "door": "api"}
    assert waiting.result(5) == Answer(Choice.NO, "use make check", "api")
    assert listed(server) == []
    again = server.api.post("/api/approvals/one111", json={"choice": "once"})
    assert again.status_code == 400
    assert "answered already" in again.json()["error"]["message"]


def test_a_page_says_that_it_was_the_page(server):
    cookie, key = server.served.access.begin()
    page = server.client(headers={"X-LocalGPT-Key": key}, cookies={server.served.access.cookie: cookie})
    waiting = ask(server, "two222")
    assert page.post("/api/approvals/two2", json={"choice": "once"}).json()["door"] == "page"
    assert waiting.result(5) == Answer(Choice.ONCE, "", "page")


WRONG = [
    ("nobody", {"choice": "once"}, 404),
    ("three3", {"choice": "always"}, 400),
    ("three3", {"choice": "perhaps"}, 422),
    ("three3", {"choice": "no", "word": "x" * 4001}, 422),
    ("three3", {}, 422),
]


def test_what_makes_no_sense_answers_nothing(server):
    waiting = ask(server, "three3")
    for name, body, status in WRONG:
        assert server.api.post(f"/api/approvals/{name}", json=body).status_code == status, body
    assert len(listed(server)) == 1
    server.api.post("/api/approvals/three3", json={"choice": "no"})
    assert waiting.result(5).choice is Choice.NO


def test_nobody_without_the_token_may_answer(server):
    assert server.client().get("/api/approvals").status_code == 401
    assert server.client().post("/api/approvals/three3", json={"choice": "once"}).status_code == 401


def test_listeners_are_told_of_answers(own):
    waiting = ask(own, "four44")
    with own.api.stream("GET", "/api/events") as events:
        lines = events.iter_lines()
        assert "hello" in next(lines)
        own.api.post("/api/approvals/four44", json={"choice": "once"})
        said = next(json.loads(line[5:]) for line in lines if "approval" in line)
    assert said == {"type": "approval", "id": "four44", "choice": "once", "door": "api"}
    assert waiting.result(5).choice is Choice.ONCE
