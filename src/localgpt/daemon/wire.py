"""What the command line and the daemon say to each other: frames of a kind and some texts.

A command: the client sends ``HELLO`` with its open standard streams as file descriptors; the daemon says ``ACCEPT`` or
``DECLINE``; only on the client's ``GO`` it begins, so a client that lost patience has nothing run twice. Then it may
``ASK`` (the client says ``ANSWER``), and ends with ``DONE``, or with ``DECLINE`` where it turns out, before anything was
done, that the command needs its caller's process. The client may ``CANCEL``; one that goes away does so too.
Standard library only, and little of it.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from typing import NamedTuple

HELLO, ACCEPT, DECLINE, GO, ASK, ANSWER, CANCEL, DONE, STATUS, TOLD = range(10)
LARGEST = 4_000_000
"""Bytes of a frame: command lines are no longer."""

_HEAD = struct.Struct("!BI")
_LENGTH = struct.Struct("!I")
HEAD = _HEAD.size


class Garbled(Exception):
    """The other side doesn't speak this language."""


class Gone(Exception):
    """The other side has gone away."""


class Frame(NamedTuple):
    """One thing said."""

    kind: int
    texts: tuple[str, ...]


def packed(kind: int, texts: Sequence[str] = ()) -> bytes:
    """A frame as bytes; half surrogate pairs (odd file names) survive."""
    parts = [text.encode("utf-8", "surrogateescape") for text in texts]
    body = b"".join(_LENGTH.pack(len(part)) + part for part in parts)
    return _HEAD.pack(kind, len(body)) + body


def receive(read: Callable[[int], bytes], begun: bytes = b"") -> Frame:
    """The next frame; ``read(n)`` gives at most n bytes, none at the end. Raises ``Gone`` and ``Garbled``."""
    head = _whole(read, HEAD, begun)
    kind, length = _HEAD.unpack(head)
    if length > LARGEST:
        raise Garbled
    return Frame(kind, tuple(_texts(_whole(read, length))))


def _whole(read: Callable[[int], bytes], length: int, begun: bytes = b"") -> bytes:
    while len(begun) < length:
        more = read(length - len(begun))
        if not more:
            raise Gone
        begun += more
    return begun


def _texts(body: bytes) -> list[str]:
    found, place = [], 0
    while place < len(body):
        begin = place + _LENGTH.size
        if begin > len(body):
            raise Garbled
        (length,) = _LENGTH.unpack_from(body, place)
        place = begin + length
        if place > len(body):
            raise Garbled
        found.append(body[begin:place].decode("utf-8", "surrogateescape"))
    return found
