from __future__ import annotations

import pytest


def test_a_task_is_given_rests_goes_on_and_ends(own):
    made = own.api.post("/api/tasks", json={"text": "Look up <b>ferries</b>"}).json()
    assert (made["state"], made["title"]) == ("queued", "Look up <b>ferries</b>")
    for action, state in (("pause", "paused"), ("resume", "queued"), ("cancel", "cancelled")):
        assert own.api.post(f"/api/tasks/{made['id']}", json={"action": action}).json()["state"] == state
    assert own.api.post(f"/api/tasks/{made['id']}", json={"action": "pause"}).status_code == 400
    (listed,) = own.api.get("/api/tasks").json()["tasks"]
    assert (listed["id"], listed["state"]) == (made["id"], "cancelled")


def test_what_a_task_did_is_told(own):
    made = own.api.post("/api/tasks", json={"text": "Say hello"}).json()
    own.do(own.assistant.tasks.run_waiting())
    (done,) = own.api.get("/api/tasks").json()["tasks"]
    assert (done["id"], done["state"]) == (made["id"], "done")
    assert own.api.get(f"/api/notes/{done['note']}").status_code == 200


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("", {"text": " "}, 400),
        ("", {"text": 7}, 422),
        ("", {}, 422),
        ("/nobody00", {"action": "pause"}, 404),
        ("/nobody00", {"action": "burn"}, 422),
        ("/%2e%2e", {"action": "pause"}, 404),
    ],
)
def test_what_makes_no_sense_is_refused(server, path, body, status):
    answer = server.api.post(f"/api/tasks{path}", json=body)
    assert answer.status_code in {status, 405}, answer.text
    assert answer.json()["error"]["message"]
