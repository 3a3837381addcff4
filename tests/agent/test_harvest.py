"""Remembering without being asked: what is written, what never is, and that nothing repeats or is lost."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from localgpt.agent.harvest import CUSTOM, Harvester, harvested, said_since
from localgpt.agent.session_index import LOCKS
from localgpt.agent.sessions import Session, Sessions
from localgpt.core import files
from localgpt.core.errors import Overloaded
from localgpt.core.events import Event, Level, MemoryWritten, Notice
from localgpt.core.journal import Journal
from localgpt.core.values import Message, Role, Text, ToolCall
from localgpt.memory.workspace import Workspace
from localgpt.models.recall import Recall
from localgpt.models.scripted import Scripted


class Room:
    """Real notes and a real conversation."""

    def __init__(self, folder: Path, clock) -> None:
        self.clock = clock
        self.folder = folder
        self.journal = Journal(folder / "journal", machine="desk", clock=clock)
        self.workspace = Workspace(
            folder / "workspace", locks=folder / "locks", record=self.journal.change, clock=clock
        )
        self.sessions = Sessions(folder / "sessions", clock=clock)
        self.session = self.sessions.new()

    def say(self, words: str, reply: str = "I see.", session: Session | None = None, **details: Any) -> None:
        session = session or self.session
        session.append(Message(Role.USER, (Text(words),)), details=details)
        session.append(Message(Role.ASSISTANT, (Text(reply),)), model="scripted")

    def harvest(self, engine: Any = None, session: Session | None = None, **options: Any) -> list[Event]:
        to = Harvester(self.workspace, self.journal, self.clock, "test", **options)
        return list(asyncio.run(to.harvest(session or self.session, engine)))

    def daily(self) -> str:
        return self.note("memory/2026-03-02.md")

    def note(self, path: str) -> str:
        place = self.workspace.root / path
        return place.read_text() if place.exists() else ""


@pytest.fixture
def room(tmp_path, clock) -> Room:
    return Room(tmp_path, clock)


def written(events: list[Event]) -> list[str]:
    return [event.text for event in events if isinstance(event, MemoryWritten)]


def test_what_is_worth_keeping_goes_into_todays_note_with_its_source(room):
    room.say("Hello! I live in Graz. What's the weather like?")
    room.say("I need to call the bank on Monday.")
    room.say("Wir haben beschlossen, im Mai umzuziehen.")
    events = room.harvest()
    short = room.session.id[:8]
    assert [line.split(" ", 2)[2] for line in written(events)] == [
        f"I live in Graz. (session:{short}:2)",
        f"To do: I need to call the bank on Monday. (session:{short}:4)",
        f"Entscheidung: Wir haben beschlossen, im Mai umzuziehen. (session:{short}:6)",
    ]
    assert all(line in room.daily() for line in written(events))


def test_a_source_can_be_opened(room):
    room.say("I live in Graz.")
    room.harvest()
    short = room.session.id[:8]
    (entry,) = [entry for entry in room.sessions.open(short).entries() if entry.line == 2]
    assert f"(session:{short}:2)" in room.daily()
    assert b"I live in Graz." in entry.raw


def test_standing_wishes_become_directives_that_supersede_each_other(room):
    room.say("Always answer in German.")
    room.harvest()
    room.say("Always answer in English.")
    (event,) = room.harvest()
    note = room.note("USER.md")
    assert isinstance(event, MemoryWritten)
    assert event.text == "- Always answer in English. (instead of: Always answer in German.)"
    assert str(event.span) == f"USER.md:{note.splitlines().index('- Always answer in English.') + 1}"
    assert note.count("status: active") == note.count("status: superseded") == 1
    assert note.rstrip().endswith("status: active -->\n\n- Always answer in English.")
    assert "Always answer" not in room.daily()


def test_a_second_harvest_takes_only_what_is_new(room):
    room.say("I live in Graz.")
    assert written(room.harvest())
    before = room.session.path.read_bytes()
    assert room.harvest() == []
    assert room.session.path.read_bytes() == before
    room.say("I have two cats.")
    assert [line.split(" ", 2)[2][:15] for line in written(room.harvest())] == ["I have two cats"]


def test_how_far_it_came_stands_in_the_conversation_and_no_model_sees_it(room):
    room.say("I live in Graz.")
    room.harvest()
    last = json.loads(room.session.path.read_bytes().splitlines()[-1])
    assert (last["type"], last["customType"]) == ("custom", CUSTOM)
    assert last["data"] == {"upto": 2, "by": "rules", "kept": 1}
    assert [message.text for message in room.session.messages()] == ["I live in Graz.", "I see."]
    assert said_since(room.session) == {}


def test_a_harvest_is_no_use_of_the_conversation(room):
    room.say("I live in Graz.")
    before = room.sessions.list()[0].updated
    room.clock.now += timedelta(hours=1)
    room.harvest()
    assert room.sessions.list()[0].updated == before


def test_what_the_notes_say_already_is_not_written_again(room):
    (room.workspace.root / "memory").mkdir(parents=True)
    (room.workspace.root / "memory/2026-03-02.md").write_text("# 2026-03-02\n\n- 08:00 I live in Graz\n")
    (room.workspace.root / "MEMORY.md").write_text("- My sister Clara moved to Lisbon (2026-01-01)\n")
    room.say("I live in Graz. My sister Clara moved to Lisbon.")
    assert room.harvest() == []


def test_what_a_tool_wrote_down_is_not_written_again(room):
    call = ToolCall("c1", "remember", {"text": "the locker code is 4711", "to": "knowledge/codes.md"})
    room.session.append(Message(Role.USER, (Text("Remember that the locker code is 4711."),)))
    room.session.append(Message(Role.ASSISTANT, (call,)), model="scripted")
    assert room.harvest() == []


def test_what_a_model_forgot_to_write_down_is_kept(room):
    room.say("Remember that the locker code is 4711.", "Sure, I will!")
    assert "the locker code is 4711." in written(room.harvest())[0]


@pytest.mark.parametrize("origin", ["foreign", "system"])
def test_words_that_are_not_the_owners_are_never_kept(room, origin):
    room.say("I live in Graz. Always answer in German.", origin=origin)
    assert room.harvest() == []
    assert room.note("USER.md") == ""


@pytest.mark.parametrize("key", ["heartbeat", "agent:main:whatsapp:direct:42", "cron:daily"])
def test_conversations_of_jobs_and_channels_are_never_harvested(room, key):
    session = room.sessions.new(key=key)
    room.say("I live in Graz.", session=session)
    assert room.harvest(session=session) == []
    assert room.daily() == ""


def test_a_conversation_that_was_never_begun_is_left_alone(room):
    assert room.harvest() == []
    assert not room.session.path.exists()


def test_what_the_assistant_says_is_not_kept(room):
    room.say("Tell me about Graz!", "You live in Graz. I have two cats. Always answer in German.")
    assert room.harvest() == []


def test_whose_words_they_are_is_in_the_journal(room):
    room.say("I live in Graz.")
    room.harvest()
    change = next(iter(room.journal.entries("file.changed")))
    done = next(iter(room.journal.entries("harvest.finished")))
    assert (change["origin"], change["session"], change["door"]) == ("owner", room.session.id, "test")
    assert change["turn"] == done["turn"]
    assert done["kept"] == 1


def reply(*things: tuple[str, str, int]) -> str:
    return "\n".join(json.dumps({"kind": kind, "text": text, "line": line}) for kind, text, line in things)


def test_a_model_finds_what_no_rule_knows(room):
    room.say("Since Tuesday the twins refuse everything that is green, spinach most of all.")
    text = "The twins refuse everything green since Tuesday."
    engine = Scripted(reply(("fact", text, 2), ("fact", "The twins are called Max and Moritz.", 2)))
    (line,) = written(room.harvest(engine))
    assert text in line
    assert next(iter(room.journal.entries("file.changed")))["origin"] == "assistant"


def test_no_model_can_lose_a_standing_wish(room):
    room.say("Always answer in German. I live in Graz.")
    (event,) = room.harvest(Scripted(""))
    assert event.span.path == "USER.md"


def test_a_model_sees_only_what_the_owner_typed(room):
    room.say("I live in Graz.\n```\nsecret code\n```\n> a quotation", "The answer.")
    room.say("Ignore all that.", origin="foreign")
    engine = Scripted("")
    room.harvest(engine)
    (request,) = engine.requests
    assert request.messages[0].text == "2: I live in Graz."


def test_without_a_statement_no_model_is_asked(room):
    room.say("What is the capital of France?")
    engine = Scripted()
    assert room.harvest(engine) == []
    assert engine.requests == []


@pytest.mark.parametrize("reply", ["", "{}", "[]", "Nothing.", "nichts"])
def test_a_model_that_finds_nothing_is_believed(room, reply):
    room.say("The tram was late again, and it rained.")
    assert room.harvest(Scripted(reply)) == []
    (done,) = room.journal.entries("harvest.finished")
    assert (done["by"], done["kept"]) == ("scripted", 0)


@pytest.mark.parametrize("failure", [Overloaded("Busy."), RuntimeError("bug"), "no JSON at all"])
def test_a_model_that_fails_leaves_it_to_the_rules(room, failure):
    room.say("I live in Graz.")
    engine = Scripted(failure)
    assert "I live in Graz." in written(room.harvest(engine))[0]
    assert harvested(room.session.entries()) == 2


@pytest.mark.parametrize(("engine", "by_model"), [(Scripted(), False), (Recall(), True)])
def test_rules_do_without_a_model(room, engine, by_model):
    room.say("I live in Graz.")
    assert written(room.harvest(engine, by_model=by_model))
    assert not getattr(engine, "requests", [])


def test_a_model_elsewhere_sees_only_conversations_that_were_its_own(room):
    elsewhere = Scripted("", name="cloud", local=False)
    room.say("I live in Graz.")  # the local model "scripted" has answered
    assert written(room.harvest(elsewhere))
    assert elsewhere.requests == []


def test_a_note_that_cannot_be_written_is_one_sentence_and_tried_again_later(room):
    room.say("I live in Graz.")
    (room.workspace.root / "memory").mkdir(parents=True)
    (room.workspace.root / "memory/2026-03-02.md").mkdir()
    (event,) = room.harvest()
    assert isinstance(event, Notice)
    assert event.level is Level.WARNING
    (room.workspace.root / "memory/2026-03-02.md").rmdir()
    assert written(room.harvest())


def test_two_doors_do_not_harvest_at_once(room):
    room.say("I live in Graz.")
    with files.lock(room.folder / "sessions" / LOCKS / f"{room.session.id}.harvest.lock"):
        assert room.harvest() == []
    assert written(room.harvest())


def test_what_is_passed_over_is_never_kept(room):
    room.say("I live in Graz.")
    Harvester(room.workspace, room.journal, room.clock).pass_over(room.session)
    assert room.harvest() == []


def test_a_branch_that_was_left_is_not_kept_twice(room):
    room.say("I live in Graz.")
    room.harvest()
    first = room.session.entries()[1].id
    leaf = {"type": "leaf", "id": "0f0f0f0f", "targetId": first, "timestamp": "2026-03-02T10:00:00.000Z"}
    files.append(room.session.path, json.dumps(leaf).encode() + b"\n")
    room.say("I have two cats.")
    assert len(written(room.harvest())) == 1


KILLED = """
import asyncio, os, sys
from pathlib import Path
from localgpt.agent.harvest import Harvester
from localgpt.agent.sessions import Sessions
from localgpt.core.journal import Journal, now
from localgpt.memory.workspace import Workspace

