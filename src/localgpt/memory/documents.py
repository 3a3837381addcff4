"""The text of documents as Markdown: PDF, Word, Excel, PowerPoint, web pages, CSV, plain text.

PDF, Word and Excel need the extra ``docs``; its libraries are imported when such a file is read. However large or
broken a file is, what comes out is bounded: a text with a notice of what was left out, or ``UnreadableError`` with a
sentence that says why there is none.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from localgpt.core.errors import UnreadableError
from localgpt.memory import markup, media_types, office
from localgpt.memory.media_types import CSV, DOCX, HTML, OLD_OFFICE, PDF, PPTX, XLSX

LARGEST = 50_000_000
"""Bytes of a document that is read."""
LONGEST = 2_000_000
"""Characters of text that are taken from one."""
MOST_PAGES = 2_000
"""Pages of a PDF that are read."""
MOST_SECONDS = 60.0
"""After these no further page of a PDF is begun."""
MOST_ROWS = 20_000
"""Rows of a CSV file or of all sheets of a workbook that are read."""

SCANNED = "It has no text; its pages may be scanned images."
"""What is said of a PDF that is whole and has no words."""

_INSTALL = "pip install 'localgpt-py[docs]'"
_PASSWORD = 4  # FPDF_ERR_PASSWORD
_PDFIUM = threading.Lock()  # the library knows no threads
_KNOWN = "PDF, Word (docx), Excel (xlsx), PowerPoint (pptx), HTML, CSV and plain text can be read."


@dataclass(frozen=True, slots=True)
class Extracted:
    """A document's text; ``notices`` are sentences on what is missing in it."""

    text: str
    title: str = ""
    notices: tuple[str, ...] = ()


def extract(
    data: bytes, name: str = "", declared: str = "", *, address: str = "", charset: str = ""
) -> Extracted:
    """The text of ``data``; raises ``UnreadableError``.

    What it is, its bytes say; ``declared`` (a media type) and ``name`` tell kinds of text apart. ``address`` makes the
    links of a web page absolute, ``charset`` is what a server said.
    """
    shown = name or address or "The file"
    if len(data) > LARGEST:
        raise UnreadableError(
            f"{shown} is too large ({len(data) / 1e6:.0f} MB).",
            hint=f"Documents of up to {LARGEST // 1_000_000} MB are read.",
        )
    kind = media_types.media_type(data, name)
    if kind == HTML or (kind.startswith("text/") and declared in {HTML, "application/xhtml+xml"}):
        return _page(data, charset, address)
    read = _READERS.get(kind)
    if read is not None:
        return _bounded(*read(data, shown))
    if media_types.is_text(data) and not kind.startswith("image/"):
        return _bounded(decoded(data, charset).replace("\r\n", "\n").replace("\r", "\n"), ())
    raise _unknown(data, kind, shown)


def decoded(data: bytes, charset: str = "") -> str:
    """Bytes as text: by their byte order mark, by ``charset``, as UTF-8, else as Windows-1252."""
    for mark, encoding in (
        (b"\xef\xbb\xbf", "utf-8"),
        (b"\xff\xfe", "utf-16-le"),
        (b"\xfe\xff", "utf-16-be"),
    ):
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    try:
        known = codecs.lookup(charset).name if charset else ""
        if known and known.replace("_", "-") not in _NO_CHARSETS:
            return data.decode(known, "replace")
    except (LookupError, ValueError):
        pass  # a name that means nothing
    return _without_charset(data)


_NO_CHARSETS = frozenset({"utf-7", "punycode", "idna", "unicode-escape", "raw-unicode-escape"})
"""What Python decodes and no document is in: it hides text, or takes a time that is quadratic in it."""


