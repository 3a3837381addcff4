"""A command as the command line hands it to the daemon: its arguments, and what is particular to where it was typed.

Standard library only, and little of it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from localgpt import __version__
from localgpt.daemon import wire

_MODELS = (
    "ANTHROPIC_",
    "OPENAI_",
    "CLAUDE",
    "OLLAMA_",
    "GEMINI_",
    "GOOGLE_",
    "AWS_",
    "HTTP",
    "ALL_PROXY",
    "NO_PROXY",
)
_MODELS_ENDINGS = ("_API_KEY", "_TOKEN", "_SECRET", "_BASE_URL", "_PROXY")
_EVERYWHERE = ("HOME", "TZ", "_LOCALGPT_COMPLETE")
_SCREEN = ("NO_COLOR", "TERM", "COLUMNS", "COLORTERM", "FORCE_COLOR")


class Stream(NamedTuple):
    """How a standard stream of the client turns text into bytes; empty when it is closed."""

    encoding: str
    errors: str

    @classmethod
    def of(cls, stream: object) -> Stream:
        """The stream as it is here."""
        if stream is None:
            return cls("", "")
        return cls(getattr(stream, "encoding", None) or "utf-8", getattr(stream, "errors", None) or "strict")


class Request(NamedTuple):
    """What the daemon is asked to do."""

    arguments: tuple[str, ...]
    home: str
    workspace: str
    """Where ``LOCALGPT_WORKSPACE`` moves it, as typed; else empty."""
    folder: str
    umask: int
    screen: dict[str, str]
    """Variables of the environment that change what a terminal shows."""
    world: dict[str, str]
    """Variables that must be the daemon's too, or the command would not do the same there."""
    streams: tuple[Stream, Stream, Stream]
    version: str = __version__

    def packed(self) -> tuple[str, ...]:
        """As texts for a frame."""
        head = (self.version, self.home, self.workspace, self.folder, str(self.umask))
        streams = [text for stream in self.streams for text in stream]
        lists = [list(self.arguments), _flat(self.screen), _flat(self.world)]
        return (*head, *streams, *(text for texts in lists for text in (str(len(texts)), *texts)))

    @classmethod
    def unpacked(cls, texts: Sequence[str]) -> Request:
        """The request that ``packed`` made these of. Raises ``wire.Garbled``."""
        try:
            version, home, workspace, folder, umask, *rest = texts
            streams = [Stream(rest[place], rest[place + 1]) for place in (0, 2, 4)]
            rest = rest[6:]
            lists = []
            for _ in range(3):
                count = int(rest[0])
                if count < 0 or len(rest) <= count:
                    raise wire.Garbled
                lists.append(rest[1 : 1 + count])
                rest = rest[1 + count :]
            arguments, screen, world = lists
            where = (home, workspace, folder, int(umask))
            return cls(
                tuple(arguments),
                *where,
                _pairs(screen),
                _pairs(world),
                (streams[0], streams[1], streams[2]),
                version,
            )
        except (ValueError, IndexError) as error:
            raise wire.Garbled from error


def here(
    arguments: Sequence[str], where: tuple[str, str], environ: Mapping[str, str], *, models: bool
) -> Request:
    """The request of this process; ``models`` says whether the command may think or look for other programs."""
    home, workspace = where
    return Request(
        tuple(arguments),
        home,
        workspace,
        _folder(),
        umask(),
        {name: environ[name] for name in _SCREEN if name in environ},
        world(environ, models=models),
        (Stream.of(sys.stdin), Stream.of(sys.stdout), Stream.of(sys.stderr)),
    )


def world(environ: Mapping[str, str], *, models: bool) -> dict[str, str]:
    """The variables that change what a command does."""
    found = {name: environ[name] for name in _EVERYWHERE if name in environ}
    if models:
        found |= {name: value for name, value in environ.items() if _matters(name.upper())}
        found[""] = ""  # so that the daemon compares these too
    return found


def _matters(name: str) -> bool:
    return name == "PATH" or name.startswith(_MODELS) or name.endswith(_MODELS_ENDINGS)


def umask() -> int:
    """The rights that new files of this process don't get."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _folder() -> str:
    try:
        return os.getcwd()  # noqa: PTH109 - pathlib takes longer to import than all of this
    except OSError:
        return ""


def _flat(pairs: Mapping[str, str]) -> list[str]:
    return [text for pair in pairs.items() for text in pair]


def _pairs(texts: Sequence[str]) -> dict[str, str]:
    return dict(zip(texts[::2], texts[1::2], strict=True))
