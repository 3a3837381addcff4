"""Whether a command opens files whose text is foreign: the kernel tells (inotify), whichever program it is."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterable

MOST = 20_000
_OPENED = 0x20
_FLAGS = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)


class Readers:
    """Watches files from now on until ``close``. Where it can't, they count as opened: it is safer."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._opened = False
        self._handle = -1
        wanted = list(paths)
        if not wanted:
            return
        try:
            self._watch(wanted)
        except OSError:
            self._opened = True

    def _watch(self, paths: list[str]) -> None:
        if len(paths) > MOST:
            raise OSError(0, "too many")
        libc = ctypes.CDLL(None, use_errno=True)
        self._handle = libc.inotify_init1(_FLAGS)
        if self._handle < 0:
            raise OSError(ctypes.get_errno(), "inotify_init1")
        for path in paths:
            missing = libc.inotify_add_watch(self._handle, os.fsencode(path), _OPENED) < 0
            if missing and os.path.lexists(path):
                raise OSError(ctypes.get_errno(), "inotify_add_watch")

    @property
    def opened(self) -> bool:
        """Whether one of them was opened, by anybody, since the beginning."""
        if not self._opened and self._handle >= 0:
            try:
                self._opened = bool(os.read(self._handle, 65536))
            except BlockingIOError:
                return False
            except OSError:
                self._opened = True
        return self._opened

    def close(self) -> None:
        """Stop watching; ``opened`` stays as it is."""
        if self._handle >= 0:
            _ = self.opened
            os.close(self._handle)
            self._handle = -1
