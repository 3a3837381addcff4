"""What the daemon does unasked: keeps the index up to date, notes what is worth keeping, commits changes, rests."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from localgpt.core.errors import EmbeddingError
from localgpt.security import kinship

if TYPE_CHECKING:
    from localgpt.app import Assistant
    from localgpt.memory.index import Index
    from localgpt.memory.watching import Watch

_log = logging.getLogger(__name__)

T = TypeVar("T")

SETTLE_EVERY = 300.0
_SETTLE_FIRST = 5.0
LOOK_EVERY = 5.0
HOME_EVERY = 1.0
ORPHANS_EVERY = 20.0
REST_AFTER = 30.0
"""Seconds without a search by meaning after which the embedding model's memory is given back."""
COMMIT_AFTER = 0.4
"""Seconds between a change and its commit: what changes together is committed together."""
_NICE = 10
SWEEP_EVERY = 300.0
"""Seconds after which every file is looked at, whatever the system told: it may have missed something."""
POLL_EVERY = 5.0
"""The same where the system tells nothing, on another machine's disk."""
_POLL_SHARE = 20
TELL_AFTER = 0.2
_LOOK_AGAIN = 60.0
"""Seconds after which it is looked whether there are new settings."""

Current = Callable[[], "Assistant"]


async def in_background(work: Callable[[], T]) -> T:
    """Run ``work`` in a thread that gives way to everything else (Linux can do that for one thread)."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def told(result: T | None, error: BaseException | None) -> None:
        if done.cancelled():
            return
        if error is not None:
            done.set_exception(error)
        else:
            done.set_result(result)  # type: ignore[arg-type]

    def run() -> None:
        if sys.platform == "linux":
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)
        result, error = None, None
        try:
            result = work()
        except Exception as caught:  # noqa: BLE001 - it is raised where it is awaited
            error = caught
        with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(told, result, error)

    threading.Thread(target=run, name="background", daemon=True).start()
    return await done


class Indexing:
    """Keeps the index up to date with the folders of notes, and tells of what changed."""

    def __init__(self, current: Current, changed: Callable[[set[str]], None]) -> None:
        self._current = current
        self._changed = changed
        self._news = set[str]()
        self._embedding: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Catch up, then watch. It is begun anew when new settings may name other folders, or these were replaced."""
        while True:
            assistant = self._current()
            await _is_there(assistant.home.root)
            watch = self._watch(assistant, _folders(assistant))
            assistant.index.watched_by(watch)
            try:
                await self._follow(assistant, watch)
            finally:
                assistant.index.watched_by(None)
                if watch:
                    watch.close()
                if self._embedding:
                    self._embedding.cancel()

    async def _follow(self, assistant: Assistant, watch: Watch | None) -> None:
        """Keep the index of these settings up to date for as long as they hold."""
        index = assistant.index
        due = 0.0
        while self._current() is assistant and not (watch and watch.lost):
            await _is_there(assistant.home.root)
            if whole := time.monotonic() >= due:
                due = time.monotonic() + SWEEP_EVERY
            found = await in_background(partial(index.catch_up, whole=whole))
            self._embed(index)
            if watch is None:
                if found.changed or found.removed:
                    self._changed(set())
                await asyncio.sleep(max(POLL_EVERY, _POLL_SHARE * index.walk_took))
            else:
                await in_background(partial(watch.wait, min(_LOOK_AGAIN, due - time.monotonic())))

    def _embed(self, index: Index) -> None:
        """Make missing vectors beside everything else: new notes don't wait for the vectors of old ones."""
        if self._embedding and self._embedding.done():
            with contextlib.suppress(
                EmbeddingError
            ):  # a server out of reach: searches and the doctor tell of it
                self._embedding.result()  # any other failure is this part's
            self._embedding = None
        if self._embedding is None and index.pending:
            self._embedding = asyncio.create_task(_embed(index))

    def _watch(self, assistant: Assistant, folders: Sequence[Path]) -> Watch | None:
        """``None`` where the system wouldn't tell of everything: then every file is looked at from time to time."""
        from localgpt.memory.watching import Watch, is_remote

        loop = asyncio.get_running_loop()

        def told(paths: set[str]) -> None:
            with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
                loop.call_soon_threadsafe(self._told, paths, folders)

        if any(map(is_remote, folders)):
            return None
        try:
            return Watch(folders, assistant.home.cache / "watch", told)
        except OSError as error:
            _log.warning("the folders of notes can't be watched: %s", error)
            return None

    def _told(self, paths: set[str], folders: Sequence[Path]) -> None:
        """What changes together is told of together."""
        if not self._news:
            asyncio.get_running_loop().call_later(TELL_AFTER, self._tell)
        self._news |= notes_in(paths, folders)

    def _tell(self) -> None:
        news, self._news = self._news, set()
        if news:
            self._changed(news)


