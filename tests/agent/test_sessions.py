"""Conversations on disk: nothing acknowledged is lost, nothing torn is in the way, everyone's lines are kept."""

from __future__ import annotations

import json
import os
import stat
import threading
import time

import pytest

from localgpt.agent.replay import INTERRUPTED
from localgpt.agent.sessions import Session, Sessions, resolve
from localgpt.agent.transcript import parse_line, write_line
from localgpt.core.errors import NotFound, StorageError, UsageError
from localgpt.core.values import Message, Role, Text, ToolCall, ToolResult, Usage


def user(text):
    return Message(Role.USER, (Text(text),))


def reply(text):
    return Message(Role.ASSISTANT, (Text(text),))


@pytest.fixture
def sessions(tmp_path, clock):
    return Sessions(tmp_path / "sessions", clock=clock)


def lines_of(session):
    return [json.loads(line) for line in session.path.read_bytes().splitlines()]


def listed(folder):
    return json.loads((folder / "sessions.json").read_bytes())


# Writing and reading


def test_nothing_is_on_disk_before_the_first_append(sessions):
    session = sessions.new(title="x")
    assert (session.messages(), session.entries(), session.title) == ([], [], "x")
    assert sessions.list() == []
    assert not sessions.folder.exists()


def test_a_conversation_is_a_header_and_a_chain_in_openclaws_shape(sessions):
    session = sessions.new(cwd="/work")
    session.append(user("hello"), turn="t1")
    entry = session.append(reply("hi"), model="recall", turn="t1")
    header, first, second = lines_of(session)
    assert header == {
        "type": "session",
        "version": 3,
        "id": session.id,
        "timestamp": "2026-03-02T09:00:02.000Z",
        "cwd": "/work",
    }
    assert (first["type"], first["parentId"], first["timestamp"]) == (
        "message",
        None,
        "2026-03-02T09:00:03.000Z",
    )
    assert first["message"]["timestamp"] == 1_772_442_001_000
    assert len(first["id"]) == 8
    assert (second["parentId"], second["id"], entry.line) == (first["id"], entry.id, 3)
    assert second["message"]["details"] == {"localgpt": {"turn": "t1"}}


def test_files_and_folder_are_the_owners_alone(sessions):
    session = sessions.new()
    session.append(user("x"))
    assert stat.S_IMODE(session.path.stat().st_mode) == 0o600
    assert stat.S_IMODE((sessions.folder / "sessions.json").stat().st_mode) == 0o600
    assert stat.S_IMODE(sessions.folder.stat().st_mode) == 0o700


def test_what_was_said_is_what_is_read_again(sessions):
    said = [
        user("find tea"),
        Message(Role.ASSISTANT, (Text("Looking."), ToolCall("c1", "search", {"q": "tea"}))),
        Message(Role.TOOL, (ToolResult("c1", "search", "a plant"),)),
        reply("A plant."),
    ]
    session = sessions.new()
    for message in said:
        session.append(message)
    assert session.messages() == said
    assert sessions.open(session.id).messages() == said


def test_several_results_are_lines_of_their_own(sessions):
    session = sessions.new()
    session.append(Message(Role.ASSISTANT, (ToolCall("a", "f", {}), ToolCall("b", "g", {}))))
    last = session.append(Message(Role.TOOL, (ToolResult("a", "f", "1"), ToolResult("b", "g", "2"))))
    assert [line["message"]["toolCallId"] for line in lines_of(session)[2:]] == ["a", "b"]
    assert (last.message["toolCallId"], last.line) == ("b", 4)
    with pytest.raises(ValueError, match="at least one result"):
        session.append(Message(Role.TOOL, ()))


def test_a_turn_that_was_stopped_at_its_tool_can_go_on(sessions):
    session = sessions.new()
    session.append(user("x"))
    session.append(Message(Role.ASSISTANT, (ToolCall("a", "f", {}),)))
    session.append(user("and?"))
    assert [message.role for message in session.messages()] == [
        Role.USER,
        Role.ASSISTANT,
        Role.TOOL,
        Role.USER,
    ]
    assert session.messages()[2].blocks == (ToolResult("a", "f", INTERRUPTED, is_error=True),)


