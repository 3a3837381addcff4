from __future__ import annotations


def test_steps_diffs_undo_and_redo(own):
    api = own.api
    first = api.put("/api/notes/a.md", json={"text": "one\n"}).json()
    second = api.put("/api/notes/a.md", json={"text": "one\ntwo\n", "sha256": first["sha256"]}).json()
    api.put("/api/notes/b <i>.md", json={"text": "b"})
    steps = api.get("/api/history").json()["steps"]
    assert [step["paths"] for step in steps] == [["b <i>.md"], ["a.md"], ["a.md"]]
    assert steps[1]["door"] == "page"
    assert {"id", "time", "door", "session", "undone_by", "undoes", "paths", "changes"} == set(steps[0])
    assert len(api.get("/api/history", params={"path": "a.md", "limit": 1}).json()["steps"]) == 1
    (diff,) = api.get(f"/api/history/{second['turn_id']}/diff").json()["files"]
    assert diff["path"] == "a.md"
    assert "+two" in diff["diff"].splitlines()

    would = api.post("/api/undo", json={"turn": second["turn_id"], "dry_run": True}).json()
    assert (would["id"], would["files"]) == ("", ["a.md"])
    assert "-two" in would["diff"].splitlines()
    assert api.get("/api/notes/a.md").json()["total"] == 2
    done = api.post("/api/undo", json={"turn": second["turn_id"][:8]}).json()
    assert done["id"]
    assert api.get("/api/notes/a.md").json()["text"] == "one\n"
    assert api.get("/api/history").json()["steps"][0]["undoes"] == [second["turn_id"]]
    api.post("/api/redo", json={"dry_run": True})
    assert api.post("/api/redo").json()["files"] == ["a.md"]
    assert api.get("/api/notes/a.md").json()["text"] == "one\ntwo\n"


def test_what_the_owner_edited_since_stays(own):
    made = own.api.put("/api/notes/a.md", json={"text": "one\n"}).json()
    own.note("a.md", "another\n")
    done = own.api.post("/api/undo", json={"turn": made["turn_id"]}).json()
    assert (done["files"], done["kept"][0]["path"]) == ([], "a.md")
    (diff,) = own.api.get(f"/api/history/{made['turn_id']}/diff").json()["files"]
    assert not diff["known"]


def test_edits_with_other_programs_have_their_diffs_too(own):
    own.note("a.md", "one\n")
    own.assistant.keep_history()
    own.note("a.md", "one\ntwo\n")
    own.assistant.keep_history()
    step = own.api.get("/api/history").json()["steps"][0]
    assert (step["door"], step["paths"]) == ("editor", ["a.md"])
    (diff,) = own.api.get(f"/api/history/{step['id']}/diff").json()["files"]
    assert "+two" in diff["diff"].splitlines()


def test_what_is_not_there_is_said(own):
    api = own.api
    for answer, status in (
        (api.post("/api/undo"), 404),
        (api.post("/api/redo"), 404),
        (api.post("/api/undo", json={"turn": "nobody"}), 404),
        (api.post("/api/undo", json={"turn": " "}), 400),
        (api.post("/api/undo", json={"last": 0}), 422),
        (api.post("/api/undo", json=[]), 422),
        (api.get("/api/history/nothing/diff"), 404),
        (api.get("/api/history", params={"limit": 0}), 422),
    ):
        assert answer.status_code == status, answer.text
        assert answer.json()["error"]["message"]
    assert api.get("/api/history", params={"path": "../x"}).json() == {"steps": []}
