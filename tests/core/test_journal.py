from __future__ import annotations

import json
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from localgpt.core.journal import GENESIS, Journal, Origins, digest, mark
from localgpt.core.values import Author, Change, Chunk, Origin, Span


def journal(folder: Path, clock, machine: str = "desk") -> Journal:
    return Journal(folder, machine=machine, clock=clock)


def lines(folder: Path) -> list[bytes]:
    return [
        line for month in sorted(folder.glob("*/*.jsonl")) for line in month.read_bytes().split(b"\n") if line
    ]


def change(
    before: bytes | None, after: bytes | None, *, origin=Origin.ASSISTANT, span=(1, 1), path="a.md"
) -> Change:
    return Change(path, f"/w/{path}", before, after, Span(path, *span), Author(origin, "t1", "s1", "test"))


def test_every_line_carries_the_hash_of_the_line_before(tmp_path, clock):
    book = journal(tmp_path, clock)
    for number in range(3):
        book.append("test", number=number)
    raw = lines(tmp_path)
    assert [json.loads(line)["prev"] for line in raw] == [GENESIS, digest(raw[0]), digest(raw[1])]
    assert book.verify() == []


def test_the_chain_goes_on_across_months(tmp_path, clock):
    book = journal(tmp_path, clock)
    book.append("first")
    clock.now = datetime(2026, 4, 1, tzinfo=UTC)
    book.append("second")
    assert [month.name for month in sorted(book.own.glob("*.jsonl"))] == ["2026-03.jsonl", "2026-04.jsonl"]
    assert book.verify() == []


@pytest.mark.parametrize("damage", [lambda raw: raw[1:], lambda raw: [raw[0].replace(b"0", b"1"), *raw[1:]]])
def test_a_line_taken_out_or_altered_shows(tmp_path, clock, damage):
    book = journal(tmp_path, clock)
    for number in range(3):
        book.append("test", number=number)
    month = next(book.own.glob("*.jsonl"))
    month.write_bytes(b"\n".join(damage(lines(tmp_path))) + b"\n")
    assert any("does not follow" in problem for problem in book.verify())


def test_a_torn_line_stays_by_itself_and_the_chain_goes_on(tmp_path, clock):
    book = journal(tmp_path, clock)
    book.append("whole")
    month = next(book.own.glob("*.jsonl"))
    month.write_bytes(month.read_bytes() + b'{"v":1,"ki')
    book.append("after")
    assert [entry["kind"] for entry in book.entries()] == ["whole", "after"]
    assert [problem for problem in book.verify() if "does not follow" in problem] == []
    assert any("cut off" in problem for problem in book.verify())


def test_entries_of_all_machines_come_in_the_order_of_time(tmp_path, clock):
    desk, laptop = journal(tmp_path, clock), journal(tmp_path, clock, "laptop")
    for book, name in ((desk, "a"), (laptop, "b"), (desk, "c")):
        book.append("test", name=name)
    assert [entry["name"] for entry in desk.entries("test")] == ["a", "b", "c"]
    assert list(desk.entries("other")) == []


def test_what_a_change_replaced_is_kept_byte_for_byte(tmp_path, clock):
    book = journal(tmp_path, clock)
    old = b"old \xff\x00 bytes\n"
    book.change(change(old, b"new\n"))
    entry = next(book.entries("file.changed"))
    assert entry["op"] == "replace"
    assert book.blob(entry["before"]["sha256"]) == old
    assert book.blob("0" * 64) is None


def test_an_append_needs_no_blob(tmp_path, clock):
    book = journal(tmp_path, clock)
    book.change(change(b"one\n", b"one\ntwo\n", span=(2, 2)))
    entry = next(book.entries("file.changed"))
    assert (entry["op"], entry["before"]["size"]) == ("append", 4)
    assert not (book.own / "blobs").exists()


@pytest.mark.parametrize(
    ("before", "after", "operation"),
    [(None, b"x\n", "create"), (b"x\n", None, "delete"), (b"x\n", b"y\n", "replace")],
)
def test_a_change_says_what_it_does(tmp_path, clock, before, after, operation):
    book = journal(tmp_path, clock)
    book.change(change(before, after))
    assert next(book.entries("file.changed"))["op"] == operation


def test_no_text_of_a_note_stands_in_the_journal(tmp_path, clock):
    book = journal(tmp_path, clock)
    book.change(change(None, b"my locker code is 4711\n"))
    assert b"4711" not in b"".join(lines(tmp_path))


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("written by the owner", Origin.OWNER),
        ("by the assistant", Origin.ASSISTANT),
        ("# A heading of the owner's\nby the assistant", Origin.ASSISTANT),
        ("by the assistant\nwritten by the owner", Origin.OWNER),
        ("from the web", Origin.FOREIGN),
        ("written by the owner\n  from the web  ", Origin.FOREIGN),
    ],
)
def test_a_passage_has_the_origin_of_its_lines(tmp_path, clock, text, origin):
    book = journal(tmp_path, clock)
    book.change(change(None, b"by the assistant\n"))
    book.change(change(None, b"from the web\n", origin=Origin.FOREIGN))
    assert Origins(book)(Chunk("a.md", 1, 2, text)) is origin


