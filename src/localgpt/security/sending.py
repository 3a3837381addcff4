"""Whose words leave with a request: the owner's, the web's own, or ones that stand only in the notes. Pure.

A model that obeys a web page can be told to carry a secret out in an address. So an address is compared, letter by
letter, with those the owner wrote and those that a search or page of this conversation listed; and the words in it, and in a
search, with what the model was given of the notes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote_plus, urlsplit

_ADDRESS = re.compile(
    r"(?:https?://)?(?:[\w-]{1,63}+\.(?=\w)){1,40}+\w{2,63}(?::\d{1,5})?(?:[/?][^\s<>\"'`|\\^{}“”„‘’«»]*)?",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]{4,}|\d{3,}")
_TAIL = ".,;:!?)]*_"
_LONGEST_TAIL = 5
_DISGUISED = re.compile(
    r"(?<![\w+/=-])(?=[A-Za-z]*+[0-9+/=]|[A-Za-z]*[a-z][A-Z])[A-Za-z0-9+/=]{16,}(?![\w+/=-])"
)
_TELLING, _IN_A_ROW = 4, 4
_LOOKS_LIKE_ADDRESS = re.compile(r"\s*[a-z][\w+.-]*:/", re.IGNORECASE)
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of where a turn's words come from.

    ``words`` are the owner's in this conversation. ``links`` are the addresses (as ``address`` spells them) in what
    fetches and searches have brought in it, and nothing else has; ``mentioned`` those in other foreign text. ``notes`` is what the model was given of the
    notes and conversations; ``None`` where nobody has kept it, and then all that the owner did not write counts as
    from there; ``own`` what of it are the owner's own words, ``foreign`` what others wrote. ``private``: passages for this machine only are among it.
    """

    words: str = ""
    links: frozenset[str] = frozenset()
    notes: str | None = None
    private: bool = False
    mentioned: frozenset[str] = frozenset()
    own: str = ""
    foreign: str = ""


NOTHING_KNOWN = Known()


def address(url: str) -> str:
    """An address in one spelling: host, port, path and query; empty for what is no plain web address."""
    try:
        parts = urlsplit(url if "://" in url else f"https://{url}")
        port = parts.port
    except ValueError:
        return ""
    if parts.scheme not in _PORTS or not parts.hostname or "@" in parts.netloc:
        return ""
    shown_port = f":{port}" if port and port != _PORTS[parts.scheme] else ""
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.hostname.rstrip('.')}{shown_port}{parts.path if parts.path != '/' else ''}{query}"


def addresses_in(text: str) -> frozenset[str]:
    """The addresses that stand in a text, with and without the punctuation behind them."""
    found: set[str] = set()
    for match in _ADDRESS.finditer(text):
        whole = match[0]
        found |= {whole, re.split(r"[)\]]", whole, maxsplit=1)[0]}
        for _ in range(_LONGEST_TAIL):
            whole = whole[:-1] if whole[-1:] in _TAIL else whole
            found.add(whole)
    return frozenset(filter(None, map(address, found)))


def is_address(sent: str) -> bool:
    """Whether what is sent is (or tries to be) an address and not words."""
    return _LOOKS_LIKE_ADDRESS.match(sent) is not None


def host_in(url: str) -> str:
    """The host of an address, or an empty text."""
    return address(url).partition("/")[0].partition("?")[0].partition(":")[0]


def is_written(url: str, known: Known) -> bool:
    """Whether the owner wrote this very address."""
    own = address(url)
    return bool(own) and own in addresses_in(known.words)


def is_listed(url: str, known: Known) -> bool:
    """Whether a search or page of this conversation brought this very address."""
    return bool(address(url)) and address(url) in known.links


def is_mentioned(url: str, known: Known) -> bool:
    """Whether foreign text of another kind (a mail, a file) has this very address."""
    return bool(address(url)) and address(url) in known.mentioned


def names_host(host: str, known: Known) -> bool:
    """Whether the owner named the host."""
    return bool(host) and host in {
        each.partition("/")[0].partition("?")[0] for each in addresses_in(known.words)
    }


def borrowed(sent: str, known: Known) -> tuple[str, ...]:
    """The words in an address's query (after private passages: anywhere in it) or in a search that stand in the notes
    and not in what the owner wrote.
    """
    text = sent
    if is_address(sent) and address(sent) and not known.private:
        text = urlsplit(sent).query
    own = _words(known.words)
    carried = [word for word in dict.fromkeys(_found(unquote_plus(text))) if word not in own]
    if known.notes is None:
        return tuple(carried)
    noted = _words(known.notes)
    return tuple(word for word in carried if word in noted)


def copied(sent: str, known: Known) -> str:
    """What a message would tell out of the owner's own notes: a number, or four words in a row, that neither the owner
    has written here nor foreign text has; and letters that stand nowhere and are no words, for they may be such in
    disguise. The first of it, or an empty text.
    """
    if not sent:
        return ""
    told = (known.words, known.foreign, known.own)
    if disguised := next(
        (run for run in _DISGUISED.findall(sent) if not any(run in text for text in told)), ""
    ):
        return disguised
    own = _runs(known.own)
    elsewhere = _runs(known.words) | _runs(known.foreign)
    return next((run for run in _runs_in(sent) if run in own and run not in elsewhere), "")


def _runs(text: str) -> frozenset[str]:
    return frozenset(_runs_in(text))


def _runs_in(text: str) -> Iterator[str]:
    words = re.findall(r"\w+", text.casefold())
    for place, word in enumerate(words):
        if len(word) >= _TELLING and any(one.isdigit() for one in word):
            yield word
        if place + _IN_A_ROW <= len(words):
            yield " ".join(words[place : place + _IN_A_ROW])


def _words(text: str) -> frozenset[str]:
    return frozenset(_found(text))


def _found(text: str) -> list[str]:
    return _WORD.findall(text.casefold())
