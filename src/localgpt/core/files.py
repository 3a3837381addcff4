"""The only functions that write files: whole and durable, or not at all.

``replace`` writes a temporary file beside the target, fsyncs it and renames it over the target; ``append``
adds bytes to the end and fsyncs. A crash at any moment leaves the old file or the new one. Errors of the
operating system come out as ``StorageError`` with a sentence a person can act on.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from localgpt.core.errors import Locked, StorageError

if TYPE_CHECKING:
    from tempfile import SpooledTemporaryFile
    from typing import IO

_BINARY = getattr(os, "O_BINARY", 0)  # or Windows would write two bytes for each line feed
PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700

_REASONS = {
    errno.ENOSPC: ("the disk is full", "Free some space and try again; nothing was lost."),
    errno.EDQUOT: ("your disk quota is used up", "Free some space and try again; nothing was lost."),
    errno.EROFS: ("the disk is read-only", "Choose another folder with --home or LOCALGPT_HOME."),
    errno.EACCES: ("permission was denied", "Check who owns the file and its folder."),
    errno.EPERM: ("permission was denied", "Check who owns the file and its folder."),
    errno.EISDIR: ("it is a folder", "Name a file."),
    errno.ENOTDIR: ("a part of its path is a file, not a folder", "Check the path."),
    errno.ENAMETOOLONG: ("its name is too long", "Choose a shorter name."),
    errno.ELOOP: ("its symbolic links form a loop", "Repair the links."),
}


def storage_error(error: OSError, action: str, path: Path | str) -> StorageError:
    """The sentence for an ``OSError`` that happened while doing ``action`` ("write", "read") to ``path``."""
    reason, hint = _REASONS.get(
        error.errno or 0, (error.strerror or str(error), "Check the file and its folder.")
    )
    return StorageError(f"Can't {action} {path}: {reason}.", hint=hint)


@contextlib.contextmanager
def explained(action: str, path: Path | str) -> Iterator[None]:
    """Turn any ``OSError`` inside into a ``StorageError`` that names the action and the path."""
    try:
        yield
    except OSError as error:
        raise storage_error(error, action, path) from error


def replace(path: Path, data: bytes, *, mode: int = 0o644, synced: bool = True) -> None:
    """Write ``data`` as the whole content of ``path``, atomically and (if ``synced``) durably.

    Keeps the mode of a file that is there (``mode``, as the umask narrows it, is for a new one), follows a
    symbolic link of the owner's to the file it names, and makes missing folders.
    """
    with explained("write", path):
        kept = None
        with contextlib.suppress(FileNotFoundError):
            kept = stat.S_IMODE(path.stat().st_mode)  # first, for it refuses links that form a loop
        target = path.resolve() if path.is_symlink() else path
        make_folder(target.parent)
        _replace(target, data, mode, kept, synced)


def _replace(target: Path, data: bytes, mode: int, kept: int | None, synced: bool) -> None:
    short = os.fsencode(target.name)[:150].decode("utf-8", "ignore")  # names are limited in bytes
    temporary = target.with_name(f".{short}.{os.getpid()}.{time.monotonic_ns()}.tmp")
    try:
        descriptor = os.open(
            temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, mode if kept is None else kept
        )
        try:
            if kept is not None:
                with contextlib.suppress(AttributeError, PermissionError):
                    os.fchmod(descriptor, kept)  # the umask must not narrow what the owner had set
            _write_all(descriptor, data)
            if synced:
                os.fsync(descriptor)
        finally:
            os.close(descriptor)
        temporary.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
    if synced:
        sync_folder(target.parent)


def append(path: Path, data: bytes, *, mode: int = 0o644, synced: bool = True) -> int:
    """Add ``data`` to the end of ``path`` and fsync it (if ``synced``); return the offset at which it begins.

    A short write (a full disk) is taken back, so that the file never ends in half a line of ours.
    """
    with explained("write", path):
        make_folder(path.parent)
        new = not path.exists()
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | _BINARY, mode)
        try:
            begin = os.lseek(descriptor, 0, os.SEEK_END)
            try:
                _write_all(descriptor, data)
                if synced:
                    os.fsync(descriptor)
            except OSError:
                with contextlib.suppress(OSError):
                    os.ftruncate(descriptor, begin)
                raise
        finally:
            os.close(descriptor)
        if new and synced:
            sync_folder(path.parent)
    return begin


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def make_folder(path: Path, *, mode: int = 0o755) -> None:
    """Make ``path`` and its parents; nothing happens if it is there."""
    with explained("make the folder", path):
        for parent in reversed(path.parents):  # mkdir gives missing parents every right that the umask leaves
            if not parent.exists():
                parent.mkdir(mode=mode, exist_ok=True)
        path.mkdir(mode=mode, exist_ok=True)


def private_folder(prefix: str) -> Path:
    """A new, empty folder in the system's place for temporary files that only this user can enter."""
    import tempfile

    with explained("make a temporary folder", tempfile.gettempdir()):
        return Path(tempfile.mkdtemp(prefix=prefix))  # mkdtemp makes it 0700


def nameless(in_memory: int) -> SpooledTemporaryFile[bytes]:
    """A file without a name for bytes that come bit by bit: up to ``in_memory`` of them in memory, gone when closed."""
    import tempfile

    return tempfile.SpooledTemporaryFile(in_memory)


def new_private(path: Path) -> IO[bytes]:
    """A new file for bytes that come bit by bit, which only this user can read."""
    with explained("write", path):
        return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, PRIVATE_FILE), "w+b")


def remove_folder(path: Path) -> None:
    """Delete a folder with all that is in it; what is not there, or can't go, stays without a word."""
    import shutil

    shutil.rmtree(path, ignore_errors=True)


def remove(path: Path, *, synced: bool = True) -> None:
    """Delete a file, durably if ``synced``; a file that is not there is fine."""
    with explained("delete", path):
        path.unlink(missing_ok=True)
        if synced:
            sync_folder(path.parent)


def move(path: Path, target: Path) -> None:
    """Give a file another name in the same file system, durably; whatever stood at ``target`` is replaced."""
    with explained("move", path):
        path.replace(target)
        sync_folder(target.parent)
        sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """Fsync a folder so that a rename in it survives a power cut (nothing to do where folders can't be opened)."""
    if os.name == "nt":
        return
    with contextlib.suppress(OSError):  # some network file systems refuse; the data itself is synced
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextlib.contextmanager
def lock(path: Path, *, timeout: float = 10.0) -> Iterator[None]:
    """Hold the operating system's lock on ``path`` (made if missing); it goes with the process, however it dies.

    Raises ``Locked`` when another process holds it for longer than ``timeout`` seconds.
    """
    make_folder(path.parent)
    with explained("lock", path):
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, PRIVATE_FILE)
    try:
        with explained("lock", path):
            _wait_for_lock(descriptor, path, timeout)
        yield
    finally:
        os.close(descriptor)


def _wait_for_lock(descriptor: int, path: Path, timeout: float) -> None:
    deadline = time.monotonic() + timeout
    while not _try_lock(descriptor):
        if time.monotonic() >= deadline:
            raise Locked(
                f"Another process holds {path}.", hint="Wait for it to finish, or end it, and try again."
            )
        time.sleep(0.01)


def _try_lock(descriptor: int) -> bool:
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in {errno.EAGAIN, errno.EACCES, errno.EDEADLK}:
            return False
        raise
    return True
