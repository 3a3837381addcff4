"""The slash commands over HTTP."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.server.conftest import eventually

from localgpt.app import SLASH


def run(api, line, session_id=None):
    answer = api.post("/api/slash", json={"line": line, "session_id": session_id})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_command_answers_with_text_and_html(api):
    found = run(api, "/help")
    assert "/remember TEXT" in found["text"]
    assert "<li>" in found["html"]
    assert (found["send"], found["quit"], found["clear"]) == ("", False, False)


def test_remembering_and_searching_work_without_a_conversation(api):
    assert "Noted in" in run(api, "/remember the locker code is 4711")["text"]
    assert "4711" in run(api, "/search locker code")["text"]


def test_in_a_conversation_its_last_turn_is_taken_back(api):
    talk = api.post("/api/chat", json={"message": "one"}).json()["session_id"]
    assert "Back to before “one”" in run(api, "/rewind", talk)["text"]
    assert api.get(f"/api/sessions/{talk}/messages").json()["messages"] == []


def test_saying_again_is_left_to_the_page(api):
    talk = api.post("/api/chat", json={"message": "one"}).json()["session_id"]
    assert run(api, "/retry recall yes", talk) | {"text": "", "html": ""} == {
        "text": "",
        "html": "",
        "send": "one",
        "model": "recall",
        "session_id": talk,
        "clear": False,
        "quit": False,
    }


def test_going_over_to_another_conversation_tells_which_and_leaves_this_one(api):
    talk = api.post("/api/chat", json={"message": "one"}).json()["session_id"]
    branched = run(api, "/branch Elsewhere", talk)["session_id"]
    assert branched != talk
    assert api.get(f"/api/sessions/{branched}").json()["title"] == "Elsewhere"
    assert run(api, f"/resume {talk}", branched)["session_id"] == talk
    assert run(api, "/new", talk)["session_id"] == ""
    assert len(api.get(f"/api/sessions/{talk}/messages").json()["messages"]) == 2


def test_a_temporary_conversation_can_branch_and_stays_apart(api):
    talk = api.post("/api/sessions", json={"temporary": True}).json()["session_id"]
    api.post("/api/chat", json={"message": "one", "session_id": talk})
    branched = run(api, "/branch", talk)["session_id"]
    assert api.get(f"/api/sessions/{branched}").json()["temporary"] is True


@pytest.mark.parametrize(
    ("line", "status"), [("/nothing", 400), ("/search", 400), ("", 422), ("/resume nobody-here", 404)]
)
def test_what_makes_no_sense(api, line, status):
    answer = api.post("/api/slash", json={"line": line})
    assert answer.status_code == status
    assert answer.json()["error"]["message"]


def test_the_commands_are_listed_to_complete_what_is_typed(api):
    found = {one["name"]: one for one in api.get("/api/slash").json()["commands"]}
    assert found["remember"]["usage"] == "/remember TEXT"
    assert found["status"]["summary"]
    assert found.keys() == {one.name for one in SLASH} - {"attach", "clear", "export", "quit"}


def test_while_the_assistant_answers_only_what_changes_nothing_can_be_done(own):
    own.api.post("/api/chat", json={"message": "one", "session_id": "busy"})
    own.engine.pause = 0.05
    with ThreadPoolExecutor(1) as threads:
        words = {"message": "a b c d e f g h", "session_id": "busy"}
        answering = threads.submit(own.api.post, "/api/chat", json=words)
        eventually(own.served.turns.running)
        for line in ("/rewind", "/retry", "/compact", "/branch"):
            answer = own.api.post("/api/slash", json={"line": line, "session_id": "busy"})
            assert (answer.status_code, answer.json()["error"]["code"]) == (409, "conflict")
        assert "busy" in run(own.api, "/status", "busy")["text"]
        assert answering.result().json()["stop"] == "done"


@pytest.mark.parametrize("line", ["/export {file}", " /EXPORT  {file}", "export {file}"])
def test_a_page_names_no_files_of_the_servers_machine(api, tmp_path, line):
    talk = api.post("/api/chat", json={"message": "one"}).json()["session_id"]
    file = tmp_path / "export.md"
    answer = api.post("/api/slash", json={"line": line.format(file=file), "session_id": talk})
    assert answer.status_code == 400
    assert "/export" in answer.json()["error"]["hint"]
    assert not file.exists()
    assert "one" in run(api, "/export", talk)["text"]
    file.write_text("a secret")
    assert api.post("/api/slash", json={"line": f"/attach {file}", "session_id": talk}).status_code == 400
