"""The conversations over HTTP: listed, begun, read, searched, deleted."""

from __future__ import annotations

import time

import pytest

from localgpt.core.values import Message, Role, Text, ToolCall


@pytest.fixture(scope="module")
def talked(server):
    """A conversation with a search in it and a reply that names a note."""
    server.note("tea.md", "# Tea\n\nSencha is steeped at 70 degrees.\n")
    server.engine.say(
        ToolCall("c1", "memory_search", {"query": "sencha"}),
        "At 70 degrees [tea.md:3], **not** more [tea.md:99].",
    )
    return server.api.post("/api/chat", json={"message": "How hot is sencha steeped?"}).json()


def test_the_list_has_the_originals_fields_and_more(server, talked):
    (found,) = (
        one
        for one in server.api.get("/api/sessions").json()["sessions"]
        if one["session_id"] == talked["session_id"]
    )
    assert found["idle_seconds"] < 60
    assert found["title"] == "How hot is sencha steeped?"
    assert found["running"] is False
    assert found["message_count"] >= 2


def test_a_conversation_in_figures(server, talked):
    found = server.api.get(f"/api/sessions/{talked['session_id']}").json()
    assert found["message_count"] >= 2
    assert found["token_count"] > 5
    assert {"model", "idle_seconds", "api_input_tokens", "api_output_tokens"} <= found.keys()
    assert (
        server.api.get(f"/api/sessions/{talked['session_id'][:8]}").json()["session_id"]
        == talked["session_id"]
    )


def test_messages_have_calls_results_citations_and_html(server, talked):
    found = server.api.get(f"/api/sessions/{talked['session_id']}/messages?html=1").json()["messages"]
    assert [one["role"] for one in found] == ["user", "assistant", "toolResult", "assistant"]
    user, call, result, reply = found
    assert call["content"] is None
    assert call["tool_calls"] == [{"id": "c1", "name": "memory_search", "arguments": '{"query": "sencha"}'}]
    assert (result["tool_call_id"], user["tool_calls"]) == ("c1", None)
    assert [(one["path"], one["start"], one["valid"]) for one in reply["citations"]] == [
        ("tea.md", 3, True),
        ("tea.md", 99, False),
    ]
    assert "<strong>not</strong>" in reply["html"]
    assert reply["turn_id"] == user["turn_id"] == talked["turn_id"]
    assert abs(user["timestamp"] / 1000 - time.time()) < 60
    assert user["line"] < reply["line"]
    assert "html" not in server.api.get(f"/api/sessions/{talked['session_id']}/messages").text.replace(
        '"html":null', ""
    )


def test_what_was_said_is_found(server, talked):
    found = server.api.get("/api/sessions/search", params={"q": "sencha steeped"}).json()
    assert found["query"] == "sencha steeped"
    assert talked["session_id"] in [one["session_id"] for one in found["results"]]
    assert all(one["line_start"] <= one["line_end"] for one in found["results"])


def test_the_originals_saved_sessions(server, talked):
    listed = server.api.get("/api/saved-sessions").json()["sessions"]
    assert talked["session_id"] in [one["id"] for one in listed]
    assert all(len(one["created_at"]) == 19 for one in listed)
    one = server.api.get(f"/api/saved-sessions/{talked['session_id']}").json()
    assert one["messages"][0]["content"] == "How hot is sencha steeped?"


def test_beginning_one_writes_nothing_and_needs_no_body(api):
    before = len(api.get("/api/sessions").json()["sessions"])
    begun = api.post("/api/sessions").json()
    assert begun["model"] == "scripted"
    assert (
        api.post("/api/sessions", json={"session_id": begun["session_id"]}).json()["session_id"]
        == begun["session_id"]
    )
    assert api.get(f"/api/sessions/{begun['session_id']}").json()["message_count"] == 0
    assert api.get(f"/api/sessions/{begun['session_id']}/messages").json()["messages"] == []
    assert len(api.get("/api/sessions").json()["sessions"]) == before
    assert api.delete(f"/api/sessions/{begun['session_id']}").json()["deleted"] is True
    assert api.get(f"/api/sessions/{begun['session_id']}").status_code == 404


def test_deleting_takes_it_out_but_keeps_the_file(server):
    talk = server.api.post("/api/chat", json={"message": "to be deleted"}).json()["session_id"]
    assert server.api.delete(f"/api/sessions/{talk}").json() == {"deleted": True, "session_id": talk}
    assert server.api.get(f"/api/sessions/{talk}/messages").status_code == 404
    assert list(server.assistant.home.sessions.glob(f"{talk}.jsonl.deleted.*"))


def test_a_temporary_one_leaves_nothing(server):
    talk = server.api.post("/api/sessions", json={"temporary": True}).json()
    assert talk["temporary"] is True
    said = server.api.post(
        "/api/chat", json={"message": "xyzzy secret", "session_id": talk["session_id"]}
    ).json()
    assert said["session_id"] == talk["session_id"]
    assert server.api.get(f"/api/sessions/{talk['session_id']}").json()["temporary"] is True
    assert len(server.api.get(f"/api/sessions/{talk['session_id']}/messages").json()["messages"]) == 2
    assert talk["session_id"] not in server.api.get("/api/sessions").text
    server.api.delete(f"/api/sessions/{talk['session_id']}")
    assert server.api.get(f"/api/sessions/{talk['session_id']}").status_code == 404
    kept = [file for file in server.home.rglob("*") if file.is_file() and b"xyzzy" in file.read_bytes()]
    assert kept == []


@pytest.mark.parametrize(
    "session_id", ["nobody-here", "last", "....", "..%2f..%2fconfig", "x" * 2000, "%00", "a"]
)
@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_one_that_is_not_there(api, session_id, method):
    answer = api.request(method, f"/api/sessions/{session_id}")
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "not_found"
    assert answer.json()["error"]["message"]


def test_a_long_one_is_read_from_its_end(server, talked):
    said = f"/api/sessions/{talked['session_id']}/messages"
    every = server.api.get(said).json()
    newest = server.api.get(f"{said}?limit=1").json()
    assert newest["messages"] == every["messages"][-len(newest["messages"]) :]
    assert newest["messages"][0]["role"] == "user"
    assert newest["more"] is (len(newest["messages"]) < len(every["messages"]))
    assert server.api.get(f"{said}?limit=0").status_code == 422


def test_what_a_job_says_stands_in_the_list_only_on_request(server):
    own = server.assistant.sessions.new(title="Plants")
    own.append(Message(Role.USER, (Text("which of them are dry?"),)))
    job = server.assistant.sessions.new(key="agent:main:heartbeat", title="Heartbeat: plants")
    job.append(Message(Role.USER, (Text("water them"),)))

    def listed(query=""):
        return [one["session_id"] for one in server.api.get(f"/api/sessions{query}").json()["sessions"]]

    assert job.id not in listed()
    assert job.id in listed("?jobs=1")
    assert len(listed("?limit=1")) == 1, "what is not listed takes no place"
    assert server.api.get(f"/api/sessions/{job.id}/messages").json()["messages"][0]["content"] == "water them"
