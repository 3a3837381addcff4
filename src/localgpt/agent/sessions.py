"""Conversations on disk: one JSONL file each, every line fsynced before it is acknowledged.

Several processes may write one conversation: each append happens under a lock, after reading what the others
wrote. A line torn by a crash stays by itself: the next append begins a new one.
"""

from __future__ import annotations

import os
import threading
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from localgpt.agent import collector, message_format, replay, session_index, transcript
from localgpt.agent.session_index import Facts, FileStamp, SessionIndex
from localgpt.agent.transcript import Entry, Transcript
from localgpt.core import files
from localgpt.core.errors import NotFound, StorageError, UsageError
from localgpt.core.journal import now
from localgpt.core.values import Message, Role, Stop, Usage

SHORTEST_PREFIX = 4
_SUFFIX = ".jsonl"


@dataclass(frozen=True, slots=True)
class SessionInfo:
    """A line of a list of conversations. ``title`` falls back on the owner's first words; times are aware."""

    id: str
    title: str
    created: datetime
    updated: datetime
    messages: int
    model: str
    key: str = ""


class Session:
    """One conversation. Nothing is read before it is asked for, nothing written before the first append."""

    def __init__(
        self,
        path: Path,
        *,
        clock: Callable[[], datetime] = now,
        noted: Callable[[Session], None] = lambda session: None,  # noqa: ARG005 - nobody keeps a list
        cwd: str = "",
        title: str = "",
        parent: str = "",
        key: str = session_index.MAIN,
        temporary: bool = False,
    ) -> None:
        self.path = path
        self.temporary = temporary
        self.key = key
        self._clock = clock
        self._noted = noted
        self._cwd = cwd
        self._first_title = title
        self._parent = parent
        self._mutex = threading.RLock()
        self._lock = path.parent / session_index.LOCKS / f"{path.stem}.lock"
        self._counted = 0
        self._forget()

    @property
    def id(self) -> str:
        """The name of its file without the suffix."""
        return self.path.name.removesuffix(_SUFFIX)

    @property
    def title(self) -> str:
        """What the owner called it; empty when it has no title."""
        return self.facts().title or self._first_title

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Keep the conversation to one turn. Raises ``Locked`` at once if another turn has it."""
        files.make_folder(self.path.parent, mode=files.PRIVATE_FOLDER)
        with files.lock(self._lock.with_suffix(".turn.lock"), timeout=0):
            yield

    def append(
        self,
        message: Message,
        *,
        model: str = "",
        provider: str = "",
        usage: Usage | None = None,
        stop: Stop | None = None,
        turn: str = "",
        details: Mapping[str, Any] | None = None,
    ) -> Entry:
        """Write a message; when this returns it is on disk. The tools' results become one entry each, the last returned.

        ``model``, ``provider``, ``usage`` and ``stop`` belong to replies. ``details`` are noted beside ``turn`` and
        never sent to a model; ``{"origin": "foreign"}`` says that a user's message is not the owner's own.
        """
        own = {**({"turn": turn} if turn else {}), **(details or {})}
        bodies = message_format.write(
            message, model=model, provider=provider, usage=usage, stop=stop, own=own
        )
        if not bodies:
            raise ValueError("a message of the tools needs at least one result")
        time = transcript.milliseconds(self._clock())
        lines = [{"type": "message", "message": {**body, "timestamp": time}} for body in bodies]
        ends_turn = message.role is Role.ASSISTANT and not message.calls
        return self._write(*lines, noted=ends_turn)

    def note(self, custom_type: str, data: Mapping[str, Any]) -> Entry:
        """Write something that no model will see."""
        return self._write({"type": "custom", "customType": custom_type, "data": dict(data)})

    def compact(
        self, summary: str, first: Entry, *, tokens_before: int, details: Mapping[str, Any] | None = None
    ) -> Entry:
        """Write a summary that a model sees in place of everything before the entry ``first``. Nothing is deleted."""
        kept: dict[str, Any] = {"firstKeptEntryId": first.id}
        if not first.id:  # a file of version 1: OpenClaw counts its readable lines
            before = self.entries()[: first.line - 1]
            kept = {"firstKeptEntryIndex": sum(entry.data is not None for entry in before)}
        body = {"type": "compaction", "summary": summary, **kept, "tokensBefore": tokens_before}
        return self._write(body | ({"details": dict(details)} if details else {}))

    def move(self, entry: Entry | None) -> None:
        """Let the conversation go on from another of its entries (``None``: from the beginning). Nothing is deleted."""
        target = entry.id if entry else None
        self._write({"type": "leaf", "targetId": target, "appendParentId": target}, noted=True)

    def copy(self, bodies: Iterable[Mapping[str, Any]]) -> None:
        """Begin with entries of another conversation, one after the other, all at once."""
        self._write(*map(dict, bodies), noted=True)

    def rename(self, title: str) -> None:
        """Give the conversation a title."""
        self._write({"type": "session_info", "name": title}, noted=True)

    def messages(self) -> list[Message]:
        """What a model sees of it, as the file is now."""
        with self._mutex, collector.paused():
            self._catch_up()
            return replay.messages(self._transcript)

    def entries(self) -> list[Entry]:
        """Every line of the file as it is now, broken ones too; their ``raw`` joined is the file."""
        with self._mutex:
            self._catch_up()
            return list(self._transcript.entries)

    def path_entries(self) -> list[Entry]:
        """The entries from the beginning to where the conversation is now, whatever was compacted."""
        with self._mutex:
            self._catch_up()
            return self._transcript.path()

    def kept_entries(self) -> list[Entry]:
        """The entries that a model sees: the last compaction first, and what was said since its cut."""
        with self._mutex:
            self._catch_up()
            return replay.kept(self._transcript)

    def facts(self) -> Facts:
        """What a list shows of it."""
        with self._mutex:
            self._catch_up()
            self._facts.see(self._transcript.entries[self._counted :])
            self._counted = len(self._transcript.entries)
            return self._facts

    @property
    def stamp(self) -> FileStamp:
        """The file as it was when it was read last."""
        return FileStamp(self._size, self._mtime_ns)

    def _write(self, *bodies: dict[str, Any], noted: bool = False) -> Entry:
        files.make_folder(self.path.parent, mode=files.PRIVATE_FOLDER)
        with self._mutex, files.lock(self._lock):
            self._catch_up()
            is_new = self._transcript.empty
            lines = [*(self._beginning() if is_new else ()), *self._numbered(bodies, is_new=is_new)]
            data = b"\n" * self._transcript.torn + b"".join(map(transcript.write_line, lines))
            files.append(self.path, data, mode=files.PRIVATE_FILE)
            self._catch_up()
            entry = self._transcript.entries[-1]
        if is_new or noted:
            self._noted(self)
        return entry

    def _beginning(self) -> Iterator[dict[str, Any]]:
        header = transcript.header(self.id, cwd=self._cwd, time=self._clock())
        yield header | ({"parentSession": self._parent} if self._parent else {})

    def _numbered(self, bodies: tuple[dict[str, Any], ...], *, is_new: bool) -> Iterator[dict[str, Any]]:
        """The entries with their places in the tree, each going on from the one before."""
        if is_new and self._first_title:
            bodies = ({"type": "session_info", "name": self._first_title}, *bodies)
        parent = self._transcript.parent_id()
        for body in bodies:
            place = {"id": body.get("id") or self._transcript.new_id(), "parentId": parent}
            yield {"type": body["type"], **place, "timestamp": transcript.iso(self._clock()), **body}
            parent = place["id"]

    def _forget(self) -> None:
        self._transcript = Transcript()
        self._facts = Facts()
        self._counted = 0
        self._size = self._mtime_ns = self._inode = 0

    def _catch_up(self) -> None:
        """Read what the file has that isn't known yet; everything, where it is no longer the file it was."""
        try:
            status = self.path.stat()
        except FileNotFoundError:
            self._forget()
            return
        except OSError as error:
            raise files.storage_error(error, "read", self.path) from error
        if (status.st_size, status.st_mtime_ns, status.st_ino) == (self._size, self._mtime_ns, self._inode):
            return
        with files.explained("read", self.path), self.path.open("rb") as file:
            status = os.fstat(file.fileno())
            if not self._continues(file, status):
                self._forget()
            file.seek(self._size)
            data = file.read()
        with collector.paused():
            self._transcript.feed(data)
        self._size, self._mtime_ns, self._inode = self._size + len(data), status.st_mtime_ns, status.st_ino

    def _continues(self, file: Any, status: os.stat_result) -> bool:
        """Whether the file is the one that was read, with more at its end."""
        if not self._size or self._transcript.torn:
            return False
        if status.st_ino != self._inode or status.st_size <= self._size:
            return False
        last = self._transcript.entries[-1].raw
        file.seek(self._size - len(last))
        return bool(file.read(len(last)) == last)


