from __future__ import annotations

import asyncio
import hashlib
import time

import pytest
from tests.server.conftest import running

NASTY = "Évil <img src=x onerror=alert(1)>"
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 64


def opened(api, path):
    answer = api.get(f"/api/notes/{path}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def error(answer):
    return answer.json()["error"]["code"]


def test_the_list_has_every_note_with_its_title(server, api):
    server.note("list/a.md", f"# {NASTY}\n")
    found = {one["path"]: one for one in api.get("/api/notes").json()["notes"]}
    assert found["list/a.md"]["title"] == NASTY
    assert found["list/a.md"]["size"] == len(f"# {NASTY}\n".encode())
    assert found["SOUL.md"]["protected"]
    assert not found["list/a.md"]["protected"]


def test_a_note_is_read_with_its_links_and_what_links_to_it(server, api):
    server.note("k/Rome.md", "# The City\n\nto [[nowhere]], [food](food.md)\n- <script>x</script>\n")
    server.note("k/food.md", "back to [[the city]]\n")
    note = opened(api, "k/Rome.md")
    assert (note["title"], note["total"], note["writable"]) == ("The City", 4, True)
    assert note["links"] == [
        {"target": "nowhere", "line": 3, "path": None},
        {"target": "food.md", "line": 3, "path": "k/food.md"},
    ]
    assert note["backlinks"] == [{"path": "k/food.md", "line": 1, "text": "back to [[the city]]"}]
    assert 'class="note missing"' in note["html"]
    assert '<p data-line="3">' in note["html"]
    assert "<script" not in note["html"]
    assert opened(api, "the city")["path"] == "k/Rome.md"
    part = api.get("/api/notes/k/Rome.md", params={"start": 3, "end": 3}).json()
    assert (part["start"], part["end"], part["total"], part["sha256"]) == (3, 3, 4, note["sha256"])
    assert '<p data-line="3">' in part["html"]


def test_writing_needs_what_was_read_and_can_be_undone(server, api):
    made = api.put("/api/notes/w/new.md", json={"text": "one"})
    assert made.status_code == 200
    assert opened(api, "w/new.md")["text"] == "one\n"
    again = api.put("/api/notes/w/new.md", json={"text": "two", "sha256": None})
    assert (again.status_code, error(again)) == (409, "conflict")
    assert again.json()["current"] == {"text": "one\n", "sha256": made.json()["sha256"]}
    changed = api.put("/api/notes/w/new.md", json={"text": "two\n", "sha256": made.json()["sha256"]}).json()
    assert changed["sha256"] == hashlib.sha256(b"two\n").hexdigest()
    same = api.put("/api/notes/w/new.md", json={"text": "two\n", "sha256": changed["sha256"]}).json()
    assert (same["sha256"], same["turn_id"]) == (changed["sha256"], None)
    server.note("w/new.md", "by an editor\n")
    lost = api.put("/api/notes/w/new.md", json={"text": "x", "sha256": changed["sha256"]})
    assert lost.json()["current"]["text"] == "by an editor\n"
    server.note("w/new.md", "two\n")
    assert api.post("/api/undo", json={"turn": changed["turn_id"]}).json()["files"] == ["w/new.md"]
    assert opened(api, "w/new.md")["text"] == "one\n"


def test_a_note_that_is_gone_is_a_conflict_without_a_current_one(api):
    answer = api.put("/api/notes/w/gone.md", json={"text": "x", "sha256": "0" * 64})
    assert (answer.status_code, answer.json()["current"]) == (409, None)


def test_the_owner_may_write_what_tools_may_not(api):
    soul = opened(api, "SOUL.md")
    assert soul["protected"]
    assert soul["writable"]
    assert api.put("/api/notes/SOUL.md", json={"text": "# Me\n", "sha256": soul["sha256"]}).status_code == 200


def test_moving_and_deleting(server, api):
    sha256 = api.put("/api/notes/m/a.md", json={"text": "A"}).json()["sha256"]
    moved = api.post("/api/notes/m/a.md/move", json={"to": "m/sub/b ä.md", "sha256": sha256})
    assert moved.json() == {"path": "m/sub/b ä.md", "sha256": sha256, "turn_id": moved.json()["turn_id"]}
    assert api.get("/api/notes/m/a.md").status_code == 404
    server.note("m/c.md", "C")
    assert api.post("/api/notes/m/c.md/move", json={"to": "m/sub/b ä.md"}).status_code == 409
    assert api.delete("/api/notes/m/c.md", params={"sha256": sha256}).json()["current"]["text"] == "C"
    gone = api.delete("/api/notes/m/sub/b ä.md", params={"sha256": sha256})
    assert (gone.status_code, gone.json()["sha256"]) == (200, None)
    assert set(api.post("/api/undo", json={"last": 2}).json()["files"]) == {"m/a.md"}
    assert opened(api, "m/a.md")["text"] == "A\n"


def test_other_tabs_hear_of_a_change(server, api):
    async def listening():
        with server.served.feed.listen() as heard:
            await asyncio.to_thread(api.put, "/api/notes/feed/a.md", json={"text": "A"})
            return await heard.take(5)

    heard = server.do(listening())
    assert [(one["type"], one["path"]) for one in heard] == [("note", "feed/a.md")]


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("get", "%2e%2e/config.toml", 403, "outside"),
        ("get", "..%2f..%2fetc%2fpasswd", 403, "outside"),
        ("get", "%2fetc%2fpasswd", 403, "outside"),
        ("get", ".git/config", 403, "outside"),
        ("get", "not-there.md", 404, "not_found"),
        ("get", "memory", 422, "unreadable"),
        ("get", "session:0123456789", 404, "not_found"),
        ("get", "attachment:abcd1234/x.md", 404, "not_found"),
        ("get", "a%00b.md", 400, "usage"),
        ("get", "x" * 300 + ".md", 400, "usage"),
        ("put", "%2e%2e/escape.md", 403, "outside"),
        ("put", "run.sh", 400, "usage"),
        ("put", ".mcp.json", 400, "usage"),
        ("put", "session:0123456789", 400, "usage"),
        ("delete", "not-there.md", 404, "not_found"),
        ("delete", "%2e%2e/escape.md", 403, "outside"),
    ],
)
def test_what_is_no_note_is_refused_with_a_sentence(server, api, method, path, status, code):
    server.note("memory/2026-11-22.md", "x")
    options = {"json": {"text": "x"}} if method == "put" else {}
    answer = getattr(api, method)(f"/api/notes/{path}", **options)
    assert (answer.status_code, error(answer)) == (status, code)
    assert answer.json()["error"]["message"]


