"""Beats from the gates to the log, with a model that says what it was told to say, and a clock that is moved."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncGenerator
from datetime import timedelta

import pytest

from localgpt.app import Assistant
from localgpt.core.errors import ModelError
from localgpt.core.events import TextDelta
from localgpt.core.values import Stop, ToolCall, Usage
from localgpt.memory.templates import template
from localgpt.models.base import EngineEvent, Finished, Request
from localgpt.models.scripted import Scripted

TASKS = "tasks:\n" + "".join(f"- name: t{n}\n  interval: 1h\n  prompt: p{n}\n" for n in range(4))


def test_the_stock_template_never_costs_anything(world):
    world.write(template("HEARTBEAT.md").decode())
    assert (world.beat().status, world.beat().reason) == ("skipped", "empty-heartbeat-file")
    assert world.beat(manual=True).reason == "empty-heartbeat-file"
    assert world.engine.requests == []
    assert world.kinds() == []


@pytest.mark.parametrize("text", [template("HEARTBEAT.md").decode(), "- [x] done\n", "- [ ] a @2030-01-01\n"])
def test_an_idle_day_uses_no_token_and_no_connection(world, text):
    world.write(text)

    async def day(assistant: Assistant) -> int:
        beats, end = 0, world.now + timedelta(days=1)
        while world.now < end:
            beat = await assistant.heartbeat.beat(channels=[world.told])
            assert beat.runs == ()
            world.now = max(
                min(beat.next_at or end, world.now + timedelta(minutes=1)), world.now + timedelta(seconds=1)
            )
            beats += 1
        return beats

    assert world.run(day) >= 1440
    assert world.engine.requests == []
    assert world.kinds() == []
    assert world.told.messages == []


def test_a_beat_with_nothing_due_takes_under_five_milliseconds(world):
    world.write("- [x] done\n" * 50 + "- [ ] later @2030-01-01\n")

    async def beats(assistant: Assistant) -> float:
        took = []
        for _ in range(20):
            begun = time.perf_counter()
            await assistant.heartbeat.beat()
            took.append(time.perf_counter() - begun)
        return min(took)

    assert world.run(beats) < 0.005


def test_a_box_is_done_told_and_ticked_and_that_can_be_undone(world):
    world.set("heartbeat.parallel", "1")
    world.write("# H\n\n- [ ] Write about tea\n- [ ] Other\n")
    world.says("DONE. It stands in tea.md.", "HEARTBEAT_OK")
    beat = world.beat()
    assert [(run.name, run.status, run.ticked, run.told) for run in beat.runs] == [
        ("Write about tea", "sent", True, ("inbox", "told")),
        ("Other", "ok", False, ()),
    ]
    assert (beat.status, beat.preview) == ("sent", "It stands in tea.md.")
    assert beat.next_at == world.now + timedelta(minutes=30)
    assert world.file.read_text() == "# H\n\n- [x] Write about tea\n- [ ] Other\n"
    assert [(one.title, one.text) for one in world.told.messages] == [
        ("Write about tea", "It stands in tea.md.")
    ]

    async def back(assistant: Assistant) -> list[str]:
        await assistant.undo(beat.runs[0].turn)
        kept = [info.title for info in assistant.sessions.list()]
        return [*kept, *(step.door for step in await assistant.history())]

    assert world.run(back) == [
        "Heartbeat: Write about tea",
        "python",
        "heartbeat",
    ]  # the other had nothing to tell
    assert "- [ ] Write about tea" in world.file.read_text()


def test_what_ran_waits_for_its_interval(world):
    world.write("Look around.")
    world.says("HEARTBEAT_OK", "HEARTBEAT_OK")
    assert world.beat().status == "ok"
    world.later(minutes=29)
    assert (world.beat().reason, world.plan().next_at) == ("nothing-due", world.now + timedelta(minutes=1))
    world.later(minutes=1)
    assert world.beat().status == "ok"
    assert len(world.engine.requests) == 2


def test_the_same_text_is_told_once_a_day(world):
    world.write("Look around.")
    world.says(*["The plants are dry."] * 3)
    told = []
    for hours in (0, 1, 24):
        world.later(hours=hours)
        told.append(world.beat().runs[0].status)
    assert told == ["sent", "repeated", "sent"]
    assert len(world.told.messages) == 2


class Slow(Scripted):
    """Takes its time, and knows how many ask at once."""

    def __init__(self, seconds: float = 0.02) -> None:
        super().__init__(name="test/slow")
        self.seconds, self.now, self.most = seconds, 0, 0
        self.asked = asyncio.Event()

    async def request(self, request: Request) -> AsyncGenerator[EngineEvent, None]:
        self.requests.append(request)
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            yield TextDelta("Half a ")
            self.asked.set()
            await asyncio.sleep(self.seconds)
            yield TextDelta("reply.")
            yield Finished(Stop.DONE)
        finally:
            self.now -= 1


def test_several_tasks_run_side_by_side_but_not_too_many(world):
    world.set("heartbeat.parallel", "2")
    world.write(TASKS)
    world.engine = Slow(0.2)
    beat = world.beat()
    assert [run.name for run in beat.runs] == ["t0", "t1", "t2", "t3"]
    assert world.engine.most == 2
    assert world.plan().state == "no-tasks-due"


def test_failures_back_off_and_rest_after_three_with_one_message(world):
    world.write("- [ ] a")
    world.says(*[ModelError("It is down.")] * 4, "DONE")
    for minutes in (0, 30, 60):
        world.later(minutes=minutes)
        assert world.beat().status == "failed"
        assert world.beat().reason == "nothing-due"
    assert [one.text for one in world.told.messages] == [
        "It failed three times and rests for a day. It is down."
    ]
    world.later(hours=23)
    assert world.beat().reason == "nothing-due"
    world.later(hours=1)
    assert world.beat().status == "failed"
    assert len(world.told.messages) == 1

    async def resume(assistant: Assistant) -> None:
        assistant.heartbeat.pause(False)

    world.run(resume)
    assert world.beat().status == "ok"


def test_a_run_that_takes_too_long_is_stopped(world):
    world.set("heartbeat.timeout", "100ms")
    world.write("- [ ] a")
    world.engine = Slow(30)
    beat = world.beat()
    assert (beat.status, beat.runs[0].status) == ("timed_out", "timed_out")
    assert world.plan().items[0].due is False


def test_what_was_cut_off_goes_on_in_its_conversation_and_never_runs_twice(world):
    world.write("- [ ] Count the stars\n")
    world.engine = Slow(30)

    async def killed(assistant: Assistant) -> None:
        beat = asyncio.create_task(assistant.heartbeat.beat())
        await world.engine.asked.wait()
        beat.cancel()
        await asyncio.gather(beat, return_exceptions=True)

    world.run(killed)
    world.later(minutes=1)
    assert "goes on" in world.plan().items[0].why
    world.says("DONE. 42.")
    (run,) = world.beat().runs
    assert run.ticked
    said = [message.text for message in world.engine.requests[0].messages]
    assert "Count the stars" in said[0]
    assert said[1].startswith("Half a")
    assert "cut off" in said[2]


def test_cut_off_again_it_waits_for_its_interval(world):
    world.write("- [ ] Count the stars\n")
    for _ in range(2):
        world.engine = Slow(30)

        async def killed(assistant: Assistant) -> None:
            beat = asyncio.create_task(assistant.heartbeat.beat())
            await world.engine.asked.wait()
            beat.cancel()
            await asyncio.gather(beat, return_exceptions=True)

        world.run(killed)
    assert world.plan().state == "nothing-due"
    world.later(minutes=30)
    assert world.plan().state == "due"


def test_the_budget_of_turns_is_hard_and_told_once(world):
    world.set("heartbeat.day_turns", "2")
    world.write(TASKS)
    world.says(*["HEARTBEAT_OK"] * 9)
    assert len(world.beat().runs) == 2  # though several begin side by side
    asked = len(world.engine.requests)
    for _ in range(3):
        beat = world.beat(manual=True)
        assert (beat.reason, "heartbeat.day_turns" in beat.text) == ("budget", True)
    assert len(world.engine.requests) == asked

    async def waiting(assistant: Assistant) -> list[str]:
        return [item.text for item in assistant.inbox.items()]

    assert len([text for text in world.run(waiting) if "budget" in text]) == 1

    async def stands(assistant: Assistant) -> str:
        return assistant.heartbeat.status().state

    assert world.run(stands) == "budget"


def test_the_budget_of_tokens_stops_a_turn_in_the_middle(world):
    world.set("heartbeat.day_tokens", "1000")
    world.write("Look around.")

    def dear(_request: Request) -> list[EngineEvent]:
        from localgpt.core.events import ToolCalled

        return [ToolCalled(ToolCall("c", "list_files", {})), Finished(Stop.TOOLS, Usage(input_tokens=1500))]

    world.says(dear, dear, dear, local=False)

    async def agreed(assistant: Assistant) -> None:
        assistant.consent.give(world.engine)

    world.run(agreed)
    beat = world.beat()
    assert (beat.status, len(world.engine.requests)) == ("failed", 1)
    assert "1,500 of 1,000 tokens" in beat.runs[0].error


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"heartbeat.enabled": "false"}, "disabled"),
        ({"heartbeat.interval": "0m"}, "off"),
        ({"heartbeat.active_hours.start": "13:00", "heartbeat.timezone": "UTC"}, "quiet-hours"),
    ],
)
def test_gates_hold_by_itself_but_not_against_the_owner(world, settings, reason):
    for name, value in settings.items():
        world.set(name, value)
    world.write("- [ ] a")
    world.says("DONE")
    assert world.beat().reason == reason
    assert world.engine.requests == []
    assert world.beat(manual=True).status == "ok"


def test_paused_is_paused(world):
    world.write("- [ ] a")

    async def pause(assistant: Assistant) -> None:
        assistant.heartbeat.pause()

    world.run(pause)
    assert world.beat().reason == "paused"

    async def status(assistant: Assistant) -> dict[str, object]:
        return assistant.heartbeat.status().as_json()

    found = world.run(status)
    assert (found["paused"], found["next_at"], found["enabled"]) == (True, None, True)


def test_quiet_hours_end_when_the_window_opens(world):
    world.set("heartbeat.active_hours.start", "13:00")
    world.set("heartbeat.timezone", "UTC")
    world.write("- [ ] a")
    assert world.beat().next_at == world.now + timedelta(hours=1)


def test_a_file_of_a_megabyte_is_told_in_a_sentence(world):
    world.write("- [ ] do it\n" * 100_000)
    beat = world.beat()
    assert (beat.reason, beat.text) == ("too-large", "HEARTBEAT.md has more than 256 KB; it is not read.")
    assert world.beat(manual=True).reason == "too-large"


def test_a_missing_file_is_asked_about_as_in_openclaw(world):
    world.file.unlink()
    world.says("HEARTBEAT_OK")
    assert world.beat().status == "ok"
    assert "There is no HEARTBEAT.md" in world.engine.requests[0].messages[0].text


def test_half_a_sentence_is_no_wish(world):
    import os

    world.write("- [ ] a")
    os.utime(world.file, (world.now.timestamp() - 5,) * 2)
    beat = world.beat()
    assert (beat.reason, beat.next_at) == ("just-edited", world.now + timedelta(seconds=15))


def test_what_is_watched_lets_unchanged_pass(world):
    world.write("tasks:\n- name: a\n  interval: 1h\n  prompt: What is new?\n  watch: minutes.md\n")
    minutes = world.home.workspace / "minutes.md"
    minutes.write_text("one")
    world.says("HEARTBEAT_OK", "HEARTBEAT_OK")
    assert world.beat().status == "ok"
    world.later(hours=1)
    minutes.touch()
    beat = world.beat()
    assert (beat.reason, beat.next_at) == ("unchanged", world.now + timedelta(hours=1))
    world.later(hours=1)
    minutes.write_text("two")
    assert world.beat().status == "ok"
    assert "has changed since you looked last: minutes.md" in world.engine.requests[1].messages[0].text


def test_a_dry_run_shows_what_would_be_sent_and_sends_nothing(world):
    world.write("- [ ] a\n")
    beat = world.beat(dry_run=True)
    (would,) = beat.would
    assert (would.name, would.model, would.to) == ("a", "scripted", ("inbox", "told"))
    assert would.prompt.endswith("\n\na")
    assert world.engine.requests == []
    assert world.plan().state == "due"


def test_a_model_elsewhere_that_nobody_agreed_to_is_not_asked(world):
    world.write("- [ ] a\n")
    world.says("DONE", local=False)
    beat = world.beat()
    assert beat.reason == "no-model"
    assert "you have not agreed to it" in beat.text
    assert world.engine.requests == []

    async def stands(assistant: Assistant) -> str:
        await assistant.heartbeat.beat()
        return assistant.heartbeat.status().text

    assert "you have not agreed to it" in world.run(stands)


def test_the_turn_is_light_and_alone(world):
    world.write("- [ ] a\n")
    world.says("DONE")
    world.beat()
    request = world.engine.requests[0]
    assert [piece.source for piece in request.pieces if piece.source] == ["IDENTITY.md"]
    assert "background_task" not in {tool.name for tool in request.tools}
    assert len(request.messages) == 1


def test_what_needs_a_word_becomes_a_question_and_goes_on_when_it_is_answered(world):
    world.write("- [ ] Note that x is y\n")
    wish = ToolCall("c1", "remember", {"text": "x is y", "to": "memory"})
    world.says(wish, "I have asked.")
    (run,) = world.beat().runs
    assert (run.status, run.ticked) == ("waiting", False)
    assert "x is y" not in (world.home.workspace / "MEMORY.md").read_text()
    told = world.engine.requests[1].messages[-1].blocks[0].text
    assert told.startswith("Not done: MEMORY.md")
    assert run.waiting[0] in told
    world.later(hours=1)
    assert world.beat().reason == "nothing-due"
    assert "inbox" in world.plan().items[0].why

    async def allow(assistant: Assistant) -> None:
        await assistant.inbox.answer(run.waiting[0], "allow")

    world.run(allow)
    assert "x is y" in (world.home.workspace / "MEMORY.md").read_text()
    world.says("DONE")
    (done,) = world.beat().runs
    assert (done.session, done.ticked) == (run.session, True)
    said = world.engine.requests[0].messages
    assert "owner allowed the remember call" in said[-1].text
    assert said[-2].blocks[0].text == "Written to MEMORY.md:5"


def test_the_log_tells_what_was_done_without_secrets(world):
    world.write("Look around.")
    key = "sk-ant-" + "a1" * 20
    world.says(f"The key is {key}.")
    world.beat()
    assert world.beat().status == "skipped"

    async def log(assistant: Assistant) -> str:
        assert assistant.heartbeat.status().as_json()["last_event"]["status"] == "sent"
        return json.dumps(assistant.heartbeat.log()) + json.dumps(
            [one.as_json() for one in assistant.inbox.items()]
        )

    found = world.run(log)
    assert key not in found
    assert found.count('"status": "sent"') == 2  # the beat and its run


def test_what_is_no_longer_in_the_file_is_forgotten_after_a_month(world):
    world.write("- [ ] a\n")
    world.says(*["HEARTBEAT_OK"] * 3)
    world.beat()
    world.write("- [ ] b\n")
    world.later(days=29)
    world.beat()
    state = world.home.state / "heartbeat.json"
    assert len(json.loads(state.read_text())["ran"]) == 2
    world.later(days=2)
    world.beat()
    assert len(json.loads(state.read_text())["ran"]) == 1


KILLED = """
import asyncio, os, signal, sys
from localgpt import Assistant
from localgpt.core.events import TextDelta
from localgpt.models.scripted import Scripted

def dies(request):
    yield TextDelta("Half a reply")
    os.kill(os.getpid(), signal.SIGKILL)

async def main():
    async with Assistant(sys.argv[1], engine=Scripted(dies, name="test/dies")) as assistant:
        await assistant.heartbeat.beat(manual=True)

asyncio.run(main())
"""


@pytest.mark.slow
def test_killed_with_its_process_it_goes_on_once(world):
    import subprocess
    import sys
    from datetime import UTC, datetime

    world.write("- [ ] Count the stars\n")
    for continued in (False, True):
        done = subprocess.run([sys.executable, "-c", KILLED, str(world.home.root)], check=False)
        assert done.returncode == -9
        world.now = datetime.now(UTC)
        assert (world.plan().state == "due") is not continued
    world.later(minutes=31)
    world.says("DONE. 42.")
    (run,) = world.beat().runs
    assert run.ticked
