from __future__ import annotations

import time
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localgpt.server.rendering import ATTRIBUTES, TAGS, Growing, clean, marked, plain, render, render_blocks

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt&colon;alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "![x](data:image/svg+xml;base64,PHN2Zz4=)",
    "![x](https://elsewhere.example/pixel.png)",
    "<https://a.example/\"onmouseover='x'>",
    '[[a" onclick=alert(1) "]]',
    '``` "><script>\nx\n```',
    "| a |\n|:-:|\n| <b onclick=x> |",
    "[notes.md:3-4](<javascript:x>)",
    '![a" onload="x](attachment:abcd1234/a.png "t\' onload=x")',
    "- [x] <svg/onload=alert(1)>",
    "---\ntitle: <script>x</script>\n---\n",
    "&lt;script&gt; &#x3c;script&#x3e;",
]


class Seen(HTMLParser):
    """What elements and attributes an HTML text has."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))


def check_harmless(html: str) -> None:
    for tag, attributes in Seen(html).tags:
        assert tag in TAGS
        assert set(attributes) <= ATTRIBUTES["*"] | ATTRIBUTES.get(tag, frozenset())
        href = attributes.get("href")
        assert href is None or href.startswith(("#/note/", "http://", "https://", "mailto:", "HTTP"))
        if attributes.get("target") == "_blank":
            assert attributes["rel"] == "noopener noreferrer nofollow"
        assert (attributes.get("data-src") or "/api/").startswith("/api/")


def links(html: str) -> list[dict[str, str | None]]:
    return [attributes for tag, attributes in Seen(html).tags if tag == "a"]


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_hostile_gets_through(text):
    for html in (render(text), "".join(render_blocks(text)), render(text, "knowledge/a.md", first=1)):
        check_harmless(html)
        assert "<script" not in html
        assert "<svg" not in html


_PARTS = st.one_of(
    st.sampled_from(
        [*HOSTILE, "[[", "]]", "](", "<a href='x' onclick=y>", "> ", "- ", "```", "\n", "\n\n", "|", "*"]
    ),
    st.text(max_size=20),
)


@given(st.lists(_PARTS, max_size=12).map("".join))
def test_whatever_is_written_only_what_is_allowed_comes_out(text):
    check_harmless(render(text, "a/b.md", first=1))


@given(st.lists(_PARTS, max_size=12).map("".join), st.lists(st.integers(1, 30), min_size=1, max_size=30))
def test_a_text_that_grows_ends_as_if_it_had_come_at_once(text, sizes):
    grown, shown, at = Growing(), dict[int, str](), 0
    while at < len(text):
        step = sizes[at % len(sizes)]
        shown.update(grown.feed(text[at : at + step]))
        at += step
    assert "".join(html for _, html in sorted(shown.items())) == "".join(render_blocks(text))


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("# A\n", "<h1>A</h1>"),
        ("a\nb", "<p>a<br>\nb</p>"),
        ("~~gone~~", "<p><s>gone</s></p>"),
        ("<b>", "<p>&lt;b&gt;</p>"),
        ("```py x\n1 < 2\n```", '<pre><code class="language-py">1 &lt; 2\n</code></pre>'),
        ("- [x] done", '<ul>\n<li class="task"><input type="checkbox" disabled="" checked=""> done</li>\n</ul>'),
        ("- [ ] open", '<ul>\n<li class="task"><input type="checkbox" disabled=""> open</li>\n</ul>'),
        ("a\u202eb\x1b[31mc", "<p>abc</p>"),
        ("at [12:30] and 3:4", "<p>at [12:30] and 3:4</p>"),
        ("[out](../../etc/passwd)", "<p><a>out</a></p>"),
        ("[part](#heading)", "<p><a>part</a></p>"),
        ("", ""),
    ],
)  # fmt: skip
def test_markdown_becomes_html(text, html):
    assert render(text).strip() == html


@pytest.mark.parametrize(
    ("text", "path", "start", "end"),
    [
        ("From [memory/2026-11-23.md:4-9].", "memory/2026-11-23.md", "4", "9"),
        ("memory/2026-11-23.md:4", "memory/2026-11-23.md", "4", "4"),
        ("`memory/2026-11-23.md:4`", "memory/2026-11-23.md", "4", "4"),
        ("[session:0d3c9a52-11aa:12]", "session:0d3c9a52-11aa", "12", "12"),
        ("[attachment:ab12cd34/Ferry times.pdf:3]", "attachment:ab12cd34/Ferry times.pdf", "3", "3"),
        ("[it](rome.md)", "knowledge/rome.md", None, None),
        ("[it](../Reise%20nach%20Rom.md:3)", "Reise nach Rom.md", "3", "3"),
        ("[it](rome.md:3-4)", "knowledge/rome.md", "3", "4"),
        ("[it](/MEMORY.md#a)", "MEMORY.md", None, None),
        ("[[Rome|the city]]", "Rome", None, None),
        ("[[Rome#Food]]", "Rome", None, None),
    ],
)
def test_links_to_notes_say_where_they_lead(text, path, start, end):
    (link,) = links(render(text, "knowledge/a.md"))
    assert link["class"] == "note"
    assert (link["data-path"], link.get("data-start"), link.get("data-end")) == (path, start, end)
    assert (link["href"] or "").startswith("#/note/")


def test_links_are_resolved_where_somebody_knows_the_notes():
    html = render(
        "[[rome]] [[nowhere]] [x](rome.md)", resolve={"rome": "k/Rome.md", "rome.md": "k/Rome.md"}.get
    )
    assert [(one["class"], one["data-path"]) for one in links(html)] == [
        ("note", "k/Rome.md"),
        ("note missing", "nowhere"),
        ("note", "k/Rome.md"),
    ]


def test_addresses_are_links_without_the_sentence_around_them():
    html = render("See https://a.example/b_(c), (http://d.example/e). Not xhttp://f or https://.")
    assert [one["href"] for one in links(html)] == ["https://a.example/b_(c)", "http://d.example/e"]
    assert html.count("_blank") == 2


def test_pictures_are_the_owners_or_links():
    html = render("![a](p/b.png) ![c](attachment:ab12cd34/d.jpg) ![e](https://x.example/e.png)", "k/n.md")
    images = [attributes for tag, attributes in Seen(html).tags if tag == "img"]
    assert [one["data-src"] for one in images] == ["/api/images/k/p/b.png", "/api/attachments/ab12cd34/d.jpg"]
    assert all("src" not in one for one in images)
    assert [one["href"] for one in links(html)] == ["https://x.example/e.png"]


def test_front_matter_is_a_table_and_lines_count_from_the_files_first():
    html = render("---\ntitle: Rome\n---\n# Rome\n\ntext\n", first=1)
    assert "<tr><th>title</th><td>Rome</td></tr>" in html
    assert '<h1 data-line="4">' in html
    assert '<p data-line="6">' in html
    assert '<p data-line="12">' in render("a", first=12)
    assert '<pre class="front-matter">' in render("---\na:\n  - b\n---\n")
    assert "<hr>" in render("---\nno field\n---\n")


def test_alignment_of_a_table_is_a_class():
    assert '<td class="align-right">' in render("| a |\n|--:|\n| 1 |\n")


@pytest.mark.parametrize(
    "text", ["> " * 60 + "deep", "[" * 30_000, "a" * 600_000, "*a " * 70_000, "*a " * 9000 + "b* " * 9000]
)
def test_what_is_too_tangled_is_shown_as_it_was_written(text):
    assert render(text) == plain(text)


@pytest.mark.parametrize(
    "unit", ["![a](", "`a", "http://a ", "a.md:1 ", "<a ", "[[a]] ", "~~a~~", "&amp", "\\"]
)
def test_a_hostile_text_takes_no_longer_than_it_is_long(unit):
    def seconds(length: int) -> float:
        begin = time.process_time()
        render((unit * length)[:length])
        return time.process_time() - begin

    seconds(1000)
    least = min(seconds(32_000) for _ in range(3))  # whatever else collects its garbage in between
    assert least < 12 * seconds(8_000) + 0.05


def test_words_of_a_search_are_marked_in_all_their_forms():
    html = marked("She <i>visited</i> the dentists; 'visit' again\u202e.", "visiting the dentist")
    assert (
        html
        == "She &lt;i&gt;<mark>visited</mark>&lt;/i&gt; the <mark>dentists</mark>; &#x27;<mark>visit</mark>&#x27; again."
    )


def test_the_last_fence_lets_nothing_else_through():
    dirty = '<a href="javascript:x" class="btn" onclick="y">a</a><iframe src="x"></iframe><p style="x">b</p>'
    assert clean(dirty) == "<a>a</a><p>b</p>"
    assert clean('<img data-src="https://x.example/a.png" src="y">') == "<img>"


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("[here](https://evil.example/?q=1)", "<p>here (<code>https://evil.example/?q=1</code>)</p>"),
        (
            "![pic](https://evil.example/p.png?q=1)",
            "<p>pic (<code>https://evil.example/p.png?q=1</code>)</p>",
        ),
        ("so https://evil.example/?q=1.", "<p>so https://evil.example/?q=1.</p>"),
        ("<https://evil.example/?q=1>", "<p>https://evil.example/?q=1</p>"),
        ("[![x](https://evil.example/i.png)](note.md)", "note.md"),
    ],
)
def test_a_link_that_may_lead_nowhere_is_text(text, html):
    shown = render(text, leads=lambda _url: False)
    assert html in shown
    assert 'href="http' not in shown
    assert "src" not in shown


def test_a_link_that_may_lead_somewhere_is_one():
    assert 'href="https://good.example/"' in render("https://good.example/", leads=lambda _url: True)
