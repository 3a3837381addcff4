"""Classic BPF, the little language of system call filters: instructions, and rules made of them."""

from __future__ import annotations

import struct

NUMBER, ARCHITECTURE = 0, 4
"""Where a filter finds the number of the call, and the architecture it is made for."""

KILL, ALLOW = 0x80000000, 0x7FFF0000
_ERRNO = 0x00050000

_LOAD, _AND = 0x20, 0x54
_EQUAL, _AT_LEAST, _ANY_BIT = 0x15, 0x35, 0x45
_RETURN = 0x06


def refuse(error: int) -> int:
    """The verdict that makes a call fail with an error number."""
    return _ERRNO | error


def argument(index: int) -> int:
    """Where the low word of argument ``index`` (from 0) stands."""
    return 16 + 8 * index


def load(offset: int) -> bytes:
    """Look at the word at ``offset``."""
    return struct.pack("<HBBI", _LOAD, 0, 0, offset)


def keep(mask: int) -> bytes:
    """Forget every bit but those of ``mask``."""
    return struct.pack("<HBBI", _AND, 0, 0, mask)


def end(verdict: int) -> bytes:
    """Decide."""
    return struct.pack("<HBBI", _RETURN, 0, 0, verdict)


def if_equal(value: int, then: bytes) -> bytes:
    """Do ``then`` if the word is ``value``, else go on behind it."""
    return _branch(_EQUAL, value, then)


def if_any_bit(mask: int, then: bytes) -> bytes:
    """Do ``then`` if the word has any bit of ``mask``."""
    return _branch(_ANY_BIT, mask, then)


def if_at_least(value: int, then: bytes) -> bytes:
    """Do ``then`` if the word is ``value`` or more."""
    return _branch(_AT_LEAST, value, then)


def unless_equal(value: int, then: bytes) -> bytes:
    """Do ``then`` if the word is anything but ``value``."""
    return struct.pack("<HBBI", _EQUAL, len(then) // 8, 0, value) + then


def _branch(kind: int, value: int, then: bytes) -> bytes:
    return struct.pack("<HBBI", kind, 0, len(then) // 8, value) + then
