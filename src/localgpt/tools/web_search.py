"""Search engines behind one protocol: SearXNG (a server of the owner's), Brave (a key), DuckDuckGo (neither)."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import parse_qs, urljoin, urlsplit

from localgpt.core.errors import ConfigError, Unreachable
from localgpt.security.content import visible
from localgpt.tools.web_reading import Answer, read

if TYPE_CHECKING:
    import httpx2

PROVIDERS = ("none", "searxng", "brave", "duckduckgo")

BRAVE = "https://api.search.brave.com/res/v1/web/search"
DUCKDUCKGO = "https://html.duckduckgo.com/html/"

_LONGEST_TITLE = 200
_LONGEST_SNIPPET = 500


@dataclass(frozen=True, slots=True)
class Result:
    """One result: title and snippet are one line of text each, the address is absolute."""

    title: str
    address: str
    snippet: str = ""


class SearchEngine(Protocol):
    """Something that searches the web; ``host`` is where the words of a search go."""

    @property
    def host(self) -> str: ...

    async def search(self, client: httpx2.AsyncClient, query: str, limit: int) -> list[Result]:
        """At most ``limit`` results, best first. Raises ``Unreachable``."""
        ...


def search_engine(
    provider: str, base_url: str = "", api_key: str = "", *, reveal: Callable[[str], str] = str
) -> SearchEngine | None:
    """The engine that the settings name; ``None`` for ``none``. Raises ``ConfigError`` where something is missing.

    ``reveal`` gives the key that the setting means; it may wait.
    """
    if provider == "searxng":
        if not urlsplit(base_url).hostname:
            raise _missing("searxng", "base_url", "its address, like http://127.0.0.1:8888")
        return SearXNG(base_url)
    if provider == "brave":
        if not api_key:
            raise _missing("brave", "api_key", "a key")
        return Brave(api_key, base_url or BRAVE, reveal)
    if provider == "duckduckgo":
        return DuckDuckGo(base_url or DUCKDUCKGO)
    return None


def _missing(provider: str, setting: str, what: str) -> ConfigError:
    return ConfigError(
        f"Searching the web with {provider} needs {what} (tools.web_search.{setting}).",
        hint=f"Set it with: localgpt config set tools.web_search.{setting} VALUE",
    )


@dataclass(frozen=True, slots=True)
class SearXNG:
    """A SearXNG server; its settings must allow the format ``json``."""

    base_url: str

    @property
    def host(self) -> str:
        return urlsplit(self.base_url).hostname or ""

    async def search(self, client: httpx2.AsyncClient, query: str, limit: int) -> list[Result]:
        address = urljoin(self.base_url.rstrip("/") + "/", "search")
        answer = await read(client, address, query={"q": query, "format": "json"})
        if answer.status == 403:
            raise Unreachable(
                f"{self.host} does not answer programs.",
                hint="Add json to search.formats in its settings.yml.",
            )
        entries = _listed(_json(answer, self.host), "results")
        return _cleaned(((one.get("title"), one.get("url"), one.get("content")) for one in entries), limit)


@dataclass(frozen=True, slots=True)
class Brave:
    """The search API of Brave."""

    api_key: str
    base_url: str = BRAVE
    reveal: Callable[[str], str] = str

    def __repr__(self) -> str:
        return f"Brave({self.base_url!r})"

    @property
    def host(self) -> str:
        return urlsplit(self.base_url).hostname or ""

    async def search(self, client: httpx2.AsyncClient, query: str, limit: int) -> list[Result]:
        key = await asyncio.to_thread(self.reveal, self.api_key)
        headers = {"X-Subscription-Token": key, "Accept": "application/json"}
        answer = await read(
            client, self.base_url, headers=headers, query={"q": query, "count": str(min(limit, 20))}
        )
        if answer.status in {401, 403, 422}:
            raise Unreachable(
                f"{self.host} does not take the key.",
                hint="Check it with: localgpt config set tools.web_search.api_key KEY",
            )
        found = _json(answer, self.host).get("web")
        entries = _listed(found if isinstance(found, dict) else {}, "results")
        return _cleaned(
            ((one.get("title"), one.get("url"), one.get("description")) for one in entries), limit
        )


@dataclass(frozen=True, slots=True)
class DuckDuckGo:
    """The page of DuckDuckGo for browsers without scripts. It needs no key, and lets nobody ask it often."""

    base_url: str = DUCKDUCKGO

    @property
    def host(self) -> str:
        return urlsplit(self.base_url).hostname or ""

    async def search(self, client: httpx2.AsyncClient, query: str, limit: int) -> list[Result]:
        answer = await read(client, self.base_url, form={"q": query})
        _check_status(answer, self.host)
        page = answer.data.decode("utf-8", "replace")
        if answer.status == 202 or "anomaly-modal" in page:
            raise Unreachable(
                f"{self.host} takes this machine for a robot.",
                hint="Wait a while, or use another engine (tools.web_search.provider).",
            )
        return _cleaned(_results_of_page(page), limit)


def _results_of_page(page: str) -> Iterator[tuple[str, str, str]]:
    """Titles, addresses and snippets of DuckDuckGo's page; an advertisement has no address."""
    from localgpt.memory.markup_tokens import End, tokens

    found: list[list[str]] = []
    place: tuple[int, str] | None = None  # what the text at hand is part of, and the tag that ends it
    for token in tokens(page):
        if isinstance(token, str):
            if place:
                found[-1][place[0]] += token
        elif isinstance(token, End):
            place = None if place and token.name == place[1] else place
        elif "result__a" in token.attributes.get("class", "").split():
            found.append(["", _target(token.attributes.get("href", "")), ""])
            place = (0, "a")
        elif found and "result__snippet" in token.attributes.get("class", "").split():
            place = (2, token.name)
    return ((title, address, snippet) for title, address, snippet in found)


