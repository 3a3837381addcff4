"""The lines of a conversation and the tree they make, whatever is in the file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localgpt.agent import replay
from localgpt.agent.session_index import Facts
from localgpt.agent.session_source import chunks_of, exchanges
from localgpt.agent.transcript import Transcript, clean, iso, parse_line, parse_lines, parse_time, write_line
from localgpt.core.values import Role, ToolResult


def fed(*lines: Mapping[str, object] | bytes) -> Transcript:
    transcript = Transcript()
    transcript.feed(b"".join(line if isinstance(line, bytes) else write_line(line) for line in lines))
    return transcript


def said(entry_id, parent, text="x", role="user"):
    message = {"role": role, "content": [{"type": "text", "text": text}]}
    return {"type": "message", "id": entry_id, "parentId": parent, "message": message}


HEADER = {"type": "session", "version": 3, "id": "s", "timestamp": "2026-03-01T10:00:00.000Z", "cwd": "/"}


def path_ids(transcript: Transcript) -> list[str]:
    return [entry.id for entry in transcript.path()]


def test_entries_form_a_chain_and_the_header_is_none_of_them():
    transcript = fed(HEADER, said("a", None), said("b", "a"))
    assert path_ids(transcript) == ["a", "b"]
    assert transcript.header["version"] == 3
    assert transcript.parent_id() == "b"
    assert [entry.line for entry in transcript.entries] == [1, 2, 3]


def test_the_last_entry_is_the_leaf_and_branches_are_left_out():
    transcript = fed(HEADER, said("a", None), said("b", "a"), said("c", "a"), said("d", "c"))
    assert path_ids(transcript) == ["a", "c", "d"]


@pytest.mark.parametrize(
    ("control", "path", "parent"),
    [
        ({"targetId": "a"}, ["a"], "a"),
        ({"targetId": "b", "appendParentId": "a"}, ["a", "b"], "a"),
        ({"targetId": None}, [], None),
        ({"targetId": "b", "appendParentId": None}, ["a", "b"], None),
        ({"targetId": "a", "appendParentId": "b", "appendMode": "side"}, ["a"], "a"),
        ({"targetId": "a", "appendParentId": "nobody"}, ["a", "b"], "l"),
        ({"targetId": "nobody"}, ["a", "b"], "l"),
        ({"targetId": []}, ["a", "b"], "l"),
        ({}, ["a", "b"], "l"),
    ],
)
def test_a_leaf_line_moves_the_leaf(control, path, parent):
    transcript = fed(HEADER, said("a", None), said("b", "a"), {"type": "leaf", "id": "l", **control})
    assert path_ids(transcript) == path
    assert transcript.parent_id() == parent


def test_an_entry_after_a_leaf_line_is_the_leaf_again():
    leaf = {"type": "leaf", "id": "l", "parentId": "b", "targetId": "a"}
    assert path_ids(fed(HEADER, said("a", None), said("b", "a"), leaf, said("c", "a"))) == ["a", "c"]


def test_an_entry_at_the_side_is_not_the_leaf_and_neither_is_what_follows_it():
    aside = {**said("b", "a"), "appendMode": "side"}
    plugin = {"type": "metadata", "id": "p", "parentId": "b"}
    transcript = fed(HEADER, said("a", None), aside, plugin)
    assert (path_ids(transcript), transcript.parent_id()) == (["a"], "a")


def test_an_unknown_entry_is_passed_on_the_way():
    transcript = fed(HEADER, said("a", None), {"type": "hologram", "id": "h", "parentId": "a"})
    assert (path_ids(transcript), transcript.parent_id()) == (["a"], "h")
    transcript.feed(write_line(said("b", "h")))
    assert path_ids(transcript) == ["a", "h", "b"]


def test_a_parent_whose_line_is_broken_is_the_entry_before():
    transcript = fed(HEADER, said("a", None), b'{"type":"message","id":"b","par\n', said("c", "b"))
    assert path_ids(transcript) == ["a", "c"]


def test_a_file_can_not_send_a_reader_round_in_circles():
    transcript = fed(said("a", "b"), said("b", "a"), said("a", "a"), said("c", "c"))
    assert [entry.line for entry in transcript.path()] == [1, 3, 4]


def test_files_without_ids_are_read_from_line_to_line():
    lines = [{"type": "message", "message": {"role": "user", "content": str(n)}} for n in range(3)]
    transcript = fed({"type": "session", "version": 1, "id": "s"}, *lines)
    assert [entry.message["content"] for entry in transcript.path()] == ["0", "1", "2"]
    assert transcript.parent_id() is None


def test_an_entry_with_an_id_goes_on_from_one_without():
    old = {"type": "message", "message": {"role": "user", "content": "old"}}
    transcript = fed({"type": "session", "id": "s"}, old, said("a", None), said("b", "a"))
    assert [entry.line for entry in transcript.path()] == [2, 3, 4]


def test_null_is_a_second_root_where_entries_have_ids():
    assert path_ids(fed(HEADER, said("a", None), said("b", None))) == ["b"]


def test_what_is_fed_in_two_parts_is_what_is_fed_in_one():
    lines = [write_line(line) for line in (HEADER, said("a", None), said("b", "a"), said("c", "a"))]
    whole, parts = fed(*lines), Transcript()
    for line in lines:
        parts.feed(line)
    assert parts.entries == whole.entries
    assert parts.leaf == whole.leaf


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\n",
        b"\x00\x00\x00\n",
        b"\xff\xfe{\n",
        b"[1]\n",
        b'"text"\n',
        b"{",
        b"[" * 100_000 + b"\n",
        b'{"a":' * 50_000 + b"\n",
        b'{"type":1' + b"0" * 5000 + b"}\n",
    ],
    ids=lambda raw: repr(raw[:12]),
)
def test_what_is_no_json_object_is_a_broken_line(raw):
    assert parse_line(raw) is None
    transcript = fed(HEADER, raw, said("a", None)) if raw.endswith(b"\n") else fed(HEADER, raw)
    assert b"".join(entry.raw for entry in transcript.entries).startswith(write_line(HEADER) + raw)


def test_a_byte_order_mark_and_carriage_returns_are_no_hindrance():
    transcript = fed(b"\xef\xbb\xbf" + write_line(HEADER).replace(b"\n", b"\r\n"), said("a", None))
    assert transcript.header["id"] == "s"


def test_a_line_of_five_megabytes_is_a_line():
    transcript = fed(HEADER, said("a", None, "x" * 5_000_000))
    assert len(transcript.path()[0].raw) > 5_000_000


@pytest.mark.parametrize(("tail", "torn"), [(b"", False), (b'{"type"', True), (b"\n", False)])
def test_a_file_is_torn_when_its_last_line_has_no_end(tail, torn):
    assert fed(HEADER, tail).torn is torn


def test_a_file_of_nothing_but_broken_lines_is_empty():
    assert fed(b"garbage\n", b'{"no":"type"}\n').empty
    assert not fed(HEADER).empty
    assert not fed(said("a", None)).empty


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ({"a": "ü 🐢"}, b'{"a":"\xc3\xbc \xf0\x9f\x90\xa2"}\n'),
        ({"a": [float("nan"), float("inf"), 1.5]}, b'{"a":[null,null,1.5]}\n'),
        ({"a": {"b": "\ud800x", "\ud83d\ude00": ("y",)}}, '{"a":{"b":"�x","😀":["y"]}}\n'.encode()),
        ({"a": "line\nfeed\u2028"}, '{"a":"line\\nfeed\u2028"}\n'.encode()),
    ],
)
def test_a_line_is_one_line_of_json_that_others_can_read(value, written):
    assert write_line(value) == written
    assert parse_line(written) is not None


@pytest.mark.parametrize(
    ("value", "time"),
    [
        ("2026-03-01T10:00:00.123Z", datetime(2026, 3, 1, 10, 0, 0, 123_000, UTC)),
        ("2026-03-01T11:00:00+01:00", datetime(2026, 3, 1, 10, tzinfo=UTC)),
        ("2026-03-01T10:00:00", datetime(2026, 3, 1, 10, tzinfo=UTC)),
        (1_772_359_200_000, datetime(2026, 3, 1, 10, tzinfo=UTC)),
        (1e30, None),
        (float("nan"), None),
        (True, None),
        ("soon", None),
        (None, None),
    ],
)
def test_times_are_iso_texts_or_milliseconds(value, time):
    assert parse_time(value) == time


def test_times_are_written_as_javascript_writes_them():
    assert iso(datetime(2026, 3, 1, 10, tzinfo=UTC)) == "2026-03-01T10:00:00.000Z"


def test_text_loses_only_what_can_not_be_stored():
    assert clean("a\ud800b") == "a�b"
    assert clean("\ud83d\ude00 ü") == "😀 ü"
    assert clean(7) == ""


# Laws: whatever stands in a file

TEXTS = st.text(max_size=8) | st.sampled_from(["a", "b", "c", "l"])
IDS = st.sampled_from(["a", "b", "c", "d", "", None, 7])
BLOCKS: st.SearchStrategy[Any] = st.lists(
    st.one_of(
        st.fixed_dictionaries({"type": st.just("text"), "text": TEXTS}),
        st.fixed_dictionaries({"type": st.just("thinking"), "thinking": TEXTS}),
        st.fixed_dictionaries(
            {"type": st.just("toolCall"), "id": IDS, "name": TEXTS, "arguments": st.just({}) | TEXTS}
        ),
        st.none()
        | st.integers()
        | TEXTS
        | st.sampled_from([{"type": "image"}, {"type": []}, {"type": "text", "text": []}]),
    ),
    max_size=3,
)
ROLES: st.SearchStrategy[Any] = st.sampled_from(
    [
        "user",
        "assistant",
        "toolResult",
        "tool",
        "custom",
        "hookMessage",
        "system",
        "bashExecution",
        None,
        3,
        [],
    ]
)
MESSAGES: st.SearchStrategy[Any] = st.fixed_dictionaries(
    {"role": ROLES, "content": BLOCKS | TEXTS | st.none()},
    optional={
        "toolCallId": IDS,
        "details": st.sampled_from([None, {"localgpt": 1}, {"localgpt": {"origin": []}}]),
    },
)
KINDS: st.SearchStrategy[Any] = st.sampled_from(
    [
        "session",
        "message",
        "compaction",
        "reset",
        "branch_summary",
        "custom",
        "custom_message",
        "leaf",
        "new",
        4,
    ]
)
KNOWN = st.fixed_dictionaries(
    {"type": KINDS},
    optional={
        "id": IDS,
        "parentId": IDS,
        "targetId": IDS,
        "appendParentId": IDS,
        "firstKeptEntryId": IDS,
        "firstKeptEntryIndex": IDS | st.integers(-2, 6),
        "summary": TEXTS | st.integers(),
        "content": BLOCKS | TEXTS,
        "message": MESSAGES | TEXTS,
        "timestamp": st.sampled_from(["2026-03-01T10:00:00Z", "x", 5, 1e300]),
    },
).map(lambda data: json.dumps(data).encode())
BROKEN = st.binary(max_size=20).map(lambda raw: raw.replace(b"\n", b" "))
LINES = st.lists(KNOWN | BROKEN, max_size=14)


@given(lines=LINES, end=st.sampled_from([b"", b"\n"]))
def test_every_byte_is_kept_and_a_reader_always_comes_to_an_end(lines, end):
    data = b"\n".join(lines) + end
    transcript = Transcript()
    transcript.feed(data)
    assert b"".join(entry.raw for entry in transcript.entries) == data
    assert all(entry.parent < entry.line for entry in transcript.entries)
    assert len(transcript.path()) <= len(transcript.entries)


@given(lines=LINES)
def test_whatever_is_in_the_file_each_call_has_its_result_and_each_result_its_call(lines):
    transcript = Transcript()
    transcript.feed(b"\n".join(lines) + b"\n")
    conversation = replay.messages(transcript)
    for at, message in enumerate(conversation):
        if message.calls:
            follow = conversation[at + 1]
            assert follow.role is Role.TOOL
            results = [block for block in follow.blocks if isinstance(block, ToolResult)]
            assert [result.call_id for result in results] == [call.id for call in message.calls]
        if message.role is Role.TOOL:
            assert conversation[at - 1].calls
            assert at > 0


@given(lines=LINES)
def test_no_reader_of_lines_falls_over_any_of_them(lines):
    transcript = Transcript()
    entries = transcript.feed(b"\n".join(lines))
    facts = Facts()
    facts.see(entries)
    messages = [entry for entry in entries if entry.message]
    asked = [chunk for exchange in exchanges(messages) for chunk in chunks_of("session:s", exchange)]
    for text in (facts.title, facts.words, facts.model, *(chunk.text + chunk.heading for chunk in asked)):
        text.encode("utf-8")


_PIECES = st.sampled_from(
    [b'{"a":[1', b"2]}", b"{},{}", b'{"a":"\xc3\xa4\xe2\x82\xac"}', b"\xff", b"\xef\xbb\xbf{}", b"[1]", b" {} ", b"\r", b"\n", b"\n", b'{"b":"x', b'"}']
)  # fmt: skip


@given(st.lists(_PIECES).map(b"".join))
def test_lines_read_together_say_what_each_says_alone(data):
    whole = list(parse_lines(data))
    assert b"".join(raw for raw, _ in whole) == data
    assert [said for _, said in whole] == [parse_line(raw) for raw, _ in whole]
