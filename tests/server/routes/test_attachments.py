from __future__ import annotations

import hashlib

import pytest

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 64
HTML = b"<!doctype html><script>alert(1)</script>"


def keep(api, data: bytes, name: str, **params):
    answer = api.post("/api/attachments", params={"name": name, **params}, content=data)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_file_is_kept_by_its_content_and_given_back(api):
    kept = keep(api, PNG, "Größe.png")
    assert kept["sha256"] == hashlib.sha256(PNG).hexdigest()
    assert kept["kept_as"] == f"attachment:{kept['sha256'][:8]}/Größe.png"
    assert (kept["size"], kept["media_type"], kept["text"]) == (len(PNG), "image/png", False)
    for name in (kept["sha256"], kept["sha256"][:8]):
        answer = api.get(f"/api/attachments/{name}/Größe.png")
        assert (answer.content, answer.headers["content-type"]) == (PNG, "image/png")
        assert answer.headers["content-disposition"].startswith("inline; filename*=UTF-8''Gr%C3%B6")


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (HTML, "page.html"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "a.svg"),
        (b"alert(1)", "a.js"),
        (HTML, "a.png"),
        (HTML, 'x"; filename=evil.html'),
    ],
)
def test_what_could_run_is_only_downloaded(api, data, name):
    kept = keep(api, data, name)
    answer = api.get(f"/api/attachments/{kept['sha256']}/x")
    assert answer.content == data
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment; filename*=UTF-8''")
    assert '"' not in answer.headers["content-disposition"]
    assert "sandbox" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("name", ["../../../etc/passwd", "a\r\nX: y", "<script>.txt", "", "n" * 900])
def test_a_name_is_made_harmless(api, name):
    kept = keep(api, b"text of " + name.encode(), name)
    assert not set("/\r\n<>") & set(kept["name"])
    assert api.get(f"/api/attachments/{kept['sha256']}/any").status_code == 200


def test_what_is_empty_or_not_there_is_said(api):
    empty = api.post("/api/attachments?name=a.txt", content=b"")
    assert (empty.status_code, empty.json()["error"]["code"]) == (422, "unreadable")
    for path in ("0" * 64 + "/a", "xyz/a", "%2e%2e/a"):
        assert api.get(f"/api/attachments/{path}").status_code == 404


def test_a_file_for_a_temporary_chat_goes_with_it(server, api):
    talk = api.post("/api/sessions", json={"temporary": True}).json()["session_id"]
    kept = keep(api, b"only for a while", "secret.txt", session_id=talk)
    assert api.get(f"/api/attachments/{kept['sha256']}/secret.txt").status_code == 404
    assert (
        api.get(f"/api/attachments/{kept['sha256']}/secret.txt", params={"session_id": talk}).status_code
        == 200
    )
    assert not any(one.sha256 == kept["sha256"] for one in server.assistant.attachments.all())


def test_a_file_kept_is_in_the_journal_with_the_pages_door(server, api):
    kept = keep(api, b"a line for the journal", "j.txt")
    entries = list(server.assistant.journal.entries("attachment.stored"))
    assert (entries[-1]["sha256"], entries[-1]["door"]) == (kept["sha256"], "page")
