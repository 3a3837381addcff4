"""A server that runs in an event loop that is there already, and stops when it is told to."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import ipaddress
import logging
import os
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from localgpt.core.errors import ConfigError, StorageError, UsageError
from localgpt.server import login
from localgpt.server.app import Served, create_app, telling
from localgpt.server.connections import Patient
from localgpt.server.neighbours import follow

WAITING = 2
"""Seconds that open connections have when the server stops."""
LARGEST_FRAME = 1_048_576
_BACKLOG = 512
_TICK = 1.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Tls:
    """The owner's certificate and its private key, both PEM files."""

    certificate: Path
    key: Path


class Serving:
    """A server that runs. ``stop`` ends it; ``url`` is where it is reached on this machine."""

    def __init__(self, server: _Quiet, task: asyncio.Task[None], served: Served, port: int) -> None:
        self._server = server
        self._task = task
        self._served = served
        self._unwatch = served.turns.watch(telling(served))
        self._following = asyncio.create_task(follow(served), name="neighbours")
        self.url = served.access.url
        self.port = port

    async def stop(self) -> None:
        """Take no more connections, let the open ones end for two seconds, and close them.

        Temporary conversations end with it.
        """
        if self._server.should_exit:
            return
        self._server.stop()
        login.forget_address(self._served.access.state)
        self._unwatch()
        self._following.cancel()
        await self._task
        await asyncio.to_thread(self._served.talks.close)


class _Quiet(uvicorn.Server):
    """Signals belong to the daemon; and it wakes once a second, for the date in its answers, where uvicorn does ten times."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """End soon."""
        self.should_exit = True
        self._stopping.set()

    async def main_loop(self) -> None:
        """Until it is stopped."""
        while not await self.on_tick(0):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_TICK):
                    await self._stopping.wait()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve(served: Served, *, host: str, port: int, tls: Tls | None = None) -> Serving:
    """Serve at ``host`` and ``port`` (0: any free one) until stopped; returns when it can be asked.

    Raises ``UsageError`` for an address that can't be listened at, ``ConfigError`` for a certificate that can't be
    used.
    """
    context = _certificate(tls) if tls else None
    listening = _listen(host, port)
    port = listening.getsockname()[1]
    served.access.listen(host, port, tls=tls is not None)
    _ = served.access.token  # made now, so that nobody waits for it or finds it missing
    if not is_loopback(host):
        _log.warning("the page is served beyond this machine, at %s port %s; the token guards it", host, port)
    server = _Quiet(_config(served, context))
    task = asyncio.create_task(server.serve([listening]), name="server")
    while not server.started and not task.done():  # noqa: ASYNC110 - uvicorn offers nothing to wait for
        await asyncio.sleep(0.005)
    if task.done():
        await task
        raise StorageError("The server could not start.", hint="Its log says why: localgpt logs")
    login.note_address(served.access.state, served.access.url, os.getpid())
    return Serving(server, task, served, port)


def _config(served: Served, context: ssl.SSLContext | None) -> uvicorn.Config:
    return uvicorn.Config(
        create_app(served),
        http=Patient,
        ws="websockets-sansio",
        lifespan="off",
        loop="none",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ws_max_size=LARGEST_FRAME,
        backlog=_BACKLOG,
        timeout_graceful_shutdown=WAITING,
        ssl_context_factory=(lambda _config, _default: context) if context else None,
    )


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches ``host``."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except OSError as error:
        raise _unavailable(error, host, port) from error
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # or each answer takes 40 ms longer
    return listening


def _unavailable(error: OSError, host: str, port: int) -> UsageError:
    if error.errno == errno.EADDRINUSE:
        return UsageError(
            f"Port {port} is in use already.",
            hint="Another daemon may run (localgpt daemon status); else choose another: localgpt config set server.port",
        )
    if error.errno in {errno.EACCES, errno.EPERM}:
        return UsageError(f"Port {port} may not be used.", hint="Choose one above 1023 in server.port.")
    return UsageError(f"Nothing can listen at {host}.", hint="server.bind names an address of this machine.")


def _certificate(tls: Tls) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(tls.certificate, tls.key)
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"The certificate {tls.certificate} can't be used with its key: {error}.",
            hint="server.tls_cert_file and server.tls_key_file name two PEM files that belong together.",
        ) from error
    return context
