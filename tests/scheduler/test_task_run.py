"""Background tasks, carried out: to a note, over questions, pauses, restarts and failures."""

from __future__ import annotations

import asyncio

import pytest
from tests.scheduler.test_heartbeat import Slow

from localgpt.app import Assistant
from localgpt.core.errors import ModelError
from localgpt.core.values import Origin, ToolCall
from localgpt.scheduler.task_run import MOST_STARTS
from localgpt.scheduler.tasks import Task, TaskFolder, TaskState


@pytest.fixture
def add(world):
    def add(text: str = "Count the stars!", **options: str) -> str:
        async def work(assistant: Assistant) -> str:
            return assistant.tasks.add(text, **options).id

        return str(world.run(work))

    return add


def ran(world) -> tuple[Task, ...]:
    found: tuple[Task, ...] = world.run(lambda assistant: assistant.tasks.run_waiting([world.told]))
    return found


def test_the_result_is_a_note_an_item_of_the_inbox_and_a_message(world, add):
    task_id = add()
    world.says(ToolCall("c", "list_files", {}), "There are 42.")
    (task,) = ran(world)
    assert (task.id, task.state, task.note) == (
        task_id,
        TaskState.DONE,
        "knowledge/tasks/2026-11-23-count-the-stars.md",
    )
    note = (world.home.workspace / task.note).read_text()
    assert note.startswith(
        "# Count the stars!\n\n> Count the stars!\n\nThere are 42.\n\nThe conversation: session:"
    )
    assert task.progress[0].startswith("list_files")
    assert [(one.kind, one.text) for one in world.told.messages] == [("result", "There are 42.")]
    assert ran(world) == ()

    async def look(assistant: Assistant) -> None:
        (item,) = assistant.inbox.items()
        assert (item.note, item.session) == (task.note, task.session)
        assert [step.door for step in await assistant.history()] == ["task"]

    world.run(look)


def test_its_progress_is_written_beside_the_event_loop(world, add, monkeypatch):
    add()
    world.says(ToolCall("c", "list_files", {}), "42")
    looping = []
    tell = TaskFolder.tell

    def told(folder: TaskFolder, task_id: str, line: str) -> Task:
        looping.append(asyncio._get_running_loop() is not None)
        return tell(folder, task_id, line)

    monkeypatch.setattr(TaskFolder, "tell", told)
    (task,) = ran(world)
    assert looping == [False] * len(task.progress) != []


def test_a_second_result_of_that_name_takes_another(world, add):
    tasks: list[Task] = []
    for _ in range(2):
        add()
        world.says("42")
        tasks += ran(world)
    task = tasks[-1]
    assert task.note == f"knowledge/tasks/2026-11-23-count-the-stars-{task.id}.md"


def test_a_question_waits_and_its_answer_lets_the_task_go_on(world, add):
    add()
    world.says(ToolCall("c", "write_file", {"path": "SOUL.md", "content": "Be kind.\n"}), "I asked.")
    (task,) = ran(world)
    assert task.state is TaskState.WAITING
    assert ran(world) == ()

    async def allow(assistant: Assistant) -> None:
        await assistant.inbox.answer(task.question, "allow")

    world.run(allow)
    assert (world.home.workspace / "SOUL.md").read_text() == "Be kind.\n"
    world.says("All done.")
    (done,) = ran(world)
    assert (done.state, done.session) == (TaskState.DONE, task.session)
    assert "owner allowed the write_file call" in world.engine.requests[0].messages[-1].text


def test_paused_it_stops_and_resumed_it_goes_on(world, add):
    task_id = add()
    world.engine = Slow(30)

    async def paused(assistant: Assistant) -> Task:
        work = asyncio.create_task(assistant.tasks.run_waiting())
        await world.engine.asked.wait()
        assistant.tasks.pause(task_id)
        (task,) = await work
        return task

    assert world.run(paused).state is TaskState.PAUSED
    assert ran(world) == ()

    async def resume(assistant: Assistant) -> None:
        assistant.tasks.resume(task_id)

    world.run(resume)
    world.says("42")
    assert ran(world)[0].state is TaskState.DONE
    said = [message.text for message in world.engine.requests[0].messages]
    assert said[1].startswith("Half a")
    assert said[2].startswith("You were stopped")


def cut_off(world) -> None:
    world.engine = Slow(30)

    async def killed(assistant: Assistant) -> None:
        work = asyncio.create_task(assistant.tasks.run_waiting())
        await world.engine.asked.wait()
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)

    world.run(killed)


def test_cut_off_it_goes_on_after_a_restart_but_not_for_ever(world, add):
    task_id = add()
    cut_off(world)

    async def state(assistant: Assistant) -> tuple[Task, int]:
        return assistant.tasks.get(task_id), len(assistant.tasks.waiting())

    task, waiting = world.run(state)
    assert (task.state, waiting) == (TaskState.RUNNING, 1)
    for _ in range(MOST_STARTS - 1):
        cut_off(world)
    assert "You were cut off" in world.engine.requests[0].messages[-1].text
    world.says()
    (task,) = ran(world)
    assert (task.state, task.error) == (TaskState.FAILED, "It was cut off 5 times.")


def test_a_failure_is_told_and_can_be_tried_again(world, add):
    task_id = add()
    world.says(ModelError("It is down."))
    (task,) = ran(world)
    assert (task.state, task.error) == (TaskState.FAILED, "It is down.")
    assert world.told.messages[0].title == "Count the stars!: failed"

    async def resume(assistant: Assistant) -> None:
        assistant.tasks.resume(task_id)

    world.run(resume)
    world.says("42")
    assert ran(world)[0].state is TaskState.DONE


def test_a_budget_that_is_used_up_pauses(world, add):
    world.set("heartbeat.day_turns", "1")
    add("a")
    world.says("A", "B")
    ran(world)
    add("b")
    (task,) = ran(world)
    assert task.state is TaskState.PAUSED
    assert "day_turns" in task.error


def test_a_result_that_rests_on_foreign_text_is_marked(world, add):
    async def foreign(assistant: Assistant) -> None:
        kept = assistant.attachments.store(b"Strange words.", "a.txt")
        assistant.tasks.add(f"Read {kept.path}")
        world.says(
            ToolCall(
                "c",
                "memory_get",
                {"path": f"attachment:{kept.path}".replace("attachment:attachment:", "attachment:")},
            ),
            "Read.",
        )
        assistant._engine = assistant._given = world.engine

    world.run(foreign)
    (task,) = ran(world)
    assert task.state is TaskState.DONE

    async def origins(assistant: Assistant) -> list[str]:
        return [entry["origin"] for entry in assistant.journal.entries("file.changed")]

    assert world.run(origins) == [Origin.FOREIGN.value]
