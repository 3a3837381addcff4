"""The recorded HTTP client, against a real server on this machine."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx2
import pytest

from localgpt.core.errors import OutsideError, StorageError
from localgpt.core.outbound import Outbound

SEEN: list[str] = []


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path.startswith("/moved"):
            self.send_response(302)
            self.send_header("Location", "/end?secret=2")
            self.end_headers()
        elif self.path == "/torn":
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b"only this")
        else:
            self.send_response(200)
            self.send_header("Content-Length", "5")
            self.end_headers()
            self.wfile.write(b"hello")

    def do_POST(self) -> None:
        SEEN.append(self.path)
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        while "chunked" in self.headers.get("Transfer-Encoding", "") and self.rfile.readline() != b"0\r\n":
            self.rfile.readline()
        self.do_GET()

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def serving() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    SEEN.clear()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    with serving() as running:
        yield running


class Entries(list[dict[str, Any]]):
    def record(self, kind: str, **fields: Any) -> None:
        self.append({"kind": kind, **fields})


def request(entries: Entries, method: str, url: str, **options: Any) -> httpx2.Response:
    async def work() -> httpx2.Response:
        async with Outbound(entries.record).client("a test") as client:
            return await client.request(method, url, **options)

    return asyncio.run(work())


def url_of(server: ThreadingHTTPServer, path: str) -> str:
    return f"http://127.0.0.1:{server.server_port}{path}"


def test_a_request_is_recorded_with_its_answer_and_without_what_is_private(server):
    entries = Entries()
    headers = {"Authorization": "Bearer private-1"}
    answer = request(
        entries, "POST", url_of(server, "/private-2?key=private-3"), content=b"private-4", headers=headers
    )
    assert answer.text == "hello"
    opened, closed = entries
    assert opened.pop("id") == closed.pop("id")
    assert opened == {
        "kind": "exit.opened",
        "purpose": "a test",
        "method": "POST",
        "scheme": "http",
        "host": "127.0.0.1",
        "port": server.server_port,
        "bytes_out": 9,
    }
    assert closed == {"kind": "exit.closed", "status": 200, "bytes_in": 5, "error": ""}
    assert "private" not in json.dumps(entries)


def test_a_body_of_unknown_length_is_recorded_as_such(server):
    async def body() -> Any:
        yield b"abc"

    entries = Entries()
    request(entries, "POST", url_of(server, "/"), content=body())
    assert entries[0]["bytes_out"] is None


def test_every_step_of_a_redirect_is_recorded(server):
    entries = Entries()
    assert request(entries, "GET", url_of(server, "/moved?secret=1"), follow_redirects=True).text == "hello"
    assert [entry["kind"] for entry in entries] == ["exit.opened", "exit.closed"] * 2
    assert [entry["status"] for entry in entries[1::2]] == [302, 200]
    assert "secret" not in json.dumps(entries)


def test_a_request_that_fails_is_recorded_too():
    with serving() as server:
        url = url_of(server, "/")
    entries = Entries()
    with pytest.raises(httpx2.ConnectError):
        request(entries, "GET", url)
    assert [(one["kind"], one.get("status"), one.get("error")) for one in entries] == [
        ("exit.opened", None, None),
        ("exit.closed", 0, "ConnectError"),
    ]


def test_an_answer_that_breaks_off_is_recorded_with_what_came(server):
    entries = Entries()
    with pytest.raises(httpx2.RemoteProtocolError):
        request(entries, "GET", url_of(server, "/torn"))
    assert (entries[1]["bytes_in"], entries[1]["error"]) == (9, "RemoteProtocolError")
    assert len(entries) == 2


def test_an_answer_that_is_not_read_to_its_end_is_recorded_without_error(server):
    async def work() -> None:
        async with Outbound(entries.record).client("x") as client, client.stream("GET", url_of(server, "/")):
            pass

    entries = Entries()
    asyncio.run(work())
    assert entries[1] | {"id": ""} == {
        "kind": "exit.closed",
        "id": "",
        "status": 200,
        "bytes_in": 0,
        "error": "",
    }


def test_nothing_is_sent_that_could_not_be_recorded(server):
    def full(kind: str, **_: Any) -> None:
        raise StorageError("The disk is full.")

    async def work() -> None:
        async with Outbound(full).client("x") as client:
            await client.post(url_of(server, "/"), content=b"words")

    with pytest.raises(StorageError):
        asyncio.run(work())
    assert SEEN == []


def test_a_host_that_is_not_allowed_is_not_reached(server):
    async def work() -> None:
        async with Outbound(entries.record, allowed=lambda host: False).client("x") as client:
            await client.post(url_of(server, "/"))

    entries = Entries()
    with pytest.raises(OutsideError, match=r"127\.0\.0\.1"):
        asyncio.run(work())
    assert SEEN == []
    assert entries == []


def test_a_request_that_is_cancelled_is_recorded(server):
    def record(kind: str, **fields: Any) -> None:
        entries.record(kind, **fields)
        if kind == "exit.opened":
            loops[0].call_soon_threadsafe(tasks[0].cancel)

    async def work() -> None:
        loops.append(asyncio.get_running_loop())
        async with Outbound(record).client("x") as client:
            tasks.append(asyncio.create_task(client.get(url_of(server, "/"))))
            with pytest.raises(asyncio.CancelledError):
                await tasks[0]

    entries = Entries()
    tasks: list[asyncio.Task[Any]] = []
    loops: list[asyncio.AbstractEventLoop] = []
    asyncio.run(work())
    assert [entry["kind"] for entry in entries] == ["exit.opened", "exit.closed"]
    assert entries[1]["error"] == "CancelledError"


def test_the_environments_proxy_is_used_except_where_it_says_not_to(server, monkeypatch):
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{server.server_port}")
    entries = Entries()
    answer = request(entries, "GET", "http://somewhere.invalid/")
    assert answer.text == "hello"
    assert entries[0]["host"] == "somewhere.invalid"
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    assert request(Entries(), "GET", url_of(server, "/")).text == "hello"
