"""The only way out of this machine: every connection is recorded before it is made.

``client`` gives an HTTP client for one purpose; what it sends is recorded first, and what came back or went wrong
afterwards. If the record can't be written, nothing is sent. A library or a child process that connects on its own
is an exit too: whoever starts it calls ``declare``. A test sees to it that no other room imports a network library.

What ``record`` (``Journal.append``) is called with:

    exit.opened    id, purpose, method, scheme, host, port, bytes_out (None: not known before it is sent)
    exit.closed    id, status (0: no answer), bytes_in (as they came, compressed or not), error (its name, or "")
    exit.declared  host, purpose: made on our behalf; what it sent on can't be seen

Never recorded: paths, queries, headers, bodies.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from localgpt.core.errors import OutsideError, Unreachable

if TYPE_CHECKING:
    import httpx2

    from localgpt.core.outbound_addresses import Guard


def _anywhere(host: str) -> bool:  # noqa: ARG001 - the shape of ``allowed``
    return True


def _going() -> None:
    """Nothing stands against it."""


@dataclass(frozen=True, slots=True)
class Outbound:
    """The exits of one program: ``record`` writes an entry down, ``allowed`` says whether a host may be reached.

    ``guard`` judges the addresses of clients that may reach public ones only (``None``: by the system's look-up).
    ``going`` raises while nothing may go out at all.
    """

    record: Callable[..., object]
    allowed: Callable[[str], bool] = _anywhere
    guard: Guard | None = None
    going: Callable[[], None] = _going

    def client(self, purpose: str, *, public_only: bool = False) -> httpx2.AsyncClient:
        """A new HTTP client whose requests are made for ``purpose``; close it with ``async with``.

        It heeds the proxies of the environment and follows no redirects unless told to (each step of one is
        recorded). ``public_only`` is for addresses that a text brought: whatever is not on the public internet, by
        name or after the look-up, is not reached. A host that may not be reached is an ``OutsideError`` at the
        request.
        """
        from localgpt.core import outbound_http
        from localgpt.core.outbound_addresses import Guard

        guard = (self.guard or Guard()) if public_only else None
        return outbound_http.client(purpose, record=self.record, check=self.check, guard=guard)

    async def listens(self, host: str, port: int, patience_s: float) -> bool:
        """Whether a server on this machine takes connections there. Nothing is sent, so nothing is recorded.

        Quick and without an HTTP library, for looking around; raises ``OutsideError`` for any other machine.
        """
        import asyncio
        import ipaddress

        if host != "localhost" and not ipaddress.ip_address(host).is_loopback:
            raise OutsideError(
                f"{host} is not this machine.", hint="Use a client, whose requests are recorded."
            )
        try:
            _, writer = await asyncio.wait_for(asyncio.open_connection(host, port), patience_s)
        except (OSError, TimeoutError):  # nobody there, or nobody who hurries
            return False
        writer.close()
        return True

    def declare(self, host: str, purpose: str) -> None:
        """Record, before it happens, that something else reaches ``host`` for us. Raises ``OutsideError``."""
        self.check(host, purpose)
        self.record("exit.declared", host=host, purpose=purpose)

    def check(self, host: str, purpose: str) -> None:
        """Raise ``OutsideError`` if ``host`` must not be reached, and what ``going`` raises."""
        self.going()
        if not self.allowed(host):
            raise OutsideError(
                f"{host} may not be reached ({purpose}).", hint="Allow it first, or do without it."
            )


@contextlib.contextmanager
def explained(place: str) -> Iterator[None]:
    """Turn whatever goes wrong on the way to ``place`` (a host) into an ``Unreachable`` with a sentence."""
    from localgpt.core import outbound_http

    try:
        yield
    except (*outbound_http.FAILURES, TimeoutError) as error:
        raise Unreachable(
            f"{place} can't be reached: {outbound_http.reason(error)}.",
            hint="Try again later, or another address.",
        ) from error
