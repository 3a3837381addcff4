"""Which token goes how far: over every route that there is, as a table and over a real connection."""

from __future__ import annotations

import importlib
import re

import httpx2
import pytest

from localgpt.server import routes, scopes
from localgpt.server.scopes import RULES, Need
from localgpt.server.tokens import Scope

NOT_ROUTES = {("GET", "/api/openapi.json")}
"""Lines that FastAPI adds by itself."""
RANKS = {Scope.SEARCH: Need.SEARCH, Scope.CHAT: Need.CHAT, Scope.OWNER: Need.OWNER}


def every_route() -> set[tuple[str, str]]:
    """Each route of the application, as the table names it."""
    found = set()
    for name in routes.ROUTERS:
        for route in importlib.import_module(f"localgpt.server.routes.{name}").router.routes:
            path = route.path.replace(":path}", "}")
            methods = getattr(route, "methods", None) or {"WS"}
            found |= {(method, path) for method in methods if method != "HEAD"}
    return found


def test_every_route_is_decided_upon_and_no_line_is_left_over():
    assert every_route() == RULES.keys() - NOT_ROUTES


def test_what_changes_anything_is_the_owners_but_for_a_guests_own_conversations():
    own = ("/api/chat", "/api/sessions", "/api/turns", "/api/slash", "/api/ws", "/login")
    for (method, path), need in RULES.items():
        if method not in {"GET", "WS"} and not path.startswith(own):
            assert need in {Need.OWNER, Need.HANDS}, path


@pytest.mark.parametrize(
    ("method", "path", "need"),
    [
        ("GET", "/api/sessions/search", Need.OWNER),
        ("GET", "/api/sessions/abcd", Need.CHAT),
        ("HEAD", "/api/memory/search", Need.SEARCH),
        ("GET", "/api/notes/a/b.md", Need.OWNER),
        ("POST", "/api/notes/a/b.md/move", Need.OWNER),
        ("POST", "/api/sessions/a/compact", Need.OWNER),
        ("POST", "/api/sessions/a/b", Need.OWNER),
        ("GET", "/api/nothing", Need.OWNER),
        ("PATCH", "/api/chat", Need.OWNER),
        ("PUT", "/api/settings", Need.HANDS),
        ("POST", "/api/thaw", Need.HANDS),
    ],
)
def test_a_request_falls_under_its_line(method, path, need):
    assert scopes.need(method, path) is need


@pytest.fixture(scope="module")
def clients(server) -> dict[Scope, httpx2.Client]:
    """A client for each scope."""
    tokens = server.served.access.tokens
    keys = {scope: tokens.new(f"a-{scope}", scope)[1] for scope in Scope}
    return {scope: server.client(headers={"Authorization": f"Bearer {key}"}) for scope, key in keys.items()}


_HARMFUL = {("POST", "/login"), ("POST", "/api/logout"), ("POST", "/api/freeze"), ("GET", "/api/events")}
"""What is not tried where it would be let through: it ends the test's own world, or never ends."""


@pytest.mark.parametrize("scope", list(Scope))
@pytest.mark.parametrize("line", sorted(RULES), ids=" ".join)
def test_every_route_and_every_scope_over_a_connection(clients, scope, line):
    method, path = line
    need = RULES[line]
    allowed = scope.rank >= need.rank
    if method == "WS" or (allowed and line in _HARMFUL):
        pytest.skip("not over a plain request")
    filled = re.sub(r"\{\w+\}", "nothing-there", path)
    answer = clients[scope].request(method, filled, json=None if method == "GET" else {})
    if allowed:
        assert answer.status_code not in {401, 403}, answer.text
        return
    assert answer.status_code == 403
    error = answer.json()["error"]
    assert error["code"] == "scope"
    assert f"needs a token of scope {need.scope}; a-{scope} is one of scope {scope}" in error["message"]


def test_a_wrong_and_a_revoked_token_is_no_token(server):
    tokens = server.served.access.tokens
    _, key = tokens.new("gone", Scope.OWNER)
    client = server.client(headers={"Authorization": f"Bearer {key}"})
    assert client.get("/api/notes").status_code == 200
    tokens.revoke("gone")
    assert client.get("/api/notes").status_code == 401
    assert client.get("/api/notes", headers={"Authorization": f"Bearer {key}x"}).status_code == 401
