"""Whose text a command's output is: foreign where that can't be excluded."""

from __future__ import annotations

import re

DOCUMENTS = (
    ".pdf", ".doc", ".docx", ".odt", ".rtf", ".xls", ".xlsx", ".ods", ".ppt", ".pptx", ".odp", ".epub", ".mobi",
    ".html", ".htm", ".mhtml", ".eml", ".mbox", ".msg", ".ics", ".vcf",
)  # fmt: skip
"""Endings of files that others wrote, more often than not."""

_WITHOUT_CONTENT = frozenset(
    {"ls", "wc", "du", "stat", "touch", "mkdir", "rmdir", "rm", "mv", "pwd", "true", "false", "chmod"}
)
_PLAIN = re.compile(r"(?!.* --)[\w./*?:,+@%~ -]+")
"""No second command, nothing that the shell fills in, and no long options: some of these read lists from files."""


def is_document(path: str) -> bool:
    """Whether a file is of a kind that others write."""
    return path.lower().endswith(DOCUMENTS)


def tells_no_content(command: str) -> bool:
    """Whether the output of a command can't hold what stands in files: one plain program that only looks at them."""
    words = command.split()
    return bool(words) and words[0] in _WITHOUT_CONTENT and _PLAIN.fullmatch(command) is not None