class Sessions:
    """The conversations in one folder. Building it touches nothing. ``temporary`` ones leave nothing behind."""

    def __init__(self, folder: Path, *, clock: Callable[[], datetime] = now, temporary: bool = False) -> None:
        self.folder = folder
        self.temporary = temporary
        self._clock = clock
        self._index = SessionIndex(folder, clock)

    def new(
        self, *, cwd: str = "", title: str = "", parent: str = "", key: str = "", session_id: str = ""
    ) -> Session:
        """Begin a conversation; its file appears with the first append.

        ``parent`` is the file that it branches off, ``key`` is for those that aren't the owner's. ``session_id`` is its
        id where the caller chose one that can be a file's name.
        """
        key = key or session_index.MAIN
        return self._session(session_id or str(uuid.uuid4()), cwd=cwd, title=title, parent=parent, key=key)

    def open(self, reference: str) -> Session:
        """The conversation with that id, that beginning of an id (four characters or more), or the ``last``.

        Raises ``NotFound``, or ``UsageError`` where several begin so.
        """
        if reference.strip().lower() in {"last", "latest"}:
            if (latest := self.latest()) is None:
                raise NotFound("There is no conversation yet.", hint="Start one: localgpt chat")
            return latest
        found = resolve(reference.strip(), [stem for stem, _ in self._files()])
        return self._session(found, key=session_index.key_of(self._index.read(), found) or session_index.MAIN)

    def latest(self) -> Session | None:
        """The owner's conversation that was used last (not a job's, not a channel's)."""
        own = (info for info in self.list() if session_index.is_main(info.key, info.id))
        info = next(own, None)
        return self._session(info.id) if info else None

    def list(self, limit: int | None = None) -> list[SessionInfo]:
        """All conversations, the last used first. Only files that changed since the last list are read."""
        entries = self._index.read()
        keys = session_index.keys(entries)
        fresh: dict[str, tuple[Facts, FileStamp]] = {}
        infos = []
        for session_id, file in self._files():
            key = keys.get(session_id, f"agent:main:{session_id}")
            facts = session_index.noted_facts(entries.get(key), file)
            if facts is None and (facts := self._gather(session_id)) is not None:
                fresh[session_id] = (facts, file)
            if facts is not None:
                infos.append(
                    _info(session_id, key, session_index.title(entries.get(key), facts), facts, file)
                )
        self._adopt(fresh)
        return sorted(infos, key=lambda info: info.updated, reverse=True)[:limit]

    def delete(self, session: Session) -> Path:
        """Take a conversation out: its file is renamed, as OpenClaw does it, and returned; it can be put back."""
        aside = session.path.with_name(f"{session.path.name}.deleted.{session_index.stamp(self._clock())}")
        with files.lock(self.folder / session_index.LOCKS / f"{session.id}.lock"):
            if not session.path.exists():
                raise NotFound(
                    f"Conversation {session.id} is not there.", hint="List them: localgpt session list"
                )
            files.move(session.path, aside)
        self._index.update(lambda entries: session_index.drop(entries, session.id))
        return aside

    def _session(self, session_id: str, **options: str) -> Session:
        path = self.folder / f"{session_id}{_SUFFIX}"
        return Session(path, clock=self._clock, noted=self._note, temporary=self.temporary, **options)

    def _files(self) -> Iterator[tuple[str, FileStamp]]:
        yield from session_files(self.folder)

    def _gather(self, session_id: str) -> Facts | None:
        """Read a conversation for the list; ``None`` where it can't be read or nothing is in it."""
        session = self._session(session_id)
        with suppress(StorageError):
            return session.facts() if any(entry.kind for entry in session.entries()) else None
        return None

    def _adopt(self, fresh: Mapping[str, tuple[Facts, FileStamp]]) -> None:
        def change(entries: dict[str, Any]) -> None:
            for session_id, (facts, file) in fresh.items():
                session_index.adopt(entries, session_id, facts, file)

        if fresh:
            with suppress(StorageError):  # the next list will gather them again
                self._index.update(change)

    def _note(self, session: Session) -> None:
        fields = session_index.entry_fields(session.facts(), session.stamp)
        with suppress(
            StorageError
        ):  # the conversation itself is on disk; the next list will gather this again
            self._index.update(lambda entries: session_index.put(entries, session.key, session.id, fields))


