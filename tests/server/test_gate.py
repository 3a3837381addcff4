"""The gate: what comes in and what doesn't, as decisions; and the headers of every answer, over a real connection."""

from __future__ import annotations

import pytest

from localgpt.server.access import Access
from localgpt.server.gate import HEADERS, Knock, cookie_in, credential, refused_by_address

HOST = "localhost:31327"
OWN = "http://localhost:31327"


@pytest.fixture
def access(tmp_path):
    made = Access(tmp_path, origins=("https://friend.example",))
    made.listen("127.0.0.1", 31327)
    return made


@pytest.mark.parametrize(
    ("knock", "code"),
    [
        (Knock("GET", "/api/status", HOST), ""),
        (Knock("GET", "/api/status", HOST, OWN, "same-origin"), ""),
        (Knock("POST", "/api/chat", HOST, OWN), ""),
        (Knock("POST", "/api/chat", HOST, "", "none"), ""),
        (Knock("POST", "/api/chat", HOST, "https://friend.example", "cross-site"), ""),
        (Knock("GET", "/", HOST, "", "cross-site"), ""),
        (Knock("POST", "/login", HOST, "null", "cross-site"), ""),
        (Knock("GET", "/health", "evil.example"), "host"),
        (Knock("GET", "/", "evil.example:31327"), "host"),
        (Knock("GET", "/api/status", HOST, "https://evil.example"), "origin"),
        (Knock("GET", "/api/status", HOST, "", "cross-site"), "origin"),
        (Knock("GET", "/api/status", HOST, "", "same-site"), "origin"),
        (Knock("POST", "/api/chat", HOST, "null"), "origin"),
        (Knock("POST", "/api/chat", HOST, "http://localhost:9999", "same-site"), "origin"),
        (Knock("POST", "/api/chat", HOST, OWN, "cross-site"), "origin"),
        (Knock("GET", "/api/ws", HOST, "https://evil.example", websocket=True), "origin"),
        (Knock("GET", "/api/ws", HOST, OWN, websocket=True), ""),
        (Knock("POST", "/", HOST, "https://evil.example"), "origin"),
        (Knock("DELETE", "/ui/x", HOST, "https://evil.example"), "origin"),
    ],
)
def test_names_and_origins(access, knock, code):
    refused = refused_by_address(knock, access)
    assert (refused.reason if refused else "") == code


def test_a_cookie_alone_is_no_credential(access):
    cookie, key = access.begin()
    assert credential(Knock("GET", "/api/status", cookie=cookie, key=key), access) == "page"
    assert credential(Knock("GET", "/api/status", cookie=cookie), access) == ""
    assert credential(Knock("GET", "/api/status", key=key), access) == ""
    assert credential(Knock("GET", "/x", authorization=f"Bearer {access.token}"), access) == "token"
    assert credential(Knock("GET", "/x", authorization="Bearer x", cookie=cookie, key=key), access) == "page"


@pytest.mark.parametrize(
    ("header", "value"), [("a=1; localgpt-1=x; b=2", "x"), ("localgpt-2=x", ""), ("", ""), ("\x00;;=,", "")]
)
def test_the_cookie_is_found_among_those_of_others(header, value):
    assert cookie_in(header, "localgpt-1") == value


@pytest.mark.parametrize(
    "path", ["/", "/health", "/nothing", "/api/status", "/ui/js/main.js", "/api/nothing"]
)
def test_every_answer_has_the_headers_of_a_careful_server(server, path):
    answer = server.client().get(path)
    for name in HEADERS:
        assert name in answer.headers, name
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert "access-control-allow-origin" not in answer.headers
    assert "server" not in answer.headers


def test_without_the_token_there_is_nothing_but_the_page(server):
    everything = {
        (path, method.upper())
        for path, methods in server.api.get("/api/openapi.json").json()["paths"].items()
        for method in methods
    }
    assert len(everything) > 20
    client = server.client()
    open_to_all = []
    for path, method in sorted(everything):
        answer = client.request(method, path.replace("{", "").replace("}", ""))
        if answer.status_code not in {401, 429}:
            open_to_all.append(path)
    assert open_to_all == ["/api/auth/status", "/health"]
    refused = server.client().get("/api/status")
    assert refused.status_code in {401, 429}
    assert server.api.get("/api/status").status_code == 200, "the owner is not shut out by others' attempts"