async def _is_there(home: Path) -> None:
    """Wait for a home that was taken away: whatever is written now would make a new one (``watch_home`` ends it soon)."""
    while not home.is_dir():  # noqa: ASYNC110, ASYNC240 - nothing tells of it, and it is a matter of microseconds
        await asyncio.sleep(HOME_EVERY)


async def _embed(index: Index) -> None:
    stopping = threading.Event()
    try:
        await in_background(lambda: index.embed(cancelled=stopping.is_set))
    finally:
        stopping.set()


def _folders(assistant: Assistant) -> list[Path]:
    """The folders that are there of those with notes."""
    wanted = [assistant.home.workspace, *assistant.note_folders]
    return [folder for folder in wanted if folder.is_dir()]


def notes_in(paths: Iterable[str], folders: Sequence[Path]) -> set[str]:
    """The paths that count, each as it is named in its folder: not what begins with a dot (temporary files, git's own)."""
    inside = (_inside(Path(path), folders) for path in paths)
    return {
        path.as_posix()
        for path in inside
        if path.parts and not any(part.startswith(".") for part in path.parts)
    }


def _inside(path: Path, folders: Sequence[Path]) -> Path:
    return next((path.relative_to(folder) for folder in folders if path.is_relative_to(folder)), path)


async def settle(current: Current, every: float = SETTLE_EVERY) -> None:
    """Note what is worth keeping of conversations that rest, from time to time."""
    wait = min(_SETTLE_FIRST, every)
    while True:
        await asyncio.sleep(wait)
        wait = every
        await current().settle_rested()


async def watch_home(root: Path, gone: Callable[[], None], every: float = HOME_EVERY) -> None:
    """Call ``gone`` when the home's lock is no longer the file that was locked: somebody took the home away."""
    lock = root / "state" / "daemon.lock"
    mine = lock.stat().st_ino
    while True:
        await asyncio.sleep(every)
        try:
            same = lock.stat().st_ino == mine
        except FileNotFoundError:
            same = False
        if not same:
            gone()
            return


async def bury_orphans(every: float = ORPHANS_EVERY) -> None:
    """Bury what programs of ours have left behind and has ended: it was handed to this process (``Family.join``)."""
    seen: dict[int, float] = {}
    while kinship.TELLS:
        await asyncio.sleep(every)
        kinship.reap(seen, time.monotonic())


class Resting:
    """Gives the embedding model's memory back when nobody has searched for a while."""

    def __init__(self, current: Current, after: float = REST_AFTER) -> None:
        self._current = current
        self._after = after

    async def run(self) -> None:
        """Look from time to time."""
        while True:
            await asyncio.sleep(self._after / 3)
            if rest_of(self._current(), self._after):
                await in_background(give_back)


def rest_of(assistant: Assistant, after: float) -> bool:
    """Let the embedding model go if it was last used ``after`` seconds ago; whether it went."""
    if "index" not in vars(assistant):
        return False
    rest = getattr(assistant.index.embedder, "rest", None)
    return bool(rest and rest(time.monotonic() - after))


def give_back() -> None:
    """Return freed memory to the system, where its C library keeps it otherwise (glibc)."""
    gc.collect()
    if sys.platform == "linux":
        import ctypes

        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).malloc_trim(0)


class History:
    """Commits what was changed into the time machine, soon after it was."""

    def __init__(self, current: Current) -> None:
        self._current = current
        self._changed = asyncio.Event()
        self._changed.set()  # the owner may have edited while no daemon ran

    def changed(self) -> None:
        """Something may have changed; to be called in the loop."""
        self._changed.set()

    async def run(self) -> None:
        """Commit whenever something did."""
        while True:
            await self._changed.wait()
            await asyncio.sleep(COMMIT_AFTER)
            self._changed.clear()
            assistant = self._current()
            if assistant.home.root.exists():  # one that was moved away must not be made again
                await in_background(assistant.keep_history)


def warm_up(assistant: Assistant) -> None:
    """Load what the first search and the first turn need, and look something up."""
    import localgpt.agent.turn
    import localgpt.app.engines
    import localgpt.app.prompts  # noqa: F401 - it is there afterwards
    from localgpt.memory.search import Query

    assistant.searcher.search(Query("hello"))