def test_origins_know_what_another_process_has_journalled_since(tmp_path, clock):
    origins = Origins(journal(tmp_path, clock))
    chunk = Chunk("a.md", 1, 1, "from the web")
    assert origins(chunk) is Origin.OWNER
    journal(tmp_path, clock).change(change(None, b"from the web\n", origin=Origin.FOREIGN))
    assert origins(chunk) is Origin.FOREIGN


def test_origins_know_what_a_sync_brought_from_another_machine(tmp_path, clock, monkeypatch):
    origins = Origins(journal(tmp_path, clock))
    chunk = Chunk("a.md", 1, 1, "from the web")
    assert origins(chunk) is Origin.OWNER
    journal(tmp_path, clock, "laptop").change(change(None, b"from the web\n", origin=Origin.FOREIGN))
    later = time.monotonic() + 2
    monkeypatch.setattr(time, "monotonic", lambda: later)
    assert origins(chunk) is Origin.FOREIGN


def test_a_line_is_what_ends_in_a_line_feed(tmp_path, clock):
    book = journal(tmp_path, clock)
    text = "one\x0cpage\u2028and another"
    book.change(change(None, text.encode() + b"\n", origin=Origin.FOREIGN))
    (entry,) = book.entries("file.changed")
    assert entry["lines"] == [mark(text)]
    assert Origins(book)(Chunk("a.md", 1, 1, text)) is Origin.FOREIGN


def test_who_reads_on_where_they_ended_gets_each_entry_once(tmp_path, clock):
    book = journal(tmp_path, clock)
    assert book.added("2026-03", 0, "test") == ([], 0)
    book.append("test", number=1)
    book.append("other", about='"kind":"test"')
    first, end = book.added("2026-03", 0, "test")
    book.append("test", number=2)
    second, last = book.added("2026-03", end, "test")
    assert [entry["number"] for entry in (*first, *second)] == [1, 2]
    assert book.added("2026-03", last, "test") == ([], last)


def test_files_are_the_owners_alone(tmp_path, clock):
    book = journal(tmp_path, clock)
    book.change(change(b"old", b"new"))
    assert {place.stat().st_mode & 0o077 for place in book.own.rglob("*") if place.is_file()} == {0}


WRITER = """
import sys
from pathlib import Path
from localgpt.core.journal import Journal
book = Journal(Path(sys.argv[1]), machine="desk")
for number in range(int(sys.argv[3])):
    book.append("test", who=sys.argv[2], number=number)
"""


def test_two_processes_make_one_chain(tmp_path):
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), who, "40"]) for who in ("one", "two")
    ]
    assert [writer.wait(30) for writer in writers] == [0, 0]
    book = Journal(tmp_path, machine="desk")
    assert len(list(book.entries("test"))) == 80
    assert book.verify() == []


def test_the_lines_of_a_note_that_was_moved_stay_whose_they_were(tmp_path, clock):
    book = journal(tmp_path, clock)
    origins = Origins(book)
    book.change(change(None, b"from the web\n", origin=Origin.FOREIGN, path="a.md"))
    author = Author(Origin.OWNER, "t2", "", "page")
    moved = Change(
        "b.md", "/w/b.md", None, b"from the web\n", Span("b.md", 0, 0), author, text="", moved_from="a.md"
    )
    book.change(moved)
    assert origins(Chunk("b.md", 1, 1, "from the web")) is Origin.FOREIGN
    assert origins(Chunk("b.md", 2, 2, "something else")) is Origin.OWNER


def test_entries_come_back_to_front_over_months_and_machines(tmp_path, clock):
    days = [(10, 1), (11, 1), (11, 3)]
    ticks = iter(datetime(2026, month, day, tzinfo=UTC) for month, day in days)
    desk = journal(tmp_path, lambda: next(ticks))
    for number in range(3):
        desk.append("test", number=number)
    laptop = journal(tmp_path, lambda: datetime(2026, 11, 2, tzinfo=UTC), "laptop")
    laptop.append("test", number=9)
    laptop.append("other", number=10)
    assert [one["number"] for one in desk.backwards("test")] == [2, 9, 1, 0]
    assert list(journal(tmp_path / "none", clock).backwards()) == []


def test_backwards_is_forwards_from_the_end_whatever_the_length_of_lines(tmp_path, clock):
    book = journal(tmp_path, clock)
    for size in (1, 70_000, 3, 200_000, 65_536, 0):
        book.append("test", text="x" * size)
    with book.month(clock()).open("ab") as file:
        file.write(b"\n\n{torn")
    assert list(book.backwards()) == list(book.entries())[::-1]


def test_keys_are_taken_out_of_all_but_changes(tmp_path):
    key = "ghp_" + "a1B2" * 9
    journal = Journal(tmp_path)
    journal.append("tool.called", name="shell", effects=[["runs", f"curl -H {key}"]], why={"a": key})
    assert key not in next(tmp_path.glob("*/*.jsonl")).read_text()
    journal.append("file.changed", path=f"{key}.md")
    assert [entry["path"] for entry in journal.entries("file.changed")] == [f"{key}.md"]
