"""``/health``, ``/api/auth/status``, ``/api/status``, over a real connection."""

from __future__ import annotations


def test_health_is_text_and_needs_nothing(server):
    answer = server.client().get("/health")
    assert (answer.status_code, answer.text) == (200, "OK")
    assert answer.headers["content-type"].startswith("text/plain")


def test_whether_a_token_is_needed_and_counts(server):
    assert server.client().get("/api/auth/status").json() == {"auth_required": True, "authenticated": False}
    assert server.api.get("/api/auth/status").json() == {"auth_required": True, "authenticated": True}


def test_the_status_has_the_fields_of_the_original_and_more(server):
    found = server.api.get("/api/status").json()
    assert found["model"] == "scripted"
    assert found["is_brand_new"] is True
    assert found["running_turns"] == found["inbox"] == 0
    assert found["heartbeat"].keys() == {"enabled", "paused", "next_at"}
    assert {
        "version",
        "memory_chunks",
        "active_sessions",
        "pending_vectors",
        "heartbeat",
        "inbox",
    } <= found.keys()
