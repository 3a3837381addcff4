"""What happens, heard over a real connection."""

from __future__ import annotations

from tests.server.conftest import frames

from localgpt.server import streams


def test_two_tabs_hear_of_turns_and_of_what_else_is_told(server):
    with server.api.stream("GET", "/api/events") as one, server.api.stream("GET", "/api/events") as other:
        first, second = frames(one), frames(other)
        assert next(first)["type"] == next(second)["type"] == "hello"
        said = server.api.post("/api/chat", json={"message": "x"}).json()
        for stream in (first, second):
            _waiting, begun, ended = next(stream), next(stream), next(stream)
            assert (begun["type"], begun["session_id"], begun["running"]) == (
                "session",
                said["session_id"],
                True,
            )
            assert (ended["turn_id"], ended["running"]) == (said["turn_id"], False)
        server.loop.call_soon_threadsafe(lambda: server.served.feed.publish("note", path="a.md"))
        assert next(first)["path"] == "a.md"


def test_silence_is_told_so_that_nobody_takes_it_for_an_end(server, monkeypatch):
    monkeypatch.setattr(streams, "KEEP_ALIVE", 0.05)
    with server.api.stream("GET", "/api/events") as answer:
        lines = answer.iter_lines()
        assert next(line for line in lines if line.startswith(":")) == streams.COMMENT.strip()
