"""What a command did to a file, as the change that the journal takes."""

from __future__ import annotations

import unicodedata

from localgpt.core.errors import UnreadableError
from localgpt.core.values import Author, Change, Span
from localgpt.memory.encoding import decode, hunks, lines


def change_of(
    path: str, target: str, before: bytes | None, after: bytes | None, author: Author, moved_from: str = ""
) -> Change:
    """The change of the file at ``target``, called ``path``. What is no text has no new lines."""
    name = unicodedata.normalize("NFC", path)
    if after is None or moved_from:
        return Change(name, target, before, after, Span(name, 0, 0), author, text="", moved_from=moved_from)
    try:
        old, new = (lines(decode(data or b"", name).text) for data in (before, after))
    except UnreadableError:
        return Change(name, target, before, after, Span(name, 0, 0), author, text="")
    found = hunks(*([line.rstrip("\n") for line in each] for each in (old, new)))
    spans = tuple(Span(name, j1 + 1, j2) for tag, _, _, j1, j2 in found if tag != "equal" and j2 > j1)
    whole = Span(name, spans[0].start, spans[-1].end) if spans else Span(name, 0, 0)
    text = "".join(line for span in spans for line in new[span.start - 1 : span.end])
    return Change(name, target, before, after, whole, author, spans, text.removesuffix("\n"))
