"""What the owner hands over with their words: files kept by the hash of their content, their text found like notes.

    <folder>/ab/abcd…/original.pdf    the file as it came (mode 0600)
    <folder>/ab/abcd…/text.md         its text, extracted once; not there for a picture
    <folder>/ab/abcd…/about.json      its name, media type, size and what there is to say; written last

A path of an attachment is ``attachment:<first 8 digits of its hash>/<name>``, and its lines are those of ``text.md``.
The text counts as foreign: the owner handed it over, but hardly ever wrote it.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from localgpt.core import files
from localgpt.core.errors import NotFound, UnreadableError
from localgpt.core.values import Chunk, Origin
from localgpt.memory.chunks import chunks
from localgpt.memory.documents import extract
from localgpt.memory.encoding import lines
from localgpt.memory.media_types import media_type, suffix
from localgpt.memory.source import Document, Stamp
from localgpt.memory.workspace import Note

PREFIX = "attachment:"
LARGEST = 100_000_000
"""Bytes of a file that is kept."""

_SHOWN_DIGITS = 8
_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that is kept. ``text`` is ``None`` where it has none; ``notices`` say why, or what is missing in it."""

    sha256: str
    media_type: str
    name: str
    size: int
    file: Path
    text: Path | None = None
    notices: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        """What it is called in searches and citations."""
        return f"{begins(self.sha256)}{self.name}"


def begins(digest: str) -> str:
    """How the path of the attachment with that hash begins."""
    return f"{PREFIX}{digest[:_SHOWN_DIGITS]}/"


@dataclass(frozen=True, slots=True)
class _About:
    """What ``about.json`` says."""

    name: str
    media_type: str
    size: int
    file: str
    text: bool
    notices: tuple[str, ...]


class Attachments:
    """The attachments in ``folder``; also the source through which the index reads them. Nothing is made until one
    is stored.
    """

    name = "attachments"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._known: dict[
            str, Attachment
        ] = {}  # what was read of them: it is named by its content, and stays

    # -- keeping and finding

    def store(self, data: bytes, name: str) -> Attachment:
        """Keep a file and extract its text; one that is there already keeps its name.

        A file whose text can't be read is kept all the same, and its notices say why. Raises ``UnreadableError`` for
        an empty or too large one, ``StorageError``.
        """
        shown = clean_name(name)
        _check_size(data, shown)
        digest = hashlib.sha256(data).hexdigest()
        place = self._place(digest)
        there = self._found(digest)
        if there and not _worth_another_try(there):
            return there
        about, text = _examined(data, there.name if there else shown)
        _make_private(self.folder, place)
        files.replace(place / about.file, data, mode=files.PRIVATE_FILE)
        if about.text:
            files.replace(place / "text.md", text.encode("utf-8", "replace"), mode=files.PRIVATE_FILE)
        entry = json.dumps(asdict(about), ensure_ascii=False, indent=1) + "\n"
        files.replace(place / "about.json", entry.encode("utf-8", "replace"), mode=files.PRIVATE_FILE)
        self._known[digest] = self._made(digest, about)
        return self._known[digest]

    def get(self, which: str) -> Attachment:
        """The attachment that a path, a hash or the beginning of a hash names. Raises ``NotFound``."""
        digits = which.removeprefix(PREFIX).partition("/")[0].lower()
        fits = self._beginning_with(digits) if len(digits) >= 4 else []
        named = [each for each in fits if each.path == which]
        if len(named or fits) != 1:
            many = f"{len(fits)} attachments begin" if fits else "No attachment begins"
            raise NotFound(f"{many} with {digits or 'nothing'}.", hint="Give more digits of its hash.")
        return (named or fits)[0]

    def _beginning_with(self, digits: str) -> list[Attachment]:
        there = (one for one in sorted(_listed(self.folder / digits[:2])) if one.startswith(digits))
        found = (self._found(digest) for digest in there if _HASH.fullmatch(digest))
        return [each for each in found if each]

    def all(self) -> list[Attachment]:
        """Every attachment, by hash."""
        there = (inner for outer in _listed(self.folder) for inner in _listed(self.folder / outer))
        found = (self._found(digest) for digest in sorted(there) if _HASH.fullmatch(digest))
        return [each for each in found if each]

    def lines(self, path: str, start: int = 1, end: int | None = None) -> Note:
        """Lines of an attachment's text, as of a note. Raises ``NotFound``, ``UnreadableError`` where it has none."""
        attachment = self.get(path)
        if attachment.text is None:
            reason = attachment.notices[0] if attachment.notices else "It has no text."
            raise UnreadableError(f"{attachment.path} can't be read: {reason}")
        whole = _text_of(attachment)
        every = lines(whole)
        first = max(start, 1)
        last = max(min(len(every) if end is None else end, len(every)), first - 1)
        return Note(
            attachment.path,
            "".join(every[first - 1 : last]),
            first,
            last,
            len(every),
            hashlib.sha256(whole.encode()).hexdigest(),
        )

    # -- as a source of the index

    def scan(self) -> Iterator[Stamp]:
        """Every attachment that has a text."""
        for each in self.all():
            if each.text is None:
                continue
            try:
                status = each.text.stat()
            except OSError:
                self._known.pop(each.sha256, None)
                continue
            yield Stamp(each.path, status.st_size, max(status.st_mtime_ns, status.st_ctime_ns))

    def read(self, path: str, resume: int = 0) -> Document:  # noqa: ARG002 - always read whole
        """The passages of an attachment's text; they count as foreign. Raises ``NotFound``."""
        attachment = self.get(path)
        if attachment.text is None:
            raise NotFound(f"{path} has no text.")
        found = chunks(attachment.path, _text_of(attachment))
        return Document(tuple(_foreign(chunk, attachment.name) for chunk in found))

    # -- places

    def _place(self, digest: str) -> Path:
        return self.folder / digest[:2] / digest

    def _found(self, digest: str) -> Attachment | None:
        """The attachment of that hash, if it is there whole."""
        known = self._known.get(digest)
        if known is None or not known.file.exists():
            self._known.pop(digest, None)
            about = _about(self._place(digest) / "about.json")
            if about is None:
                return None
            known = self._known[digest] = self._made(digest, about)
        return known

    def _made(self, digest: str, about: _About) -> Attachment:
        place = self._place(digest)
        text = place / "text.md" if about.text else None
        return Attachment(
            digest, about.media_type, about.name, about.size, place / about.file, text, about.notices
        )


