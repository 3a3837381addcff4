"""Markdown as HTML that is safe to show: a note, a reply, a reply that is still growing.

The text's own HTML is shown as text, nothing is loaded from anywhere, and what comes out is cleaned once more against
the short lists below. What is too large or too tangled to be rendered in a moment is shown as it was written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from html import escape
from types import MappingProxyType

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

from localgpt.core import words
from localgpt.security.content import visible
from localgpt.server import rendering_links

LARGEST = 500_000
"""Characters; a longer text is shown as it was written."""
DEEPEST = 40
"""Quotes and lists within each other; a deeper text is shown as it was written."""
_MOST_BRACKETS = 20_000
_MOST_MARKS = 60_000

TAGS = frozenset(
    "a blockquote br code em h1 h2 h3 h4 h5 h6 hr img input li mark ol p pre s strong table tbody td th thead tr ul".split()
)
ATTRIBUTES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "*": frozenset({"data-line"}),
        "a": frozenset({"class", "href", "rel", "target", "data-path", "data-start", "data-end"}),
        "code": frozenset({"class"}),
        "img": frozenset({"alt", "class", "data-src", "title"}),
        "input": frozenset({"type", "checked", "disabled"}),
        "li": frozenset({"class"}),
        "ol": frozenset({"start"}),
        "pre": frozenset({"class"}),
        "table": frozenset({"class"}),
        "td": frozenset({"class"}),
        "th": frozenset({"class"}),
    }
)
_CLASS = re.compile(
    r"note|note missing|external|external image|task|kept|plain|front-matter|align-(?:left|right|center)|"
    r"language-[A-Za-z0-9_+#.-]{1,40}"
)
_SCHEMES = frozenset({"http", "https", "mailto"})

_FRONT = re.compile(r"\A---[ \t]*\n((?:[^\n]{0,500}\n){1,60}?)(?:---|\.\.\.)[ \t]*(?:\n|\Z)")
_FIELD = re.compile(r"([A-Za-z_][\w -]{0,60}):(?:[ \t]+(.*))?")
_TASK = re.compile(r"\[([ xX])\](?:[ \t]+|\Z)")

Resolve = rendering_links.Resolve
Leads = rendering_links.Leads


def render(
    text: str,
    path: str = "",
    *,
    resolve: Resolve | None = None,
    leads: Leads | None = None,
    breaks: bool = True,
    first: int = 0,
) -> str:
    """``text`` (Markdown) as HTML.

    ``path`` is the note that it stands in, from which its links start; ``resolve`` finds the note that a link means
    (``None``: there is none). ``leads`` tells which links may leave this machine; the others are shown as text. ``breaks`` keeps line breaks. ``first`` is the number of the text's first line, if each block is to
    have that of its own (``data-line``).
    """
    front, body, skipped = _split(visible(text))
    head = _front_matter(front) if front else ""
    return head + "".join(_blocks(body, path, resolve, leads, breaks, first and first + skipped))


def render_blocks(text: str, path: str = "", leads: Leads | None = None) -> list[str]:
    """A reply as HTML, block by block; more text changes only the last one (once its line is whole)."""
    return _blocks(visible(text), path, None, leads, breaks=True, line=0)


class Growing:
    """The HTML of a text that comes bit by bit: what is finished is rendered once."""

    def __init__(self, path: str = "", leads: Leads | None = None) -> None:
        self._path, self._leads = path, leads
        self._text = ""
        self._kept = 0
        self._shown: list[str] = []

    def feed(self, text: str) -> list[tuple[int, str]]:
        """Take more text; the blocks that are new or other than before, by their number."""
        self._text += text
        found = render_blocks(self._text, self._path, self._leads)
        changed = [
            (self._kept + at, html)
            for at, html in enumerate(found)
            if self._kept + at >= len(self._shown) or self._shown[self._kept + at] != html
        ]
        fewer = range(self._kept + len(found), len(self._shown))
        self._shown[self._kept :] = found
        self._keep()
        return changed + [(at, "") for at in fewer]

    def _keep(self) -> None:
        """Forget the text of blocks that can't change: those before the last one that has a whole line."""
        whole = self._text[: self._text.rfind("\n") + 1]
        begins = _begins(whole)
        if len(begins) > 1:
            lines = whole.split("\n")
            self._text = "\n".join(lines[begins[-1] :]) + self._text[len(whole) :]
            self._kept += len(begins) - 1


def marked(text: str, query: str) -> str:
    """``text`` as it is, with the words of ``query`` (and their other forms) in ``<mark>``."""
    text = visible(text)
    wanted = _forms(query)
    parts, at = [], 0
    for found in re.finditer(r"[^\W_]+", text):
        if wanted & _forms(found[0]):
            parts += [escape(text[at : found.start()]), f"<mark>{escape(found[0])}</mark>"]
            at = found.end()
    return "".join([*parts, escape(text[at:])])


def plain(text: str) -> str:
    """``text`` as it was written, in one ``<pre>``."""
    return f'<pre class="plain">{escape(text)}</pre>\n' if text.strip() else ""


