"""Reading for research: what a tool's output holds, and which of the owner's passages count."""

from __future__ import annotations

import pytest

from localgpt.agent.research import Listed
from localgpt.agent.research_reading import in_notes, links, plain, results
from localgpt.core.values import Egress, Hit, Origin
from localgpt.memory.search import Found


def test_results_are_taken_from_a_list():
    body = (
        "1. [A page](https://a.test/x_%28y%29)\nwhat it says\n\n"
        "2. [https://b.test/](https://b.test/)\n\n3. nothing\n12. [C](ftp://c.test/)"
    )
    assert results(body) == (
        Listed("A page", "https://a.test/x_%28y%29"),
        Listed("https://b.test/", "https://b.test/"),
    )


def test_links_are_taken_with_their_words():
    body = (
        "See [the **heat** pump](https://a.test/x_(y)?z=1#part) and ![a picture](https://a.test/p.png), "
        '[titled](https://b.test/ "T"), [mail](mailto:a@b.test), [](https://c.test/), [ftp](ftp://d.test/).'
    )
    assert links(body) == (
        Listed("the heat pump", "https://a.test/x_(y)?z=1#part"),
        Listed("titled", "https://b.test/"),
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('a [link](https://x.test/a_(b) "t") here', "a link here"),
        ("![alt](x.png)**bold** `code`", "altbold code"),
        ("1 < 2 and 3 > 2, <!-- no --> <img src='x'>", "1 < 2 and 3 > 2,  "),
    ],
)
def test_a_page_becomes_plain_text(text, expected):
    assert plain(text) == expected


def test_private_passages_and_the_note_itself_are_no_sources():
    def hit(path, **options):
        return Hit(path, 1, 2, "text", 0.9, "notes", "Top > Head", cover=1.0, **options)

    hits = (
        hit("a.md"),
        hit("b.md", egress=Egress.LOCAL),
        hit("knowledge/x.md"),
        hit("c.md", origin=Origin.FOREIGN),
        Hit("d.md", 1, 1, "far off", 0.1, "notes", cover=0.0),
    )
    asked = []

    def search(query):
        asked.append((query.text, query.within))
        return Found(query.text, hits, 1.0)

    found, private = in_notes(search, ("q", "r"), "2026-03-01", ("knowledge/x.md",))
    assert [(one.place, one.title, one.origin) for one in found] == [
        ("a.md:1-2", "Head", Origin.OWNER),
        ("c.md:1-2", "Head", Origin.FOREIGN),
    ]
    assert private == 1
    assert asked == [("q", "notes"), ("r", "notes")]
