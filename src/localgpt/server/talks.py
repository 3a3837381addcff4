"""The conversations that doors of the server have open: each once, with its model, temporary ones in a folder of their own."""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from localgpt.agent.sessions import Session, Sessions
from localgpt.app.talk import Talk
from localgpt.core.errors import Conflict, NotFound, UsageError

if TYPE_CHECKING:
    from localgpt.app.assistant import Assistant

MOST = 64
"""How many conversations are kept open; others are read again when they are asked for."""
MODEL = "localgpt.model"
"""The note in a conversation's file that says who answers in it."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{3,63}")


class Talks:
    """The open conversations by id, for any thread: files are read in the caller's, and nobody waits for that."""

    def __init__(self) -> None:
        self._open: OrderedDict[str, Talk] = OrderedDict()
        self._lock = threading.Lock()
        self._changing: set[str] = set()
        self._temporary: Sessions | None = None
        self._held = ExitStack()

    def new(self, assistant: Assistant, *, temporary: bool = False, session_id: str = "") -> Talk:
        """Begin a conversation. Raises ``UsageError`` for an id that can't be one."""
        if session_id and not _NAME.fullmatch(session_id):
            raise UsageError(
                f"{session_id[:80]!r} can't be the id of a conversation.",
                hint="Use 4 to 64 letters, digits, - and _, or leave it out.",
            )
        sessions = self._apart() if temporary else assistant.sessions
        talk = Talk(assistant, sessions.new(session_id=session_id), sessions=sessions if temporary else None)
        return self._keep(talk)

    def get(self, assistant: Assistant, session_id: str) -> Talk:
        """A conversation that is there. Raises ``NotFound``, ``UsageError`` where an id is too short to tell."""
        talk = self._open.get(session_id)
        if talk is not None:
            talk.assistant = assistant
            return self._keep(talk)
        if session_id.lower() in {"last", "latest"}:
            raise NotFound(f"There is no conversation {session_id!r}.", hint="GET /api/sessions lists them.")
        session = assistant.sessions.open(session_id)
        if session.id in self._open:
            return self.get(assistant, session.id)
        talk = Talk(assistant, session)
        talk.model = noted_model(session)
        return self._keep(talk)

    def get_or_new(self, assistant: Assistant, session_id: str) -> Talk:
        """The conversation with that id, begun where it is not there yet; without an id a new one."""
        if not session_id:
            return self.new(assistant)
        try:
            return self.get(assistant, session_id)
        except NotFound:
            return self.new(assistant, session_id=session_id)

    def follow(self, talk: Talk, session: Session) -> Talk:
        """The conversation that ``talk`` has gone over to, as one of its own."""
        new = Talk(talk.assistant, session, sessions=talk.sessions if talk.temporary else None)
        new.model = talk.model
        return self._keep(new)

    @contextmanager
    def alone(self, session_id: str) -> Iterator[None]:
        """Keep a conversation to one change, however long it takes. Raises ``Conflict``; belongs to the event loop."""
        self.check(session_id)
        self._changing.add(session_id)
        try:
            yield
        finally:
            self._changing.discard(session_id)

    def check(self, session_id: str) -> None:
        """Raise ``Conflict`` while somebody keeps that conversation to a change."""
        if session_id in self._changing:
            raise Conflict(
                "This conversation is being changed just now.", hint="Wait until that is done, and try again."
            )

    def forget(self, session_id: str) -> None:
        """Let go of a conversation."""
        with self._lock:
            self._open.pop(session_id, None)

    def count(self) -> int:
        """How many are open."""
        return len(self._open)

    def close(self) -> None:
        """Let go of all; temporary conversations are deleted."""
        with self._lock:
            self._open.clear()
        self._temporary = None
        self._held.close()

    def _keep(self, talk: Talk) -> Talk:
        """Note that it is open, unless another thread was quicker; gives the one that is."""
        assert talk.session is not None
        with self._lock:
            kept = self._open.setdefault(talk.session.id, talk)
            self._open.move_to_end(talk.session.id)
            for session_id in [name for name, one in self._open.items() if not one.temporary][:-MOST]:
                del self._open[session_id]
        return kept

    def _apart(self) -> Sessions:
        from localgpt.agent.temporary import temporary_sessions

        with self._lock:
            if self._temporary is None:
                self._temporary = self._held.enter_context(temporary_sessions())
            return self._temporary


def choose_model(talk: Talk, model: str) -> None:
    """Let ``model`` answer in a conversation from now on, also after a restart."""
    talk.model = model
    if talk.session is not None and talk.session.entries():
        talk.session.note(MODEL, {"model": model})


def noted_model(session: Session) -> str:
    """Who answers in a conversation by its file; empty where it doesn't say."""
    for entry in reversed(session.path_entries()):
        if entry.data is not None and entry.data.get("customType") == MODEL:
            data = entry.data.get("data")
            model = data.get("model") if isinstance(data, dict) else None
            return model if isinstance(model, str) else ""
    return ""
