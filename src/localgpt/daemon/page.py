"""The page's server as a part of the daemon: served anew when its settings change, and told of what happens."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from localgpt.app import Assistant
from localgpt.app.turns import Turns

if TYPE_CHECKING:
    from datetime import datetime

    from localgpt.core.config_sections import ServerSettings
    from localgpt.scheduler.channels import Message
    from localgpt.server.serving import Serving, Tls


class Page:
    """Serves ``current``, the assistant whose door is the page. ``address`` is empty while nothing is served."""

    name = "page"

    def __init__(self, current: Callable[[], Assistant], turns: Turns, started: datetime) -> None:
        self._current = current
        self._turns = turns
        self._started = started
        self._renewed = asyncio.Event()
        self.tried = asyncio.Event()
        self._publish: Callable[..., None] | None = None
        self.address = ""
        self.port = 0

    def renew(self) -> None:
        """The settings may have changed; to be called in the loop."""
        self._renewed.set()

    async def run(self) -> None:
        """Serve as the settings say, for ever. Raises what is wrong with them, or with the port."""
        try:
            await self._run()
        finally:
            self.tried.set()

    async def _run(self) -> None:
        while True:
            settings = self._current().config.server
            if not settings.enabled:
                self.tried.set()
                await self._changed(settings)
                continue
            serving = await self._serve(settings)
            self.tried.set()
            try:
                await self._changed(settings)
            finally:
                await serving.stop()
                self.address, self.port = "", 0

    async def _serve(self, settings: ServerSettings) -> Serving:
        from localgpt.server.access import Access
        from localgpt.server.served import Served
        from localgpt.server.serving import serve

        assistant = self._current()
        served = Served(
            assistant=self._current,
            access=Access.of(assistant.home, assistant.config),
            turns=self._turns,
            started=self._started,
        )
        serving = await serve(served, host=settings.bind, port=settings.port, tls=_tls(settings, assistant))
        self._publish = served.feed.publish
        self.address, self.port = serving.url, serving.port
        return serving

    async def _changed(self, settings: ServerSettings) -> None:
        while self._current().config.server == settings:
            await self._renewed.wait()
            self._renewed.clear()

    def publish(self, kind: str, **fields: object) -> None:
        """Tell the pages that are open; to be called in the loop."""
        if self._publish is not None and self.address:
            self._publish(kind, **fields)

    async def deliver(self, message: Message) -> None:
        """Take a message to the owner: the pages that are open show it."""
        fields = message.as_json()
        self.publish("inbox", what=fields.pop("kind"), **fields)


def _tls(settings: ServerSettings, assistant: Assistant) -> Tls | None:
    from localgpt.server.serving import Tls

    if not settings.tls_cert_file or not settings.tls_key_file:
        return None
    certificate, key = (
        Path(assistant.home.root, Path(file).expanduser())
        for file in (settings.tls_cert_file, settings.tls_key_file)
    )
    return Tls(certificate, key)
