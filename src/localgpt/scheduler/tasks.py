"""Background tasks on disk: what the owner wants done while they do something else. ``state/tasks/<id>.json`` each.

A task has a conversation of its own and is carried out by ``task_run``. Its file is replaced whole at each step, and its
lock is held while it runs, so that a process that died shows: a running task whose lock is free was cut off.
"""

from __future__ import annotations

import json
import re
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from localgpt.core import files
from localgpt.core.errors import Locked, NotFound, UsageError
from localgpt.core.redact import redact

LONGEST = 20_000
"""Characters of a task's words."""
MOST_WAITING = 100
MOST_ENDED = 200
LINES = 40
"""Lines of progress that are kept."""


class TaskState(StrEnum):
    """How far a task is."""

    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        """Whether nothing more comes of it."""
        return self in {TaskState.DONE, TaskState.FAILED, TaskState.CANCELLED}


@dataclass(frozen=True, slots=True)
class Task:
    """``text`` is what is wanted, ``words`` what is said next in its conversation ``session`` (empty: go on).

    ``origin`` is whose words the task is made of. ``question`` is the item of the inbox it waits for, ``note`` the path of
    its result, ``result`` the beginning of it.
    """

    id: str
    text: str
    state: TaskState
    created: datetime
    updated: datetime
    origin: str = "owner"
    session: str = ""
    begun: bool = False
    words: str = ""
    model: str = ""
    progress: tuple[str, ...] = ()
    question: str = ""
    note: str = ""
    result: str = ""
    error: str = ""
    starts: int = 0

    @property
    def title(self) -> str:
        """Its first words, on one line."""
        line = " ".join(self.text.split())
        return line if len(line) <= 60 else line[:59] + "…"

    def as_json(self) -> dict[str, Any]:
        """All of it and ``title``; moments in ISO 8601."""
        return {
            **asdict(self),
            "title": self.title,
            "state": self.state.value,
            "created": _iso(self.created),
            "updated": _iso(self.updated),
            "progress": list(self.progress),
        }


