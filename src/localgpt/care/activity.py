"""What went on, for people: the journal's lines as a list of sentences, the last first.

The lines are facts about texts, so the sentences are too: who answered and what it took, which file changed, what left
this machine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, TypeAlias

from localgpt.agent.spending import amount
from localgpt.care.steps import step_of
from localgpt.core.journal import Journal

Line: TypeAlias = Mapping[str, Any]

LONGEST_PAGE = 500


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened: when (ISO, UTC), of which of ``KINDS``, in a sentence; ``detail`` has the figures."""

    time: str
    kind: str
    summary: str
    session: str = ""
    turn: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Page:
    """Entries, the last first. ``next`` is what the page after this one is asked for with; empty when it is the end."""

    entries: tuple[Entry, ...]
    next: str = ""


def page(journal: Journal, limit: int = 50, before: str = "", kind: str = "") -> Page:
    """At most ``limit`` entries from before the moment ``before``, of one of ``KINDS`` if one is named.

    What happened in the same moment stays on one page, which may be longer for it.
    """
    limit = max(1, min(limit, LONGEST_PAGE))
    found: list[Entry] = []
    for entry in _back(journal, before, kind):
        if len(found) >= limit and entry.time != found[-1].time:
            return Page(tuple(found), found[-1].time)
        found.append(entry)
    return Page(tuple(found))


def _back(journal: Journal, before: str, kind: str) -> Iterator[Entry]:
    for entry in digest(journal.backwards(*LINES)):
        if (not before or entry.time < before) and kind in {"", entry.kind}:
            yield entry


def digest(lines: Iterable[Line]) -> Iterator[Entry]:
    """The entries that lines of the journal make; both with the last first. A line that lacks what it needs is left out."""
    ended: set[str] = set()
    closed: dict[str, Line] = {}
    for line in lines:
        match line.get("kind"):
            case "exit.closed":
                closed[_text(line, "id")] = line
            case "turn.started" if _text(line, "turn") in ended:
                continue
            case "turn.finished":
                ended.add(_text(line, "turn"))
        entry = _entry({**line, "end": closed.pop(_text(line, "id"), {})} if "host" in line else line)
        if entry is not None:
            yield entry


def _entry(line: Line) -> Entry | None:
    kind, tell = _TOLD.get(str(line.get("kind")), ("", None))
    told = tell(line) if tell and line.get("ts") else None
    if told is None:
        return None
    summary, detail = told
    return Entry(str(line["ts"]), kind, summary, _text(line, "session"), _text(line, "turn"), detail)


_Told: TypeAlias = "tuple[str, Mapping[str, Any]] | None"


def _turn(line: Line) -> _Told:
    read = sum(
        int(amount(line, name)) for name in ("input_tokens", "cache_read_tokens", "cache_write_tokens")
    )
    written, cost = int(amount(line, "output_tokens")), float(amount(line, "cost_usd"))
    model, purpose, stop = _text(line, "model"), _text(line, "purpose") or "chat", _text(line, "stop")
    price = f", ${cost:.4f}" if cost else ""
    end = _ENDS.get(stop, "")
    detail = {
        "model": model, "purpose": purpose, "stop": stop, "input_tokens": read, "output_tokens": written,
        "cached_tokens": int(amount(line, "cache_read_tokens")), "cost_usd": cost,
        "citations": [str(one) for one in _list(line, "citations")],
    }  # fmt: skip
    return (
        f"{model} answered ({purpose}): {_many(read, 'token')} read, {written:,} written{price}{end}.",
        detail,
    )


_ENDS = {
    "cancelled": "; it was stopped",
    "budget": "; the budget was reached",
    "length": "; it was cut off at its longest",
    "error": "; it failed",
}


def _begun(line: Line) -> _Told:
    model, purpose = _text(line, "model"), _text(line, "purpose") or "chat"
    detail = {"model": model, "purpose": purpose, "door": _text(line, "door"), "stop": "unfinished"}
    return f"{model} was asked ({purpose}); the turn goes on, or was broken off.", detail


_WHO = {
    "owner": "you",
    "assistant": "the assistant",
    "system": "LocalGPT",
    "foreign": "the assistant, who had read a text of others",
}
_DONE = {"create": "made", "append": "added to", "replace": "changed", "delete": "deleted"}


