from __future__ import annotations

import pytest

from localgpt.server.rendering_links import is_link, note


@pytest.mark.parametrize(
    ("target", "may"),
    [
        ("https://a.example", True),
        ("mailto:a@b.example", True),
        ("notes/a.md", True),
        ("a.md:3-4", True),
        ("session:0d3c9a52-11aa:3", True),
        ("attachment:ab12cd34/a.pdf", True),
        ("#heading", True),
        ("javascript:alert(1)", False),
        ("java%73cript:alert(1)", False),
        ("data:image/png;base64,x", False),
        ("file:///etc/passwd", False),
        ("ftp://a.example", False),
        ("https://", False),
    ],
)
def test_where_a_link_may_lead(target, may):
    assert is_link(target) is may


def test_a_link_to_lines_has_them_in_its_address():
    assert note("Größe & mehr.md", 3, 9)["href"] == "#/note/Gr%C3%B6%C3%9Fe%20%26%20mehr.md:3-9"
    assert note("a.md", 3)["href"] == "#/note/a.md:3"
    assert note("a.md", there=False) == {"class": "note missing", "data-path": "a.md", "href": "#/note/a.md"}
