"""What a reply to a heartbeat amounts to: nothing to tell (``HEARTBEAT_OK``), or a text for the owner.

OpenClaw's rules: the token is taken off the beginning and the end, again and again, with emphasis, tags and up to four
other signs around it; in the middle of a text it means nothing. What is left over a token and is short stays unsaid.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

TOKEN = "HEARTBEAT_OK"  # noqa: S105 - no secret: what a model says when there is nothing to say
SILENT = "NO_REPLY"
MOST_BESIDE = 300
"""Characters that may stand beside the token and are still nothing to tell."""

_WRAPPING = r"(?:</?[A-Za-z][^<>\n]{0,80}>|&nbsp;|[*_`~\s])"
_AT_START = re.compile(rf"{_WRAPPING}{{0,40}}+{TOKEN}")
_AT_END = re.compile(rf"{TOKEN}{_WRAPPING}{{0,40}}+[^\w\s<]{{0,4}}{_WRAPPING}{{0,40}}$")
_SILENT = re.compile(rf"{SILENT}\W{{0,4}}", re.IGNORECASE)
_DONE = re.compile(r"[\s*_`#>]{0,8}DONE\b[*_`]{0,3}\s{0,8}[.:!,;–—-]{0,3}\s{0,8}")


@dataclass(frozen=True, slots=True)
class Reply:
    """``text`` is for the owner and empty where there is nothing to tell; ``acknowledged``: the token was there.

    ``done``: the reply says of its task that it is finished.
    """

    text: str
    acknowledged: bool = False
    done: bool = False

    @property
    def silent(self) -> bool:
        """Whether there is nothing to tell."""
        return not self.text


def read(reply: str, most_beside: int = MOST_BESIDE) -> Reply:
    """What a reply to a heartbeat amounts to; ``most_beside`` are the characters beside a token that stay unsaid."""
    text = reply.strip()
    if not text or _SILENT.fullmatch(text):
        return Reply("", acknowledged=bool(text))
    if (rest := _stripped(text)) is not None:
        return Reply("" if len(rest) <= most_beside else rest, acknowledged=True)
    if done := _DONE.match(text):
        return Reply(text[done.end() :].strip(), done=True)
    return Reply(text)


def _stripped(text: str) -> str | None:
    """The text without tokens at its beginning and end; ``None`` if there were none."""
    found = False
    while True:
        at_start = _AT_START.match(text)
        place = text.rfind(TOKEN)
        at_end = _AT_END.match(text, place) if place >= 0 else None
        if at_start:
            text = re.sub(
                rf"^(?:{_WRAPPING}{{1,40}}+|[^\w\s<]{{1,4}}(?=\s|$|<))+", "", text[at_start.end() :]
            )
        elif at_end:
            text = re.sub(rf"{_WRAPPING}{{1,40}}$", "", text[:place])
        else:
            return text.strip() if found else None
        found, text = True, text.strip()
