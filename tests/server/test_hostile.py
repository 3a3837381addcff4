"""Who means no good, or does no good: other pages, other names, huge and broken bodies, odd paths, sudden ends."""

from __future__ import annotations

import json
import socket
import threading
import time

import pytest
from tests.server.conftest import eventually, frames, running
from tests.server.routes.test_login import log_in

from localgpt.server import connections, limits

CHAT = b'{"message": "x"}'


def raw(server, data, *, wait=3.0):
    """What the server answers to these bytes, until it closes or falls silent."""
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.settimeout(wait)
        connection.sendall(data)
        found = b""
        try:
            while part := connection.recv(65536):
                found += part
                if b"\r\n\r\n" in found and b"transfer-encoding" not in found.lower():
                    head, _, body = found.partition(b"\r\n\r\n")
                    lines = head.lower().split(b"\r\n")
                    lengths = [
                        int(line.split(b":")[1]) for line in lines if line.startswith(b"content-length")
                    ]
                    if lengths and len(body) >= lengths[0]:
                        return found
        except TimeoutError:
            pass
        return found


def asking(server, method="POST", path="/api/chat", body=CHAT, **headers):
    host = headers.pop("Host", f"127.0.0.1:{server.port}")
    told = {"Host": host, "Content-Length": str(len(body)), "Content_Type": "application/json", **headers}
    lines = [
        f"{method} {path} HTTP/1.1",
        *(f"{name.replace('_', '-')}: {value}" for name, value in told.items()),
    ]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def status(answer):
    return int(answer.split(b" ", 2)[1]) if answer else 0


PAGES = [
    {"Origin": "https://evil.example"},
    {"Origin": "https://evil.example", "Sec_Fetch_Site": "cross-site"},
    {"Origin": "null"},
    {"Sec_Fetch_Site": "cross-site"},
    {"Sec_Fetch_Site": "same-site", "Origin": "http://127.0.0.1:8000"},
    {"Origin": "http://localhost.evil.example"},
    {"Content_Type": "application/x-www-form-urlencoded", "Origin": "https://evil.example"},
    {"Content_Type": "text/plain", "Origin": "null"},
]


@pytest.mark.parametrize("headers", PAGES)
@pytest.mark.parametrize("path", ["/api/chat", "/api/chat/stream", "/api/sessions", "/api/logout"])
def test_another_page_gets_nothing_whatever_it_holds(server, headers, path):
    client, key, _ = log_in_once(server)
    cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    before = len(server.engine.requests)
    for credentials in (
        {"Cookie": cookie},
        {"Authorization": f"Bearer {server.token}"},
        {"Cookie": cookie, "X_LocalGPT_Key": key},
    ):
        answer = raw(server, asking(server, path=path, **headers, **credentials))
        assert status(answer) == 403
        assert b"access-control" not in answer.lower()
    assert len(server.engine.requests) == before


def log_in_once(server):
    if not hasattr(server, "logged_in"):
        server.logged_in = log_in(server)
    return server.logged_in


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "127.0.0.1:1", "", "127.0.0.1.evil.example:{port}"]
)
@pytest.mark.parametrize(
    "path", ["/health", "/", "/api/status", "/api/openapi.json", "/ui/login.js", "/login"]
)
def test_a_name_that_was_rebound_to_us_gets_nothing(server, host, path):
    host = host.format(port=server.port)
    answer = raw(server, asking(server, "GET", path, b"", Host=host, Authorization=f"Bearer {server.token}"))
    assert status(answer) in {400, 403}
    assert b"<script" not in answer


def test_without_a_host_nobody_is_served(server):
    assert status(raw(server, b"GET /health HTTP/1.1\r\n\r\n")) == 400
    assert status(raw(server, b"GET /health HTTP/1.0\r\n\r\n")) == 403


def test_a_page_on_another_port_of_this_machine_has_the_cookie_and_gets_nothing(server):
    client, _key, _ = log_in_once(server)
    assert client.post("/api/chat", json={"message": "x"}).status_code == 401
    assert client.get("/api/sessions").status_code == 401


def test_a_preflight_of_another_page_gets_no_permission(server):
    asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    answer = server.client().options("/api/chat", headers=asked)
    assert answer.status_code == 403
    assert not [name for name in answer.headers if name.startswith("access-control")]


def test_a_page_that_the_owner_names_may_use_the_token(tmp_path):
    config = '[memory]\nembedding_provider = "none"\n[server]\ncors_origins = ["https://friend.example"]\n'
    with running(tmp_path / "home", config=config) as server:
        asked = {"Origin": "https://friend.example", "Sec-Fetch-Site": "cross-site"}
        preflight = server.client().options("/api/chat", headers=asked)
        assert preflight.headers["access-control-allow-origin"] == "https://friend.example"
        answer = server.api.post("/api/chat", json={"message": "x"}, headers=asked)
        assert (answer.status_code, answer.headers["vary"]) == (200, "Origin")
        assert server.client().post("/api/chat", json={"message": "x"}, headers=asked).status_code == 401
        other = server.api.get("/api/status", headers={"Origin": "https://evil.example"})
        assert (other.status_code, other.headers.get("access-control-allow-origin")) == (403, None)


