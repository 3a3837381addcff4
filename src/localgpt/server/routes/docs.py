"""``/api/docs``: every route on one plain page, made from the OpenAPI document; it needs nothing from outside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

router = APIRouter(include_in_schema=False)

_METHODS = ("get", "post", "put", "delete")


@router.get("/api/docs", response_class=HTMLResponse)
async def docs(request: Request) -> HTMLResponse:
    """The routes, for people."""
    return HTMLResponse(page(request.app.openapi()))


def page(document: Mapping[str, Any]) -> str:
    """The page of an OpenAPI document."""
    info = document["info"]
    head = f"{escape(info['title'])} {escape(info['version'])}"
    routes = [
        (path, method, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if method in _METHODS
    ]
    return "".join(
        [
            '<!doctype html><html lang="en"><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width"><link rel="icon" href="/ui/icon.svg">',
            f"<title>{head}</title><h1>{head}</h1><p>{escape(info.get('description', ''))}</p>",
            "<p>The same for programs: <code>/api/openapi.json</code> (with the token).</p>",
            *(_route(*route) for route in routes),
            "<h2>Shapes</h2>",
            *(_shape(name, shape) for name, shape in document["components"]["schemas"].items()),
        ]
    )


def _route(path: str, method: str, operation: Mapping[str, Any]) -> str:
    about = escape(operation.get("description") or operation.get("summary", ""))
    rows = "".join(_parameters(operation))
    answer = operation["responses"].get("200", {}).get("content", {})
    gives = "; ".join(
        f"{escape(kind)} {_type(content.get('schema', {}))}" for kind, content in answer.items()
    )
    table = f"<table>{rows}</table>" if rows else ""
    return f"<h2><code>{method.upper()} {escape(path)}</code></h2><p>{about}</p>{table}<p>Gives: {gives}</p>"


def _parameters(operation: Mapping[str, Any]) -> Iterator[str]:
    for one in operation.get("parameters", ()):
        needed = " (needed)" if one.get("required") else ""
        about = f"{escape(one['in'])}{needed}: {escape(one.get('description', ''))}"
        yield f"<tr><td>{escape(one['name'])}</td><td>{_type(one.get('schema', {}))}</td><td>{about}</td></tr>"
    for kind, content in operation.get("requestBody", {}).get("content", {}).items():
        shape = _type(content.get("schema", {}))
        yield f"<tr><td>body</td><td>{shape}</td><td>{escape(kind)}</td></tr>"


def _type(schema: Mapping[str, Any]) -> str:
    """A type in short; one with a name is a link to its shape."""
    if "$ref" in schema:
        name = escape(schema["$ref"].rpartition("/")[2])
        return f'<a href="#{name}">{name}</a>'
    if "anyOf" in schema:
        return " or ".join(_type(one) for one in schema["anyOf"])
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    if "enum" in schema:
        return " or ".join(escape(str(one)) for one in schema["enum"])
    return escape(str(schema.get("type", "anything")))


def _shape(name: str, shape: Mapping[str, Any]) -> str:
    needed = set(shape.get("required", ()))
    rows = "".join(
        f"<tr><td><code>{escape(field)}</code></td><td>{_type(schema)}</td><td>{'needed' if field in needed else ''}</td></tr>"
        for field, schema in shape.get("properties", {}).items()
    )
    about = escape(shape.get("description", ""))
    return f'<h3 id="{escape(name)}">{escape(name)}</h3><p>{about}</p><table>{rows}</table>'
