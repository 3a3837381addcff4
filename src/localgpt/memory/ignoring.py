"""``.localgptignore``: which files and folders are left alone, in the way of a ``.gitignore``. Pure.

drafts/          any folder of that name, with all in it
/old.md          only this one, beside the .localgptignore
*.txt            any name that fits
journal/**/raw   ``**`` is any folders, ``*`` any letters of a name, ``?`` one
!keep.txt        what an earlier line has left out is taken after all (not in a folder that is left out)
"""

from __future__ import annotations

import re
from dataclasses import dataclass

NAME = ".localgptignore"
_GLOB = {"**/": "(?:[^/]+/)*", "/**": "/.*", "**": ".*", "*": "[^/]*", "?": "[^/]"}


@dataclass(frozen=True, slots=True)
class Rule:
    """One line: the ``line`` it stands in, what it says, and whether it takes back (``!``)."""

    line: int
    text: str
    pattern: re.Pattern[str]
    folders_only: bool
    takes_back: bool


@dataclass(frozen=True, slots=True)
class Rules:
    """The lines of one file, in their order; paths are relative to the folder that it is in."""

    rules: tuple[Rule, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Rules:
        """What a file says; no line is an error."""
        lines = enumerate(text.removeprefix("\ufeff").splitlines(), 1)
        return cls(tuple(rule for number, line in lines if (rule := _rule(number, line))))

    def covers(self, path: str, *, folder: bool = False) -> bool:
        """Whether this file or folder is left alone by its own name. Who walks asks for each folder on the way."""
        return self._last(path, folder=folder) is not None

    def reason(self, path: str) -> Rule | None:
        """The line that leaves a file out, by itself or by a folder that it is in; ``None`` if none does."""
        parts = path.split("/")
        for depth in range(1, len(parts)):
            if found := self._last("/".join(parts[:depth]), folder=True):
                return found
        return self._last(path, folder=False)

    def _last(self, path: str, *, folder: bool) -> Rule | None:
        for rule in reversed(self.rules):
            if (folder or not rule.folders_only) and rule.pattern.fullmatch(path):
                return None if rule.takes_back else rule
        return None


def _rule(number: int, line: str) -> Rule | None:
    text = line.strip()
    takes_back = text.startswith("!")
    pattern = text[takes_back:].removeprefix("\\")
    bare = pattern.strip("/")
    if not bare or text.startswith("#"):
        return None
    anchored = "/" in pattern.rstrip("/")
    shape = _translated(bare) if anchored else "(?:.*/)?" + _translated(bare)
    return Rule(number, text, re.compile(shape, re.DOTALL), pattern.endswith("/"), takes_back)


def _translated(pattern: str) -> str:
    parts = re.split(r"(\*\*/|/\*\*$|\*\*|\*|\?)", pattern)
    return "".join(_GLOB.get(part) or re.escape(part) for part in parts)
