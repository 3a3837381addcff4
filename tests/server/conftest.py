"""A real server on a free port of this machine, with a home of its own and an engine that says what it is told.

``running`` starts one; ``server`` is one for a whole module (its engine has a script that never ends), ``own`` one for
a single test. Rooms that add routes use these fixtures; ``server.api`` is a client that carries the token.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
import time
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any, Self, TypeVar

import httpx2
import pytest

from localgpt.app.assistant import Assistant
from localgpt.core.events import TextDelta
from localgpt.core.values import Stop, Usage
from localgpt.models.base import EngineEvent, Finished, Request
from localgpt.models.scripted import Reply, Scripted
from localgpt.server.access import Access
from localgpt.server.served import Served
from localgpt.server.serving import Serving, serve

T = TypeVar("T")
CONFIG = '[memory]\nembedding_provider = "none"\nharvest_by_model = false\n'


class Echo(Scripted):
    """Plays its script; when that is at its end it says ``You said: …`` of the last words, word by word."""

    def __init__(self, *replies: Reply, name: str = "scripted", pause: float = 0.0) -> None:
        super().__init__(*replies, name=name)
        self.pause = pause

    def say(self, *replies: Reply) -> None:
        """Add to the script."""
        self._replies.extend(replies)

    async def request(self, request: Request) -> AsyncGenerator[EngineEvent, None]:
        if not self._replies:
            words = request.messages[-1].text
            self._replies.append(
                lambda _request: [
                    *(TextDelta(word + " ") for word in f"You said: {words}".split()),
                    Finished(Stop.DONE, Usage(5, 3)),
                ]
            )
        async for event in super().request(request):
            await asyncio.sleep(self.pause)
            yield event


class Server:
    """A server that runs in a thread of its own: what a test talks to, and what is behind it."""

    def __init__(self, folder: Path, engine: Echo, config: str) -> None:
        self.home = folder
        self.engine = engine
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "config.toml").write_text(config)
        self.loop = asyncio.new_event_loop()
        self.assistant: Assistant
        self.served: Served
        self.serving: Serving
        self._thread = threading.Thread(target=self._run, name="server", daemon=True)
        self._ready = threading.Event()
        self._broken: BaseException | None = None
        self._clients: list[httpx2.Client] = []

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        try:
            self.loop.run_until_complete(self._start())
        except BaseException as error:  # noqa: BLE001 - the test's thread raises it
            self._broken = error
            self._ready.set()
            return
        self._ready.set()
        self.loop.run_forever()

    async def _start(self) -> None:
        self.assistant = await Assistant(self.home, engine=self.engine, door="page").__aenter__()
        access = Access.of(self.assistant.home, self.assistant.config)
        self.served = Served(assistant=lambda: self.assistant, access=access)
        self.serving = await serve(self.served, host="127.0.0.1", port=0)

    async def _stop(self) -> None:
        await self.served.turns.stop_all(0)
        await self.serving.stop()
        await self.assistant.aclose()

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait(20)
        if self._broken is not None:
            raise self._broken
        self.api = self.client(token=True)
        return self

    def __exit__(self, *_: object) -> None:
        for client in self._clients:
            client.close()
        self.do(self._stop())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(10)
        self.loop.close()

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine in the server's loop."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(20)

    @property
    def url(self) -> str:
        return self.serving.url

    @property
    def port(self) -> int:
        return self.serving.port

    @property
    def token(self) -> str:
        return self.served.access.token

    def client(self, *, token: bool = False, **options: Any) -> httpx2.Client:
        """A client of this server; with ``token`` it may do everything."""
        headers = {
            **({"Authorization": f"Bearer {self.token}"} if token else {}),
            **options.pop("headers", {}),
        }
        client = httpx2.Client(base_url=self.url, headers=headers, timeout=20, trust_env=False, **options)
        self._clients.append(client)
        return client

    def note(self, path: str, text: str) -> Path:
        """Put a note into the workspace, as an owner's editor does."""
        file = self.assistant.home.workspace / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file


@contextlib.contextmanager
def running(folder: Path, *replies: Reply, config: str = CONFIG, pause: float = 0.0) -> Iterator[Server]:
    """A server over ``folder`` until the block ends."""
    with Server(folder, Echo(*replies, pause=pause), config) as server:
        yield server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all tests of a module: what a test leaves behind, the next one finds."""
    with running(tmp_path_factory.mktemp("home")) as started:
        yield started


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Server]:
    """A server for this test alone."""
    with running(tmp_path / "own") as started:
        yield started


@pytest.fixture
def api(server: Server) -> httpx2.Client:
    """The module's server, with the owner's token."""
    return server.api


def frames(response: httpx2.Response) -> Iterator[dict[str, Any]]:
    """The events of a stream as they come, each with its ``id`` where it has one; ``[DONE]`` ends them."""
    number = ""
    for line in response.iter_lines():
        if line.startswith("id:"):
            number = line[3:].strip()
        elif line.startswith("data:"):
            text = line[5:].strip()
            if text == "[DONE]":
                return
            yield {**json.loads(text), "id_of_frame": number}


def eventually(true: Callable[[], object], seconds: float = 5.0) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.01)
