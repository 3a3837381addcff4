"""The page's files: right types, no trip to the disk twice, and nothing beside them."""

from __future__ import annotations

import pytest

from localgpt.core.errors import NotFound
from localgpt.server.routes.page import WEB, located


def test_every_file_of_the_page_is_served_with_its_type(server):
    client = server.client()
    files = [file for file in WEB.rglob("*") if file.is_file()]
    assert len(files) > 3
    for file in files:
        answer = client.get(f"/ui/{file.relative_to(WEB).as_posix()}")
        assert answer.status_code == 200, file
        assert answer.content == file.read_bytes()
        assert answer.headers["content-type"] != "application/octet-stream"


def test_the_page_itself_and_its_icon(server):
    client = server.client()
    assert client.get("/").headers["content-type"].startswith("text/html")
    assert client.get("/favicon.ico").headers["content-type"] == "image/svg+xml"
    assert client.head("/").content == b""


def test_who_has_it_already_gets_nothing_again(server):
    client = server.client()
    tag = client.get("/ui/login.js").headers["etag"]
    again = client.get("/ui/login.js", headers={"If-None-Match": tag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert client.get("/ui/login.js", headers={"If-None-Match": '"other"'}).status_code == 200


def test_files_are_packed_for_who_can_unpack_them(server):
    plain = server.client().get("/ui/login.js", headers={"Accept-Encoding": "identity"})
    packed = server.client().get("/ui/login.js", headers={"Accept-Encoding": "gzip"})
    assert packed.content == plain.content
    assert (packed.headers["content-encoding"], plain.headers.get("content-encoding")) == ("gzip", None)
    assert packed.headers["etag"] != plain.headers["etag"]
    assert packed.headers["vary"] == "Accept-Encoding"


@pytest.mark.parametrize(
    "path",
    [
        "..%2f..%2fapp.py",
        "%2e%2e/app.py",
        "..\\app.py",
        "%00",
        "js",
        "js/",
        "",
        "/etc/passwd",
        "%2fetc%2fpasswd",
        ".hidden.js",
        "nothing.js",
        "a/" * 500 + "x.js",
        "index.html/x.js",
        "\u202e.js",
    ],
)
def test_what_is_no_file_of_the_page_is_not_there(server, path):
    answer = server.client().get(f"/ui/{path}")
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "not_found"


def test_a_link_that_leads_out_is_not_followed(tmp_path):
    (tmp_path / "secret.txt").write_text("x")
    web = tmp_path / "web"
    web.mkdir()
    (web / "out.txt").symlink_to(tmp_path / "secret.txt")
    (web / "in.txt").write_text("y")
    assert located("in.txt", web).read_text() == "y"
    with pytest.raises(NotFound):
        located("out.txt", web)
