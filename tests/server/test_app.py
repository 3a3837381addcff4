"""The application as a whole: every route documented, described, and proof against whatever fits or doesn't fit it."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from tests.server.conftest import running

from localgpt.server import routes

DOCS = Path(__file__).resolve().parents[2] / "docs" / "api.md"
HIDDEN = {"/", "/ui/{path}", "/login", "/api/docs", "/api/ws"}
"""Routes that no program needs the shapes of; the page on the interface names them all the same."""


def documented(server):
    document = server.api.get("/api/openapi.json").json()
    return {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}


def test_every_route_stands_in_the_docs_and_nothing_else(server):
    text = DOCS.read_text(encoding="utf-8")
    told = set(re.findall(r"^\| `(GET|POST|PUT|DELETE) ([^`?]+)", text, re.MULTILINE))
    assert {(method, path) for method, path in told if path not in HIDDEN} == documented(server)
    assert {path for _, path in told} >= HIDDEN


def test_every_room_of_routes_is_included():
    rooms = {file.stem for file in Path(routes.__file__).parent.glob("*.py")} - {"__init__"}
    included = set(routes.ROUTERS)
    with_router = {
        name
        for name in rooms
        if "router = APIRouter(" in (Path(routes.__file__).parent / f"{name}.py").read_text()
    }
    assert with_router == included
    assert routes.ROUTERS[-1] == "page"


def test_the_security_of_every_route_is_described(server):
    document = server.api.get("/api/openapi.json").json()
    assert document["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    for path, methods in document["paths"].items():
        for operation in methods.values():
            assert (operation.get("security") == []) is (path in {"/health", "/api/auth/status"}), path


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_nothing_that_can_be_sent_breaks_the_server(tmp_path):
    schemathesis = pytest.importorskip("schemathesis")
    from hypothesis import HealthCheck, Phase, given, settings

    config = '[memory]\nembedding_provider = "none"\n[server]\nrequests_per_minute = 0\n'
    with running(tmp_path / "home", config=config) as server:
        schema = schemathesis.openapi.from_dict(server.api.get("/api/openapi.json").json())
        broken: list[object] = []
        answers: Counter[int] = Counter()
        for result in schema.get_all_operations():
            operation = result.ok()
            if operation.path in ENDLESS:
                continue

            @settings(
                max_examples=25,
                deadline=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            @given(case=operation.as_strategy())
            def attack(case):
                kwargs = case.as_transport_kwargs(base_url=server.url)
                answer = send(server, kwargs)
                answers[answer.status_code if answer is not None else 0] += 1
                if (
                    answer is not None
                    and answer.status_code >= 500
                    and answer.json()["error"]["code"] == "bug"
                ):
                    broken.append((case.operation.label, kwargs, answer.text[:200]))

            attack()
        assert broken == []
    assert answers[200] > 100, answers
    assert answers[429] == answers[401] == 0, answers


ENDLESS = {"/api/events"}


def send(server, kwargs):
    """The answer to a generated request; ``None`` where the client itself can't send it."""
    import httpx2

    kwargs = {
        key: value
        for key, value in kwargs.items()
        if key in {"method", "url", "params", "headers", "json", "data", "content"}
    }
    if isinstance(kwargs.get("data"), bytes):
        kwargs["content"] = kwargs.pop("data")
    kwargs["headers"] = {**kwargs.get("headers", {}), "Authorization": f"Bearer {server.token}"}
    try:
        return server.api.request(**kwargs)
    except (httpx2.InvalidURL, httpx2.LocalProtocolError, UnicodeError, TypeError, ValueError):
        return None
