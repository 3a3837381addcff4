"""The HTTP transport behind ``outbound``: apart, so that its library is loaded by the first request only.

With a ``Guard`` a request goes to an address that was judged beforehand, and to no other: the name in it is replaced
by that address, while the ``Host`` header and the name that TLS checks stay. Each host has connections of its own
then, for two names may stand behind one address.
"""

from __future__ import annotations

import urllib.request
import uuid
from collections.abc import AsyncIterator, Callable, Mapping

import httpx2

from localgpt.core import threads
from localgpt.core.outbound_addresses import Guard

Record = Callable[..., object]

FAILURES = (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError)
"""Everything that can go wrong with a request."""

_REASONS: tuple[tuple[type[BaseException], str], ...] = (
    (httpx2.TooManyRedirects, "it sends one from address to address"),
    (httpx2.TimeoutException, "it took too long"),
    (TimeoutError, "it took too long"),
    (httpx2.UnsupportedProtocol, "it sends one to an address that is not http or https"),
    (httpx2.InvalidURL, "that is no address"),
    (httpx2.ProxyError, "the proxy refused"),
    (httpx2.ConnectError, "it takes no connection"),
    (httpx2.RemoteProtocolError, "its answer broke off or was garbled"),
)


def client(
    purpose: str, *, record: Record, check: Callable[[str, str], None], guard: Guard | None = None
) -> httpx2.AsyncClient:
    """A client whose requests pass ``check`` (host, purpose) and are recorded before they are sent.

    With ``guard`` they reach public addresses only.
    """
    return httpx2.AsyncClient(transport=RecordedTransport(purpose, record=record, check=check, guard=guard))


def reason(error: BaseException) -> str:
    """What went wrong, in words that fit behind a colon."""
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return "its certificate is not valid"
    return next((words for kind, words in _REASONS if isinstance(error, kind)), "the connection broke")


class RecordedTransport(httpx2.AsyncBaseTransport):
    """Sends requests for one purpose, directly or by the environment's proxies, and has each of them recorded."""

    def __init__(
        self,
        purpose: str,
        *,
        record: Record,
        check: Callable[[str, str], None],
        guard: Guard | None = None,
    ) -> None:
        self._record = record
        self._check = check
        self._guard = guard
        self._purpose = purpose
        self._proxies: Mapping[str, str] = urllib.request.getproxies()
        self._routes: dict[tuple[str, str], httpx2.AsyncHTTPTransport] = {}

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        url = request.url
        self._check(url.host, self._purpose)
        addresses = await self._guard.addresses(url.scheme, url.host, url.port) if self._guard else ()
        end = _End(self._record, uuid.uuid4().hex[:12])
        try:
            await threads.done(self._record_start, end, request)
            response = await self._sent(request, addresses)
        except BaseException as error:
            await threads.done(end.record, error)
            raise
        end.status = response.status_code
        assert isinstance(response.stream, httpx2.AsyncByteStream)
        response.stream = _CountedStream(response.stream, end)
        return response

    def _record_start(self, end: _End, request: httpx2.Request) -> None:
        length = request.headers.get("content-length", "")
        known = int(length) if length.isdigit() else None
        self._record(
            "exit.opened",
            id=end.id,
            purpose=self._purpose,
            method=request.method,
            scheme=request.url.scheme,
            host=request.url.host,
            port=request.url.port or {"http": 80, "https": 443}.get(request.url.scheme, 0),
            bytes_out=None if "transfer-encoding" in request.headers else known or 0,
        )
        end.began = True

    async def _sent(self, request: httpx2.Request, addresses: tuple[str, ...]) -> httpx2.Response:
        """The answer; where addresses are given, of the first of them that takes the connection."""
        route = self._route(request.url, request.url.host if addresses else "")
        for address in addresses[:-1]:
            try:
                return await route.handle_async_request(pinned(request, address))
            except (httpx2.ConnectError, httpx2.ConnectTimeout):
                continue  # nothing was sent yet
        return await route.handle_async_request(pinned(request, addresses[-1]) if addresses else request)

    def _route(self, url: httpx2.URL, pinned_host: str) -> httpx2.AsyncHTTPTransport:
        proxy = self._proxies.get(url.scheme) or self._proxies.get("all") or ""
        if proxy and urllib.request.proxy_bypass(url.host):
            proxy = ""
        key = (proxy, pinned_host)
        if key not in self._routes:
            self._routes[key] = httpx2.AsyncHTTPTransport(proxy=proxy or None)
        return self._routes[key]

    async def aclose(self) -> None:
        for route in self._routes.values():
            await route.aclose()


def pinned(request: httpx2.Request, address: str) -> httpx2.Request:
    """The same request to one address; the server is still asked, and checked, under its name."""
    name = request.url.raw_host.decode("ascii")
    return httpx2.Request(
        request.method,
        request.url.copy_with(host=address),
        headers=request.headers,
        stream=request.stream,
        extensions={**request.extensions, "sni_hostname": name},
    )


class _End:
    """How one request ended: recorded once, if its beginning was."""

    def __init__(self, record: Record, exit_id: str) -> None:
        self._record = record
        self._recorded = False
        self.began = False
        self.id = exit_id
        self.status = 0
        self.bytes_in = 0

    def record(self, error: BaseException | None = None) -> None:
        if self._recorded or not self.began:
            return
        self._recorded = True
        name = type(error).__name__ if error else ""
        self._record("exit.closed", id=self.id, status=self.status, bytes_in=self.bytes_in, error=name)


class _CountedStream(httpx2.AsyncByteStream):
    """The body of an answer as it comes in."""

    def __init__(self, stream: httpx2.AsyncByteStream, end: _End) -> None:
        self._stream = stream
        self._end = end

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for piece in self._stream:
                self._end.bytes_in += len(piece)
                yield piece
        except GeneratorExit:  # the reader has had enough: no error, aclose() records it
            raise
        except BaseException as error:
            await threads.done(self._end.record, error)
            raise

    async def aclose(self) -> None:
        await self._stream.aclose()
        await threads.done(self._end.record)
