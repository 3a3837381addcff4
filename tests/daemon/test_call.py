"""A command in the daemon has what it needs of its caller."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import click

from localgpt.daemon.call import Call


def test_it_reads_and_writes_the_callers_streams(hall):
    def command(call: Call) -> int:
        assert call.source is not None
        assert call.out is not None
        call.out.write(f"{call.arguments} {call.source.read()}")
        call.flush()
        return 7

    hall.command = command
    assert hall.run("search", "x") == 7
    assert hall.printed() == "('search', 'x') piped in"


def test_it_knows_where_it_was_typed(hall, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")
    seen: list[object] = []

    def command(call: Call) -> int:
        seen.extend((call.folder, call.environ.get("NO_COLOR"), call.located))
        return 0

    hall.command = command
    assert hall.run("search") == 0
    assert seen == [str(tmp_path), "1", hall.home]


def test_its_coroutines_run_in_the_daemons_loop(hall):
    async def where() -> bool:
        return asyncio.get_running_loop() is hall.loop

    hall.command = lambda call: 0 if call.run(where()) else 1
    assert hall.run("search") == 0


def test_a_question_is_answered_at_the_callers_terminal(hall, monkeypatch):
    answers = iter([True, False])
    monkeypatch.setattr(
        click, "confirm", lambda question, err: question == "Really?" and err and next(answers)
    )
    hall.command = lambda call: [None, True, False].index(call.confirm("Really?"))
    assert hall.run("undo") == 1
    assert hall.run("undo") == 2

    def gone(_question: str, err: bool) -> bool:
        raise click.Abort

    monkeypatch.setattr(click, "confirm", gone)
    assert hall.run("undo") == 0


def test_a_question_in_the_loop_sends_the_command_home(hall):
    async def asks(call: Call) -> None:
        call.confirm("Really?")

    def command(call: Call) -> int:
        call.run(asks(call))
        return 0

    hall.command = command
    assert hall.run("ask", models=True) is None


def test_no_descriptor_is_left_behind(hall):
    def count() -> int:
        return len(list(Path("/proc/self/fd").iterdir())) if Path("/proc/self/fd").exists() else 0

    hall.run("search")
    before = count()
    for _ in range(5):
        hall.run("search")
    while hall.door.busy:
        os.sched_yield()
    assert count() <= before + 4  # the last caller's thread may just be leaving
