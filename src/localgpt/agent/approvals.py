"""Questions to the owner about tool calls: put down, answered by any door of any process, and never lost.

One file for each open question, ``state/approvals/<id>.json``. Who asks holds the operating system's lock on
``<id>.lock`` meanwhile: where that is free, whoever asked has died, and the question is an orphan. The first answer
counts; nobody answering, or nobody waiting any longer, is a no. Secrets of a known shape never stand in a file.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, TypeAlias

from localgpt.agent.approval_file import Kept, cleaned, read, written
from localgpt.core import files, threads
from localgpt.core.errors import Locked, NotFound, StorageError, UsageError
from localgpt.core.journal import Journal
from localgpt.core.redact import redact
from localgpt.core.values import Answer, Approval, Choice

NOBODY = "nobody"
"""The door of a no that the owner didn't say: time ran out, or nobody waited any longer."""
LOOK = 0.25
"""Seconds between looks for an answer that another process gave."""
KEPT_FOR = 86_400
"""Seconds for which it is known that a question was answered; nothing of the call is kept of it."""

Listener: TypeAlias = Callable[[Approval | tuple[str, Answer]], None]


@dataclass(slots=True)
class _Waiter:
    """Who waits in this process for an answer."""

    approval: Approval
    loop: asyncio.AbstractEventLoop
    told: asyncio.Event = field(default_factory=asyncio.Event)
    answer: Answer | None = None


