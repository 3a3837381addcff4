from __future__ import annotations


def test_what_waits_is_shown_and_answered(own):
    own.do(_add(own, "message", "Title <b>", "**News** <script>"))
    own.do(_add(own, "message", "Second", "x"))
    second, first = own.api.get("/api/inbox").json()["items"]
    assert (first["title"], first["kind"], first["state"], first["call"]) == (
        "Title <b>",
        "message",
        "open",
        None,
    )
    assert first["html"] == "<p><strong>News</strong> &lt;script&gt;</p>\n"
    gone = own.api.post(f"/api/inbox/{first['id']}", json={"answer": "dismiss"}).json()
    assert gone["state"] == "dismissed"
    assert [one["id"] for one in own.api.get("/api/inbox").json()["items"]] == [second["id"]]
    assert len(own.api.get("/api/inbox", params={"closed": True}).json()["items"]) == 2
    again = own.api.post(f"/api/inbox/{first['id']}", json={"answer": "dismiss"})
    assert again.status_code == 400


async def _add(own, kind, title, text):
    return own.assistant.inbox.add(kind, title, text)


def test_an_answer_that_makes_no_sense_is_refused(own):
    own.do(_add(own, "message", "t", ""))
    (item,) = own.api.get("/api/inbox").json()["items"]
    for path, body, status in (
        (item["id"], {"answer": "burn"}, 422),
        (item["id"], {"answer": "allow"}, 400),
        (item["id"], {}, 422),
        ("nobody00", {"answer": "dismiss"}, 404),
        ("..", {"answer": "dismiss"}, 404),
        ("%2e%2e", {"answer": "dismiss"}, 404),
    ):
        answer = own.api.post(f"/api/inbox/{path}", json=body)
        assert answer.status_code in {status, 405}, (path, body, answer.text)
        assert answer.json()["error"]["message"]
