"""Which routes a token may use: a table with a line for every route; a test fails where one is missing.

``OWNER`` routes want the owner's token or browser, ``HANDS`` also that no program of ours is at the other end.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache

from localgpt.server.tokens import Scope


class Need(StrEnum):
    """What a route asks of who comes."""

    ANYBODY = "anybody"
    SEARCH = "search"
    CHAT = "chat"
    OWNER = "owner"
    HANDS = "hands"

    @property
    def rank(self) -> int:
        """The rank that a token's scope must have; 0 where any has it."""
        wanted = {Need.CHAT: Scope.CHAT, Need.OWNER: Scope.OWNER, Need.HANDS: Scope.OWNER}
        return wanted.get(self, Scope.SEARCH).rank

    @property
    def scope(self) -> str:
        """The scope that a token must have, by its name."""
        return str((Scope.SEARCH, Scope.CHAT, Scope.OWNER)[self.rank])


_TABLE = {
    Need.ANYBODY: """
        GET /health
        GET /api/auth/status
        GET /api/docs
        GET /
        GET /favicon.ico
        GET /ui/{path}
        POST /login
    """,
    Need.SEARCH: """
        GET /api/status
        GET /api/openapi.json
        GET /api/memory/search
        GET /api/memory/stats
    """,
    Need.CHAT: """
        POST /api/chat
        POST /api/chat/stream
        WS /api/ws
        GET /api/turns
        GET /api/turns/{turn_id}/events
        POST /api/turns/{turn_id}/stop
        GET /api/sessions
        POST /api/sessions
        GET /api/sessions/{session_id}
        DELETE /api/sessions/{session_id}
        GET /api/sessions/{session_id}/messages
        POST /api/sessions/{session_id}/title
        POST /api/sessions/{session_id}/rewind
        POST /api/sessions/{session_id}/retry
        GET /api/slash
        POST /api/slash
    """,
    Need.OWNER: """
        GET /api/sessions/search
        GET /api/saved-sessions
        GET /api/saved-sessions/{session_id}
        POST /api/sessions/{session_id}/compact
        POST /api/sessions/{session_id}/clear
        POST /api/sessions/{session_id}/model
        POST /api/sessions/{session_id}/branch
        POST /api/sessions/{session_id}/settle
        GET /api/sessions/{session_id}/export
        GET /api/events
        POST /api/logout
        POST /api/memory/opened
        POST /api/memory/reindex
        POST /api/memory/remember
        GET /api/notes
        GET /api/notes/{path}
        PUT /api/notes/{path}
        DELETE /api/notes/{path}
        POST /api/notes/{path}/move
        POST /api/render
        GET /api/images/{path}
        GET /api/history
        GET /api/history/{step}/diff
        POST /api/undo
        POST /api/redo
        POST /api/attachments
        GET /api/attachments/{sha256}/{name}
        GET /api/models
        POST /api/models/test
        GET /api/settings
        GET /api/config
        GET /api/activity
        GET /api/usage
        GET /api/logs/daemon
        GET /api/doctor
        GET /api/heartbeat/status
        GET /api/heartbeat/plan
        GET /api/heartbeat/log
        POST /api/heartbeat/run
        GET /api/inbox
        GET /api/approvals
        GET /api/grants
        POST /api/freeze
        GET /api/tasks
        POST /api/tasks
        POST /api/tasks/{task_id}
    """,
    Need.HANDS: """
        PUT /api/settings
        POST /api/config
        POST /api/models/use
        POST /api/heartbeat/pause
        POST /api/inbox/{item_id}
        POST /api/approvals/{approval_id}
        DELETE /api/grants/{grant_id}
        POST /api/thaw
    """,
}

RULES: dict[tuple[str, str], Need] = {
    (method, path): need
    for need, lines in _TABLE.items()
    for method, path in (line.split() for line in lines.strip().splitlines())
}
"""By method (``WS`` for a WebSocket) and path; ``{path}`` may hold slashes, other places can't."""

STARTS = frozenset({"POST /api/heartbeat/run", "POST /api/tasks", "POST /api/models/test"})
"""Routes that make something run and don't find out themselves that everything is frozen."""


def _pattern(path: str) -> re.Pattern[str]:
    parts = re.split(r"(\{\w+\})", path)
    made = (
        ".+" if part == "{path}" else "[^/]+" if part.startswith("{") else re.escape(part) for part in parts
    )
    return re.compile("".join(made))


_PATTERNS = [(method, path, _pattern(path), need) for (method, path), need in RULES.items()]


@lru_cache(maxsize=1000)
def named(method: str, path: str) -> str:
    """The line of the table that a request falls under: exact paths before those with places; empty if none does."""
    method = "GET" if method == "HEAD" else method
    if (method, path) in RULES:
        return f"{method} {path}"
    fitting = [one for own, one, pattern, _ in _PATTERNS if own == method and pattern.fullmatch(path)]
    return f"{method} {max(fitting, key=len)}" if fitting else ""


def need(method: str, path: str) -> Need:
    """What a request has to bring. One that no line speaks of wants the owner."""
    found = named(method, path)
    return RULES[method_and_path(found)] if found else Need.OWNER


def method_and_path(line: str) -> tuple[str, str]:
    """The two words of a line of the table."""
    method, _, path = line.partition(" ")
    return method, path