@pytest.mark.parametrize(
    "path", ["/api/chat", "/api/slash", "/api/sessions", "/api/sessions/x/title", "/login"]
)
def test_100_megabytes_are_refused_before_they_are_read(server, path):
    token = f"Bearer {server.token}"
    data = asking(server, path=path, body=b"x" * 1000, Authorization=token).replace(
        b"Content-Length: 1000", b"Content-Length: 100000000"
    )
    began = time.monotonic()
    answer = raw(server, data)
    assert status(answer) == 413
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["error"]["code"] == "too_large"
    assert time.monotonic() - began < 2


def test_a_body_that_grows_beyond_the_limit_is_refused(server):
    def chunks():
        for _ in range(20):
            yield b" " * 1_000_000

    answer = server.api.post("/api/chat", content=chunks())
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_large")


BROKEN = [
    b"",
    b"{",
    b"[]",
    b"null",
    b"5",
    b'"x"',
    b"\xff\xfe",
    b'{"message": NaN}',
    b"[" * 200_000,
    b'{"message": ' + b"9" * 6000 + b"}",
    b'{"message": {"a": 1}}',
    b"message=x",
]


@pytest.mark.parametrize("body", BROKEN, ids=range(len(BROKEN)))
@pytest.mark.parametrize("path", ["/api/chat", "/api/chat/stream", "/api/slash", "/api/sessions/x/model"])
def test_broken_bodies_are_told_in_a_sentence(server, body, path):
    for kind in ("application/json", "application/x-www-form-urlencoded", "text/plain"):
        answer = server.api.post(path, content=body, headers={"Content-Type": kind})
        assert 400 <= answer.status_code < 500, answer.text
        assert answer.json()["error"]["message"]


@pytest.mark.parametrize(
    "path",
    [
        "/api/sessions/../../config.toml",
        "/ui/../../../etc/passwd",
        "/ui/..%2f..%2f..%2fetc%2fpasswd",
        "/ui/js/../../app.py",
        "//etc/passwd",
        "/api/sessions/%2e%2e%2f%2e%2e%2fconfig/export",
        "/api/../health/../api/status",
        "/ui/%00",
        "/%ff%fe",
        "/" + "a" * 8000,
    ],
)
def test_no_path_leads_out(server, path):
    token = f"Bearer {server.token}"
    answer = raw(server, asking(server, "GET", path, b"", Authorization=token))
    assert status(answer) in {400, 404, 405}, answer[:300]
    assert b"root:" not in answer


def test_what_no_http_is_gets_nothing_and_hurts_nobody(server):
    for data in (
        b"\x16\x03\x01\x02\x00",
        b"GET\r\n\r\n",
        b"\r\n" * 50,
        b"POST /api/chat HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
    ):
        assert status(raw(server, data, wait=0.3)) in {0, 400}
    assert status(raw(server, b"GET / HTTP/1.1\r\n" + b"x: y\r\n" * 20_000, wait=1)) in {0, 400, 431}
    assert server.client().get("/health").text == "OK"


def test_half_a_character_breaks_nothing(server):
    half = b'{"message": "x \\ud800", "line": "/\\ud800", "title": "\\ud800", "model": "\\ud800"}'
    talk = server.api.post("/api/chat", json={"message": "x"}).json()["session_id"]
    kind = {"Content-Type": "application/json"}
    for path in (
        "chat",
        "chat/stream",
        "slash",
        "sessions",
        f"sessions/{talk}/title",
        f"sessions/{talk}/model",
    ):
        answer = server.api.post(f"/api/{path}", content=half, headers=kind)
        assert answer.status_code < 500, answer.text


def test_unknown_addresses_and_methods_are_json(server):
    for method, path, code in (
        ("GET", "/api/nothing", 404),
        ("PATCH", "/api/chat", 405),
        ("GET", "/nothing", 404),
    ):
        answer = server.api.request(method, path)
        assert (answer.status_code, set(answer.json()["error"])) == (code, {"code", "message", "hint"})


def test_a_bug_shows_no_more_than_a_sentence(own, monkeypatch, caplog):
    async def broken(self):
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(type(own.assistant), "stats", broken)
    answer = own.api.get("/api/status")
    assert answer.status_code == 500
    assert answer.json()["error"]["code"] == "bug"
    assert "secret" not in answer.text
    assert "secret detail" in caplog.text


def test_wrong_tokens_are_slowed_down_and_the_owner_is_not(own):
    stranger = own.client(headers={"Authorization": "Bearer wrong"})
    found = [stranger.get("/api/status") for _ in range(40)]
    assert {answer.status_code for answer in found} == {401, 429}
    assert int(found[-1].headers["retry-after"]) >= 1
    assert found[-1].json()["error"]["code"] == "too_many_requests"
    assert own.api.get("/api/status").status_code == 200


