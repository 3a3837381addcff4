"""What can be done with one conversation, over HTTP."""

from __future__ import annotations

import asyncio
import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.server.conftest import frames


@pytest.fixture
def talk(api):
    """The address of a conversation of two turns."""
    first = api.post("/api/chat", json={"message": "first words"}).json()["session_id"]
    api.post("/api/chat", json={"message": "second words", "session_id": first})
    return f"/api/sessions/{first}"


def said(api, talk):
    return [(one["role"], one["content"].strip()) for one in api.get(f"{talk}/messages").json()["messages"]]


TWO = [
    ("user", "first words"),
    ("assistant", "You said: first words"),
    ("user", "second words"),
    ("assistant", "You said: second words"),
]


def test_clear_begins_anew_and_loses_nothing(server, api, talk):
    file = server.assistant.home.sessions / f"{talk.rpartition('/')[2]}.jsonl"
    before = file.read_bytes()
    found = api.post(f"{talk}/clear").json()
    assert found == {"session_id": talk.rpartition("/")[2], "cleared": True}
    assert said(api, talk) == []
    assert file.read_bytes().startswith(before)
    api.post("/api/chat", json={"message": "anew", "session_id": found["session_id"]})
    assert [message.text for message in server.engine.requests[-1].messages] == ["anew"]


def test_compact_tells_the_tokens_before_and_after(server, api, talk):
    server.engine.say("They said words.")
    found = api.post(f"{talk}/compact").json()
    assert found["token_count_before"] > 0
    assert {"session_id", "token_count_after"} <= found.keys()


def test_the_model_of_one_conversation_stays_also_when_it_is_read_again(server, api, talk):
    session_id = talk.rpartition("/")[2]
    assert api.post(f"{talk}/model", json={"model": "recall"}).json() == {
        "session_id": session_id,
        "model": "recall",
    }
    assert api.post("/api/chat", json={"message": "x", "session_id": session_id}).json()["model"] == "recall"
    server.served.talks.forget(session_id)
    assert api.get(talk).json()["model"] == "recall"
    assert api.post("/api/chat", json={"message": "x"}).json()["model"] == "scripted"
    answer = api.post(f"{talk}/model", json={"model": "nobody/nothing"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "unknown_model")


def test_a_title_is_given_and_listed(api, talk):
    assert (
        api.post(f"{talk}/title", json={"title": " My\n<b>title</b> "}).json()["title"] == "My <b>title</b>"
    )
    assert "My <b>title</b>" in [one["title"] for one in api.get("/api/sessions").json()["sessions"]]
    assert api.post(f"{talk}/title", json={"title": ""}).status_code == 422


def test_a_branch_has_all_or_what_was_said_up_to_a_line(api, talk):
    whole = api.post(f"{talk}/branch", json={"title": "Another way"}).json()
    assert whole["title"] == "Another way"
    assert said(api, f"/api/sessions/{whole['session_id']}") == TWO
    line = api.get(f"{talk}/messages").json()["messages"][1]["line"]
    part = api.post(f"{talk}/branch", json={"line": line}).json()
    assert said(api, f"/api/sessions/{part['session_id']}") == TWO[:2]
    api.post("/api/chat", json={"message": "elsewhere", "session_id": part["session_id"]})
    assert said(api, f"/api/sessions/{part['session_id']}")[2:] == [
        ("user", "elsewhere"),
        ("assistant", "You said: elsewhere"),
    ]
    assert said(api, talk) == TWO
    assert api.post(f"{talk}/branch", json={"line": 999}).status_code == 404


def test_going_back_gives_the_words_to_say_otherwise(api, talk):
    found = api.post(f"{talk}/rewind").json()
    assert (found["message"], found["taken"]) == ("second words", 1)
    assert said(api, talk) == TWO[:2]
    line = api.get(f"{talk}/messages").json()["messages"][0]["line"]
    assert api.post(f"{talk}/rewind", json={"line": line}).json()["message"] == "first words"
    assert said(api, talk) == []
    assert api.post(f"{talk}/rewind").status_code == 404
    assert api.post(f"{talk}/rewind", json={"line": 999}).status_code == 404


def test_saying_again_is_a_turn_to_follow(api, talk):
    again = api.post(f"{talk}/retry", json={"model": "recall"}).json()
    assert again["message"] == "second words"
    with api.stream("GET", f"/api/turns/{again['turn_id']}/events") as answer:
        found = list(frames(answer))
    assert found[-2]["model"] == "recall"
    assert [one for one in said(api, talk) if one[0] == "user"] == [TWO[0], TWO[2]]


def test_settling_tells_what_was_noted(server, api):
    talk = api.post("/api/chat", json={"message": "Remember that my locker code is 4711."}).json()[
        "session_id"
    ]
    found = api.post(f"/api/sessions/{talk}/settle").json()
    assert found["session_id"] == talk
    assert all(one["path"].endswith(".md") and one["start"] >= 1 for one in found["written"])


@pytest.mark.parametrize(
    ("shape", "kind", "begin"), [("md", "text/markdown", "# first"), ("html", "text/html", "<!")]
)
def test_an_export_is_a_file(api, talk, shape, kind, begin):
    answer = api.get(f"{talk}/export?format={shape}")
    assert answer.headers["content-type"].startswith(kind)
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.text.lower().startswith(begin)
    assert "second words" in answer.text


def test_an_export_for_programs(api, talk):
    assert len(json.loads(api.get(f"{talk}/export?format=json").text)["messages"]) == 4
    assert api.get(f"{talk}/export?format=pdf").status_code == 422
    empty = api.post("/api/sessions").json()["session_id"]
    assert api.get(f"/api/sessions/{empty}/export").status_code == 400


@pytest.mark.parametrize("action", ["compact", "clear", "branch", "rewind", "retry", "settle"])
def test_in_a_conversation_that_is_not_there_nothing_can_be_done(api, action):
    assert api.post(f"/api/sessions/nobody-here/{action}").status_code == 404


def test_a_double_click_says_the_last_words_again_once(server, api, talk):
    with ThreadPoolExecutor(4) as clicks:
        answers = list(clicks.map(lambda _: api.post(f"{talk}/retry"), range(4)))
    done = [one.json() for one in answers if one.status_code == 200]
    assert {one["message"] for one in done} == {"second words"}
    assert all(one.json()["error"]["code"] == "conflict" for one in answers if one.status_code != 200)
    for one in done:
        list(frames(api.get(f"/api/turns/{one['turn_id']}/events")))
    assert said(api, talk) == TWO


def test_nothing_is_said_in_a_conversation_that_is_being_condensed(server, api, talk, monkeypatch):
    name, begun, going_on = talk.rpartition("/")[2], threading.Event(), threading.Event()

    async def compact(*_args, **_options):
        begun.set()
        await asyncio.to_thread(going_on.wait, 10)

    monkeypatch.setattr(server.assistant, "compact", compact)
    with ThreadPoolExecutor(1) as threads:
        condensing = threads.submit(api.post, f"{talk}/compact")
        assert begun.wait(5)
        for path, body in (
            ("/api/chat", {"message": "x", "session_id": name}),
            (f"{talk}/rewind", {}),
            (f"{talk}/compact", {}),
        ):
            assert api.post(path, json=body).json()["error"]["code"] == "conflict"
        going_on.set()
        assert condensing.result().status_code == 200
    assert api.post("/api/chat", json={"message": "x", "session_id": name}).status_code == 200
