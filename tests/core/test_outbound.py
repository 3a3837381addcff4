"""The only way out: what is recorded, when nothing may be sent, and that no other room connects."""

from __future__ import annotations

import ast
import asyncio
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from localgpt.core.errors import FrozenError, OutsideError
from localgpt.core.outbound import Outbound

SOURCE = Path(__file__).resolve().parents[2] / "src" / "localgpt"

CONNECTING = {
    "anthropic", "asyncssh", "boto3", "botocore", "dulwich", "fastembed", "google", "grpc", "huggingface_hub", "mcp",
    "ollama", "openai", "paramiko", "pycurl", "pydantic_ai", "pygit2", "urllib", "webbrowser", "xmlrpc",
}  # fmt: skip
"""Libraries that connect on their own. (The plain network libraries: ``tests/test_laws.py``.)"""

MAY_CONNECT = {
    ("care/time_machine/owners.py", "pygit2"): "a repository on this disk; remotes are never named",
    ("care/time_machine/store.py", "pygit2"): "objects on this disk; remotes are never named",
    ("cli/open.py", "webbrowser"): "opens a file of ours in the owner's own browser",
    ("desktop/opening.py", "webbrowser"): "opens a file of ours in the owner's own browser",
    ("core/outbound_http.py", "urllib"): "the environment's proxies",
    ("memory/embedding.py", "fastembed"): "downloads a model once; the room declares it",
    ("models/api/providers.py", "anthropic"): "speaks over a client of core.outbound",
    ("models/api/providers.py", "openai"): "speaks over a client of core.outbound",
    ("models/api/providers.py", "pydantic_ai"): "speaks over a client of core.outbound",
    ("models/api/exchange.py", "pydantic_ai"): "speaks over a client of core.outbound",
    ("models/api/messages.py", "pydantic_ai"): "shapes of messages only",
    ("models/api/failures.py", "pydantic_ai"): "names of errors only",
}


PLAIN = {"aiohttp", "ftplib", "http", "httpx", "httpx2", "requests", "smtplib", "socket", "ssl", "websockets"}
HARMLESS = ("urllib.parse", "urllib.error")


def imported(code: str) -> Iterator[str]:
    """The full names of the modules that import statements name."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def imported_by_text(code: str) -> Iterator[str]:
    """The full names of the modules that are imported by a call."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("import_module", "__import__")):
            yield from (
                one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)
            )


def libraries(names: Iterable[str]) -> set[str]:
    return {name.partition(".")[0] for name in names if name not in HARMLESS}


def test_libraries_that_connect_stand_only_where_it_is_declared():
    found = {
        (path.relative_to(SOURCE).as_posix(), name)
        for path in SOURCE.rglob("*.py")
        for name in libraries(imported(path.read_text("utf-8"))) & CONNECTING
    }
    assert found == MAY_CONNECT.keys()


def test_no_library_that_connects_is_imported_by_a_text():
    for path in SOURCE.rglob("*.py"):
        found = libraries(imported_by_text(path.read_text("utf-8"))) & (CONNECTING | PLAIN)
        assert not {(path.relative_to(SOURCE).as_posix(), name) for name in found} - MAY_CONNECT.keys()


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("import fastembed", {"fastembed"}),
        ("def f():\n    from openai.types import X", {"openai"}),
        ("importlib.import_module('fastembed.text')", {"fastembed"}),
        ("__import__('requests')", {"requests"}),
        ("from urllib.parse import quote", set()),
        ("import urllib.parse, urllib.request", {"urllib"}),
        ("from .mcp import x", set()),
    ],
)
def test_the_law_knows_an_import_when_it_sees_one(code, names):
    assert libraries([*imported(code), *imported_by_text(code)]) == names


def test_an_exit_by_others_is_recorded():
    entries: list[tuple[str, dict[str, object]]] = []
    outbound = Outbound(lambda kind, **fields: entries.append((kind, fields)))
    outbound.declare("huggingface.co", "embedding model")
    assert entries == [("exit.declared", {"host": "huggingface.co", "purpose": "embedding model"})]


def test_an_exit_to_a_host_that_is_not_allowed_is_refused_before_it_is_recorded():
    entries: list[str] = []
    outbound = Outbound(lambda kind, **_: entries.append(kind), allowed=lambda host: host == "localhost")
    with pytest.raises(OutsideError, match=r"example\.com.*weather"):
        outbound.declare("example.com", "weather")
    outbound.declare("localhost", "weather")
    assert entries == ["exit.declared"]


def test_while_nothing_may_go_out_nothing_is_sent_or_recorded():
    entries: list[str] = []

    def stopped() -> None:
        raise FrozenError("frozen")

    outbound = Outbound(lambda kind, **_: entries.append(kind), going=stopped)
    with pytest.raises(FrozenError):
        outbound.declare("localhost", "weather")

    async def ask() -> None:
        async with outbound.client("weather") as client:
            await client.get("http://localhost:9/")

    with pytest.raises(FrozenError):
        asyncio.run(ask())
    assert entries == []


def test_looking_for_a_server_on_this_machine_sends_and_records_nothing():
    import socket

    recorded: list[str] = []
    outbound = Outbound(lambda kind, **fields: recorded.append(kind))
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert asyncio.run(outbound.listens("127.0.0.1", port, 1.0))
    assert not asyncio.run(outbound.listens("127.0.0.1", port, 1.0))
    assert recorded == []
    with pytest.raises(OutsideError, match="not this machine"):
        asyncio.run(outbound.listens("192.0.2.1", 80, 1.0))
