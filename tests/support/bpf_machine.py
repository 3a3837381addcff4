"""The machine that a system call filter runs on, as far as ours use it: a law of a filter can be tried without a kernel."""

from __future__ import annotations

import struct


def judge(program: bytes, number: int, *arguments: int, architecture: int = 0xC000003E) -> int:
    """The verdict of ``program`` on a call."""
    words = [*arguments, 0, 0, 0, 0, 0, 0][:6]
    data = struct.pack("<IIQ6Q", number, architecture, 0, *words)
    instructions = list(struct.iter_unpack("<HBBI", program))
    at, word = 0, 0
    while True:
        code, yes, no, value = instructions[at]
        at += 1
        if code == 0x06:
            return int(value)
        if code == 0x20:
            word = struct.unpack_from("<I", data, value)[0]
        elif code == 0x54:
            word &= value
        else:
            held = {0x15: word == value, 0x35: word >= value, 0x45: bool(word & value)}[code]
            at += yes if held else no
