"""The gate that every request goes through: who asks, from which page, under which name, how much and how often."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from localgpt.core.errors import FrozenError
from localgpt.security.freeze import THAW
from localgpt.server import limits, problems, scopes
from localgpt.server.access import Access
from localgpt.server.limits import Rate
from localgpt.server.problems import Refusal
from localgpt.server.tokens import Token

KEY_HEADER = "x-localgpt-key"
ATTACHMENTS = "/api/attachments"
PUBLIC = frozenset({"/", "/health", "/favicon.ico", "/api/auth/status", "/api/docs"})
"""What everybody on this machine may get: nothing of it is the owner's."""

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "media-src 'self' blob:; connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cache-Control": "no-store",
}
"""On every response that does not say otherwise itself."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Knock:
    """What of a request decides whether it comes in."""

    method: str
    path: str
    host: str = ""
    origin: str = ""
    site: str = ""
    authorization: str = ""
    cookie: str = ""
    key: str = ""
    websocket: bool = False

    @classmethod
    def of(cls, scope: Scope, access: Access) -> Knock:
        """As ASGI tells it."""
        headers = Headers(scope=scope)
        return cls(
            scope.get("method", "GET"),
            scope["path"],
            headers.get("host", ""),
            headers.get("origin", ""),
            headers.get("sec-fetch-site", ""),
            headers.get("authorization", ""),
            cookie_in(headers.get("cookie", ""), access.cookie),
            headers.get(KEY_HEADER, ""),
            scope["type"] == "websocket",
        )

    @property
    def is_public(self) -> bool:
        """Whether it asks for something that is nobody's secret."""
        named = self.path in PUBLIC or self.path.startswith("/ui/")
        return (self.method in {"GET", "HEAD"} and named) or (self.method == "POST" and self.path == "/login")


def cookie_in(header: str, name: str) -> str:
    """The value of a cookie; empty where there is none."""
    try:
        found = SimpleCookie(header).get(name)
    except CookieError:
        return ""
    return found.value if found else ""


def refused_by_address(knock: Knock, access: Access) -> Refusal | None:
    """Why a request is not for us or comes from somebody else's page; ``None`` where all is well."""
    if not access.knows_host(knock.host):
        return Refusal(
            403,
            "host",
            f"This server does not answer to the name {knock.host[:80]!r}.",
            hint=f"Ask for {access.url}, or name it in server.hosts.",
        )
    if knock.is_public or access.is_friend(knock.origin):
        return None
    own = not knock.origin or access.is_own_origin(knock.origin, knock.host)
    if own and knock.site in {"", "same-origin", "none"}:
        return None
    return Refusal(
        403,
        "origin",
        "Another page may not use this interface.",
        hint="Name its origin in server.cors_origins if it is yours.",
    )


@dataclass(frozen=True, slots=True)
class Bearer:
    """By what a request comes in: ``token``, ``page``, or empty for nothing that counts; and whose token it is, where
    it is not the owner's own.
    """

    by: str = ""
    token: Token | None = None

    @property
    def bucket(self) -> str:
        """Whose pace is counted."""
        return f"{self.by} {self.token.name}" if self.token else self.by


def bearer(knock: Knock, access: Access) -> Bearer:
    """Who a request comes from."""
    if knock.authorization:
        if access.is_token(knock.authorization):
            return Bearer("token")
        if (token := access.token_of(knock.authorization)) is not None:
            return Bearer("token", token)
    return Bearer("page" if access.is_session(knock.cookie, knock.key) else "")


def credential(knock: Knock, access: Access) -> str:
    """By what a request comes in: ``token``, ``page``, or empty for nothing that counts."""
    return bearer(knock, access).by


def refused_by_scope(knock: Knock, token: Token | None) -> Refusal | None:
    """Why a token does not go as far as this; ``None`` where it does."""
    need = scopes.need("WS" if knock.websocket else knock.method, knock.path)
    if token is None or token.scope.rank >= need.rank:
        return None
    return Refusal(
        403,
        "scope",
        f"This needs a token of scope {need.scope}; {token.name} is one of scope {token.scope}.",
        hint=f"The owner makes one: localgpt token new NAME --scope {need.scope}",
    )