class TaskFolder:
    """The tasks in one folder. Several processes may use it."""

    def __init__(self, folder: Path, *, clock: Callable[[], datetime]) -> None:
        self.folder = folder
        self._clock = clock
        self._mutex = threading.RLock()

    def add(
        self, text: str, *, origin: str = "owner", session: str = "", words: str = "", model: str = ""
    ) -> Task:
        """Write down a task; it runs when somebody runs what waits. Raises ``UsageError`` for a text that is none."""
        text = text.strip()
        if not text:
            raise UsageError("There is nothing to do.", hint="Say what is to be done.")
        if len(text) > LONGEST:
            raise UsageError(
                f"The task has {len(text):,} characters; {LONGEST:,} fit.", hint="Put it into a note."
            )
        if sum(task.state is TaskState.QUEUED for task in self.list()) >= MOST_WAITING:
            raise UsageError("Too many tasks wait already.", hint="Cancel some: localgpt task list")
        now = self._clock()
        task = Task(
            uuid.uuid4().hex[:8],
            text,
            TaskState.QUEUED,
            now,
            now,
            origin,
            session,
            bool(session),
            words,
            model,
        )
        self._save(task)
        self._forget_old()
        return task

    def list(self) -> tuple[Task, ...]:
        """All tasks, the newest first."""
        found = [task for path in self.folder.glob("*.json") if (task := _load(path)) is not None]
        return tuple(sorted(found, key=lambda task: (task.created, task.id), reverse=True))

    def get(self, reference: str) -> Task:
        """The task with that id or that beginning of one. Raises ``NotFound``, ``UsageError`` where it could be several."""
        if not re.fullmatch(r"[0-9a-f]{1,8}", reference):
            raise NotFound(f"There is no task {reference!r}.", hint="List them: localgpt task list")
        found = [task for path in self.folder.glob(f"{reference}*.json") if (task := _load(path)) is not None]
        if not found:
            raise NotFound(f"There is no task {reference!r}.", hint="List them: localgpt task list")
        if len(found) > 1:
            raise UsageError(f"Several tasks begin with {reference!r}.", hint="Give more of the id.")
        return found[0]

    def change(self, task_id: str, **fields: Any) -> Task:
        """Another state of a task, on disk when this returns."""
        with self._mutex, files.lock(self.folder / f"{task_id}.write.lock"):
            task = replace(self.get(task_id), **fields, updated=self._clock())
            self._save(task)
            return task

    def tell(self, task_id: str, line: str) -> Task:
        """Add a line of progress."""
        line = redact(" ".join(line.split()))[:300]
        with self._mutex, files.lock(self.folder / f"{task_id}.write.lock"):
            task = self.get(task_id)
            task = replace(task, progress=(*task.progress, line)[-LINES:], updated=self._clock())
            self._save(task)
            return task

    def pause(self, reference: str) -> Task:
        """Let a task rest; one that runs stops within a second and keeps what it has."""
        task = self.get(reference)
        if task.state.ended or task.state is TaskState.PAUSED:
            raise _not_possible(task, "be paused")
        return self.change(task.id, state=TaskState.PAUSED)

    def resume(self, reference: str, words: str = "") -> Task:
        """Let it go on; ``words`` are said to it. A task that failed is tried again."""
        task = self.get(reference)
        if task.state in {TaskState.DONE, TaskState.CANCELLED, TaskState.RUNNING, TaskState.QUEUED}:
            raise _not_possible(task, "be resumed")
        return self.change(
            task.id, state=TaskState.QUEUED, words=words or task.words, question="", error="", starts=0
        )

    def cancel(self, reference: str) -> Task:
        """End it; one that runs stops within a second."""
        task = self.get(reference)
        if task.state.ended:
            raise _not_possible(task, "be cancelled")
        return self.change(task.id, state=TaskState.CANCELLED)

    def waiting(self) -> tuple[Task, ...]:
        """What may run now, the oldest first: queued, or running in a process that is gone."""
        able = [
            task
            for task in self.list()
            if task.state is TaskState.QUEUED
            or (task.state is TaskState.RUNNING and not self.is_held(task.id))
        ]
        return tuple(reversed(able))

    def is_held(self, task_id: str) -> bool:
        """Whether somebody runs the task."""
        try:
            with self.held(task_id):
                return False
        except Locked:
            return True

    @contextmanager
    def held(self, task_id: str) -> Iterator[None]:
        """Run the task alone. Raises ``Locked`` at once if somebody runs it."""
        with files.lock(self.folder / f"{task_id}.lock", timeout=0):
            yield

    @property
    def stamp(self) -> int:
        """Another one whenever a task was added or changed."""
        try:
            return self.folder.stat().st_mtime_ns
        except OSError:
            return 0

    def _save(self, task: Task) -> None:
        files.make_folder(self.folder, mode=files.PRIVATE_FOLDER)
        text = json.dumps({"version": 1, **task.as_json()}, ensure_ascii=False)
        files.replace(
            self.folder / f"{task.id}.json", text.encode("utf-8", "replace"), mode=files.PRIVATE_FILE
        )

    def _forget_old(self) -> None:
        ended = [task for task in self.list() if task.state.ended]
        for task in ended[MOST_ENDED:]:
            for ending in (".json", ".lock", ".write.lock"):
                files.remove(self.folder / f"{task.id}{ending}")


def _not_possible(task: Task, what: str) -> UsageError:
    return UsageError(
        f"Task {task.id} is {task.state.value}; it can't {what}.", hint="List them: localgpt task list"
    )


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _load(path: Path) -> Task | None:
    try:
        task = _read(json.loads(path.read_bytes()))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise files.storage_error(error, "read", path) from error
    except (ValueError, KeyError, TypeError, RecursionError):  # not one of ours
        return None
    return task if task.id == path.stem else None


def _read(found: Mapping[str, Any]) -> Task:
    texts = ("origin", "session", "words", "model", "question", "note", "result", "error")
    return Task(
        id=str(found["id"]),
        text=str(found["text"]),
        state=TaskState(found["state"]),
        created=_moment(found["created"]),
        updated=_moment(found["updated"]),
        begun=found.get("begun") is True,
        progress=tuple(map(str, found.get("progress", ()))),
        starts=int(found.get("starts", 0)),
        **{name: str(found.get(name, "")) for name in texts},
    )


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)  # or it could not be compared with others