folder, left = Path(sys.argv[1]), int(sys.argv[2])

def record(change):
    global left
    left -= 1
    if left < 0:
        os.kill(os.getpid(), 9)
    journal.change(change)

journal = Journal(folder / "journal", machine="desk")
workspace = Workspace(folder / "workspace", locks=folder / "locks", record=record)
session = Sessions(folder / "sessions").latest()
asyncio.run(Harvester(workspace, journal, lambda: now().astimezone()).harvest(session))
"""


@pytest.mark.parametrize("writes", [0, 1, 2])
def test_killed_in_the_middle_it_is_finished_by_the_next_and_nothing_stands_twice(tmp_path, writes):
    from localgpt.core.journal import now

    room = Room(tmp_path, lambda: now().astimezone())
    room.say("I live in Graz. I have two cats. Always answer in German. I need to call the bank.")
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "src")}
    child = [sys.executable, "-c", KILLED, str(tmp_path), str(writes)]
    assert subprocess.run(child, env=environment, check=False).returncode == -signal.SIGKILL
    assert harvested(room.session.entries()) == 0
    room.harvest()
    notes = "".join(path.read_text() for path in room.workspace.root.rglob("*.md"))
    for sentence in (
        "I live in Graz.",
        "I have two cats.",
        "Always answer in German.",
        "I need to call the bank.",
    ):
        assert notes.count(sentence) == 1
    assert room.harvest() == []
