from __future__ import annotations

import time

import pytest

from localgpt.agent.citations import check, find, located
from localgpt.core.values import Span


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("From [memory/2026-03-02.md:4].", ["memory/2026-03-02.md:4"]),
        ("see memory/2026-03-02.md:4-6, ok", ["memory/2026-03-02.md:4-6"]),
        ("`MEMORY.md:2` and `MEMORY.md:2`", ["MEMORY.md:2"]),
        ("[session:0d3c9a52-11aa:12]", ["session:0d3c9a52-11aa:12"]),
        ("[knowledge/Reise nach Rom.md:3-4]", ["knowledge/Reise nach Rom.md:3-4"]),
        ("in knowledge/Größe.md:7!", ["knowledge/Größe.md:7"]),
        ("[b.md:2] then a.md:1", ["b.md:2", "a.md:1"]),
        ("at 12:30 we met, ratio 3:4, https://example.org:80", []),
        ("no places here", []),
    ],
)
def test_places_are_found_in_order_and_once(text, spans):
    assert [str(span) for span in find(text)] == spans


@pytest.mark.parametrize(
    ("place", "valid"),
    [("a.md:1", True), ("a.md:3", True), ("a.md:4", False), ("a.md:3-2", False), ("b.md:1", False)],
)
def test_a_citation_is_valid_when_its_lines_are_there(place, valid):
    (citation,) = check(f"[{place}]", {"a.md": 3}.get)
    assert citation.valid is valid
    assert isinstance(citation.span, Span)


def test_attachments_are_cited_with_and_without_brackets():
    inside, bare = "attachment:ab12cd34/Ferry times.pdf", "attachment:ab12cd34/notes.md"
    assert find(f"See [{inside}:3-5], or {bare}:7.") == (Span(inside, 3, 5), Span(bare, 7, 7))


@pytest.mark.parametrize("part", ["x", "[a b:1] a.md:1 ", "x.md.", "[", "session:"])
def test_a_reply_of_a_million_characters_is_read_at_once(part):
    begin = time.process_time()
    find(part * (1_000_000 // len(part)))
    assert time.process_time() - begin < 5


def test_citations_are_located_brackets_included():
    text = "From [a b.md:4] and c.md:2-3."
    assert [(text[start:end], str(span)) for start, end, span in located(text)] == [
        ("[a b.md:4]", "a b.md:4"),
        ("c.md:2-3", "c.md:2-3"),
    ]