def test_a_note_is_on_disk_and_never_sent(sessions):
    session = sessions.new()
    session.append(user("x"))
    entry = session.note("receipt", {"pieces": 3})
    assert entry.data is not None
    assert (entry.data["customType"], entry.data["data"]) == ("receipt", {"pieces": 3})
    assert session.messages() == [user("x")]


def test_a_title_is_given_and_given_again(sessions):
    session = sessions.new(title="Tea")
    session.append(user("x"))
    assert (session.title, sessions.list()[0].title) == ("Tea", "Tea")
    sessions.open(session.id).rename("Coffee")
    assert (session.title, sessions.list()[0].title) == ("Coffee", "Coffee")
    assert session.messages() == [user("x")]


def test_two_processes_see_what_the_other_wrote(sessions):
    here = sessions.new()
    here.append(user("1"))
    there = sessions.open(here.id)
    there.append(reply("2"))
    here.append(user("3"))
    assert [message.text for message in there.messages()] == ["1", "2", "3"]
    assert len({line.get("parentId") for line in lines_of(here)[1:]}) == 3


def test_only_the_new_part_of_a_grown_file_is_read(sessions):
    session = sessions.new()
    session.append(user("1"))
    known = session.entries()[-1]
    sessions.open(session.id).append(user("2"))
    assert session.entries()[1] is known


@pytest.mark.parametrize("longer", [True, False])
def test_a_file_that_was_written_anew_is_read_anew(sessions, longer):
    session = sessions.new()
    session.append(user("1" * 50))
    other = {"type": "message", "message": {"role": "user", "content": "other" * 200 * longer}}
    session.path.write_bytes(write_line(other))
    assert [message.text for message in session.messages()] == ["other" * 200] * longer


def test_a_conversation_whose_file_is_gone_begins_again(sessions):
    session = sessions.new()
    session.append(user("1"))
    session.path.unlink()
    assert session.messages() == []
    session.append(user("2"))
    assert [line["type"] for line in lines_of(session)] == ["session", "message"]


