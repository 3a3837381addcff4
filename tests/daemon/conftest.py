"""A door in this process, with a loop of its own, and what it is asked to do."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from localgpt.core.paths import Home
from localgpt.daemon import client
from localgpt.daemon.call import Call
from localgpt.daemon.door import Door


class Lender:
    """Stands for the holder: commands of these tests need no assistant."""

    def __init__(self, home: Home) -> None:
        self.home = home

    @contextlib.contextmanager
    def lend(self, model: str | None, *, local: bool) -> Iterator[Any]:
        yield (model, local)


class Hall:
    """A door that is open; ``command`` is what it runs, ``run`` calls as the command line does."""

    def __init__(self, home: Home, folder: Path) -> None:
        self.home = home
        self.folder = folder
        self.command: Callable[[Call], int] = lambda _: 0
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self._work)
        self._ready = threading.Event()

    def _work(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.door = Door(
            Lender(self.home),
            self._do,
            lambda: "{}",
            loop=self.loop,
            environ=os.environ,
        )
        self.path = self.door.open()
        self._ready.set()
        self.loop.run_forever()

    def _do(self, call: Call) -> int:
        return self.command(call)

    def open(self) -> None:
        self.thread.start()
        self._ready.wait(5)

    def close(self) -> None:
        self.door.shut()
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()

    def run(self, *words: str, models: bool = False, root: str = "", moved: str = "") -> int | None:
        """As in a process whose input is piped and whose output goes into files."""
        with (
            (self.folder / "in").open() as source,
            (self.folder / "out").open("a") as out,
            (self.folder / "err").open("a") as err,
            pytest.MonkeyPatch.context() as patched,
        ):
            for name, stream in {"stdin": source, "stdout": out, "stderr": err}.items():
                patched.setattr(sys, name, stream)
            return client.run(words, root or str(self.home.root), moved, models=models)

    def printed(self, name: str = "out") -> str:
        return (self.folder / name).read_text()


@pytest.fixture
def hall(home: Home, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hall]:
    folder = Path(tempfile.mkdtemp(prefix="lg-", dir="/tmp"))  # a socket's path has to be short
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
    (folder / "in").write_text("piped in")
    one = Hall(home, folder)
    one.open()
    yield one
    one.close()
    shutil.rmtree(folder)