class Approvals:
    """The desk where questions lie. Threads and other processes may list and answer; ``seconds`` is how long one waits."""

    def __init__(
        self,
        folder: Path,
        journal: Journal,
        *,
        seconds: float = 600,
        clean: Callable[[str], str] = redact,
    ) -> None:
        self.folder, self.seconds = folder, seconds
        self._journal, self._clean = journal, clean
        self._waiting: dict[str, _Waiter] = {}
        self._listeners: dict[object, Listener] = {}

    def open(self) -> tuple[Approval, ...]:
        """The questions that somebody waits at, in any process, the oldest first."""
        return self._sorted(one for one in self._kept() if one.is_open and not self._is_left(one.id))

    def answer(self, reference: str, answer: Answer) -> Approval:
        """Answer the question with that id or the beginning of one. The first answer counts.

        Raises ``NotFound``, and ``UsageError`` where it was answered before, where several begin so, where the choice
        was not offered, or where whoever asked has ended (the question waits in the inbox then).
        """
        name = self._named(reference)
        with self._changing():
            found, waiter = self._read(name), self._waiting.get(name)
            approval = waiter.approval if waiter else found.approval if found else None
            if (found and not found.is_open) or (waiter and waiter.answer):
                raise UsageError(
                    f"{name} was answered already.", hint="List what is open: localgpt approvals"
                )
            if approval is None:
                raise _unknown(reference)
            if waiter is None and self._is_left(name):
                raise UsageError(
                    f"What asked {name} has ended.", hint="It waits in the inbox: localgpt inbox"
                )
            _check(approval, answer)
            self._close(approval, answer)
        return approval

    async def ask(self, approval: Approval) -> Answer:
        """Put a question down and wait for its answer: the owner's, or no where time ran out.

        Cancelled meanwhile, the question is closed with no. ``answer`` knows it as soon as this first waits.
        """
        waiter = _Waiter(approval, asyncio.get_running_loop())
        self._waiting[approval.id] = waiter
        with contextlib.ExitStack() as held:
            try:
                await threads.done(self._put_down, approval, held)
                return await self._awaited(waiter)
            except asyncio.CancelledError:
                await threads.done(self._give_up, waiter, "nobody waits for it any longer")
                raise
            finally:
                self._waiting.pop(approval.id, None)
                await threads.done(self._forget, approval.id, waiter.answer)

    def orphans(self) -> tuple[Approval, ...]:
        """The questions whose process has died, also those with a yes that came too late; the oldest first."""
        return self._sorted(one for one in self._kept() if not _is_no(one.answer) and self._is_left(one.id))

    @contextlib.contextmanager
    def adopting(self, approval: Approval) -> Iterator[Kept | None]:
        """What was kept of an orphan, to be taken over; it is gone afterwards. ``None`` where another was faster."""
        with self._changing():
            found = self._read(approval.id)
            if found is None or found.approval is None or not self._is_left(approval.id):
                yield None
                return
            yield found
            self._remove(approval.id)

    def watch(self, listener: Listener) -> Callable[[], None]:
        """Tell ``listener`` of each question that this process asks, and of the answers (``(id, answer)``) to those,
        whoever gave them; call what this gives to end it. It is called in whatever thread it happens, and may not wait.
        """
        key = object()
        self._listeners[key] = listener

        def end() -> None:
            self._listeners.pop(key, None)

        return end

    # -- asking

    def _put_down(self, approval: Approval, held: contextlib.ExitStack) -> None:
        files.make_folder(self.folder, mode=files.PRIVATE_FOLDER)
        self._sweep()
        self._record("approval.requested", approval, name=approval.call.name, effects=self._told(approval))
        with self._changing():
            held.enter_context(files.lock(self._lock(approval.id)))
            if self._read(approval.id) is None:  # else it was answered before it was down
                self._write(approval)
        self._tell(approval)

    async def _awaited(self, waiter: _Waiter) -> Answer:
        approval, loop = waiter.approval, waiter.loop
        deadline = loop.time() + _seconds(approval, self.seconds)
        while waiter.answer is None:
            left = deadline - loop.time()
            if left <= 0:
                patience = _seconds(approval, self.seconds)
                await threads.done(self._give_up, waiter, f"nobody answered within {patience:.0f} seconds")
                break
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(min(LOOK, left)):
                    await waiter.told.wait()
            if waiter.answer is None:
                await threads.done(self._look, waiter)
        assert waiter.answer is not None
        return waiter.answer

    def _look(self, waiter: _Waiter) -> None:
        """Take the answer of another process, if there is one."""
        found = self._read(waiter.approval.id)
        if found is None:  # somebody deleted it: nobody can say yes any more
            self._give_up(waiter, "the question was taken away")
        elif found.answer is not None and waiter.answer is None:
            waiter.answer = found.answer
            self._tell((found.id, found.answer))

    def _give_up(self, waiter: _Waiter, why: str) -> None:
        """Close with no, unless an answer came first."""
        with self._changing():
            found = self._read(waiter.approval.id)
            if waiter.answer is None and found is not None:
                waiter.answer = found.answer
            if waiter.answer is None:
                self._close(waiter.approval, Answer(Choice.NO, why, NOBODY))

    def _close(self, approval: Approval, answer: Answer) -> None:
        """Write an answer down, for whoever asked. The folder is held."""
        self._record("approval.answered", approval, choice=answer.choice.value, door=answer.door)
        self._write(approval, answer)
        if (waiter := self._waiting.get(approval.id)) is not None:
            waiter.answer = answer
            with contextlib.suppress(RuntimeError):  # its loop has ended meanwhile
                waiter.loop.call_soon_threadsafe(waiter.told.set)
            self._tell((approval.id, answer))

    def _forget(self, name: str, answer: Answer | None) -> None:
        """Whoever asked has the answer: that there was one stays known for a while, the call doesn't."""
        with self._changing():
            if self._path(name).exists():
                gone = Kept(name, None, answer or Answer(Choice.NO, door=NOBODY))
                files.replace(self._path(name), written(gone), mode=files.PRIVATE_FILE)

    def _record(self, kind: str, approval: Approval, **fields: Any) -> None:
        about = {"turn": approval.turn, "session": approval.session, "approval": approval.id}
        self._journal.append(kind, **about, **fields)

    def _told(self, approval: Approval) -> list[list[str]]:
        return [[effect.kind.value, self._clean(effect.target)] for effect in approval.effects]

    def _tell(self, what: Approval | tuple[str, Answer]) -> None:
        for listener in tuple(self._listeners.values()):
            listener(what)

    # -- the folder

    def _write(self, approval: Approval, answer: Answer | None = None) -> None:
        shown, whole = cleaned(approval, self._clean)
        data = written(Kept(approval.id, shown, answer, whole))
        files.replace(self._path(approval.id), data, mode=files.PRIVATE_FILE)

    def _read(self, name: str) -> Kept | None:
        try:
            return read(self._path(name).read_bytes())
        except FileNotFoundError:
            return None
        except OSError as error:
            raise files.storage_error(error, "read", self._path(name)) from error

    def _kept(self) -> Iterator[Kept]:
        """All that is about a call; a file that is not ours is passed over."""
        for path in sorted(self.folder.glob("*.json")):
            with contextlib.suppress(StorageError):  # a folder of that name, or what isn't readable
                found = self._read(path.stem)
                if found is not None and found.approval is not None and found.id == path.stem:
                    yield found

    def _sorted(self, found: Iterable[Kept]) -> tuple[Approval, ...]:
        approvals = [one.approval for one in found if one.approval is not None]
        return tuple(sorted(approvals, key=lambda approval: (approval.asked, approval.id)))

    def _named(self, reference: str) -> str:
        known = {*self._waiting, *(path.stem for path in self.folder.glob("*.json"))}
        found = sorted(name for name in known if reference and name.startswith(reference))
        if not found:
            raise _unknown(reference)
        if len(found) > 1 and reference not in found:
            raise UsageError(f"Several questions begin with {reference!r}.", hint="Give more of the id.")
        return reference if reference in found else found[0]

    def _is_left(self, name: str) -> bool:
        """Whether nobody holds the question any more."""
        if name in self._waiting:
            return False
        try:
            with files.lock(self._lock(name), timeout=0):
                return True
        except Locked:
            return False

    def _sweep(self) -> None:
        """Delete what tells only of old answers."""
        oldest = time.time() - KEPT_FOR
        for path in self.folder.glob("*.json"):
            with contextlib.suppress(OSError, StorageError):  # another process was faster
                found = self._read(path.stem)
                if (found is None or found.approval is None) and path.stat().st_mtime < oldest:
                    self._remove(path.stem)

    def _remove(self, name: str) -> None:
        for path in (self._path(name), self._lock(name)):
            with contextlib.suppress(StorageError):  # it is gone already
                files.remove(path)

    def _changing(self) -> contextlib.AbstractContextManager[None]:
        return files.lock(self.folder / ".lock")

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.json"

    def _lock(self, name: str) -> Path:
        return self.folder / f"{name}.lock"


def _check(approval: Approval, answer: Answer) -> None:
    if answer.choice is not Choice.NO and answer.choice not in approval.choices:
        offered = ", ".join(choice.value for choice in approval.choices)
        raise UsageError(
            f"{answer.choice.value!r} is no answer to {approval.id}.", hint=f"Say one of: {offered}."
        )


def _is_no(answer: Answer | None) -> bool:
    return answer is not None and answer.choice is Choice.NO


def _unknown(reference: str) -> NotFound:
    return NotFound(f"No question {reference!r} is open.", hint="List what is open: localgpt approvals")


def _seconds(approval: Approval, otherwise: float) -> float:
    """How long a question waits."""
    try:
        length = datetime.fromisoformat(approval.expires) - datetime.fromisoformat(approval.asked)
    except ValueError:
        return otherwise
    return length.total_seconds()