def session_files(folder: Path) -> Iterator[tuple[str, FileStamp]]:
    """The id of each conversation in a folder, and its file's size and time; nothing where there is no folder."""
    try:
        found = sorted(os.scandir(folder), key=lambda item: item.name)
    except FileNotFoundError:
        return
    except OSError as error:
        raise files.storage_error(error, "read", folder) from error
    for item in found:
        if item.name.endswith(_SUFFIX) and not item.name.startswith(".") and ".trajectory" not in item.name:
            with suppress(OSError):  # gone since, or a link to nowhere
                status = item.stat()
                if item.is_file():
                    yield item.name.removesuffix(_SUFFIX), FileStamp(status.st_size, status.st_mtime_ns)


def resolve(reference: str, ids: list[str]) -> str:
    """The id that ``reference`` names. Raises ``NotFound``, or ``UsageError`` where it could be several."""
    if reference in ids:
        return reference
    matches = [each for each in ids if each.startswith(reference)]
    if len(reference) < SHORTEST_PREFIX or not matches:
        hint = (
            "List them: localgpt session list"
            if len(reference) >= SHORTEST_PREFIX
            else (f"Give at least {SHORTEST_PREFIX} characters of its id; localgpt session list shows them.")
        )
        raise NotFound(f"There is no conversation {reference!r}.", hint=hint)
    if len(matches) > 1:
        close = ", ".join(matches[:3])
        raise UsageError(
            f"Several conversations begin with {reference!r}.", hint=f"Say more of the id: {close}."
        )
    return matches[0]


def _info(session_id: str, key: str, title: str, facts: Facts, file: FileStamp) -> SessionInfo:
    updated = facts.updated / 1000 or file.mtime_ns / 1e9
    return SessionInfo(
        id=session_id,
        title=title,
        created=datetime.fromtimestamp(facts.created / 1000 or updated, UTC),
        updated=datetime.fromtimestamp(updated, UTC),
        messages=facts.messages,
        model=facts.model,
        key=key,
    )