def _change(line: Line) -> _Told:
    path, operation, origin = _text(line, "path"), _text(line, "op"), _text(line, "origin")
    if not path or operation not in _DONE:
        return None
    lines = len(_list(line, "lines"))
    count = f" ({_many(lines, 'line')})" if lines else ""
    detail = {
        "path": path, "op": operation, "origin": origin, "start": int(amount(line, "start")),
        "end": int(amount(line, "end")), "lines": lines, "door": _text(line, "door"), "step": step_of(line),
    }  # fmt: skip
    return f"{path} was {_DONE[operation]}{count} by {_WHO.get(origin, 'somebody')}.", detail


def _exit(line: Line) -> _Told:
    end: Line = line.get("end") or {}
    out, come = int(amount(line, "bytes_out")), int(amount(end, "bytes_in"))
    host, purpose, error = _text(line, "host"), _text(line, "purpose"), _text(end, "error")
    result = f"; it failed ({error})" if error else ""
    detail = {
        "host": host, "port": int(amount(line, "port")), "purpose": purpose, "method": _text(line, "method"),
        "bytes_out": line.get("bytes_out"), "bytes_in": come, "status": int(amount(end, "status")), "error": error,
    }  # fmt: skip
    return f"{host} was reached ({purpose}): {out:,} bytes went out, {come:,} came in{result}.", detail


def _declared(line: Line) -> _Told:
    host, purpose = _text(line, "host"), _text(line, "purpose")
    return f"{host} was reached by another program for us ({purpose}).", {"host": host, "purpose": purpose}


def _undone(line: Line) -> _Told:
    undone, count = _text(line, "turn"), int(amount(line, "files"))
    detail = {"undone": undone, "step": _text(line, "by"), "files": count, "door": _text(line, "door")}
    return f"The change {undone[:8]} was put back, in {_many(count, 'file')}.", detail


def _attachment(line: Line) -> _Told:
    path, size = _text(line, "path"), int(amount(line, "size"))
    name = path.partition("/")[2] or path
    detail = {
        "path": path,
        "size": size,
        "media_type": _text(line, "media_type"),
        "sha256": _text(line, "sha256"),
    }
    return f"You handed over {name} ({_many(size, 'byte')}).", detail


def _answer(line: Line) -> _Told:
    what, answer = _text(line, "name") or _text(line, "file"), _text(line, "answer")
    return f"You answered {answer} for {what}.", {"what": what, "answer": answer}


def _condensed(line: Line) -> _Told:
    before, after = int(amount(line, "tokens_before")), int(amount(line, "tokens_after"))
    detail = {"messages": int(amount(line, "messages")), "tokens_before": before, "tokens_after": after}
    return f"A conversation was condensed: {_many(detail['messages'], 'message')} became a summary.", detail


def _harvest(line: Line) -> _Told:
    kept = int(amount(line, "kept"))
    return (
        (f"Of a conversation {_many(kept, 'thing')} went into the notes.", {"kept": kept}) if kept else None
    )


_TOLD: Mapping[str, tuple[str, Callable[[Line], _Told]]] = MappingProxyType(
    {
        "turn.started": ("turn", _begun),
        "turn.finished": ("turn", _turn),
        "file.changed": ("change", _change),
        "turn.undone": ("undo", _undone),
        "exit.opened": ("exit", _exit),
        "exit.declared": ("exit", _declared),
        "attachment.stored": ("attachment", _attachment),
        "skill.answered": ("answer", _answer),
        "project.answered": ("answer", _answer),
        "conversation.condensed": ("condensed", _condensed),
        "harvest.finished": ("noted", _harvest),
    }
)
LINES = (*_TOLD, "exit.closed")
"""The kinds of the journal's lines that make entries."""
KINDS = tuple(dict.fromkeys(kind for kind, _ in _TOLD.values()))
"""The kinds of entries."""


def _text(line: Line, name: str) -> str:
    value = line.get(name)
    return value if isinstance(value, str) else ""


def _list(line: Line, name: str) -> Sequence[Any]:
    value = line.get(name)
    return value if isinstance(value, list) else []


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}" + ("" if count == 1 else "s")
