"""Connections that don't wait for ever, and only so many of them. Slow headers are tried in test_hostile.py."""

from __future__ import annotations

import socket
import time

from websockets.sync.client import connect

from localgpt.server import connections


def test_the_one_that_idled_longest_makes_room(own, monkeypatch):
    monkeypatch.setattr(connections, "MOST", 5)
    idle = [socket.create_connection(("127.0.0.1", own.port), timeout=5) for _ in range(8)]
    try:
        assert idle[0].recv(10) == b""
        assert own.client().get("/health").text == "OK"
        idle[-1].sendall(b"GET /health HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n" % own.port)
        assert idle[-1].recv(100).startswith(b"HTTP/1.1 200")
    finally:
        for each in idle:
            each.close()


def test_one_that_is_about_a_request_is_not_closed_for_others(own, monkeypatch):
    monkeypatch.setattr(connections, "MOST", 3)
    with own.api.stream("GET", "/api/events") as answer:
        lines = answer.iter_lines()
        assert "hello" in next(lines)
        idle = [socket.create_connection(("127.0.0.1", own.port), timeout=5) for _ in range(8)]
        assert idle[0].recv(10) == b""
        own.loop.call_soon_threadsafe(lambda: own.served.feed.publish("note", path="still.md"))
        assert any("still.md" in line for line in lines)
        for each in idle:
            each.close()


def test_a_websocket_may_be_silent(own, monkeypatch):
    monkeypatch.setattr(connections, "HEADER_PATIENCE", 0.1)
    headers = {"Authorization": f"Bearer {own.token}"}
    address = own.url.replace("http", "ws") + "/api/ws"
    with connect(address, additional_headers=headers, proxy=None) as quiet:
        time.sleep(0.3)
        quiet.send('{"type": "ping"}')
        assert quiet.recv(timeout=5) == '{"type":"pong"}'
