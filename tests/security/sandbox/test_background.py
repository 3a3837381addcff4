"""Commands that go on: their terminal, their handles, and that nothing outlives whom it belongs to."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import time

import pytest

from localgpt.core.errors import LocalGPTError, NotFound, UsageError
from localgpt.security.sandbox import background
from localgpt.security.sandbox.background import Handles
from localgpt.security.sandbox.plan import Limits
from localgpt.security.sandbox.planning import plan
from localgpt.security.sandbox.scene import left_behind


@pytest.fixture
def handles(walls):
    made = Handles()
    yield made
    made.close()


def start(handles, place, line, owner="me", **limits):
    return handles.start(plan([line], place, limits=Limits(**{"seconds": 30, **limits})), "full", owner)


def said(one, wanted, seconds=8.0):
    """All that it says until ``wanted`` was said, or time is up."""
    text, end = "", time.monotonic() + seconds
    while wanted not in text and time.monotonic() < end:
        text += one.poll(0.2).text
    return text


def until(true, seconds=8.0):
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.01)
    return true()


def test_a_command_has_a_terminal_and_reads_what_is_sent(handles, place):
    one = start(handles, place, "test -t 0 && tty; stty size; read x; echo got-$x")
    assert "40 120" in said(one, "40 120")
    one.send("words\n")
    assert "got-words" in said(one, "got-words")
    assert until(lambda: not one.alive)
    last = one.poll()
    assert last.result is not None
    assert (last.result.code, last.result.reason, last.failure) == (0, "", None)
    with pytest.raises(UsageError, match="has ended"):
        one.send("more\n")


def test_an_interpreter_answers_and_is_interrupted(handles, place):
    one = start(handles, place, "python3 -q -i")
    assert ">>>" in said(one, ">>>")
    one.send("6*7\n")
    assert "42" in said(one, "42")
    one.send("import time; print('be' + 'gun'); time.sleep(30)\n")
    assert "begun" in said(one, "begun")
    one.send("\x03")
    assert "KeyboardInterrupt" in said(one, "KeyboardInterrupt")
    one.send("exit()\n")
    assert until(lambda: not one.alive)


def test_what_is_new_comes_once_and_without_escapes(handles, place):
    one = start(handles, place, "printf 'a\\033[31mb\\033]52;c;eA==\\007c\\n'; read x; echo second")
    assert said(one, "c").strip() == "abc"
    assert one.poll().text == ""
    one.send("\n")
    assert said(one, "second").strip() == "second"


@pytest.mark.slow
def test_a_flood_is_lost_but_counted_and_ended(handles, place):
    one = start(handles, place, "head -c 2000000 /dev/zero | tr '\\0' x; sleep 30")
    assert until(lambda: len(one._waiting) == background.KEPT and one._lost)
    time.sleep(0.3)
    found = one.poll()
    assert (len(found.text), found.lost) == (background.KEPT, 2_000_000 - background.KEPT)
    flood = start(handles, place, "yes", output=100_000)
    assert until(lambda: not flood.alive)
    result = flood.poll().result
    assert result is not None
    assert result.reason == "output"


def test_it_has_a_time_of_its_own_and_is_killed_with_its_daemons(handles, place):
    marker = f"left-{secrets.token_hex(8)}"
    timed = start(handles, place, "sleep 30", seconds=0.3)
    killed = start(handles, place, f"(setsid bash -c 'exec -a {marker} sleep 60' &) ; sleep 30")
    assert until(lambda: len(left_behind(marker)) == 1)
    killed.kill()
    assert not killed.alive
    assert not left_behind(marker)
    assert until(lambda: not timed.alive)
    assert [one.poll().result.reason for one in (timed, killed)] == ["timeout", "stopped"]


def test_handles_are_few_and_each_owners_own(handles, place):
    ones = [start(handles, place, "sleep 30") for _ in range(background.MOST)]
    with pytest.raises(UsageError, match="8 commands go on already"):
        start(handles, place, "true")
    ones[0].kill()
    other = start(handles, place, "true", owner="another")
    with pytest.raises(NotFound, match="No command goes on as"):
        handles.get(other.name, "me")
    assert handles.get(ones[1].name, "me") is ones[1]
    begin = time.monotonic()
    handles.close()
    assert not any(one.alive for one in ones)
    assert time.monotonic() - begin < 5


def test_all_end_within_a_second_when_everything_is_frozen(walls, place):
    stopped: list[int] = []
    handles = Handles(lambda: bool(stopped))
    ones = [start(handles, place, "sleep 30") for _ in range(3)]
    time.sleep(0.2)
    stopped.append(1)
    assert until(lambda: not any(one.alive for one in ones), 1.0)
    handles.close()


def test_a_wall_that_does_not_stand_is_told_at_the_first_look(handles, place):
    one = handles.start(plan(["nothing-like-this", "x"], place), "full", "me")
    assert until(lambda: not one.alive)
    assert isinstance(one.poll().failure, LocalGPTError)


def test_nothing_outlives_a_process_that_is_killed(walls, place, tmp_path):
    marker = f"left-{secrets.token_hex(8)}"
    program = (
        "import sys, time; from pathlib import Path; from localgpt.core.paths import Home\n"
        "from localgpt.security.sandbox.background import Handles\n"
        "from localgpt.security.sandbox.planning import plan\n"
        "home = Home(Path(sys.argv[1]), Path(sys.argv[1]) / 'workspace')\n"
        f"line = '(setsid bash -c \"exec -a {marker} sleep 60\" &); exec -a {marker} sleep 60'\n"
        "Handles().start(plan([line], home), 'full', 'me'); time.sleep(60)\n"
    )
    starter = subprocess.Popen([sys.executable, "-c", program, str(place.root)], env=os.environ)
    assert until(lambda: len(left_behind(marker)) == 2)
    starter.send_signal(signal.SIGKILL)
    starter.wait(10)
    assert until(lambda: not left_behind(marker))
