from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from localgpt.care.activity import KINDS, Line, digest, page
from localgpt.core.journal import Journal

AT = {"ts": "2026-11-23T10:00:00.000+00:00"}
TURN = {"turn": "t1", "session": "s1"}


@pytest.mark.parametrize(
    ("line", "kind", "summary"),
    [
        (
            {"kind": "turn.finished", "model": "anthropic/claude", "purpose": "chat", "stop": "done",
             "input_tokens": 1000, "cache_read_tokens": 234, "output_tokens": 56, "cost_usd": 0.0123, **TURN},
            "turn", "anthropic/claude answered (chat): 1,234 tokens read, 56 written, $0.0123.",
        ),
        (
            {"kind": "turn.finished", "model": "recall", "stop": "cancelled", **TURN},
            "turn", "recall answered (chat): 0 tokens read, 0 written; it was stopped.",
        ),
        (
            {"kind": "turn.started", "model": "recall", "purpose": "ask", **TURN},
            "turn", "recall was asked (ask); the turn goes on, or was broken off.",
        ),
        (
            {"kind": "file.changed", "path": "memory/a.md", "op": "append", "origin": "assistant", "lines": ["x", "y"]},
            "change", "memory/a.md was added to (2 lines) by the assistant.",
        ),
        (
            {"kind": "file.changed", "path": "a.md", "op": "delete", "origin": "owner", "lines": []},
            "change", "a.md was deleted by you.",
        ),
        (
            {"kind": "turn.undone", "turn": "0123456789ab", "by": "u", "files": 1},
            "undo", "The change 01234567 was put back, in 1 file.",
        ),
        (
            {"kind": "exit.opened", "id": "e", "host": "api.example", "purpose": "chat", "bytes_out": 1200},
            "exit", "api.example was reached (chat): 1,200 bytes went out, 0 came in.",
        ),
        (
            {"kind": "exit.declared", "host": "claude", "purpose": "chat"},
            "exit", "claude was reached by another program for us (chat).",
        ),
        (
            {"kind": "attachment.stored", "path": "attachment:ab12cd34/Ferry.pdf", "size": 1},
            "attachment", "You handed over Ferry.pdf (1 byte).",
        ),
        ({"kind": "skill.answered", "name": "weather", "answer": "yes"}, "answer", "You answered yes for weather."),
        (
            {"kind": "conversation.condensed", "messages": 12, "tokens_before": 9, "tokens_after": 3},
            "condensed", "A conversation was condensed: 12 messages became a summary.",
        ),
        (
            {"kind": "harvest.finished", "kept": 2},
            "noted", "Of a conversation 2 things went into the notes.",
        ),
    ],
)  # fmt: skip
def test_lines_become_sentences(line, kind, summary):
    (entry,) = digest([{**AT, **line}])
    assert (entry.kind, entry.summary, entry.time) == (kind, summary, AT["ts"])
    assert entry.kind in KINDS


def test_an_exit_is_told_with_its_end_and_a_turn_once():
    lines: list[Line] = [
        {**AT, "kind": "turn.started", **TURN},
        {**AT, "kind": "exit.opened", "id": "e", "host": "h", "purpose": "p", "bytes_out": None},
        {**AT, "kind": "exit.closed", "id": "e", "status": 200, "bytes_in": 7, "error": "Timeout"},
        {**AT, "kind": "turn.finished", "model": "m", **TURN},
    ]
    entries = list(digest(reversed(lines)))
    assert [entry.kind for entry in entries] == ["turn", "exit"]
    assert entries[1].summary.endswith("0 bytes went out, 7 came in; it failed (Timeout).")
    assert (entries[0].session, entries[0].turn) == ("s1", "t1")


@pytest.mark.parametrize(
    "line",
    [
        {"kind": "tool.called"},
        {"kind": "harvest.finished", "kept": 0},
        {"kind": "file.changed", "path": ["x"], "op": "append"},
        {"kind": "file.changed", "path": "a.md", "op": "burn"},
        {"kind": ["turn.finished"]},
        {},
    ],
)
def test_what_is_nothing_to_tell_or_damaged_is_left_out(line):
    assert list(digest([{**AT, **line}])) == []
    assert list(digest([{**line, "ts": ""}])) == []


def test_damaged_figures_are_none():
    odd = {"input_tokens": "many", "output_tokens": -3, "cost_usd": None, "model": 7, "citations": "x"}
    (entry,) = digest([{**AT, "kind": "turn.finished", **odd}])
    assert entry.detail["input_tokens"] == entry.detail["output_tokens"] == 0
    assert entry.detail["citations"] == []


def written(tmp_path, count: int) -> Journal:
    """A journal of ``count`` harvests over three months, two in each moment."""
    begin = datetime(2026, 9, 1, tzinfo=UTC)
    ticks = iter(begin + timedelta(days=(n // 2) * 7) for n in range(count))
    journal = Journal(tmp_path, "desk", lambda: next(ticks))
    for number in range(count):
        journal.append("harvest.finished", kept=number + 1)
    return journal


def test_pages_follow_each_other_and_lose_nothing(tmp_path):
    journal = written(tmp_path, 21)
    seen, before = [], ""
    for _ in range(30):
        found = page(journal, 3, before)
        seen += [entry.detail["kept"] for entry in found.entries]
        before = found.next
        if not before:
            break
    assert sorted(seen) == list(range(1, 22))
    assert seen[0] == 21
    assert seen[-1] in {1, 2}


def test_a_page_of_one_kind(tmp_path):
    journal = written(tmp_path, 4)
    assert page(journal, kind="noted").entries
    assert page(journal, kind="exit").entries == ()
    assert len(page(journal, limit=0).entries) == 2  # what happened in one moment stays together
