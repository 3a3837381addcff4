"""What a model is given of the files that the owner handed over: themselves where it takes them, else their text.

A conversation keeps references only; each prompt puts pictures, documents or fenced text in their place, the newest
first, as long as there is room. What has none is named, so that a tool can read it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from localgpt.core import files
from localgpt.core.errors import LocalGPTError
from localgpt.core.tokens import estimate
from localgpt.core.values import Attached, Block, Egress, Media, Message, Role
from localgpt.memory.attachments import Attachment, Attachments
from localgpt.memory.chunks import chunks
from localgpt.memory.documents import SCANNED
from localgpt.memory.encoding import lines
from localgpt.memory.media_types import PDF
from localgpt.security.content import fence

PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
"""What vendors take of pictures."""
LARGEST_PICTURE = 3_500_000
"""Bytes; in base64 that is what vendors allow."""
LARGEST_PDF = 20_000_000
MOST_PAGES = 100
PICTURE_TOKENS = 1_600
PAGE_TOKENS = 1_600
"""Of a page as it is looked at, beside its text."""
LEAST = 300
"""Tokens of a text below which it is only named."""

_PAGE = re.compile(r"^## Page (\d+)$", re.MULTILINE)
_BYTES_OF_A_PAGE = 100_000
_FENCE_TOKENS = 60


@dataclass(frozen=True, slots=True)
class Reader:
    """Who is shown them: what its engine ``takes`` as it is, whether it is on this machine, how many ``tokens`` of
    attachments it gets in all, and whether its tools can read on (not in temporary chats).
    """

    takes: Callable[[str], bool]
    local: bool
    tokens: int
    reads_on: bool = True


@dataclass(frozen=True, slots=True)
class _Shown:
    """What stands for one attachment, how many tokens that is, a sentence on it for the owner, and its text."""

    block: Attached | Media
    tokens: int
    sentence: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Given:
    """A conversation as a model is given it; ``sentences`` are on what was handed over with the last words, ``texts``
    are those of all attachments that are shown.
    """

    messages: tuple[Message, ...]
    sentences: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()


class Attaching:
    """The attachments of one place, as models are shown them."""

    def __init__(self, store: Attachments) -> None:
        self._store = store

    def given(self, messages: Sequence[Message], reader: Reader) -> Given:
        """The conversation as ``reader`` is given it; the same reader is given the same again."""
        asked = max((at for at, message in enumerate(messages) if message.role is Role.USER), default=-1)
        given, left = list(messages), reader.tokens
        sentences, texts = list[str](), list[str]()
        for at in reversed(range(len(messages))):
            if not any(isinstance(block, Attached) for block in messages[at].blocks):
                continue
            blocks = list[Block]()
            for block in messages[at].blocks:
                if isinstance(block, Attached):
                    one = self._one(block, reader, left)
                    left -= one.tokens
                    sentences += [one.sentence] if at == asked else []
                    texts += [one.text] if one.text else []
                    block = one.block  # noqa: PLW2901 - what stands for it
                blocks.append(block)
            given[at] = replace(messages[at], blocks=tuple(blocks))
        return Given(tuple(given), tuple(sentences), tuple(texts))

    def _one(self, attached: Attached, reader: Reader, left: int) -> _Shown:
        try:
            found = self._store.get(attached.sha256)
            text = self._store.lines(found.path).text if found.text else ""
        except LocalGPTError:
            return _named(attached, attached.name, "is not there any more")
        if not reader.local and _is_private(found.path, text):
            return _named(attached, found.path, "is private: it is shown to models on this machine only")
        media = _media(found, text, reader)
        if media is not None and media.tokens <= left:
            words = _as_text(attached, found, text, left, reads_on=reader.reads_on).block if text else None
            media = replace(media, text=words.text) if isinstance(words, Attached) else media
            return _Shown(media, media.tokens, f"{found.name} goes along as it is.", text)
        if not text:
            return _named(attached, found.path, _why_not(found, media))
        return _as_text(attached, found, text, left, reads_on=reader.reads_on)


def _media(found: Attachment, text: str, reader: Reader) -> Media | None:
    """The file itself, if the reader takes it."""
    if not reader.takes(found.media_type):
        return None
    tokens = 0
    if found.media_type in PICTURES and found.size <= LARGEST_PICTURE:
        tokens = PICTURE_TOKENS
    elif found.media_type == PDF and found.size <= LARGEST_PDF and (text or SCANNED in found.notices):
        pages = [int(number) for number in _PAGE.findall(text)]
        count = pages[-1] if pages else 1 + found.size // _BYTES_OF_A_PAGE
        tokens = estimate(text) + count * PAGE_TOKENS if count <= MOST_PAGES else 0
    if not tokens:
        return None
    try:
        with files.explained("read", found.file):
            return Media(found.media_type, found.file.read_bytes(), found.name, tokens)
    except LocalGPTError:
        return None


def _why_not(found: Attachment, media: Media | None) -> str:
    if media is not None:
        return "is not shown: there is no room for it"
    if found.notices:
        return f"can't be read: {found.notices[0]}"
    return f"({found.media_type}) is not shown: this model can't read it"


def _as_text(attached: Attached, found: Attachment, text: str, left: int, *, reads_on: bool) -> _Shown:
    """As much of the text as there is room for, in whole lines, with the place of each."""
    every = lines(text)
    room, count = left - _FENCE_TOKENS, 0
    for line in every:
        room -= estimate(line)
        if room < 0:
            break
        count += 1
    if not count or left < LEAST:
        elsewhere = "; memory_get reads it" if reads_on else ""
        return _named(attached, found.path, f"is not shown: there is no room for it{elsewhere}")
    further = "; memory_get reads on" if reads_on else " are not shown"
    cut = f" {len(every) - count} more lines{further}." if count < len(every) else ""
    told = f" ({' '.join(found.notices)})" if found.notices else ""
    head = f"[{found.path}:1-{count}] was handed over.{told}{cut}"
    shown = f"{head}\n{fence(''.join(every[:count]), attached.marker, found.path)}"
    part = f"the first {count} of {len(every)} lines" if cut else f"about {estimate(shown):,} tokens"
    sentence = f"{found.name} goes along as text, {part}.{told}"
    return _Shown(replace(attached, text=shown), estimate(shown), sentence, shown)


def _named(attached: Attached, name: str, why: str) -> _Shown:
    text = f"[{name} {why.rstrip('.')}.]"
    return _Shown(replace(attached, text=text), estimate(text), f"{attached.name} {why.rstrip('.')}.")


def _is_private(path: str, text: str) -> bool:
    return any(chunk.egress is Egress.LOCAL for chunk in chunks(path, text))
