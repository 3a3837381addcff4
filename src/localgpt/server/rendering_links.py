"""What the links and pictures of a rendered text lead to: notes, conversations and attachments here, or elsewhere.

Nothing is loaded from elsewhere: a picture of another site becomes a link, one of the owner's a ``data-src`` that
the page fetches itself, since its requests carry a key.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias
from urllib.parse import quote, unquote

from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from localgpt.agent import citations
from localgpt.core.values import Span

Resolve: TypeAlias = Callable[[str], str | None]
"""The note that a link's target means, or ``None`` if there is none."""
Leads: TypeAlias = Callable[[str], bool]
"""Whether a link to an address elsewhere may be one; else its address is shown as text."""

REL = "noopener noreferrer nofollow"
_LONGEST_NAME = 300
_ELSEWHERE = re.compile(r"https?://[^\s/]|mailto:[^\s@]+@", re.IGNORECASE)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+-]*:")
_HERE = ("session:", "attachment:")
_PLACE = re.compile(r"(?P<path>.+?)(?::(?P<start>\d{1,7})(?:-(?P<end>\d{1,7}))?)?(?:#.*)?", re.DOTALL)
_BARE = re.compile(r"(?<![\w/])https?://[\w\[][^\s<>\"'`\\^{}|]{1,2000}", re.IGNORECASE)
_FILE = re.compile(r"\.\w{1,8}$")
_PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".webp")


def is_link(target: str) -> bool:
    """Whether a Markdown link may lead there at all; else it stays text."""
    return bool(_ELSEWHERE.match(target)) or target.startswith(_HERE) or not _SCHEME.match(unquote(target))


def wiki_link(state: StateInline, silent: bool) -> bool:
    """The inline rule for ``[[Name]]``, ``[[Name#Heading]]`` and ``[[Name|shown]]``."""
    if not state.src.startswith("[[", state.pos):
        return False
    end = state.src.find("]]", state.pos + 2, min(state.posMax, state.pos + _LONGEST_NAME))
    written = state.src[state.pos + 2 : end] if end > 0 else ""
    name, _, shown = written.partition("|")
    if not name.split("#")[0].strip() or "\n" in written or "[" in written:
        return False
    if not silent:
        opened = state.push("link_open", "a", 1)
        opened.attrs = {"href": name.split("#")[0].strip()}
        opened.info = "wiki"
        state.push("text", "", 0).content = (shown or name).strip()
        state.push("link_close", "a", -1)
    state.pos = end + 2
    return True


def linked(
    tokens: Sequence[Token], path: str, resolve: Resolve | None, leads: Leads | None = None
) -> list[Token]:
    """The inline tokens of a text in the note ``path``, with what its links, pictures and citations lead to."""
    made: list[Token] = []
    inside = 0
    for token in _told(tokens, leads) if leads else tokens:
        if token.type == "link_open":
            token.attrs = dict(_attributes(token, path, resolve))
        inside += token.nesting if token.type.startswith("link_") else 0
        if token.type == "image":
            made += _picture(token, path, nested=bool(inside))
        elif token.type == "text" and not inside:
            made += _found(token, leads)
        elif token.type == "code_inline" and not inside and (span := _whole(token.content)):
            made += _link(note(span.path, span.start, span.end), token)
        else:
            made.append(token)
    return made


def note(
    path: str, start: int | None = None, end: int | None = None, *, there: bool = True
) -> dict[str, str]:
    """The attributes of a link to lines of a note, a conversation or an attachment."""
    found = {"class": "note" if there else "note missing", "data-path": path}
    place = ""
    if start:
        end = end or start
        found |= {"data-start": str(start), "data-end": str(end)}
        place = f":{start}" + (f"-{end}" if end != start else "")
    return {**found, "href": f"#/note/{quote(path, safe='/')}{place}"}


def elsewhere(address: str, kind: str = "external") -> dict[str, str]:
    """The attributes of a link that leaves this machine."""
    return {"class": kind, "href": address, "rel": REL, "target": "_blank"}


def _told(tokens: Sequence[Token], leads: Leads) -> Iterator[Token]:
    """The tokens with those links and pictures as text that may lead nowhere: what they are called, and the address."""
    dead: Token | None = None
    for token in tokens:
        if token.type == "image" and not _may(token, "src", leads):
            yield Token("text", "", 0, content=token.content)
            yield from _address(str(token.attrs["src"]))
        elif token.type == "link_open" and not _may(token, "href", leads):
            dead = token
        elif token.type == "link_close" and dead is not None:
            yield from _address(str(dead.attrs["href"])) if dead.info != "auto" else ()
            dead = None
        else:
            yield token