def _forms(text: str) -> set[str]:
    """The stems that a search compares: those of every language."""
    return {words.stem(token, one) for token in words.content_words(text) for one in words.LANGUAGES}


# -- one text


def _blocks(
    text: str, path: str, resolve: Resolve | None, leads: Leads | None, breaks: bool, line: int
) -> list[str]:
    if _is_heavy(text):
        return [plain(text)]
    parser = _parser(breaks)
    tokens = parser.parse(text)
    if any(token.level >= DEEPEST - 1 for token in _all(tokens)):
        return [plain(text)]
    for before, token in zip([None, None, *tokens], tokens, strict=False):
        _prepare(token, before, line)
        if token.children:
            token.children = rendering_links.linked(token.children, path, resolve, leads)
    render_ = parser.renderer.render
    made = (render_(group, parser.options, {}) for group in _groups(tokens))
    return [html for one in made if (html := clean(one))]


def _is_heavy(text: str) -> bool:
    if len(text) > LARGEST or text.count("[") > _MOST_BRACKETS:
        return True
    return sum(map(text.count, "*_~`|<&")) > _MOST_MARKS


def _all(tokens: Sequence[Token]) -> list[Token]:
    return [*tokens, *(child for token in tokens for child in token.children or ())]


def _groups(tokens: Sequence[Token]) -> list[list[Token]]:
    """The tokens of each block that stands in no other."""
    groups: list[list[Token]] = []
    for token in tokens:
        if token.level == 0 and token.nesting >= 0:
            groups.append([])
        groups[-1].append(token)
    return groups


def _begins(text: str) -> list[int]:
    """The first line (0-based) of each block that stands in no other."""
    if _is_heavy(text):
        return [0]
    return [
        token.map[0]
        for token in _parser(breaks=True).parse(text)
        if token.level == 0 and token.nesting >= 0 and token.map
    ]


def _prepare(token: Token, before: Token | None, line: int) -> None:
    if line and token.map and token.nesting >= 0 and token.type != "inline":
        token.attrSet("data-line", str(token.map[0] + line))
    if isinstance(style := token.attrs.pop("style", None), str):
        token.attrSet("class", f"align-{style.removeprefix('text-align:')}")
    if token.type == "inline" and before is not None and before.type == "list_item_open":
        _make_task(token, before)


def _make_task(inline: Token, item: Token) -> None:
    first = inline.children[0] if inline.children else None
    match = _TASK.match(first.content) if first and first.type == "text" else None
    if first is None or match is None or inline.children is None:
        return
    first.content = first.content[match.end() :]
    checked = "" if match[1] == " " else " checked"
    box = Token("html_inline", "", 0, content=f'<input type="checkbox" disabled{checked}> ')
    inline.children.insert(0, box)
    item.attrSet("class", "task")


@cache
def _parser(breaks: bool) -> MarkdownIt:
    options = {"html": False, "linkify": False, "typographer": False, "maxNesting": DEEPEST, "breaks": breaks}
    parser = MarkdownIt("commonmark", options).enable(["strikethrough", "table"])
    parser.inline.ruler.before("link", "wiki_link", rendering_links.wiki_link)
    parser.validateLink = rendering_links.is_link  # type: ignore[method-assign, assignment]
    return parser


# -- front matter


def _split(text: str) -> tuple[list[str], str, int]:
    """The lines of the front matter, the rest, and how many lines stand before the rest."""
    match = _FRONT.match(text)
    lines = match[1].rstrip("\n").split("\n") if match else []
    if match is None or not _FIELD.match(lines[0]):
        return [], text, 0
    return lines, text[match.end() :], text[: match.end()].count("\n")


def _front_matter(lines: Sequence[str]) -> str:
    fields = [_FIELD.fullmatch(line) for line in lines]
    if not all(fields):
        return f'<pre class="front-matter">{escape(chr(10).join(lines))}</pre>\n'
    rows = "".join(
        f"<tr><th>{escape(one[1])}</th><td>{escape(one[2] or '')}</td></tr>" for one in fields if one
    )
    return f'<table class="front-matter"><tbody>{rows}</tbody></table>\n'


# -- the last word


def clean(html: str) -> str:
    """``html`` without whatever is not on the lists above."""
    return nh3.clean(
        html,
        tags=set(TAGS),
        attributes={tag: set(names) for tag, names in ATTRIBUTES.items()},
        attribute_filter=_attribute,
        url_schemes=set(_SCHEMES),
        link_rel=None,
    )


_VALUES: Mapping[str, Callable[[str], bool]] = MappingProxyType(
    {
        "class": lambda value: bool(_CLASS.fullmatch(value)),
        "data-src": lambda value: value.startswith(("/api/attachments/", "/api/images/")),
        "type": lambda value: value == "checkbox",
        "target": lambda value: value == "_blank",
        "rel": lambda value: value == rendering_links.REL,
    }
)


def _attribute(_tag: str, name: str, value: str) -> str | None:
    fits = _VALUES.get(name)
    return value if fits is None or fits(value) else None
