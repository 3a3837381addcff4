"""Python's garbage collector, paused while much is read of which nothing can be garbage.

A long conversation becomes hundreds of thousands of small objects, none of them in a circle; the collector would walk
over all of them, and over everything else in the process, again and again while they are made.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_lock = threading.Lock()
_pausing = 0
_was_on = False


@contextmanager
def paused() -> Iterator[None]:
    """No collection until the last of those who asked for the pause, in whatever thread, is done."""
    global _pausing, _was_on  # noqa: PLW0603 - the collector is one for the whole process
    with _lock:
        if not _pausing:
            _was_on = gc.isenabled()
            gc.disable()
        _pausing += 1
    try:
        yield
    finally:
        with _lock:
            _pausing -= 1
            if not _pausing and _was_on:
                gc.enable()
