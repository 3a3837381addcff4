"""Connections that don't wait for ever: whoever opens one has to ask soon, and there can be only so many."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

HEADER_PATIENCE = 10.0
"""Seconds from opening a connection, or from the first byte of a further request, to the whole of its headers."""
MOST = 800
"""How many connections there may be; the one that has idled longest makes room."""


class Patient(H11Protocol):
    """Uvicorn's HTTP protocol with a deadline for headers and a bound on the number of connections."""

    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """A client has come: it has to say what it wants."""
        super().connection_made(transport)
        self._wait()
        if len(self.connections) > MOST:
            idle = (one for one in list(self.connections) if isinstance(one, Patient) and one.is_idle)
            if (oldest := min(idle, key=lambda one: one.since, default=None)) is not None:
                oldest.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """The client has gone."""
        self._forget()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Bytes have come: of a request's headers, or of its body."""
        super().data_received(data)
        if not self.is_idle or self._is_websocket:
            self._forget()
        elif self._deadline is None:
            self._wait()

    @property
    def is_idle(self) -> bool:
        """Whether it is not about any request just now."""
        cycle: RequestResponseCycle | None = self.cycle  # uvicorn's annotation leaves out the beginning
        return cycle is None or cycle.response_complete

    @property
    def _is_websocket(self) -> bool:
        """Whether another protocol has taken the connection over."""
        return self.transport.get_protocol() is not self

    def _wait(self) -> None:
        self.since = self.loop.time()
        self._deadline = self.loop.call_later(HEADER_PATIENCE, self._late)

    def _forget(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _late(self) -> None:
        self._deadline = None
        if self.is_idle and not self.transport.is_closing():
            self.transport.close()