def test_the_owners_own_limit(tmp_path):
    config = '[memory]\nembedding_provider = "none"\n[server]\nrequests_per_minute = 60\n'
    with running(tmp_path / "home", config=config) as server:
        found = [server.api.get("/api/turns").status_code for _ in range(40)]
    assert found.count(429) > 10
    assert found[:20] == [200] * 20


def test_who_sends_its_headers_too_slowly_is_shown_the_door(own, monkeypatch):
    monkeypatch.setattr(connections, "HEADER_PATIENCE", 0.2)
    for begin in (b"", b"GET /health HT", b"GET /health HTTP/1.1\r\nHost: x"):
        with socket.create_connection(("127.0.0.1", own.port)) as slow:
            slow.settimeout(3)
            slow.sendall(begin)
            assert slow.recv(1000) == b""
    with socket.create_connection(("127.0.0.1", own.port)) as slow:  # a second request, drop by drop
        slow.settimeout(3)
        slow.sendall(asking(own, "GET", "/health", b""))
        assert slow.recv(5000)
        closed = threading.Event()

        def drip():
            while not closed.is_set():
                try:
                    slow.sendall(b"G")
                except OSError:
                    return
                closed.wait(0.05)

        thread = threading.Thread(target=drip)
        thread.start()
        try:
            while slow.recv(1000):
                pass
        except ConnectionResetError:
            pass
        finally:
            closed.set()
            thread.join()


def test_who_sends_its_body_too_slowly_is_told(own, monkeypatch):
    monkeypatch.setattr(limits, "BODY_PATIENCE", 0.2)
    token = f"Bearer {own.token}"
    data = asking(own, Authorization=token, body=b"{").replace(
        b"Content-Length: 1\r\n", b"Content-Length: 9\r\n"
    )
    answer = raw(own, data)
    assert status(answer) == 408
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["error"]["message"]


@pytest.mark.parametrize("after", range(8))
def test_a_client_that_goes_at_any_event_takes_nothing_with_it(server, after):
    with server.api.stream("POST", "/api/chat/stream", json={"message": "a b c", "render": True}) as answer:
        stream = frames(answer)
        turn = next(stream)
        for _ in range(after):
            if next(stream, None) is None:
                break
    eventually(lambda: not server.api.get("/api/status").json()["running_turns"])
    said = server.api.get(f"/api/sessions/{turn['session_id']}/messages").json()["messages"]
    assert [one["content"].split() for one in said] == [["a", "b", "c"], ["You", "said:", "a", "b", "c"]]


@pytest.mark.slow
def test_one_that_does_not_read_is_given_up_and_its_turn_lives(own, monkeypatch):
    monkeypatch.setattr(limits, "SEND_PATIENCE", 0.2)
    own.engine.say(("many words " * 200 + "\n") * 3000)
    data = asking(own, path="/api/chat/stream", Authorization=f"Bearer {own.token}")
    with socket.socket() as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.connect(("127.0.0.1", own.port))
        deaf.sendall(data)
        eventually(lambda: len(own.engine.requests) == 1 and not own.served.turns.running(), 20)
        time.sleep(0.4)
        deaf.settimeout(5)
        heard = b""
        while part := deaf.recv(1_000_000):
            heard += part
    assert b"[DONE]" not in heard[-200:]
    (talk,) = own.api.get("/api/sessions").json()["sessions"]
    assert talk["message_count"] == 2


def test_html_and_scripts_are_text_everywhere(server):
    evil = "<script>alert(1)</script><img src=x onerror=alert(1)>[x](javascript:alert(1))"
    server.engine.say(evil)
    with server.api.stream("POST", "/api/chat/stream", json={"message": evil, "render": True}) as answer:
        found = list(frames(answer))
    talk = found[0]["session_id"]
    server.api.post(f"/api/sessions/{talk}/title", json={"title": evil})
    rendered = "".join(frame["html"] for frame in found if "html" in frame)
    rendered += "".join(
        one["html"] for one in server.api.get(f"/api/sessions/{talk}/messages?html=1").json()["messages"]
    )
    rendered += server.api.post("/api/slash", json={"line": "/title", "session_id": talk}).json()["html"]
    rendered += server.api.get(f"/api/sessions/{talk}/export?format=html").text
    assert "&lt;script&gt;" in rendered
    assert "<script>alert" not in rendered
    assert "<img src=x" not in rendered
    assert 'href="javascript' not in rendered


@pytest.mark.slow
def test_a_thousand_idle_sockets_shut_nobody_out(own):
    idle = []
    try:
        for _ in range(1000):
            try:
                idle.append(socket.create_connection(("127.0.0.1", own.port), timeout=2))
            except OSError:
                break
        assert len(idle) > 900
        began = time.monotonic()
        assert own.client().get("/health").text == "OK"
        assert own.api.post("/api/chat", json={"message": "x"}).status_code == 200
        assert time.monotonic() - began < 3
    finally:
        for each in idle:
            each.close()