def test_threads_may_share_a_conversation(sessions):
    session = sessions.new()
    threads = [threading.Thread(target=session.append, args=(user(str(n)),)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(message.text for message in session.messages()) == [str(n) for n in range(8)]


def test_a_folder_that_can_not_be_is_told_in_a_sentence(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(StorageError):
        Sessions(tmp_path / "file").new().append(user("x"))


def test_every_line_is_synced_before_it_counts(sessions, monkeypatch):
    synced: list[int] = []
    monkeypatch.setattr(
        "localgpt.core.files.os.fsync", lambda descriptor: synced.append(os.fstat(descriptor).st_size)
    )
    session = sessions.new()
    for n in range(3):
        session.append(user(str(n)))
        assert session.path.stat().st_size in synced


# Others' files


def test_version_1_goes_on_with_ids_and_keeps_its_lines(sessions):
    old = (
        b'{"type":"session","version":1,"id":"old","timestamp":"2025-01-01T00:00:00Z","cwd":"/"}\n'
        b'{"type":"message","message":{"role":"system","content":[{"type":"text","text":"You are"}]}}\n'
        b'{"type":"message","message":{"role":"user","content":[{"type":"text","text":"1"}],"timestamp":1735689600000}}\n'
        b'{"type":"message","message":{"role":"assistant","content":[],"toolCalls":[{"id":"c","name":"f","arguments":"{}"}]}}\n'
        b'{"type":"message","message":{"role":"tool","content":[{"type":"text","text":"2"}],"toolCallId":"c"}}\n'
    )
    sessions.folder.mkdir()
    (sessions.folder / "old-session.jsonl").write_bytes(old)
    session = sessions.open("old-session")
    session.append(reply("3"))
    session.append(user("4"))
    assert session.path.read_bytes().startswith(old)
    assert [line["parentId"] for line in lines_of(session)[5:]] == [None, lines_of(session)[5]["id"]]
    roles = [message.role for message in session.messages()]
    assert roles == [Role.USER, Role.ASSISTANT, Role.TOOL, Role.ASSISTANT, Role.USER]


def test_unknown_and_broken_lines_are_kept_byte_for_byte(sessions):
    session = sessions.new()
    session.append(user("1"))
    strange = b'{"type":"hologram","id":"h","x":[1,\t2]}\r\n\x00\xff\n\n{"a":\n'
    with session.path.open("ab") as file:
        file.write(strange)
    session.append(user("2"))
    data = session.path.read_bytes()
    assert strange in data
    assert b"".join(entry.raw for entry in session.entries()) == data
    assert [message.text for message in session.messages()] == ["1", "2"]
    assert lines_of_readable(data)[-1]["parentId"] == "h"


def lines_of_readable(data):
    return [line for raw in data.splitlines() if (line := parse_line(raw))]


@pytest.mark.parametrize("cut", range(1, 12))
def test_a_torn_line_stays_by_itself_wherever_it_was_torn(sessions, cut):
    session = sessions.new()
    session.append(user("1"))
    kept = session.path.read_bytes()
    session.append(user("2"))
    whole = session.path.read_bytes()
    at = len(kept) + (len(whole) - len(kept)) * cut // 12
    session.path.write_bytes(whole[:at])
    for again in (session, sessions.open(session.id)):
        assert [message.text for message in again.messages()] == ["1"]
    session.append(user("3"))
    assert session.path.read_bytes().startswith(whole[:at] + b"\n")
    assert [message.text for message in session.messages()] == ["1", "3"]


def test_a_whole_line_without_its_end_counts(sessions):
    session = sessions.new()
    session.append(user("1"))
    session.path.write_bytes(session.path.read_bytes().rstrip(b"\n"))
    session.append(user("2"))
    assert [message.text for message in session.messages()] == ["1", "2"]


def test_a_header_that_was_torn_is_written_again(sessions):
    session = sessions.new()
    session.append(user("1"))
    session.path.write_bytes(session.path.read_bytes()[:20])
    session.append(user("2"))
    kinds = [entry.kind for entry in session.entries()]
    assert kinds == ["", "session", "message"]


# Finding, listing, deleting


def test_a_conversation_is_found_by_the_beginning_of_its_id(sessions):
    first, second = sessions.new(), sessions.new()
    first.append(user("1"))
    second.append(user("2"))
    assert sessions.open(first.id[:8]).id == first.id
    assert sessions.open("last").id == sessions.open(" Latest ").id == second.id
    first.append(reply("1"))
    assert sessions.open("last").id == first.id


IDS = ["abcd-1", "abcd-2", "bcde-1", "bcde-12"]


@pytest.mark.parametrize(
    ("reference", "found"), [("abcd-1", "abcd-1"), ("bcde-1", "bcde-1"), ("bcde-12", "bcde-12")]
)
def test_a_full_id_is_itself(reference, found):
    assert resolve(reference, IDS) == found


def test_an_unclear_or_unknown_id_is_told_with_what_to_do():
    with pytest.raises(UsageError) as unclear:
        resolve("abcd", IDS)
    assert "abcd-1, abcd-2" in unclear.value.hint
    with pytest.raises(NotFound, match="'nobody'"):
        resolve("nobody", IDS)
    with pytest.raises(NotFound) as short:
        resolve("bcd", IDS)
    assert "four" in short.value.hint or "4" in short.value.hint


@pytest.mark.parametrize("reference", ["", "last", "../x", "sessions.json"])
def test_what_is_not_there_is_not_found(sessions, reference):
    sessions.folder.mkdir()
    with pytest.raises(NotFound):
        sessions.open(reference)


def test_the_list_shows_the_last_used_first(sessions):
    first, second = sessions.new(), sessions.new()
    first.append(user("What is tea?"))
    second.append(user("What is coffee?"))
    first.append(reply("A plant."), model="ollama/x", usage=Usage(3, 4))
    info, other = sessions.list()
    assert (info.id, info.title, info.messages, info.model) == (first.id, "What is tea?", 2, "ollama/x")
    assert info.created < other.created < other.updated < info.updated
    assert [info.id for info in sessions.list(1)] == [first.id]
    assert listed(sessions.folder)["agent:main:main"]["inputTokens"] == 3


def test_the_list_reads_only_what_changed(sessions, monkeypatch):
    for n in range(3):
        sessions.new().append(user(str(n)))
    read: list[str] = []
    gather = Session.facts

    def watched(session):
        read.append(session.id)
        return gather(session)

    monkeypatch.setattr(Session, "facts", watched)
    assert (len(sessions.list()), read) == (3, [])
    changed = sessions.open(sessions.list()[1].id)
    changed.note("x", {})
    assert (len(sessions.list()), read) == (3, [changed.id])
    assert (len(sessions.list()), read) == (3, [changed.id])


@pytest.mark.parametrize("damage", [None, b"", b"nonsense", b'{"agent:main:main": 3}'])
def test_sessions_json_may_go_at_any_moment(sessions, damage):
    for text in ("1", "2"):
        sessions.new(title=text).append(user(text))
    before = sessions.list()
    path = sessions.folder / "sessions.json"
    path.unlink()
    if damage is not None:
        path.write_bytes(damage)
    after = sessions.list()
    assert [(info.id, info.title, info.updated) for info in after] == [
        (info.id, info.title, info.updated) for info in before
    ]
    assert {entry["sessionId"] for entry in listed(sessions.folder).values() if isinstance(entry, dict)} == {
        info.id for info in before
    }


def test_jobs_and_side_files_are_not_the_latest_conversation(sessions):
    mine = sessions.new()
    mine.append(user("mine"))
    sessions.new(key="heartbeat").append(user("job"))
    for name in ("x.trajectory.jsonl", ".hidden.jsonl", "y.jsonl.lock", "empty.jsonl"):
        (sessions.folder / name).write_bytes(b"")
    assert sorted(info.key for info in sessions.list()) == ["agent:main:main", "heartbeat"]
    latest = sessions.latest()
    assert latest is not None
    assert latest.id == mine.id


def test_a_deleted_conversation_is_put_aside(sessions):
    keep, gone = sessions.new(), sessions.new()
    keep.append(user("keep"))
    gone.append(user("gone"))
    aside = sessions.delete(gone)
    assert aside.name.startswith(f"{gone.id}.jsonl.deleted.2026-03-02T09-00-")
    assert b"gone" in aside.read_bytes()
    assert [info.id for info in sessions.list()] == [keep.id]
    assert gone.id not in json.dumps(listed(sessions.folder))
    with pytest.raises(NotFound):
        sessions.delete(gone)


def test_a_list_on_a_read_only_disk_is_a_list(sessions, monkeypatch):
    sessions.new().append(user("1"))
    (sessions.folder / "sessions.json").unlink()

    def full(*arguments, **options):
        raise StorageError("Can't write: the disk is read-only.")

    monkeypatch.setattr("localgpt.core.files.replace", full)
    assert [info.title for info in sessions.list()] == ["1"]
    session = sessions.new()
    session.append(user("2"))
    assert session.messages() == [user("2")]


def test_a_conversation_of_many_entries_opens_soon(tmp_path):
    """Against the JSON alone, in one run: what comes on top is at most a few times that."""
    session = Sessions(tmp_path).new()
    session.append(Message(Role.USER, (Text("The roses by the shed want cutting."),)))
    *head, line = session.path.read_text(encoding="utf-8").splitlines()
    entry, last, lines = json.loads(line), json.loads(line)["id"], []
    for number in range(5000):
        entry |= {"id": f"{number:08x}", "parentId": last}
        last = entry["id"]
        lines.append(json.dumps(entry) + "\n")
    session.path.write_text("".join(f"{one}\n" for one in (*head, line)) + "".join(lines), encoding="utf-8")

    def took(work) -> float:
        begin = time.process_time()
        work()
        return time.process_time() - begin

    opened = Sessions(tmp_path).open(session.id)
    ours = min(took(lambda: len(Sessions(tmp_path).open(session.id).messages())) for _ in range(3))
    bare = min(took(lambda: [json.loads(one) for one in lines]) for _ in range(3))
    assert len(opened.messages()) == 5001
    assert ours < 6 * bare + 0.05