def _about(path: Path) -> _About | None:
    """What the file says, or ``None`` where it is missing or damaged: storing the attachment again repairs it."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        about = _About(**{**found, "notices": tuple(found["notices"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None
    inside = about.file.startswith("original") and "/" not in about.file and "\\" not in about.file
    return about if inside and clean_name(about.name) == about.name else None


def _check_size(data: bytes, name: str) -> None:
    if not data:
        raise UnreadableError(f"{name} is empty.", hint="Attach a file with something in it.")
    if len(data) > LARGEST:
        raise UnreadableError(
            f"{name} is too large ({len(data) / 1e6:.0f} MB).",
            hint=f"Files of up to {LARGEST // 1_000_000} MB can be attached.",
        )


def _worth_another_try(attachment: Attachment) -> bool:
    """Whether a text was missing that may be there now: what reads it may have been installed since."""
    return attachment.text is None and not attachment.media_type.startswith("image/")


def _examined(data: bytes, name: str) -> tuple[_About, str]:
    """What there is to say about a file, and its text."""
    kind = media_type(data, name)
    about = _About(name, kind, len(data), f"original{suffix(name)}", text=False, notices=())
    if kind.startswith("image/"):
        return about, ""
    try:
        found = extract(data, name)
    except UnreadableError as error:
        return replace(about, notices=(f"{error.message} {error.hint}".strip(),)), ""
    return replace(about, text=bool(found.text), notices=found.notices), found.text + "\n"


def _make_private(*folders: Path) -> None:
    for folder in folders:
        files.make_folder(folder, mode=files.PRIVATE_FOLDER)


def _listed(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)  # noqa: PTH208 - names are all that is wanted, and this runs at each search
    except OSError:
        return []


def _text_of(attachment: Attachment) -> str:
    assert attachment.text is not None
    try:
        return attachment.text.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError as error:
        raise NotFound(
            f"The text of {attachment.path} is not there any more.", hint="Attach it again."
        ) from error
    except OSError as error:
        raise files.storage_error(error, "read", attachment.path) from error


def _foreign(chunk: Chunk, name: str) -> Chunk:
    heading = f"{name} > {chunk.heading}" if chunk.heading else name
    return replace(chunk, heading=heading, origin=Origin.FOREIGN)


def clean_name(name: str) -> str:
    """A file's name fit for a path that is cited: one line, no folders, nothing invisible, at most 120 characters."""
    last = re.split(r"[/\\]", name)[-1]
    kept = "".join(
        " " if unicodedata.category(one)[0] in "CZ" else one for one in unicodedata.normalize("NFC", last)
    )
    kept = re.sub(r"[\[\]<>:|\"`]", "_", " ".join(kept.split())).strip(". ")
    ending = suffix(kept)
    return (kept.removesuffix(ending)[: 120 - len(ending)] + ending if len(kept) > 120 else kept) or "file"
