"""Which links of a reply lead anywhere: after foreign text only to places that the owner or the web itself has named. Pure.

A model that obeys a page can be told to write a link or a picture whose address carries the conversation to somebody.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

from localgpt.security.sending import Known, address, borrowed, host_in, is_listed, is_written, names_host

_MAIL = re.compile(r"mailto:([^?\s]*)(\?.*)?", re.IGNORECASE | re.DOTALL)


def leads(url: str, known: Known, *, foreign: bool) -> bool:
    """Whether a link may be one; else its address is shown as text. ``foreign``: such text was read."""
    if not foreign:
        return True
    if mail := _MAIL.fullmatch(url):
        return not mail[2] and _stands(unquote(mail[1]), known.words)
    if is_written(url, known) or is_listed(url, known):
        return True
    # a host that the owner named may be the one whose page asks for it: then nothing may travel in the rest of the address
    return names_host(host_in(url), known) and not borrowed(address(url), Known(known.words))


def _stands(name: str, words: str) -> bool:
    return (
        bool(name) and re.search(rf"(?<![\w.+-]){re.escape(name)}(?![\w-])", words, re.IGNORECASE) is not None
    )
