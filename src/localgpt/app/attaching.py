"""The part of the assistant that takes files which the owner hands over."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from localgpt.core.errors import NotFound, UnreadableError, UsageError

if TYPE_CHECKING:
    from localgpt.agent.attaching import Attaching
    from localgpt.agent.sessions import Session, Sessions
    from localgpt.core.journal import Journal
    from localgpt.memory.attachments import Attachment, Attachments


class Rooms(Protocol):
    """What is needed of the assistant."""

    door: str

    @property
    def journal(self) -> Journal: ...

    @property
    def attachments(self) -> Attachments: ...


class TakingFiles:
    """Files handed over: kept by content, found like notes, sent with a turn."""

    async def attach(self: Rooms, path: str | Path, *, sessions: Sessions | None = None) -> Attachment:
        """Keep a file; hand it over with ``chat(…, attachments=[…])`` or ``ask``.

        In a temporary chat it is kept with ``sessions``, and goes with them. Raises ``NotFound``, ``UsageError`` for
        what is no file, ``UnreadableError`` for an empty or too large one, ``StorageError``.
        """
        return await asyncio.to_thread(_attach, self, Path(path), sessions)

    async def keep(self: Rooms, data: bytes, name: str, *, sessions: Sessions | None = None) -> Attachment:
        """The same for a file that came as bytes, with the name it is to have."""
        return await asyncio.to_thread(_keep, self, data, name, sessions)

    def attaching(self: Rooms, session: Session) -> Attaching:
        """The attachments of a conversation, as models are shown them."""
        from localgpt.agent.attaching import Attaching

        return Attaching(_temporary(session.path.parent) if session.temporary else self.attachments)

    def attachments_in(self: Rooms, sessions: Sessions) -> Attachments:
        """Where what is handed over in these conversations is kept: with the others, unless they are temporary."""
        return _temporary(sessions.folder) if sessions.temporary else self.attachments


def _attach(rooms: Rooms, path: Path, sessions: Sessions | None) -> Attachment:
    return _keep(rooms, _content(path.expanduser()), path.name, sessions)


def _keep(rooms: Rooms, data: bytes, name: str, sessions: Sessions | None) -> Attachment:
    if sessions is not None and sessions.temporary:
        return _temporary(sessions.folder).store(data, name)
    kept = rooms.attachments.store(data, name)
    rooms.journal.append(
        "attachment.stored",
        path=kept.path,
        sha256=kept.sha256,
        media_type=kept.media_type,
        size=kept.size,
        text=kept.text is not None,
        door=rooms.door,
    )
    return kept


def _content(path: Path) -> bytes:
    from localgpt.core import files
    from localgpt.memory.attachments import LARGEST

    if not path.exists():
        raise NotFound(f"There is no file {path}.", hint="Give its whole path.")
    if not path.is_file():
        raise UsageError(f"{path} is not a file.", hint="Attach files one by one.")
    with files.explained("read", path):
        if path.stat().st_size > LARGEST:
            raise UnreadableError(
                f"{path.name} is too large.",
                hint=f"Files of up to {LARGEST // 1_000_000} MB can be attached.",
            )
        return path.read_bytes()


def _temporary(folder: Path) -> Attachments:
    """The place for what is handed over in temporary chats, deleted with them."""
    from localgpt.memory.attachments import Attachments

    return Attachments(folder / "attachments")
