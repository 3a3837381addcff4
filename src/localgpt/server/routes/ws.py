"""``/api/ws``: conversation over a WebSocket, in the Rust LocalGPT's frames with more in them.

In: ``auth`` (key; pages only, first), ``session``, ``chat``, ``stop``, ``ping``. Out: ``connected``, the frames of the
stream of a turn, ``done``, ``pong``, ``error``.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from pydantic import ValidationError

from localgpt.app.turns import Live
from localgpt.core.errors import LocalGPTError, UsageError
from localgpt.server.gate import Knock
from localgpt.server.routes.chat import StreamedWords, begin
from localgpt.server.served import Here, Served
from localgpt.server.shapes import Frame
from localgpt.server.streams import Telling, sound

router = APIRouter()

AUTH_SECONDS = 10.0
NOT_ALLOWED = 4401
"""The code with which a socket is closed that brought no key that counts."""


@router.websocket("/api/ws")
async def socket(websocket: WebSocket, here: Here) -> None:
    """One connection; its turns go on when it ends."""
    await websocket.accept()
    try:
        if not await _let_in(websocket, here):
            await websocket.close(NOT_ALLOWED)
            return
        await Talking(websocket, here).run()
    except (WebSocketDisconnect, RuntimeError):  # RuntimeError: it went while something was sent
        return


async def _let_in(websocket: WebSocket, here: Served) -> bool:
    """By the header, or by the page's key in the first frame beside its cookie."""
    if websocket.scope.get("state", {}).get("credential"):
        return True
    try:
        async with asyncio.timeout(AUTH_SECONDS):
            first = _parsed(await websocket.receive_text())
    except (TimeoutError, LocalGPTError, KeyError):
        return False
    cookie = Knock.of(websocket.scope, here.access).cookie
    key = first.get("key")
    return first.get("type") == "auth" and isinstance(key, str) and here.access.is_session(cookie, key)


class Talking:
    """One client's connection: the session it is in, and the turns that it hears."""

    def __init__(self, websocket: WebSocket, here: Served) -> None:
        self._websocket = websocket
        self._here = here
        self._session = ""
        self._hearing: set[asyncio.Task[None]] = set()
        self._sending = asyncio.Lock()
        self._last: Live | None = None

    async def run(self) -> None:
        """Take frames until the client goes."""
        try:
            while True:
                await self._take_one()
        finally:
            for task in self._hearing:
                task.cancel()

    async def _take_one(self) -> None:
        try:
            frame = _parsed(await self._websocket.receive_text())
            await self._take(frame)
        except LocalGPTError as error:
            await self._send(
                {"type": "error", "message": error.message, "code": error.code, "hint": error.hint}
            )
        except KeyError:  # a binary frame
            await self._send({"type": "error", "message": "Send text frames.", "code": "usage", "hint": ""})

    async def _take(self, frame: Mapping[str, Any]) -> None:
        match frame.get("type"):
            case "ping":
                await self._send({"type": "pong"})
            case "session":
                await self._enter(frame.get("session_id"))
            case "chat":
                await self._chat(frame)
            case "stop":
                self._stop(frame.get("turn_id"))
            case "auth":
                pass  # it is in already
            case other:
                raise UsageError(
                    f"There is no frame {str(other)[:40]!r}.", hint="session, chat, stop or ping."
                )

    async def _enter(self, session_id: object) -> None:
        assistant, wanted = self._here.assistant(), session_id if isinstance(session_id, str) else ""
        talk = await asyncio.to_thread(self._here.talks.get_or_new, assistant, wanted)
        assert talk.session is not None
        self._session = talk.session.id
        await self._send({"type": "connected", "session_id": self._session})

    async def _chat(self, frame: Mapping[str, Any]) -> None:
        try:
            words = StreamedWords.model_validate({"session_id": self._session or None, **frame})
        except ValidationError as error:
            raise UsageError("This chat frame can't be read.", hint=error.errors()[0]["msg"]) from error
        self._last = live = await begin(self._here, words, self._websocket)
        self._session = live.session_id
        task = asyncio.create_task(self._hear(live, rendered=words.render))
        self._hearing.add(task)
        task.add_done_callback(self._hearing.discard)

    def _stop(self, turn_id: object) -> None:
        live = self._here.turns.get(turn_id) if isinstance(turn_id, str) else self._last
        if live is not None:
            live.stop()

    async def _hear(self, live: Live, *, rendered: bool) -> None:
        """Send a turn as it comes."""
        telling = Telling(live, 0, rendered=rendered)
        await self._send({"type": "session", "session_id": live.session_id, "turn_id": live.id})
        async for batch in telling.batches():
            for _, frame in batch:
                await self._send(_with_message(frame))

    async def _send(self, frame: Frame) -> None:
        async with self._sending:
            await self._websocket.send_text(sound(frame))


def _with_message(frame: Frame) -> Frame:
    """Errors have their sentence under ``message`` here."""
    return {**frame, "message": frame["error"]} if frame["type"] == "error" else frame


def _parsed(text: str) -> Mapping[str, Any]:
    try:
        frame = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError("That is not JSON.", hint='Send frames like {"type": "ping"}.') from error
    if not isinstance(frame, dict):
        raise UsageError("That is no frame.", hint='Send frames like {"type": "ping"}.')
    return frame
