"""A server in an event loop that is there already."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import stat
import subprocess
import time

import httpx2
import pytest
import uvicorn
from tests.server.conftest import running

from localgpt.core.errors import ConfigError, UsageError
from localgpt.server import serving
from localgpt.server.serving import Tls, is_loopback, serve


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True),
        ("::1", True),
        ("localhost", True),
        ("127.9.9.9", True),
        ("0.0.0.0", False),
        ("10.0.0.1", False),
        ("", False),
    ],
)
def test_what_only_this_machine_reaches(host, loopback):
    assert is_loopback(host) is loopback


def test_a_port_in_use_is_named(server):
    with pytest.raises(UsageError, match=f"Port {server.port} is in use") as told:
        server.do(serve(server.served, host="127.0.0.1", port=server.port))
    assert "server.port" in told.value.hint


@pytest.mark.parametrize("host", ["192.0.2.1", "no such host"])
def test_an_address_that_is_not_here(server, host, monkeypatch):
    def refuse(*_args, **_options):
        raise OSError(99, "Cannot assign requested address")

    monkeypatch.setattr(socket, "create_server", refuse)
    with pytest.raises(UsageError, match="Nothing can listen"):
        server.do(serve(server.served, host=host, port=0))


def test_where_it_is_reached_is_written_down_while_it_runs(tmp_path):
    place = tmp_path / "home" / "state" / "server.json"
    with running(tmp_path / "home") as server:
        assert json.loads(place.read_bytes()) == {"url": server.url, "pid": os.getpid()}
        assert stat.S_IMODE(place.stat().st_mode) == 0o600
        with socket.create_connection(("127.0.0.1", server.port)):
            pass
    assert not place.exists()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", server.port))


def test_it_stops_soon_also_when_streams_are_open(tmp_path):
    import time

    with (
        running(tmp_path / "home") as server,
        server.client(token=True).stream("GET", "/api/events") as answer,
    ):
        next(answer.iter_lines())
        began = time.monotonic()
        server.do(server.serving.stop())
        assert time.monotonic() - began < 4


def test_a_certificate_that_is_none(server, tmp_path):
    (tmp_path / "x.pem").write_text("x")
    with pytest.raises(ConfigError, match=r"x\.pem can't be used"):
        server.do(
            serve(server.served, host="127.0.0.1", port=0, tls=Tls(tmp_path / "x.pem", tmp_path / "x.pem"))
        )


def test_with_the_owners_certificate_it_speaks_https(own, tmp_path):
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=localhost",
    ]
    names = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)]
    try:
        subprocess.run([*command, *names], check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("there is no openssl command")
    own.do(own.serving.stop())
    own.serving = own.do(serve(own.served, host="127.0.0.1", port=0, tls=Tls(certificate, key)))
    assert own.serving.url.startswith("https://")
    import ssl

    context = ssl.create_default_context(cafile=str(certificate))
    with httpx2.Client(verify=context, trust_env=False) as client:
        assert client.get(f"{own.serving.url}/health").text == "OK"


class Counted(serving._Quiet):
    """A server that counts how often it wakes."""

    ticks = 0

    async def on_tick(self, counter: int) -> bool:
        self.ticks += 1
        return self.should_exit


def test_an_idle_server_wakes_once_a_second(monkeypatch):
    monkeypatch.setattr(serving, "_TICK", 0.2)

    async def work():
        server = Counted(uvicorn.Config(lambda: None))
        begin = time.perf_counter()
        running = asyncio.create_task(server.main_loop())
        await asyncio.sleep(0.5)
        most = (time.perf_counter() - begin) / 0.2 + 1
        assert 2 <= server.ticks <= most
        server.stop()
        await running

    asyncio.run(work())


def test_a_server_that_is_stopped_waits_for_no_tick(monkeypatch):
    monkeypatch.setattr(serving, "_TICK", 60.0)

    async def work():
        server = serving._Quiet(uvicorn.Config(lambda: None))
        running = asyncio.create_task(server.main_loop())
        await asyncio.sleep(0)
        server.stop()
        await asyncio.wait_for(running, 30)

    asyncio.run(work())
