"""The page of routes: all of them, and nothing from elsewhere."""

from __future__ import annotations

import re

from localgpt.server.routes.docs import page


def test_every_route_is_on_the_page_and_nothing_is_loaded(server):
    text = server.client().get("/api/docs").text
    document = server.api.get("/api/openapi.json").json()
    assert all(path in text for path in document["paths"])
    assert "<script" not in text
    assert "style=" not in text
    assert not re.findall(r'(?:src|href)="(?!#|/ui/)', text)
    assert set(re.findall(r'href="#([^"]+)"', text)) <= set(re.findall(r'id="([^"]+)"', text))


FILES = {"/api/sessions/{session_id}/export", "/api/attachments/{sha256}/{name}", "/api/images/{path}"}
"""What gives a file of the owner's, as it is."""


def test_every_route_says_what_it_does_and_what_it_gives(server):
    for path, methods in server.api.get("/api/openapi.json").json()["paths"].items():
        for method, operation in methods.items():
            assert operation.get("description"), f"{method} {path} has no description"
            if "204" in operation["responses"]:
                continue  # it gives nothing
            gives = [one.get("schema") for one in operation["responses"]["200"].get("content", {}).values()]
            assert path in FILES or (gives and all(gives)), f"{method} {path} says not what it gives"


def test_what_stands_in_the_document_is_shown_as_text():
    operation = {
        "responses": {},
        "description": "<b>",
        "parameters": [{"name": "<i>", "in": "query", "schema": {"type": "<u>"}}],
    }
    document = {
        "info": {"title": "<s>", "version": "1"},
        "paths": {"/<p>": {"get": operation}},
        "components": {"schemas": {"<h1>": {"properties": {"<x>": {}}}}},
    }
    shown = page(document)
    assert not re.search(r"<(b|i|u|s|x)>", shown)
