"""HEARTBEAT.md, read: OpenClaw's vectors, open boxes, watching, and files that nobody would write."""

from __future__ import annotations

import time
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localgpt.memory.templates import template
from localgpt.scheduler.heartbeat_file import MOST_ITEMS, Entry, Kind, is_empty, read, with_tick

moment = datetime.fromisoformat


@pytest.mark.parametrize(
    "text",
    [
        template("HEARTBEAT.md").decode(),
        "",
        "\n \n",
        "# Heartbeat\n\n##\n###### deep",
        "- [ ]",
        "-\n*\n+\n- [x]\n* [ ]\n",
        "<!-- one\nDo something!\n- [ ] and this\n-->",
        "<!-- a --><!-- b -->\n<!--\nc\n--> ",
        "```\n```",
        "```markdown\n# Heartbeat\n```",
        "# A\r\n\r\n- [ ]\r\n",
    ],
)
def test_effectively_empty(text):
    assert is_empty(text)
    assert read(text).entries == ()


@pytest.mark.parametrize(
    "text",
    ["Do it.", "#hash is no heading", "- [ ] do", "<!-- never closed\nDo it.", "tasks:", "before <!-- c -->"],
)
def test_not_empty(text):
    assert not is_empty(text)


TASKS = """# Heartbeat
tasks:
- name: inbox
  interval: 30
  prompt: "Look at the inbox: all of it."
- name: 'mail'
  interval: 1h30m
  prompt: Check mail
  watch: mail.md
- name: no interval
  prompt: x
- name: no prompt
  interval: 1m
- interval: 1m
  prompt: no name
- name: bad
  interval: often
  prompt: Never
Prose after the block.
"""


def test_a_block_of_tasks():
    found = read(TASKS)
    assert [(one.name, one.every, one.prompt, one.watch) for one in found.entries] == [
        ("inbox", 1800.0, "Look at the inbox: all of it.", ()),
        ("mail", 5400.0, "Check mail", ("mail.md",)),
        ("bad", -1.0, "Never", ()),
    ]
    assert {one.kind for one in found.entries} == {Kind.TASK}
    assert found.beside == "# Heartbeat\nProse after the block."


def test_prose_without_tasks_is_an_entry_of_its_own():
    found = read("# A\nLook at the news.\nwatch: https://example.org\n- [ ] box\n- [x] gone\n")
    assert [(one.kind, one.prompt) for one in found.entries] == [
        (Kind.BOX, "box"),
        (Kind.PROSE, "# A\nLook at the news."),
    ]
    assert found.entries[1].watch == ("https://example.org",)
    assert found.ticked == 1


def test_ticked_boxes_ask_for_nothing_with_all_that_is_below_them():
    assert read("# A\n- [x] done\n  with details\n* [X] too\n").entries == ()


def test_a_box_takes_what_is_indented_below_it():
    (box,) = read("- [ ] @2026-11-27 9:30 Plants\n  all of them\n\twatch: a b.md\n").entries
    assert box.prompt == "@2026-11-27 9:30 Plants\n  all of them"
    assert (box.watch, box.not_before, box.line) == (("a b.md",), moment("2026-11-27 09:30"), 1)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("@2026-11-27 x", moment("2026-11-27")),
        ("x @2026-11-27", moment("2026-11-27")),
        ("x @2026-11-27T23:59 y", moment("2026-11-27 23:59")),
        ("x @2026-13-27 y", None),
        ("x @2026-11-27 25:00 y", None),
        ("me@2026-11-27", None),
        ("x @0001-01-01 y", None),  # no such moment where clocks are behind UTC
        ("x @9999-12-31 y", None),
        ("x @0001-01-01 @2026-11-27 y", moment("2026-11-27")),
    ],
)
def test_a_moment_that_a_box_waits_for(words, expected):
    assert read(f"- [ ] {words}").entries[0].not_before == expected


def test_keys_stay_when_boxes_move_and_tell_twins_apart():
    keys = [one.key for one in read("- [ ] a\n- [ ] b\n- [ ] a\n").entries]
    assert len(set(keys)) == 3
    assert [one.key for one in read("# new\n\n- [ ] b\n- [ ]  a\n").entries] == [keys[1], keys[0]]


def test_ticking_changes_one_box_wherever_it_stands_by_now():
    (first, second) = read("- [ ] a\n- [ ] b\n").entries
    assert (
        with_tick("<!-- [ ] -->\n# x\n* [ ] b\n- [ ] a\n", second) == "<!-- [ ] -->\n# x\n* [x] b\n- [ ] a\n"
    )
    assert with_tick("- [] a\n", first) == "- [x] a\n"
    assert with_tick("- [x] a\n", first) is None
    assert with_tick("nothing", first) is None


def test_a_file_with_too_much_in_it_is_bounded_and_quick():
    begun = time.perf_counter()
    found = read("- [ ] do it\n" * 20_000)
    assert len(found.entries) == MOST_ITEMS
    for text in ("<!--" * 60_000, "- [ ] " * 40_000, "tasks:\n" + "- name: " * 30_000, " \n" * 100_000 + "x"):
        read(text)
    assert time.perf_counter() - begun < 3


PIECES = st.lists(
    st.sampled_from(
        ["tasks:", "- name: a", "  interval: 5m", "  prompt: 'p'", "- [ ] box", "- [x] b", "<!--", "-->", "", "# h",
         "text", "  watch: f", "watch: g", "```", "- [ ]", "\x0c", "a\u2028b"]
    ),
    max_size=14,
)  # fmt: skip


@given(PIECES)
def test_whatever_stands_in_it_is_read_and_each_box_can_be_ticked(lines):
    text = "\n".join(lines)
    found = read(text)
    assert len({one.key for one in found.entries}) == len(found.entries)
    assert not found.empty or not found.entries
    for entry in found.entries:
        assert isinstance(entry, Entry)
        assert entry.prompt.strip()
        if entry.kind is Kind.BOX:
            ticked = with_tick(text, entry)
            assert ticked is not None
            assert len(read(ticked).entries) <= len(found.entries)
            assert ticked.count("[x]") == text.count("[x]") + 1
