from __future__ import annotations

import pytest


def test_tokens_by_day_and_conversation(own):
    talk = own.api.post("/api/chat", json={"message": "Hello"}).json()["session_id"]
    day = own.api.get("/api/usage").json()
    assert (day["by"], len(day["rows"])) == ("day", 1)
    assert (day["total"]["requests"], day["total"]["turns"]) == (1, 1)
    assert day["total"]["input_tokens"] == 5
    (row,) = own.api.get("/api/usage", params={"by": "session", "days": 0}).json()["rows"]
    assert row["key"] == talk
    assert "Hello" in row["title"]
    (row,) = own.api.get("/api/usage", params={"by": "kind"}).json()["rows"]
    assert row["key"] == "chat"


@pytest.mark.parametrize("given", [{"by": "moon"}, {"days": -1}, {"days": "x"}, {"days": 10**9}])
def test_what_is_no_wish_is_refused(server, given):
    assert server.api.get("/api/usage", params=given).status_code == 422
