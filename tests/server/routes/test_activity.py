from __future__ import annotations


def test_what_went_on_is_told_in_pages(own):
    api = own.api
    api.post("/api/chat", json={"message": "Hello <b>"})
    api.put("/api/notes/a <i>.md", json={"text": "x"})
    own.assistant.outbound.declare("api.example", "chat")
    found = api.get("/api/activity").json()
    kinds = [one["kind"] for one in found["entries"]]
    assert kinds[:2] == ["exit", "change"]
    assert "turn" in kinds
    assert found["entries"][1]["summary"].startswith("a <i>.md was made")
    assert {"time", "kind", "summary", "session", "turn", "detail"} == set(found["entries"][0])
    assert found["next"] is None
    seen, before = [], ""
    while before is not None:
        page = api.get("/api/activity", params={"limit": 1, "before": before}).json()
        seen += page["entries"]
        before = page["next"]
    assert seen == found["entries"]
    assert [one["kind"] for one in api.get("/api/activity", params={"kind": "exit"}).json()["entries"]] == [
        "exit"
    ]


def test_odd_wishes(own):
    assert own.api.get("/api/activity", params={"kind": "gossip"}).status_code == 400
    assert own.api.get("/api/activity", params={"limit": 0}).status_code == 422
    assert own.api.get("/api/activity", params={"before": "0"}).json() == {"entries": [], "next": None}
