"""The inbox: what unattended work leaves for the owner. Questions with the exact call that waits, messages, results.

One file, ``state/inbox.json``, written whole under a lock: a crash leaves the old one or the new one. Secrets of a known
shape never stand in it.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from localgpt.core import files
from localgpt.core.errors import NotFound, StorageError, UsageError
from localgpt.core.redact import redact

MOST_CLOSED = 200
"""Items without an open question that are kept."""
MOST_OPEN = 500
LONGEST = 20_000
"""Characters of a text; a result stands in its note as a whole."""


class ItemKind(StrEnum):
    """What an item is: a call that needs the owner's word, something to tell, a task's result."""

    QUESTION = "question"
    MESSAGE = "message"
    RESULT = "result"


@dataclass(frozen=True, slots=True)
class Call:
    """The exact call that waits: tool, arguments, what it would do. ``origin`` is whose words it carries.

    ``whole`` is false where a secret had to be taken out: such a call can't be run from here.
    """

    tool: str
    arguments: Mapping[str, Any]
    effects: tuple[tuple[str, str], ...] = ()
    origin: str = "assistant"
    whole: bool = True

    def as_json(self) -> dict[str, Any]:
        """``{tool, arguments, effects[[kind, target]], origin, whole}``."""
        return {
            **asdict(self),
            "arguments": dict(self.arguments),
            "effects": [list(one) for one in self.effects],
        }


@dataclass(frozen=True, slots=True)
class Item:
    """``state``: ``open``, then ``allowed``, ``dismissed`` or ``replied``. ``task`` names what it is about, ``note`` the
    note of a result; ``outcome`` is what came of a call that was allowed. ``key`` is the entry or task it belongs to.
    """

    id: str
    time: datetime
    kind: ItemKind
    title: str
    text: str = ""
    call: Call | None = None
    task: str = ""
    key: str = ""
    session: str = ""
    turn: str = ""
    note: str = ""
    state: str = "open"
    answered: datetime | None = None
    outcome: str = ""

    def as_json(self) -> dict[str, Any]:
        """All of it; moments in ISO 8601, ``call`` as ``Call.as_json`` or null."""
        found = {name: getattr(self, name) for name in self.__slots__}
        return {
            **found,
            "time": _iso(self.time),
            "kind": self.kind.value,
            "call": self.call.as_json() if self.call else None,
            "answered": _iso(self.answered) if self.answered else None,
        }


class Box:
    """The items on disk. Several processes may add and answer."""

    def __init__(self, path: Path, *, clock: Callable[[], datetime], secrets: tuple[str, ...] = ()) -> None:
        from localgpt.core.redact import Redactor

        self._path = path
        self._clock = clock
        self._clean = Redactor(secrets) if secrets else redact

    def items(self, *, closed: bool = False) -> tuple[Item, ...]:
        """What is open, the newest first; with ``closed`` also what was answered."""
        found = self._load()
        return tuple(item for item in reversed(found) if closed or item.state == "open")

    def get(self, reference: str) -> Item:
        """The item with that id or that beginning of one. Raises ``NotFound``, ``UsageError`` where it could be several."""
        found = [item for item in self._load() if reference and item.id.startswith(reference)]
        if not found:
            raise NotFound(f"There is no item {reference!r} in the inbox.", hint="List them: localgpt inbox")
        if len(found) > 1:
            raise UsageError(f"Several items begin with {reference!r}.", hint="Give more of the id.")
        return found[0]

    def add(
        self,
        kind: ItemKind,
        title: str,
        text: str = "",
        *,
        call: Call | None = None,
        task: str = "",
        key: str = "",
        session: str = "",
        turn: str = "",
        note: str = "",
    ) -> Item:
        """Put something in; what waits already just so is not asked twice."""
        item = Item(
            id=uuid.uuid4().hex[:8],
            time=self._clock(),
            kind=kind,
            title=self._clean(" ".join(title.split()))[:200],
            text=self._clean(text)[:LONGEST],
            call=self._without_secrets(call),
            task=self._clean(task),
            key=key,
            session=session,
            turn=turn,
            note=note,
        )
        with self._changing() as found:
            for known in found:
                if item.call and known.state == "open" and (known.call, known.key) == (item.call, item.key):
                    return known
            if sum(known.state == "open" for known in found) >= MOST_OPEN:
                raise StorageError("The inbox is full.", hint="Answer or dismiss some of it: localgpt inbox")
            found.append(item)
        return item

    def close(self, reference: str, state: str, outcome: str = "") -> Item:
        """Mark an open item as answered. Raises ``UsageError`` if it was answered before: no call runs twice."""
        wanted = self.get(reference).id
        with self._changing() as found:
            place, item = next((n, one) for n, one in enumerate(found) if one.id == wanted)
            if item.state != "open":
                raise UsageError(
                    f"{item.id} was answered already: {item.state}.", hint="List them: localgpt inbox"
                )
            found[place] = replace(
                item, state=state, answered=self._clock(), outcome=self._clean(outcome)[:LONGEST]
            )
            return found[place]

    def tell(self, item: Item, outcome: str) -> Item:
        """Note what came of an answered item."""
        with self._changing() as found:
            place = next(n for n, one in enumerate(found) if one.id == item.id)
            found[place] = replace(found[place], outcome=self._clean(outcome)[:LONGEST])
            return found[place]

    def answered(self, key: str) -> tuple[Item, ...]:
        """What was asked for an entry or task and has its answer by now, the oldest first."""
        return tuple(item for item in self._load() if item.key == key and item.call and item.state != "open")

    @property
    def stamp(self) -> tuple[int, int]:
        """Another one whenever the file has changed."""
        try:
            status = self._path.stat()
        except OSError:
            return (0, 0)
        return (status.st_mtime_ns, status.st_size)

    def _without_secrets(self, call: Call | None) -> Call | None:
        if call is None:
            return None
        said = json.dumps(dict(call.arguments), ensure_ascii=False)
        clean = {name: self._cleaned(value) for name, value in call.arguments.items()}
        whole = json.dumps(clean, ensure_ascii=False) == said and self._clean(said) == said
        return replace(call, arguments=clean, whole=whole and call.whole)

    def _cleaned(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._clean(value)
        plain = json.dumps(value, ensure_ascii=False, default=str)
        return value if self._clean(plain) == plain else self._clean(plain)

    @contextmanager
    def _changing(self) -> Iterator[list[Item]]:
        files.make_folder(self._path.parent, mode=files.PRIVATE_FOLDER)
        with files.lock(self._path.with_suffix(".lock")):
            found = self._load()
            before = list(found)
            yield found
            if found != before:
                text = json.dumps(
                    {"version": 1, "items": [one.as_json() for one in _kept(found)]}, ensure_ascii=False
                )
                files.replace(self._path, text.encode("utf-8", "replace"), mode=files.PRIVATE_FILE)

    def _load(self) -> list[Item]:
        try:
            found = json.loads(self._path.read_bytes())["items"]
            return [_read(one) for one in found]
        except FileNotFoundError:
            return []
        except OSError as error:
            raise files.storage_error(error, "read", self._path) from error
        except (
            ValueError,
            KeyError,
            TypeError,
            AttributeError,
            RecursionError,
        ):  # not ours: it is put aside, not overwritten
            files.move(self._path, self._path.with_suffix(f".damaged-{self._clock():%Y%m%d%H%M%S}.json"))
            return []


def _kept(items: list[Item]) -> list[Item]:
    closed = [item.id for item in items if item.state != "open"]
    gone = set(closed[: max(len(closed) - MOST_CLOSED, 0)])
    return [item for item in items if item.id not in gone]


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _read(found: Mapping[str, Any]) -> Item:
    call = found.get("call")
    answered = found.get("answered")
    fields = {
        name: str(found.get(name, "")) for name in ("task", "key", "session", "turn", "note", "outcome")
    }
    return Item(
        id=str(found["id"]),
        time=datetime.fromisoformat(found["time"]),
        kind=ItemKind(found["kind"]),
        title=str(found["title"]),
        text=str(found.get("text", "")),
        call=Call(
            str(call["tool"]),
            dict(call["arguments"]),
            tuple((str(kind), str(target)) for kind, target in call["effects"]),
            str(call["origin"]),
            call["whole"] is True,
        )
        if call
        else None,
        state=str(found.get("state", "open")),
        answered=datetime.fromisoformat(answered) if answered else None,
        **fields,
    )
