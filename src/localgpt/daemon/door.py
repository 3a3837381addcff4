"""The daemon's local socket: takes commands of the same user, and says how things are."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from localgpt import __version__
from localgpt.core import files
from localgpt.core.errors import StorageError
from localgpt.daemon import address, call, request, routing, wire
from localgpt.daemon.call import Call, Lender, RunCommand
from localgpt.daemon.interruption import Interruption
from localgpt.daemon.request import Request
from localgpt.security.kinship import Family

_log = logging.getLogger(__name__)

MOST = 256
"""Commands at the same time; who comes then does it in their own process."""
CALLERS = 2 * MOST
"""Callers at the same time, also those who have not said yet what they want: each has a thread, and more are turned away."""
_WAITING = 128
_PATIENCE = 5.0
_RELIEF = 0.5
"""Seconds until somebody is let in again when there are no descriptors left."""
_DESCRIPTORS = 3


class Door:
    """Listens at ``path``; each command gets a thread. ``environ`` is what a caller's must be like.

    To be made in the thread of ``loop``.
    """

    def __init__(
        self,
        lender: Lender,
        run_command: RunCommand,
        status: Callable[[], str],
        *,
        loop: asyncio.AbstractEventLoop,
        environ: Mapping[str, str],
    ) -> None:
        self._lender, self._run_command, self._status = lender, run_command, status
        self._loop, self._loop_thread = loop, threading.get_ident()
        self._environ = dict(environ)
        self._umask = request.umask()
        self._family = Family(lender.home.state)
        self._calls: set[Call] = set()
        self._lock = threading.Lock()
        self._room = threading.Semaphore(CALLERS)
        self._open = False
        self._socket: socket.socket | None = None
        self.path = ""
        self.served = 0

    def open(self) -> str:
        """Begin to listen; gives the path. Raises ``StorageError`` where no private folder can be had."""
        self._socket, self.path = listening(self._environ, str(self._lender.home.root))
        self._open = True
        threading.Thread(target=self._listen, args=(self._socket,), name="door", daemon=True).start()
        return self.path

    @property
    def busy(self) -> int:
        """How many commands run."""
        return len(self._calls)

    def shut(self) -> None:
        """Take no more commands; those that run go on."""
        self._open = False
        if self._socket is not None:
            with contextlib.suppress(StorageError):
                files.remove(Path(self.path))
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)
            self._socket.close()
            self._socket = None

    def interrupt(self, *, thinking: bool = False) -> None:
        """End all commands as Ctrl-C does, or those alone that make something run."""
        with self._lock:
            for one in self._calls:
                if not thinking or routing.says(routing.STARTS, one.arguments):
                    one.interrupt()

    def _listen(self, listening: socket.socket) -> None:
        while self._open:
            try:
                line, _ = listening.accept()
            except OSError as error:
                if self._open:
                    _log.warning("nobody could come in at the local socket: %s", error)
                    time.sleep(_RELIEF)
                continue
            self._let_in(line)

    def _let_in(self, line: socket.socket) -> None:
        """Give a caller a thread; without one for him he does it in his own process."""
        if not self._room.acquire(blocking=False):
            line.close()
            return
        try:
            threading.Thread(target=self._meet, args=(line,), name="caller", daemon=True).start()
        except RuntimeError:  # the system has no thread left
            self._room.release()
            line.close()

    def _meet(self, line: socket.socket) -> None:
        """One caller, from the first word to the last."""
        try:
            with line:
                self._hear(line)
        except (OSError, wire.Gone, wire.Garbled):
            return
        except Exception:  # noqa: BLE001 - one caller's trouble is not the others'
            _log.exception("a caller could not be served")
        finally:
            self._room.release()

    def _hear(self, line: socket.socket) -> None:
        caller, user = peer(line)
        if user != os.geteuid():
            return
        line.settimeout(_PATIENCE)
        frame, descriptors = first(line)
        one: Call | None = None
        try:
            if frame.kind == wire.STATUS:
                line.sendall(wire.packed(wire.TOLD, [self._status()]))
            else:
                one = self._taken(line, frame, descriptors, caller)
        finally:
            if one is None:
                for descriptor in descriptors:
                    os.close(descriptor)
        if one is not None:
            self._attend(one, line)

    def _taken(
        self, line: socket.socket, frame: wire.Frame, descriptors: list[int], caller: int
    ) -> Call | None:
        """The command that a caller wants done, once he has said ``GO``; ``None`` if he is sent away."""
        asked = Request.unpacked(frame.texts)
        if frame.kind != wire.HELLO or self._refuses(asked, len(descriptors)) or self._is_ours(asked, caller):
            line.sendall(wire.packed(wire.DECLINE))
            return None
        line.sendall(wire.packed(wire.ACCEPT))
        if wire.receive(line.recv).kind != wire.GO:
            return None
        line.settimeout(None)
        return Call(asked, descriptors, line, self._lender, Interruption(self._loop, self._loop_thread))

    def _refuses(self, asked: Request, descriptors: int) -> bool:
        """Whether the command would not be the same here as in its caller's process."""
        mine = request.world(self._environ, models="" in asked.world)
        same = (
            asked.version == __version__
            and asked.home == str(self._lender.home.root)
            and asked.workspace == self._environ.get("LOCALGPT_WORKSPACE", "")
            and asked.umask == self._umask
            and asked.world == mine
            and descriptors == sum(1 for stream in asked.streams if stream.encoding)
        )
        return not same or not self._open or self.busy >= MOST

    def _is_ours(self, asked: Request, caller: int) -> bool:
        """Whether a child of ours gives a command that only the owner gives; its own process refuses it, too."""
        return routing.says(routing.HANDS, asked.arguments) and self._family.is_own_child(caller)

    def _attend(self, one: Call, line: socket.socket) -> None:
        with self._lock:
            self._calls.add(one)
            self.served += 1
        try:
            call.begin(one, self._run_command, line)
            _listened(one, line)
        finally:
            with self._lock:
                self._calls.discard(one)


