"""The command line's first path: a command that a running daemon does at once, on the caller's own terminal.

Whatever is wrong (nobody listens, another version, no answer in a moment), the answer is ``None`` and the command runs
in this process, as if there were no daemon. Standard library only, and little of it.
"""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Sequence

from localgpt.daemon import address, request, wire

PATIENCE = 0.5
"""Seconds in which the daemon has to say that it takes the command: about what doing it alone costs. With less, a crowd
of callers would make a busy machine busier still.
"""
_LEAVING = 2.0
"""Seconds that an interrupted command has for putting things away."""
INTERRUPTED = 130
ENDED = "Error: The daemon ended in the middle of this command.\n  What was kept is in your notes and conversations; look before you do it again.\n"


def run(arguments: Sequence[str], root: str, moved: str, *, models: bool) -> int | None:
    """Let the daemon of the home at ``root`` run a command; its exit code, or ``None`` if it is not for the daemon."""
    for path in address.found(os.environ, root):
        try:
            line = _called(path)
        except OSError:
            continue
        with line:
            asked = request.here(arguments, (root, moved), os.environ, models=models)
            if _taken(line, asked):
                return _followed(line)
    return None


def _called(path: str) -> socket.socket:
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        line.settimeout(PATIENCE)
        line.connect(path)
    except OSError:
        line.close()
        raise
    return line


def _taken(line: socket.socket, asked: request.Request) -> bool:
    """Whether the daemon takes the command; it begins with the ``GO`` that is said then."""
    streams = (sys.stdin, sys.stdout, sys.stderr)
    try:
        for stream in streams[1:]:
            if stream is not None:
                stream.flush()
        descriptors = [stream.fileno() for stream in streams if stream is not None]
        data = wire.packed(wire.HELLO, asked.packed())
        sent = socket.send_fds(line, [data], descriptors)
        line.sendall(data[sent:])
        if wire.receive(line.recv).kind != wire.ACCEPT:
            return False
        line.sendall(wire.packed(wire.GO))
    except (OSError, ValueError, wire.Gone, wire.Garbled):
        return False
    line.settimeout(None)
    return True


def _followed(line: socket.socket) -> int | None:
    """Stay until the command is done. Ctrl-C cancels it; a second one doesn't wait."""
    try:
        return _done(line)
    except KeyboardInterrupt:
        try:
            line.sendall(wire.packed(wire.CANCEL))
            line.settimeout(_LEAVING)
            return _done(line)
        except (OSError, KeyboardInterrupt):
            return INTERRUPTED
    except OSError:
        sys.stderr.write(ENDED)
        return 1


def _done(line: socket.socket) -> int | None:
    while True:
        try:
            frame = wire.receive(line.recv)
        except (wire.Gone, wire.Garbled):
            raise ConnectionAbortedError from None
        if frame.kind == wire.DONE:
            return int(frame.texts[0])
        if frame.kind == wire.DECLINE:
            return None
        if frame.kind == wire.ASK:
            line.sendall(wire.packed(wire.ANSWER, [_answer(frame.texts[0])]))


def _answer(question: str) -> str:
    """What the person at the terminal says: ``yes``, ``no``, or nothing where they went away."""
    import click

    try:
        return "yes" if click.confirm(question, err=True) else "no"
    except click.Abort:
        return ""
