"""The one place that prints: to a terminal or a pipe, in colour or not, as text or JSON.

What a note or a model says is shown with its terminal escapes and invisible characters made visible, so that
no text can paint over the screen; into a pipe it goes as it is.
"""

from __future__ import annotations

import dataclasses
import json
import os
import re
import shutil
import sys
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TextIO

import click

_UNPRINTABLE = re.compile(
    "[\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff\ud800-\udfff\U000e0000-\U000e0fff]"
)
_ERASE = "\r\x1b[2K"


@dataclass(frozen=True, slots=True)
class Styled:
    """A text and how it looks where there is colour."""

    text: str
    fg: str | None = None
    bold: bool | None = None
    dim: bool | None = None


def dim(text: str) -> Styled:
    """Text that steps back: figures, sources, hints."""
    return Styled(text, dim=True)


def bold(text: str) -> Styled:
    """Text that stands out: heads of entries."""
    return Styled(text, bold=True)


@dataclass(frozen=True, slots=True)
class Screen:
    """Where a command reads and writes, and what is known of the terminal (if any) behind its streams.

    ``terminal`` and ``errors_terminal`` say whether a person looks at the stream, ``keyboard`` whether one
    types into ``source``; ``colour`` whether a terminal may be coloured; ``width`` is in columns.
    """

    out: TextIO | None
    err: TextIO | None
    source: TextIO | None = None
    terminal: bool = False
    errors_terminal: bool = False
    keyboard: bool = False
    colour: bool = False
    width: int = 80

    @classmethod
    def of_this_process(cls, environ: Mapping[str, str] = os.environ) -> Screen:
        """The screen of the running process, with ``NO_COLOR`` and ``TERM=dumb`` respected."""
        return cls.of((sys.stdin, sys.stdout, sys.stderr), environ, _width())

    @classmethod
    def of(
        cls,
        streams: tuple[TextIO | None, TextIO | None, TextIO | None],
        environ: Mapping[str, str],
        width: int,
    ) -> Screen:
        """The screen on three streams (in, out and error), in an environment; a stream may be missing."""
        source, out, err = streams
        return cls(
            out,
            err,
            source,
            terminal=_is_terminal(out),
            errors_terminal=_is_terminal(err),
            keyboard=_is_terminal(source),
            colour=not environ.get("NO_COLOR") and environ.get("TERM") != "dumb",
            width=width,
        )

    def resized(self) -> Screen:
        """The same screen, as wide as its terminal is now."""
        return dataclasses.replace(self, width=_width()) if self.terminal else self

    def line(self, *parts: str | Styled) -> None:
        """Print a line made of plain and styled parts."""
        self.write("".join(_shown(part, self.terminal, self.colour) for part in parts) + "\n")

    def text(self, text: str) -> None:
        """Print text as it comes (no newline added)."""
        self.write(_shown(text, self.terminal, self.colour))

    def markdown(self, text: str) -> None:
        """Print Markdown: rendered on a terminal, as it is into a pipe."""
        if not self.terminal:
            self.write(text if text.endswith("\n") else text + "\n")
            return
        from localgpt.cli.markdown import render

        self.write(render(_visible(text), width=self.width, colour=self.colour))

    def json(self, value: Any) -> None:
        """Print one JSON object."""
        self.write(as_json(value) + "\n")

    def aside(self, *parts: str | Styled) -> None:
        """Say something on standard error: it is for the person, not for the pipe."""
        _put(self.err, "".join(_shown(part, self.errors_terminal, self.colour) for part in parts) + "\n")

    def prompt(self, text: str) -> None:
        """Ask for what is typed next, on standard error, without a line's end."""
        _put(self.err, _shown(text, self.errors_terminal, self.colour))

    def error(self, sentence: str, hint: str = "") -> None:
        """Say what went wrong, and below it what to do next."""
        self.aside(Styled("Error: ", fg="red", bold=True), sentence)
        if hint:
            self.aside("  ", hint)

    def clear(self) -> None:
        """Empty the terminal."""
        if self.terminal:
            self.write("\x1b[2J\x1b[H")

    def progress(self, text: str, *, tail: bool = False) -> None:
        """Replace the progress line on standard error (a terminal's only); an empty text takes it away.

        What doesn't fit is left out at the end, or at the beginning with ``tail``.
        """
        if self.errors_terminal:
            shown = fit(_visible(text), self.width - 1, tail=tail)
            _put(self.err, _ERASE + (click.style(shown, dim=True) if self.colour and shown else shown))

    def write(self, text: str) -> None:
        """Print text that is already made safe to show."""
        _put(self.out, text)

    def flush(self) -> None:
        """See to it that all is out; raises what went wrong with it."""
        if self.out is not None:
            self.out.flush()


def as_json(value: Any) -> str:
    """``value`` as indented JSON in plain Unicode; only what can't be seen on a terminal is escaped."""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    return _UNPRINTABLE.sub(lambda match: json.dumps(match.group())[1:-1], text)


def fit(text: str, columns: int, *, tail: bool = False) -> str:
    """The beginning (or the ``tail``) of ``text``, as one line at most ``columns`` wide on a terminal."""
    text = text.replace("\n", " ")
    kept, used = [], 0
    for char in reversed(text) if tail else text:
        used += 2 if unicodedata.east_asian_width(char) in "WF" else 1
        if used > columns:
            break
        kept.append(char)
    return "".join(reversed(kept) if tail else kept)


def _shown(part: str | Styled, terminal: bool, colour: bool) -> str:
    text = part if isinstance(part, str) else part.text
    if not terminal:
        return text
    text = _visible(text)
    if isinstance(part, str) or not colour:
        return text
    return click.style(text, fg=part.fg, bold=part.bold, dim=part.dim)


def _visible(text: str) -> str:
    from localgpt.security.content import visible

    return visible(text)


def width_of(out: TextIO | None, environ: Mapping[str, str]) -> int:
    """The columns of the terminal behind a stream, unless ``COLUMNS`` says otherwise; 80 where there is none."""
    told = environ.get("COLUMNS", "")
    columns = int(told) if told.isdecimal() else 0
    try:
        columns = columns or (os.get_terminal_size(out.fileno()).columns if out is not None else 0)
    except (OSError, ValueError):
        columns = 0
    return max(columns or 80, 20)


def _width() -> int:
    return max(shutil.get_terminal_size((80, 24)).columns, 20)


def _is_terminal(stream: TextIO | None) -> bool:
    try:
        return stream is not None and stream.isatty()
    except ValueError:  # it is closed
        return False


def _put(stream: TextIO | None, text: str) -> None:
    if stream is None:
        return
    try:
        stream.write(text)
    except UnicodeEncodeError:
        encoding = getattr(stream, "encoding", None) or "utf-8"
        stream.write(text.encode(encoding, "replace").decode(encoding))
    stream.flush()