class Gate:
    """ASGI: lets a request through to ``app`` or answers it; every answer gets the headers of a careful server."""

    def __init__(self, app: ASGIApp, access: Access, most: Callable[[str], int], rate: Rate) -> None:
        self._app = app
        self._access = access
        self._most = most
        self._owner = rate
        self._public = Rate(1200 if rate.per_minute else 0, 300)
        self._strangers = Rate(30, 20)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        knock = Knock.of(scope, self._access)
        if knock.websocket:
            await self._websocket(knock, scope, receive, send)
        else:
            await self._http(knock, scope, receive, send)

    async def _websocket(self, knock: Knock, scope: Scope, receive: Receive, send: Send) -> None:
        if refused_by_address(knock, self._access) is not None:
            await send({"type": "websocket.close", "code": 1008})
            return
        who = await asyncio.to_thread(bearer, knock, self._access)
        if refused_by_scope(knock, who.token) or (who.token and self._owner.wait(who.bucket)):
            await send({"type": "websocket.close", "code": 1008})
            return
        self._note(who, scope)
        await self._app(scope, receive, send)

    async def _http(self, knock: Knock, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def sending(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                self._dress(MutableHeaders(scope=message), knock)
            await send(message)

        out = limits.patient(sending)
        try:
            answer = self._judge(knock, scope)
            if answer is None:
                answer = await asyncio.to_thread(self._refused_by_hands, knock, scope)
            if answer is None:
                await self._app(scope, limits.limited(receive, self._most(knock.path)), out)
            else:
                await answer(scope, receive, out)
        except (TimeoutError, OSError) as error:  # the client has gone, or doesn't read
            _log.info("a client went away: %s", type(error).__name__)
        except asyncio.CancelledError:
            raise
        except Exception as error:  # noqa: BLE001 - a bug must not show more than a sentence
            if not started:
                await problems.answer_bug(error)(scope, receive, out)
            else:
                problems.answer_bug(error)

    def _judge(self, knock: Knock, scope: Scope) -> Response | None:
        """The answer to a request that doesn't come in, or to a question whether another page may ask."""
        refusal = refused_by_address(knock, self._access)
        if refusal is None and knock.method == "OPTIONS" and self._access.is_friend(knock.origin):
            return Response(status_code=204)
        refusal = refusal or self._refused(knock, scope) or self._too_large(knock, scope)
        return problems.answer(refusal) if refusal else None

    def _refused(self, knock: Knock, scope: Scope) -> Refusal | None:
        client = (scope.get("client") or ("", 0))[0]
        if knock.is_public:
            strict = knock.path == "/login"
            return _slower((self._strangers if strict else self._public).wait(client))
        who = bearer(knock, self._access)
        self._note(who, scope)
        if who.by:
            return _slower(self._owner.wait(who.bucket + knock.cookie)) or refused_by_scope(knock, who.token)
        return _slower(self._strangers.wait(client)) or Refusal(
            401,
            "unauthorized",
            "This needs the owner's token.",
            hint="Run `localgpt open`, or send `Authorization: Bearer` with what stands in state/token.",
            headers={"WWW-Authenticate": "Bearer"},
        )

    def _note(self, who: Bearer, scope: Scope) -> None:
        """Write down who it is, for the routes."""
        scope["state"] = {**scope.get("state", {}), "credential": who.by, "token": who.token}
        if who.token is not None and self._access.tokens.is_due(who.token, time.monotonic()):
            threading.Thread(target=self._access.tokens.note_use, args=(who.token,), daemon=True).start()

    def _refused_by_hands(self, knock: Knock, scope: Scope) -> Response | None:
        """The answer to what only the owner does, where a program of ours asks, or where everything is frozen."""
        line = scopes.named(knock.method, knock.path)
        if line in scopes.STARTS and (sentence := self._access.frozen()):
            return problems.answer(FrozenError(sentence, hint=THAW))
        if scopes.need(knock.method, knock.path) is not scopes.Need.HANDS:
            return None
        if not self._access.is_ours(*(scope.get("client") or ("", 0))):
            return None
        message = "A program that LocalGPT has started may not do what only its owner does."
        return problems.answer(Refusal(403, "child", message, hint="Do it on the page or in a terminal."))

    def _too_large(self, knock: Knock, scope: Scope) -> Refusal | None:
        most = self._most(knock.path)
        if not limits.too_large(dict(Headers(scope=scope)), most):
            return None
        message = f"The body is larger than {most:,} bytes."
        hint = "server.max_request_body says how large it may be."
        return Refusal(413, "too_large", message, hint=hint, headers={"Connection": "close"})

    def _dress(self, headers: MutableHeaders, knock: Knock) -> None:
        for name, value in HEADERS.items():
            headers.setdefault(name, value)
        if self._access.is_friend(knock.origin):
            headers["Access-Control-Allow-Origin"] = knock.origin
            headers["Access-Control-Allow-Headers"] = "authorization, content-type, last-event-id"
            headers["Access-Control-Allow-Methods"] = "GET, POST, PUT, DELETE"
            headers["Cross-Origin-Resource-Policy"] = "cross-origin"
            headers.add_vary_header("Origin")


def _slower(wait: float) -> Refusal | None:
    if not wait:
        return None
    seconds = str(max(1, round(wait + 0.5)))
    hint = f"Wait {seconds} s, and try again."
    headers = {"Retry-After": seconds}
    return Refusal(429, "too_many_requests", "That was too often.", hint=hint, headers=headers)
