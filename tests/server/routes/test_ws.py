"""The WebSocket, with a real client: the original's frames, and who gets none."""

from __future__ import annotations

import json
import socket as socket_module
from typing import Any

import pytest
from tests.server.routes.test_login import key_in
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from localgpt.server import login


def address(server):
    return server.url.replace("http", "ws") + "/api/ws"


@pytest.fixture
def socket(server):
    headers = {"Authorization": f"Bearer {server.token}"}
    with connect(address(server), additional_headers=headers, proxy=None) as connection:
        yield connection


def ask(socket, **frame):
    socket.send(json.dumps(frame))


def heard(socket):
    return json.loads(socket.recv(timeout=10))


def whole(socket):
    found: list[dict[str, Any]] = []
    while not found or found[-1]["type"] != "done":
        found.append(heard(socket))
    return found


def test_the_originals_frames_and_more(socket):
    ask(socket, type="ping")
    assert heard(socket) == {"type": "pong"}
    ask(socket, type="session")
    connected = heard(socket)
    assert connected["type"] == "connected"
    ask(socket, type="chat", message="hi there")
    found = whole(socket)
    assert "".join(f["delta"] for f in found if f["type"] == "content").split() == [
        "You",
        "said:",
        "hi",
        "there",
    ]
    assert {f["session_id"] for f in found if "session_id" in f} == {connected["session_id"]}
    assert found[-2]["type"] == "finished"
    ask(socket, type="session", session_id=connected["session_id"])
    assert heard(socket) == connected


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", "usage"),
        ("[]", "usage"),
        ("[" * 100_000, "usage"),
        ('{"type": "sing"}', "usage"),
        ('{"type": "chat"}', "usage"),
        ('{"type": "chat", "message": 5}', "usage"),
        ('{"type": "chat", "message": "x", "model": "nobody/x"}', "unknown_model"),
        ('{"type": "stop", "turn_id": "nobody"}', "not_found"),
        (b"\x00\x01", "usage"),
    ],
)
def test_a_frame_that_makes_no_sense_is_told_and_the_socket_lives(socket, text, code):
    socket.send(text)
    told = heard(socket)
    assert (told["type"], told["code"]) == ("error", code)
    assert told["message"]
    ask(socket, type="ping")
    assert heard(socket) == {"type": "pong"}


def test_a_turn_is_stopped(server, socket):
    server.engine.pause = 0.05
    try:
        ask(socket, type="chat", message="a b c d e f g h i j k")
        while heard(socket)["type"] != "content":
            pass
        ask(socket, type="stop")
        assert whole(socket)[-2]["stop"] == "cancelled"
    finally:
        server.engine.pause = 0


def test_a_page_comes_in_with_its_cookie_and_its_key(server):
    client = server.client()
    answer = client.post("/login", data={"code": login.write_code(server.served.access.state)})
    key = key_in(answer.text)
    cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    headers = {"Cookie": cookie, "Origin": server.url}
    with connect(address(server), additional_headers=headers, proxy=None) as socket:
        ask(socket, type="auth", key=key)
        ask(socket, type="ping")
        assert heard(socket) == {"type": "pong"}
    firsts: list[Any] = [
        {"type": "auth", "key": "wrong"},
        {"type": "auth"},
        {"type": "chat", "message": "x"},
        [],
    ]
    for first in firsts:
        with connect(address(server), additional_headers=headers, proxy=None) as socket:
            socket.send(json.dumps(first))
            with pytest.raises(ConnectionClosed):
                heard(socket)
            assert socket.close_code == 4401


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://127.0.0.1:9", "http://localhost:31327"]
)
def test_a_page_from_elsewhere_gets_nothing_even_with_the_token(server, origin):
    headers = {"Origin": origin, "Authorization": f"Bearer {server.token}"}
    with (
        pytest.raises(InvalidStatus) as refused,
        connect(address(server), additional_headers=headers, proxy=None),
    ):
        pass
    assert refused.value.response.status_code == 403


def test_a_name_that_was_rebound_gets_nothing(server):
    url = address(server).replace("127.0.0.1", "evil.example")
    headers = {"Authorization": f"Bearer {server.token}"}
    raw = socket_module.create_connection(("127.0.0.1", server.port))
    with raw, pytest.raises(InvalidStatus), connect(url, sock=raw, additional_headers=headers):
        pass


def test_a_frame_that_is_too_large_ends_the_socket(socket):
    socket.send("x" * 2_000_000)
    with pytest.raises(ConnectionClosed):
        heard(socket)
