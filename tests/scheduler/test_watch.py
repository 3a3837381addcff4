"""What an entry watches, as a fingerprint."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable

import pytest
from tests.support.web_server import HERE, Page, WebServer

from localgpt.core.errors import Unreachable
from localgpt.core.outbound import Outbound
from localgpt.scheduler.watch import fingerprint, is_page


@pytest.fixture
def look(tmp_path) -> Callable[[str], str]:
    return lambda target: asyncio.run(fingerprint(target, tmp_path, Outbound(lambda *_, **__: None)))


def test_a_file_counts_by_its_content(look, tmp_path):
    assert look("a.md") == "missing"
    (tmp_path / "a.md").write_text("one")
    first = look("a.md")
    os.utime(tmp_path / "a.md", (0, 0))
    assert look("a.md") == look(str(tmp_path / "a.md")) == first
    (tmp_path / "a.md").write_text("two")
    assert look("a.md") != first


def test_a_folder_counts_by_what_is_in_it_hidden_things_apart(look, tmp_path):
    (tmp_path / "f" / "g").mkdir(parents=True)
    seen = [look("f")]
    (tmp_path / "f" / "g" / "a").write_text("x")
    seen.append(look("f"))
    (tmp_path / "f" / "g" / "a").write_text("xy")
    seen.append(look("f"))
    (tmp_path / "f" / "g" / "a").rename(tmp_path / "f" / "b")
    seen.append(look("f"))
    assert len(set(seen)) == 4
    (tmp_path / "f" / ".hidden").write_text("x")
    assert look("f") == seen[-1]


@pytest.mark.parametrize("target", ["~nobody-here/x", "a\0b", "x" * 5000])
def test_what_can_not_be_read_is_no_crash(look, target):
    assert look(target) == "unreadable"


def test_a_device_is_not_read(look):
    assert look(os.devnull).startswith("file:0:")


def test_a_page_counts_by_its_text(look):
    assert is_page("HTTPS://x")
    pages: dict[str, Page] = {}
    with WebServer(pages).running() as web:
        url = web.url("/rates", HERE)
        pages["/rates"] = page('<p class="n1">Rates: 3 %</p>')
        first = look(url)
        pages["/rates"] = page('<p class="n2">Rates: 3 %</p>')
        assert look(url) == first
        pages["/rates"] = page('<p class="n2">Rates: 4 %</p>')
        assert look(url) != first
        assert look(url + "/gone") == "page:404"
    with pytest.raises(Unreachable):
        look(url)


def page(body: str) -> Page:
    return Page(f"<html><body>{body}</body></html>".encode())
