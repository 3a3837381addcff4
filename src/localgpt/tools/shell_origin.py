"""Whose text a command's output is: foreign where that can't be excluded."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Callable, Iterable

from localgpt.core.values import Chunk, Origin
from localgpt.security.content import visible
from localgpt.tools.passages import is_plain_name
from localgpt.tools.shell_hiding import repositories
from localgpt.tools.shell_looks import SKIPPED

DOCUMENTS = (
    ".pdf", ".doc", ".docx", ".odt", ".rtf", ".xls", ".xlsx", ".ods", ".ppt", ".pptx", ".odp", ".epub", ".mobi",
    ".html", ".htm", ".mhtml", ".eml", ".mbox", ".msg", ".ics", ".vcf",
)  # fmt: skip
"""Endings of files that others wrote, more often than not."""

_WITHOUT_CONTENT = frozenset(
    {"ls", "wc", "du", "stat", "touch", "mkdir", "rmdir", "rm", "mv", "pwd", "true", "false", "chmod"}
)
_TELLING = 40
"""Characters by which a name is known again in an output."""
_PLAIN = re.compile(r"(?!.* --)[\w./*?:,+@%~ -]+")
"""No second command, nothing that the shell fills in, and no long options: some of these read lists from files."""


def is_document(path: str) -> bool:
    """Whether a file is of a kind that others write."""
    return path.lower().endswith(DOCUMENTS)


def watched(
    root: str, paths: Iterable[str], foreign: Iterable[str], origin_of: Callable[[Chunk], Origin]
) -> frozenset[str]:
    """What makes a command's text foreign if it opens it: of ``paths`` in ``root`` those that hold ``foreign`` lines,
    documents, hidden files, what ``origin_of`` calls strange, and the objects of repositories that foreign lines may
    be committed to.
    """
    known = frozenset(foreign)
    found = {path for path in paths if _spelled(path) in known or _is_strange(path, origin_of)}
    found |= {path for path in known if not SKIPPED.isdisjoint(path.split("/"))}  # no walk comes there
    kept = {place for path in known for place in repositories(root, path)}
    return frozenset({f"{root}/{path}" for path in found}.union(*map(_objects, kept)))


def _spelled(path: str) -> str:
    """The path as the journal has it."""
    return path if path.isascii() else unicodedata.normalize("NFC", path)


def _is_strange(path: str, origin_of: Callable[[Chunk], Origin]) -> bool:
    if path.startswith(".") or "/." in path or is_document(path):
        return True
    return "skill" in path.casefold() and origin_of(Chunk(path, 1, 1, "")) is Origin.FOREIGN


def _objects(repository: str) -> set[str]:
    """The folders in which a repository keeps what was committed."""
    place = f"{repository}/objects"
    try:
        return {place, *(entry.path for entry in os.scandir(place) if entry.is_dir())}
    except OSError:
        return set()


def tells_strange_names(text: str, paths: Iterable[str]) -> bool:
    """Whether an output shows the name of a file or folder that is no plain one: a sentence may stand in it."""
    names = {part for path in paths for part in path.split("/")}
    return any(not is_plain_name(name) and visible(name)[:_TELLING] in text for name in names)


def tells_no_content(command: str) -> bool:
    """Whether the output of a command can't hold what stands in files: one plain program that only looks at them."""
    words = command.split()
    return bool(words) and words[0] in _WITHOUT_CONTENT and _PLAIN.fullmatch(command) is not None
