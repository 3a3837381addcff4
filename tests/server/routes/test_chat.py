"""Words and answers over HTTP: whole, streamed, rendered; and what can't be said."""

from __future__ import annotations

import threading

import pytest
from tests.server.conftest import eventually, frames, running
from tests.server.routes.test_login import log_in

from localgpt.core.events import TextDelta
from localgpt.core.values import Stop, ToolCall, Usage
from localgpt.models.base import Finished


def test_a_whole_reply_has_the_originals_fields_and_more(api):
    found = api.post("/api/chat", json={"message": "hello there", "unknown": 1}).json()
    assert found["response"].split() == ["You", "said:", "hello", "there"]
    assert found["model"] == "scripted"
    assert (found["stop"], found["error"], found["citations"]) == ("done", "", [])
    assert found["usage"]["output"] == 3
    again = api.post("/api/chat", json={"message": "more", "session_id": found["session_id"]}).json()
    assert again["session_id"] == found["session_id"]
    assert again["turn_id"] != found["turn_id"]


def test_a_conversation_may_have_an_id_of_the_callers(api):
    assert (
        api.post("/api/chat", json={"message": "x", "session_id": "my-script"}).json()["session_id"]
        == "my-script"
    )
    assert api.get("/api/sessions/my-script").json()["message_count"] == 2


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"message": " "}, 400, "usage"),
        ({}, 400, "usage"),
        ({"message": "x", "model": "nobody/nothing"}, 400, "unknown_model"),
        ({"message": "x", "session_id": "../../etc/passwd"}, 400, "usage"),
        ({"message": "x", "session_id": "a"}, 400, "usage"),
        ({"message": "x", "attachments": ["0" * 64]}, 404, "not_found"),
        ({"message": "x", "attachments": ["nonsense"]}, 422, "invalid"),
        ({"message": ["x"]}, 422, "invalid"),
    ],
)
def test_what_can_not_be_said_is_told_in_a_sentence(api, body, status, code):
    answer = api.post("/api/chat", json=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert answer.json()["error"]["message"]


def test_a_stream_has_the_frames_in_order(api):
    with api.stream("POST", "/api/chat/stream", json={"message": "one two"}) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        found = list(frames(answer))
    kinds = [frame["type"] for frame in found if frame["type"] != "context"]
    assert kinds == ["session", "started", *["content"] * 4, "finished", "done"]
    assert "".join(frame["delta"] for frame in found if frame["type"] == "content") == found[-2]["response"]
    assert all(frame["id_of_frame"].startswith(found[0]["turn_id"] + ":") for frame in found)


def test_the_first_word_is_there_before_the_last_is_thought(own):
    gate = threading.Event()

    def slow(_request):
        yield TextDelta("first ")
        while not gate.is_set():
            yield TextDelta("")
        yield TextDelta("last")
        yield Finished(Stop.DONE, Usage())

    own.engine.say(slow)
    own.engine.pause = 0.01
    with own.api.stream("POST", "/api/chat/stream", json={"message": "x"}) as answer:
        stream = frames(answer)
        assert next(frame["delta"] for frame in stream if frame["type"] == "content") == "first "
        gate.set()
        assert [frame["delta"] for frame in stream if frame["type"] == "content"] == ["last"]


def test_rendered_blocks_come_beside_the_words_and_stay_apart_from_tools(tmp_path):
    looked = ToolCall("1", "memory_search", {"query": "tea"})
    first = [TextDelta("Let me *look*."), Finished(Stop.TOOLS)]

    def asks(_request):
        from localgpt.core.events import ToolCalled

        return [first[0], ToolCalled(looked), first[1]]

    said = {"message": "x", "render": True}
    with (
        running(tmp_path / "home", asks, "Found: **tea**.\n\nAnd <b>more</b>.") as server,
        server.api.stream("POST", "/api/chat/stream", json=said) as answer,
    ):
        found = list(frames(answer))
    kinds = [frame["type"] for frame in found]
    html = {frame["block"]: frame["html"] for frame in found if frame["type"] == "html"}
    assert "<em>look</em>" in html[0]
    assert "<strong>tea</strong>" in html[1]
    assert "<b>" not in html[2]
    assert kinds.index("html") < kinds.index("tool_start") < kinds.index("tool_end")
    start = next(frame for frame in found if frame["type"] == "tool_start")
    assert (start["name"], start["detail"], start["arguments"]) == ("memory_search", "tea", {"query": "tea"})
    assert "<strong>tea</strong>" in next(frame for frame in found if frame["type"] == "finished")["html"]


def test_an_error_of_the_model_is_a_frame_and_the_words_are_kept(own):
    from localgpt.core.errors import Overloaded

    own.engine.say(Overloaded("The model is busy.", hint="Try later."))
    with own.api.stream("POST", "/api/chat/stream", json={"message": "kept words"}) as answer:
        found = list(frames(answer))
    error = next(frame for frame in found if frame["type"] == "error")
    assert "The model is busy." in error["error"]
    assert found[-1]["type"] == "done"
    said = own.api.get(f"/api/sessions/{found[0]['session_id']}/messages").json()["messages"]
    assert [one["content"] for one in said] == ["kept words"]


def test_hanging_up_leaves_the_turn_running(own):
    own.engine.pause = 0.02
    with own.api.stream("POST", "/api/chat/stream", json={"message": "a b c d e f"}) as answer:
        turn = next(frames(answer))
    assert own.api.get("/api/turns").json()["turns"][0]["done"] is False
    eventually(lambda: own.api.get("/api/turns").json()["turns"][0]["done"])
    said = own.api.get(f"/api/sessions/{turn['session_id']}/messages").json()["messages"]
    assert said[1]["content"].split()[-1] == "f"


def test_a_page_is_asked_before_a_model_elsewhere_is_used_and_a_program_is_not(own):
    own.engine.local = False
    assert own.api.post("/api/chat", json={"message": "x"}).status_code == 200
    page, key, _ = log_in(own)
    headers = {"X-LocalGPT-Key": key}
    asked = page.post("/api/chat", json={"message": "y"}, headers=headers)
    assert (asked.status_code, asked.json()["error"]["code"]) == (409, "consent")
    assert "not on this machine" in asked.json()["error"]["message"]
    assert len(own.engine.requests) == 1
    assert page.post("/api/chat", json={"message": "y", "agree": True}, headers=headers).status_code == 200
    assert page.post("/api/chat", json={"message": "z"}, headers=headers).status_code == 200
