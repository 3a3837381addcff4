"""A browser's way in and out, over a real connection."""

from __future__ import annotations

import re

import pytest

from localgpt.server import login


def log_in(server):
    """A client with a cookie, and its page's key."""
    client = server.client()
    answer = client.post(
        "/login",
        data={"code": login.write_code(server.served.access.state)},
        headers={"Origin": "null", "Sec-Fetch-Site": "cross-site"},
    )
    assert answer.status_code == 200
    return client, key_in(answer.text), answer


def key_in(text: str) -> str:
    """The key that the page after a login is given."""
    found = re.search(r'localgpt-key" content="([^"]+)"', text)
    assert found
    return found[1]


def test_a_code_gives_a_cookie_and_a_key_and_only_both_count(server):
    client, key, answer = log_in(server)
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"localgpt-{server.port}=")
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert "<script>" not in answer.text
    assert client.get("/api/status").status_code == 401
    assert server.client().get("/api/status", headers={"X-LocalGPT-Key": key}).status_code == 401
    assert client.get("/api/status", headers={"X-LocalGPT-Key": key}).status_code == 200
    assert client.get("/api/auth/status", headers={"X-LocalGPT-Key": key}).json()["authenticated"] is True


def test_the_script_that_keeps_the_key_is_there(server):
    answer = server.client().get("/ui/login.js")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert "/ui/js/store.js".removeprefix("/ui/") in answer.text
    assert server.client().get("/ui/js/store.js").status_code == 200


def test_a_used_code_gives_a_page_that_says_so(server):
    code = login.write_code(server.served.access.state)
    assert server.client().post("/login", data={"code": code}).status_code == 200
    again = server.client().post("/login", data={"code": code})
    assert again.status_code == 403
    assert "localgpt open" in again.text
    assert "set-cookie" not in again.headers


@pytest.mark.parametrize(
    "body", [b"", b"code=", b"code=" + b"x" * 5000, b"\xff\xfe", b"{}", b"code=../token"]
)
def test_what_is_no_code_opens_nothing(server, body):
    assert server.client().post("/login", content=body).status_code == 403


def test_logging_out_ends_it(server):
    client, key, _ = log_in(server)
    answer = client.post("/api/logout", headers={"X-LocalGPT-Key": key})
    assert answer.json() == {"logged_out": True}
    client.cookies.clear()
    client, key, _ = log_in(server)
    assert client.get("/api/status", headers={"X-LocalGPT-Key": key}).status_code == 200