def _listened(one: Call, line: socket.socket) -> None:
    """Hear what the caller has to say until the command is done; one that goes away cancels it."""
    while True:
        try:
            frame = wire.receive(line.recv)
        except (OSError, wire.Gone, wire.Garbled):
            one.interrupt()
            return
        if frame.kind == wire.CANCEL:
            one.interrupt()
        elif frame.kind == wire.ANSWER and frame.texts:
            one.answered(frame.texts[0])


def first(line: socket.socket) -> tuple[wire.Frame, list[int]]:
    """The first frame of a caller, and the file descriptors that came with it."""
    data, descriptors, _, _ = socket.recv_fds(line, wire.HEAD, _DESCRIPTORS)
    try:
        for descriptor in descriptors:
            os.set_inheritable(descriptor, False)  # noqa: FBT003 - the system's own shape
        return wire.receive(line.recv, data), descriptors
    except BaseException:
        for descriptor in descriptors:
            os.close(descriptor)
        raise


def peer(line: socket.socket) -> tuple[int, int]:
    """Who is at the other end: a process's number (0 where the system doesn't say) and its user's (-1 then)."""
    if sys.platform == "linux":
        pid, user, _ = struct.unpack("3i", line.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
        return int(pid), int(user)
    if sys.platform == "darwin":
        credentials = line.getsockopt(0, 1, 76)  # LOCAL_PEERCRED: struct xucred, version and user first
        return 0, int(struct.unpack_from("2I", credentials)[1])
    return 0, -1


def listening(environ: Mapping[str, str], root: str) -> tuple[socket.socket, str]:
    """A socket that listens for the home at ``root``, in the first place that is good for it; and its path.

    What a dead daemon left there is taken away: whoever calls this holds the home's lock.
    """
    for folder in address.places(environ):
        path = address.socket_in(folder, root)
        if len(os.fsencode(path)) > address.LONGEST:
            continue
        with contextlib.suppress(OSError, StorageError):
            files.make_folder(Path(folder), mode=files.PRIVATE_FOLDER)
            if address.is_private(folder):
                return _bound(path), path
    raise StorageError(
        "There is no folder for the daemon's socket that is yours alone.",
        hint="Set XDG_RUNTIME_DIR to a folder of yours with mode 0700.",
    )


def _bound(path: str) -> socket.socket:
    files.remove(Path(path))
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        line.bind(path)
        line.listen(_WAITING)
    except OSError:
        line.close()
        raise
    return line