def _may(token: Token, name: str, leads: Leads) -> bool:
    address = str(token.attrs.get(name, ""))
    return not _ELSEWHERE.match(unquote(address)) or leads(address)


def _address(address: str) -> Iterator[Token]:
    yield Token("text", "", 0, content=" (")
    yield Token("code_inline", "code", 0, content=address, markup="`")
    yield Token("text", "", 0, content=")")


def _attributes(token: Token, path: str, resolve: Resolve | None) -> dict[str, str]:
    href = str(token.attrs.get("href", ""))
    if token.info == "wiki":
        return _to_note(href, href, resolve)
    if _ELSEWHERE.match(href):
        return elsewhere(href)
    match = _PLACE.fullmatch(unquote(href))
    if match is None or href.startswith("#"):
        return {}
    lines = [int(match[name]) if match[name] else None for name in ("start", "end")]
    if match["path"].startswith(_HERE):
        return note(match["path"], *lines)
    target = _joined(path, match["path"])
    return _to_note(match["path"], target, resolve, *lines) if target else {}


def _to_note(
    written: str, target: str, resolve: Resolve | None, start: int | None = None, end: int | None = None
) -> dict[str, str]:
    found = resolve(written) if resolve else target
    return note(found or target, start, end, there=bool(found))


def _joined(path: str, target: str) -> str:
    """``target`` seen from the note ``path``, empty if that is outside the workspace."""
    base = "" if target.startswith("/") else posixpath.dirname(path)
    joined = posixpath.normpath(posixpath.join(base, target.lstrip("/")))
    return "" if joined in {".", ".."} or joined.startswith("../") else joined


def _picture(token: Token, path: str, *, nested: bool) -> list[Token]:
    source = unquote(str(token.attrs.get("src", "")))
    shown = Token("text", "", 0, content=token.content or source[:_LONGEST_NAME])
    if _ELSEWHERE.match(source):
        return [shown] if nested else _link(elsewhere(str(token.attrs["src"]), "external image"), shown)
    address = _kept(source, path)
    if not address:
        return [shown]
    title = {"title": token.attrs["title"]} if "title" in token.attrs else {}
    token.attrs = {"class": "kept", "data-src": address, "alt": "", **title}
    return [token]


def _kept(source: str, path: str) -> str:
    if source.startswith("attachment:"):
        digits, _, name = source.removeprefix("attachment:").partition("/")
        return f"/api/attachments/{quote(digits, safe='')}/{quote(name, safe='')}" if name else ""
    target = "" if _SCHEME.match(source) else _joined(path, source)
    return f"/api/images/{quote(target)}" if target.lower().endswith(_PICTURES) else ""


def _found(token: Token, leads: Leads | None) -> Iterator[Token]:
    """A text with its citations and its bare addresses as links."""
    text, at = token.content, 0
    for start, end, attributes in sorted(_places(text, leads), key=lambda place: place[0]):
        if start < at:
            continue
        yield Token("text", "", 0, content=text[at:start])
        yield from _link(attributes, Token("text", "", 0, content=text[start:end]))
        at = end
    token.content = text[at:]
    yield token


def _places(text: str, leads: Leads | None) -> Iterator[tuple[int, int, dict[str, str]]]:
    for match in _BARE.finditer(text) if "://" in text else ():
        address = _trimmed(match[0])
        if leads is None or leads(address):
            yield match.start(), match.start() + len(address), elsewhere(address)
    for start, end, span in _cited(text):
        yield start, end, note(span.path, span.start, span.end)


def _cited(text: str) -> Iterator[tuple[int, int, Span]]:
    """The citations that can be meant: ``[12:30]`` is none."""
    for place in citations.located(text) if ":" in text else ():
        if place[2].path.startswith(_HERE) or _FILE.search(place[2].path):
            yield place


def _trimmed(address: str) -> str:
    """The address without what belongs to the sentence around it."""
    address = address.rstrip(".,;:!?*_~'")
    while address.endswith(")") and address.count(")") > address.count("("):
        address = address[:-1]
    return address


def _whole(text: str) -> Span | None:
    """The citation that ``text`` is, and nothing else."""
    found = tuple(_cited(text)) if len(text) <= _LONGEST_NAME else ()
    return found[0][2] if len(found) == 1 and found[0][:2] == (0, len(text)) else None


def _link(attributes: dict[str, str], inner: Token) -> list[Token]:
    opened = Token("link_open", "a", 1, attrs=dict(attributes))
    return [opened, inner, Token("link_close", "a", -1)]