def _target(link: str) -> str:
    """Where a link of DuckDuckGo's really leads; empty for an advertisement."""
    whole = urljoin("https://duckduckgo.com/", link)
    parts = urlsplit(whole)
    if parts.hostname and parts.hostname.endswith("duckduckgo.com"):
        return parse_qs(parts.query).get("uddg", [""])[0] if parts.path.startswith("/l/") else ""
    return whole


def _check_status(answer: Answer, host: str) -> None:
    if answer.status == 429:
        raise Unreachable(f"{host} was asked too often.", hint="Wait a while and search again.")
    if answer.status >= 400:
        raise Unreachable(f"{host} answered with an error ({answer.status}).", hint="Try again later.")


def _json(answer: Answer, host: str) -> dict[str, Any]:
    _check_status(answer, host)
    try:
        found = json.loads(answer.data)
    except (ValueError, RecursionError) as error:
        raise Unreachable(
            f"{host} gave an answer that is not JSON.", hint="Check tools.web_search."
        ) from error
    return found if isinstance(found, dict) else {}


def _listed(found: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    entries = found.get(name)
    return [one for one in entries if isinstance(one, dict)] if isinstance(entries, list) else []


def _cleaned(entries: Iterable[tuple[Any, Any, Any]], limit: int) -> list[Result]:
    """Those that lead somewhere on the web, each address once, texts on one line without markup."""
    found: dict[str, Result] = {}
    for title, address, snippet in entries:
        if not isinstance(address, str) or not _leads_somewhere(address) or address in found:
            continue
        spelled = address.replace("(", "%28").replace(")", "%29")
        name = re.sub(r"[\[\]]", "", _line(title, _LONGEST_TITLE))
        found[address] = Result(name or spelled, spelled, _line(snippet, _LONGEST_SNIPPET))
    return list(found.values())[:limit]


def _leads_somewhere(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return (
        parts.scheme in {"http", "https"}
        and bool(parts.hostname)
        and not re.search(r"[\s<>\x00-\x20]", address)
    )


def _line(text: Any, longest: int) -> str:
    from localgpt.memory.markup import markdown

    if not isinstance(text, str):
        return ""
    plain = re.sub(r"\*\*|`", "", markdown(text).text) if re.search(r"[<&]", text) else text
    words = " ".join(visible(plain).split())
    return words if len(words) <= longest else words[:longest].rstrip() + " …"
