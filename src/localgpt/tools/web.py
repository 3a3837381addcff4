"""Tools over the web: read a page, search. What they bring is foreign text, fenced, and taints the turn.

``web_tools`` makes them for one way out. Where a page may be, ``core.outbound_addresses`` says; whether a turn may go
there, ``security.policy``; what of the page is read, ``memory.markup`` and ``memory.documents``.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

from localgpt.core.errors import ToolError
from localgpt.core.outbound import Outbound
from localgpt.core.values import Effect, EffectKind, Origin
from localgpt.security.content import fence, visible
from localgpt.security.sending import address as spelled
from localgpt.security.sending import host_in
from localgpt.tools.base import Tool, ToolContext, ToolOutput, tool
from localgpt.tools.web_reading import LARGEST, read

if TYPE_CHECKING:
    from localgpt.memory.documents import Extracted
    from localgpt.tools.web_search import SearchEngine

SHOWN = 45_000
"""Characters of a page that are given at once."""
LONGEST_QUERY = 400
MOST_RESULTS = 20

_LONGEST_ADDRESS = 2000
_KEPT_PAGES = 8
_KEPT_SECONDS = 300.0
_ACCEPT = {
    "Accept": "text/html,application/xhtml+xml,text/markdown,text/plain,application/json,application/pdf;q=0.9,*/*;q=0.5"
}


def web_tools(outbound: Outbound, engine: SearchEngine | None = None) -> tuple[Tool, ...]:
    """``web_fetch``, and ``web_search`` where there is an engine for it."""
    fetch = web_fetch_tool(outbound)
    return (fetch, web_search_tool(outbound, engine)) if engine else (fetch,)


# -- reading pages


@dataclass(frozen=True, slots=True)
class _Read:
    """A page that was read, kept for a while, so that reading on does not ask for it again."""

    address: str
    found: Extracted
    moment: float


@dataclass(slots=True)
class _Shelf:
    """The last few pages, by the address that was asked for."""

    pages: OrderedDict[str, _Read] = field(default_factory=OrderedDict)

    def get(self, url: str) -> _Read | None:
        page = self.pages.get(url)
        return page if page and time.monotonic() - page.moment < _KEPT_SECONDS else None

    def put(self, url: str, page: _Read) -> None:
        self.pages[url] = page
        self.pages.move_to_end(url)
        while len(self.pages) > _KEPT_PAGES:
            self.pages.popitem(last=False)


def web_fetch_tool(outbound: Outbound) -> Tool:
    """The tool that reads a page."""
    shelf = _Shelf()

    @tool(effects=_fetch_effects)
    async def web_fetch(
        context: ToolContext,
        url: Annotated[str, "The address of a public page, as it was written or listed."],
        offset: Annotated[int, "The first character."] = 0,
    ) -> ToolOutput:
        """Read a web page, PDF or text file from the public web as Markdown."""
        whole = whole_address(url)
        page = shelf.get(whole) if offset > 0 else None
        if page is None:
            page = await _fetched(outbound, whole)
            shelf.put(whole, page)
        return _shown_page(page, max(offset, 0), context.marker)

    return web_fetch


def _fetch_effects(arguments: Mapping[str, Any], _context: ToolContext) -> tuple[Effect, ...]:
    url = whole_address(str(arguments["url"]))
    return (Effect(EffectKind.SENDS, host_in(url), url),)


def whole_address(url: str) -> str:
    """The address with its scheme (``https`` where it has none). Raises ``ToolError`` for what is no web address."""
    url = url.strip().strip("<>")
    if "://" not in url[:12]:
        url = f"https://{url}"
    wrong = len(url) > _LONGEST_ADDRESS or re.search(r"[\x00-\x20\x7f\\]", url)
    if wrong or not spelled(url):
        raise ToolError(
            f"{visible(url)[:200]} is not an address that can be fetched.",
            hint="Give a whole one, like https://example.org/page, without user name and password.",
        )
    return url.partition("#")[0]


async def _fetched(outbound: Outbound, url: str) -> _Read:
    from localgpt.memory.documents import extract
    from localgpt.memory.media_types import PDF, media_type

    async with outbound.client("web_fetch", public_only=True) as client:
        answer = await read(client, url, headers=_ACCEPT)
    host = host_in(answer.address)
    if answer.status >= 400:
        raise ToolError(
            f"{host} answered with an error ({answer.status}).", hint=_ERRORS.get(answer.status, "")
        )
    name = urlsplit(answer.address).path.rpartition("/")[2]
    if answer.cut and media_type(answer.data) == PDF:
        raise ToolError(f"{url} is larger than {LARGEST // 1_000_000} MB.", hint="Look for a shorter source.")
    found = await asyncio.to_thread(
        extract, answer.data, name, answer.media_type, address=answer.address, charset=answer.charset
    )
    if answer.cut:
        cut = f"Only the first {LARGEST // 1_000_000} MB were read."
        found = replace(found, notices=(*found.notices, cut))
    return _Read(answer.address, found, time.monotonic())


_ERRORS = {
    401: "The page is not public.",
    403: "The page does not let programs read it.",
    404: "There is no such page; search for it.",
    410: "The page is gone.",
    429: "Too many requests; try again later.",
}


def _shown_page(page: _Read, offset: int, marker: str) -> ToolOutput:
    """The part from ``offset`` on, in a fence, with a line before it on where it is from and how to read on."""
    text = page.found.text
    if offset and offset >= len(text):
        raise ToolError(f"The page has {len(text):,} characters.", hint="Use a smaller offset.")
    part = text[offset : offset + SHOWN]
    end = offset + len(part)
    place = " ".join(visible(page.address).split())[:300]
    head = f"[{place}, characters {offset:,}-{end:,} of {len(text):,}"
    head += f"; go on with offset={end}]" if end < len(text) else "]"
    title = f"Title: {page.found.title}\n\n" if page.found.title and not offset else ""
    notices = "".join(f"\n[{notice}]" for notice in page.found.notices)
    shown = fence(title + (part or "(no text)"), marker, page.address)
    return ToolOutput(f"{head}{notices}\n{shown}", Origin.FOREIGN)


# -- searching


def web_search_tool(outbound: Outbound, engine: SearchEngine) -> Tool:
    """The tool that asks a search engine."""

    def effects(arguments: Mapping[str, Any], _context: ToolContext) -> tuple[Effect, ...]:
        return (Effect(EffectKind.SENDS, engine.host, _query(str(arguments["query"]))),)

    @tool(effects=effects)
    async def web_search(
        context: ToolContext,
        query: Annotated[str, "What to look for, in a few words; nothing private."],
        limit: Annotated[int, "How many results at most."] = 8,
    ) -> ToolOutput:
        """Search the web; gives titles, addresses and snippets. web_fetch reads a result."""
        async with outbound.client("web_search") as client:
            results = await engine.search(client, _query(query), min(max(limit, 1), MOST_RESULTS))
        if not results:
            return ToolOutput("The search brought nothing; try other words.")
        shown = "\n\n".join(
            f"{number}. [{one.title}]({one.address})\n{one.snippet}".rstrip()
            for number, one in enumerate(results, start=1)
        )
        return ToolOutput(fence(shown, context.marker, f"a search with {engine.host}"), Origin.FOREIGN)

    return web_search


def _query(query: str) -> str:
    words = " ".join(query.split())
    if not words or len(words) > LONGEST_QUERY:
        raise ToolError(
            "There is nothing to search for." if not words else f"The query has {len(words)} characters.",
            hint=f"Give a few words (at most {LONGEST_QUERY} characters).",
        )
    return words
