"""Links between notes: what a note leads to, and which notes lead to it.

``outgoing`` and ``Names`` are pure. ``Links`` reads the notes themselves, each again only when its size or time
differs, so what links where is known of 10,000 notes in the time of a walk.
"""

from __future__ import annotations

import posixpath
import re
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from localgpt.core.errors import LocalGPTError
from localgpt.memory.encoding import decode
from localgpt.memory.source import Stamp
from localgpt.memory.workspace import Workspace

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_CODE = re.compile(r"(`+)(?!`)[^`\n]{1,300}\1(?!`)")
_LINK = re.compile(
    r"\[\[([^\[\]\n|#]{1,200})[^\[\]\n]{0,200}\]\]|(?<!!)\]\(<?([^\s()<>]{1,500})>?(?:[ \t][^()\n]{0,200})?\)"
)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+-]*:")
_LINES = re.compile(r"(?::\d{1,7}(?:-\d{1,7})?)?(?:#.*)?$")
_TITLE = re.compile(r"# +(.{1,200}?)[ \t#]*$")
_FIELD = re.compile(r"title:[ \t]+[\"']?(.{1,200}?)[\"']?[ \t]*$", re.IGNORECASE)
_ENDINGS = (".md", ".markdown", ".txt")
_LONGEST_LINE = 20_000
_TITLE_WITHIN = 30


@dataclass(frozen=True, slots=True)
class Link:
    """A link as it stands in ``line`` (1-based): ``target`` is what it names, ``text`` the whole line."""

    target: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Backlink:
    """A line of ``path`` that leads to a note."""

    path: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A note with its title (its first heading or front matter says it, else its name), size and time (ns)."""

    path: str
    title: str
    size: int
    modified_ns: int


@dataclass(frozen=True, slots=True)
class _Read:
    stamp: Stamp
    title: str
    links: tuple[Link, ...]


def outgoing(text: str) -> tuple[Link, ...]:
    """The links of a note to others, in order: ``[[Name]]`` and relative Markdown links, not those in code."""
    found: list[Link] = []
    fence = ""
    for number, line in enumerate(text.split("\n"), 1):
        mark = _FENCE.match(line)
        if fence or mark:
            closes = mark is not None and mark[1].startswith(fence) and not line.strip().strip(mark[1][0])
            fence = "" if fence and closes else fence or (mark[1] if mark else "")
        elif "](" in line or "[[" in line:
            found += [Link(target, number, line.strip()) for target in _targets(line[:_LONGEST_LINE])]
    return tuple(found)


def _targets(line: str) -> list[str]:
    bare = _CODE.sub("", line) if "`" in line else line
    found = (match[1] or _LINES.sub("", unquote(match[2])) for match in _LINK.finditer(bare))
    return [target.strip() for target in found if target.strip() and not _SCHEME.match(target)]


def title_of(text: str, path: str) -> str:
    """What a note is called: its first heading or its front matter's ``title``, else its name without the ending."""
    for line in text.split("\n", _TITLE_WITHIN)[:_TITLE_WITHIN]:
        match = _TITLE.match(line[:300]) or _FIELD.match(line[:300])
        if match and match[1].strip():
            return match[1].strip()
    return stem_of(path)


def stem_of(path: str) -> str:
    """A note's name without folders and ending."""
    name = posixpath.basename(path)
    base, ending = posixpath.splitext(name)
    return base if ending.lower() in _ENDINGS else name


class Names:
    """The notes there are, by every name that a link may use: path, name, title; upper and lower case are the same."""

    def __init__(self, titles: Mapping[str, str]) -> None:
        self._paths = {path.casefold(): path for path in titles}
        self._names: dict[str, str] = {}
        for path in sorted(titles, key=lambda one: (one.count("/"), one)):
            self._names.setdefault(stem_of(path).casefold(), path)
        for path in sorted(titles):
            self._names.setdefault(titles[path].casefold(), path)

    def resolve(self, target: str, path: str = "") -> str | None:
        """The note that ``target`` means in the note ``path``: beside it, from the top, by its name, by its title."""
        for one in (posixpath.join(posixpath.dirname(path), target), target.lstrip("/")):
            normal = posixpath.normpath(one).casefold()
            for spelled in (normal, f"{normal}.md"):
                if spelled in self._paths:
                    return self._paths[spelled]
        name = target.casefold().strip()
        return self._names.get(name) or self._names.get(stem_of(name))


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of all notes at one moment."""

    names: Names
    _read: Mapping[str, _Read]
    _back: Mapping[str, Sequence[Backlink]]

    def notes(self) -> list[Listed]:
        """Every note, by its path."""
        return [
            Listed(path, one.title, one.stamp.size, one.stamp.mtime_ns)
            for path, one in sorted(self._read.items())
        ]

    def title(self, path: str) -> str:
        """What the note ``path`` is called."""
        found = self._read.get(path)
        return found.title if found else stem_of(path)

    def back(self, path: str) -> list[Backlink]:
        """The lines of other notes that lead to ``path``, by path and line."""
        return list(self._back.get(path, ()))


class Links:
    """The notes that ``scan`` lists, with their links; ``read`` gives the text of one. For several threads."""

    def __init__(self, scan: Callable[[], Iterable[Stamp]], read: Callable[[str], str]) -> None:
        self._scan = scan
        self._read = read
        self._found: dict[str, _Read] = {}
        self._known = _known({})
        self._lock = threading.Lock()

    def now(self) -> Known:
        """How it is now: a walk over the notes, and reading those that have changed."""
        with self._lock:
            old = self._found
            stamps = {stamp.path: stamp for stamp in self._scan()}
            changed = [one for one in stamps.values() if one.path not in old or old[one.path].stamp != one]
            if changed or len(stamps) != len(old):
                fresh = {stamp.path: self._look(stamp) for stamp in changed}
                self._found = {path: fresh.get(path) or old[path] for path in stamps}
                self._known = _known(self._found)
            return self._known

    def _look(self, stamp: Stamp) -> _Read:
        try:
            text = self._read(stamp.path)
        except LocalGPTError:  # no text, or gone: it is there by its name
            return _Read(stamp, stem_of(stamp.path), ())
        return _Read(stamp, title_of(text, stamp.path), outgoing(text))


def _known(read: Mapping[str, _Read]) -> Known:
    names = Names({path: one.title for path, one in read.items()})
    back: dict[str, list[Backlink]] = {}
    for path, one in sorted(read.items()):
        lines = {(names.resolve(link.target, path), link.line): link.text for link in one.links}
        for (target, line), text in lines.items():
            if target and target != path:
                back.setdefault(target, []).append(Backlink(path, line, text))
    return Known(names, read, back)


def of_workspace(workspace: Workspace, scan: Callable[[], Iterable[Stamp]]) -> Links:
    """The links among the notes that ``scan`` lists, read through ``workspace``."""
    return Links(scan, lambda path: decode(workspace.content(path) or b"", path).text)