def _without_charset(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        cut = error.start >= len(data) - 3  # a page that was cut in the middle of a letter
        return data.decode("utf-8", "ignore") if cut else data.decode("cp1252", "replace")


_META = re.compile(rb"<meta[^>]{1,300}?charset\s*=\s*[\"']?([\w.:-]{2,40})", re.IGNORECASE)


def _page(data: bytes, charset: str, address: str) -> Extracted:
    meta = _META.search(data[:4096])
    said = charset or (meta[1].decode("ascii", "ignore") if meta else "")
    if said.lower().startswith("utf-16") and not charset:
        said = ""  # a page whose declaration could be read is not in UTF-16
    page = markup.markdown(decoded(data, said), address)
    notices = ("The page is longer than what was read of it.",) if page.cut else ()
    found = _bounded(page.text, notices)
    return Extracted(found.text, page.title[:500], found.notices)


def _bounded(text: str, notices: tuple[str, ...]) -> Extracted:
    text = text.replace("\0", "").strip()
    if len(text) > LONGEST:
        left = len(text) - LONGEST
        return Extracted(text[:LONGEST], notices=(*notices, f"The last {left:,} characters were left out."))
    return Extracted(text, notices=notices)


def _unknown(data: bytes, kind: str, shown: str) -> UnreadableError:
    if kind == OLD_OFFICE:
        if "EncryptedPackage".encode("utf-16-le") in data:
            return UnreadableError(
                f"{shown} is protected by a password.", hint="Save it without one and try again."
            )
        return UnreadableError(
            f"{shown} is a file of an old Office, which can't be read.", hint="Save it as docx, xlsx or pptx."
        )
    if kind.startswith("image/"):
        return UnreadableError(f"{shown} is an image; it has no text.", hint="")
    what = "" if kind == media_types.UNKNOWN else f" ({kind})"
    return UnreadableError(f"The text of {shown} can't be read{what}.", hint=_KNOWN)


# -- each kind: bytes and a name to show in, text and notices out

_Read = tuple[str, tuple[str, ...]]


def _pdf(data: bytes, shown: str) -> _Read:
    pdfium = _library("pypdfium2", "PDF", shown)
    with _PDFIUM:
        try:
            document = pdfium.PdfDocument(data)
        except pdfium.PdfiumError as error:
            raise _broken_pdf(error, shown) from error
        try:
            return _pages(document)
        except pdfium.PdfiumError as error:
            raise _damaged(shown) from error
        finally:
            document.close()


def _broken_pdf(error: Any, shown: str) -> UnreadableError:
    if getattr(error, "err_code", 0) == _PASSWORD or "password" in str(error).lower():
        return UnreadableError(
            f"{shown} is protected by a password.", hint="Save it without one and try again."
        )
    return _damaged(shown)


def _damaged(shown: str) -> UnreadableError:
    return UnreadableError(f"{shown} is damaged: it can't be opened.", hint="Get it anew, or save it again.")


def _pages(document: Any) -> _Read:
    parts: list[str] = []
    count, room, read = len(document), LONGEST, 0
    until = time.monotonic() + MOST_SECONDS
    for number in range(min(count, MOST_PAGES)):
        text = _page_text(document[number])
        read = number + 1
        if text:
            parts.append(f"## Page {read}\n\n{text}")
            room -= len(parts[-1])
        if room <= 0 or time.monotonic() > until:
            break
    notices: tuple[str, ...] = ()
    if read < count:
        notices = (f"Pages {read + 1} to {count} were left out.",)
    if not parts:
        notices = (*notices, SCANNED)
    return "\n\n".join(parts), notices


def _page_text(page: Any) -> str:
    words = page.get_textpage()
    try:
        text = str(words.get_text_range())
    finally:
        words.close()
        page.close()
    text = re.sub(
        "[\ufffe\x02](?:\r?\n)?", "", text
    )  # how the library marks words that go on in the next line
    return "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").split("\n")).strip()


def _docx(data: bytes, shown: str) -> _Read:
    mammoth = _library("mammoth", "Word", shown)
    return _guarded(shown, lambda: (markup.markdown(office.word_html(mammoth, data)).text, ()))


def _xlsx(data: bytes, shown: str) -> _Read:
    openpyxl = _library("openpyxl", "Excel", shown)
    return _guarded(shown, lambda: office.workbook(openpyxl, data, MOST_ROWS))


def _pptx(data: bytes, shown: str) -> _Read:
    return _guarded(shown, lambda: (office.slides(data), ()))


def _guarded(shown: str, read: Callable[[], _Read]) -> _Read:
    try:
        return read()
    except office.TooLarge as error:
        raise UnreadableError(f"{shown} is too large when unpacked.", hint="Split it.") from error
    except Exception as error:  # these libraries raise anything on a damaged file
        raise _damaged(shown) from error


def _csv(data: bytes, _shown: str) -> _Read:
    text = decoded(data)
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t|", key=first.count)
    rows: list[list[str]] = []
    left = 0
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            if len(rows) < MOST_ROWS:
                rows.append(row)
            else:
                left += 1
    except csv.Error:
        return text, ()
    notices = (f"The last {left:,} rows were left out.",) if left else ()
    return office.table(rows), notices


_READERS: dict[str, Callable[[bytes, str], _Read]] = {
    PDF: _pdf,
    DOCX: _docx,
    XLSX: _xlsx,
    PPTX: _pptx,
    CSV: _csv,
}


def _library(module: str, what: str, shown: str) -> ModuleType:
    """A library of the extra ``docs``."""
    try:
        if module == "pypdfium2":
            import pypdfium2 as library
        elif module == "mammoth":
            import mammoth as library
        else:
            import openpyxl as library
    except ImportError as error:
        raise UnreadableError(
            f"{shown} is a {what} file, and what reads those is not installed.",
            hint=f"Install it: {_INSTALL}",
        ) from error
    return library  # type: ignore[no-any-return,unused-ignore]
