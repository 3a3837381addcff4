"""A look at what a beat would do: the gates in their order."""

from __future__ import annotations

import os

import pytest

from localgpt.app import Assistant
from localgpt.scheduler.looking import SENTENCES, Look, look


def seen(world, *, manual: bool = False) -> Look:
    async def work(assistant: Assistant) -> Look:
        return look(assistant._unattended, world.now, manual=manual)

    found: Look = world.run(work)
    return found


def test_the_first_gate_that_is_closed_gives_the_reason(world):
    world.write("- [ ] a\n" * 100_000)
    order = []
    for name, value in (
        ("heartbeat.active_hours.start", "13:00"),
        ("heartbeat.interval", "0m"),
        ("heartbeat.enabled", "false"),
    ):
        order.append(seen(world).reason)
        world.set("heartbeat.timezone", "UTC")
        world.set(name, value)
    order.append(seen(world).reason)
    assert order == ["too-large", "quiet-hours", "off", "disabled"]
    assert all(SENTENCES[reason].endswith((".", "resume")) for reason in order)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
@pytest.mark.parametrize("kind", ["folder", "pipe", "binary"])
def test_what_is_no_note_is_said(world, kind):
    world.file.unlink(missing_ok=True)
    if kind == "folder":
        world.file.mkdir()
    elif kind == "pipe":
        os.mkfifo(world.file)
    else:
        world.file.write_bytes(b"\x00\xff\x00" * 100)
    found = seen(world)
    assert found.reason == "unreadable"
    assert "HEARTBEAT.md" in found.text


def test_the_owners_wish_takes_all_that_is_open_but_what_waits(world):
    world.write("- [ ] a\n- [ ] b @2030-01-01\n")
    found = seen(world, manual=True)
    assert [entry.name for entry in found.due.entries] == ["a"]
    world.write("- [ ] b @2030-01-01\n")
    assert seen(world, manual=True).reason == "nothing-due"