@pytest.mark.parametrize("to", ["../a.md", "a.sh", "", "/etc/a.md"])
def test_a_note_moves_only_to_where_notes_are(server, api, to):
    server.note("stay.md", "x")
    assert api.post("/api/notes/stay.md/move", json={"to": to}).status_code in {400, 403}
    assert opened(api, "stay.md")["text"] == "x"


def test_a_megabyte_of_note_is_written_and_shown_in_a_moment(api):
    text = "[" * 1_000_000
    begin = time.perf_counter()
    assert api.put("/api/notes/large.md", json={"text": text}).status_code == 200
    assert opened(api, "large.md")["html"].startswith('<pre class="plain">')
    assert time.perf_counter() - begin < 5


def test_text_that_can_not_be_written_is_refused(api):
    nul = api.put("/api/notes/bad.md", json={"text": "a\0b"})
    assert (nul.status_code, error(nul)) == (422, "unreadable")
    headers = {"Content-Type": "application/json"}
    half = api.put("/api/notes/half.md", content=b'{"text": "half a letter: \\ud800"}', headers=headers)
    assert half.status_code in {200, 400, 422}
    assert half.status_code != 200 or opened(api, "half.md")["text"].startswith("half a letter: ")
    assert api.put("/api/notes/no.md", content=b"{", headers=headers).json()["error"]["code"] == "json"


def test_a_preview_is_rendered_as_the_note_will_be(server, api):
    server.note("k/Rome2.md", "x")
    html = api.post("/api/render", json={"text": "[[rome2]] <b>\nx", "path": "k/new.md"}).json()["html"]
    assert 'data-path="k/Rome2.md"' in html
    assert "&lt;b&gt;\nx" in html


def test_pictures_of_the_workspace_are_shown_and_nothing_else(server, api):
    file = server.note("pics/a.png", "")
    file.write_bytes(PNG)
    server.note("pics/b.png", "<svg onload=alert(1)>")
    answer = api.get("/api/images/pics/a.png")
    assert (answer.content, answer.headers["content-type"]) == (PNG, "image/png")
    assert "sandbox" in answer.headers["content-security-policy"]
    assert api.get("/api/images/pics/b.png").status_code == 404
    assert api.get("/api/images/none.png").status_code == 404
    assert api.get("/api/images/%2e%2e/config.toml").status_code == 403


def test_an_attachment_is_read_as_a_note_that_can_not_be_written(api):
    kept = api.post("/api/attachments?name=ferry.txt", content=b"The ferry leaves at nine.").json()
    note = opened(api, kept["kept_as"])
    assert (note["text"].strip(), note["writable"], note["modified"]) == (
        "The ferry leaves at nine.",
        False,
        None,
    )


def test_without_a_token_nothing_is_read_or_written(server):
    stranger = server.client()
    assert stranger.get("/api/notes").status_code == 401
    assert stranger.put("/api/notes/a.md", json={"text": "x"}).status_code == 401


def test_notes_of_further_folders_are_read_and_only_read(tmp_path):
    more = tmp_path / "more"
    more.mkdir()
    (more / "Äpfel.md").write_text("# Apples\n\n[[SOUL]]\n")
    config = f'[memory]\nembedding_provider = "none"\n[[memory.paths]]\npath = "{more}"\n'
    with running(tmp_path / "home", config=config) as server:
        path = str(more / "Äpfel.md")
        assert path in [one["path"] for one in server.api.get("/api/notes").json()["notes"]]
        note = opened(server.api, path)
        assert (note["title"], note["writable"], note["links"][0]["path"]) == ("Apples", False, "SOUL.md")
        assert opened(server.api, "SOUL.md")["backlinks"][0]["path"] == path
        refused = server.api.put(f"/api/notes/{path}", json={"text": "x", "sha256": note["sha256"]})
        assert (refused.status_code, error(refused)) == (403, "outside")
