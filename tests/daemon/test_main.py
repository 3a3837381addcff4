"""A real daemon: what it does for commands, how it ends, and what is left when it is killed."""

from __future__ import annotations

import dataclasses
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.daemon import Ran, RealDaemon, ran, settled
from tests.support.fake_providers import FakeProviders, Say

from localgpt.core.paths import Home

SLOW_WORDS = [f"word{number} " for number in range(200)]
MODEL = """
[agent]
default_model = "mybox/fake-model"
[providers.mybox]
base_url = "{url}/v1"
"""

READING = (
    ("search", "harbour"),
    ("search", "harbour", "--format", "json"),
    ("search", "nothing of the kind"),
    ("search", "--limit", "0", "x"),
    ("search",),
    ("memory", "recent"),
    ("memory", "stats"),
    ("memory", "get", "knowledge/boats.md:1-2"),
    ("memory", "get", "knowledge/missing.md"),
    ("session", "list"),
    ("session", "show", "nobody"),
    ("history",),
    ("usage",),
    ("usage", "--format", "json"),
    ("project", "list"),
    ("project", "show"),
    ("skill", "list"),
    ("remember",),
)


@pytest.fixture
def daemon(home: Home) -> Iterator[RealDaemon]:
    settled(home)
    notes = home.workspace / "knowledge"
    notes.mkdir(parents=True)
    (notes / "boats.md").write_text("# Boats\n\nThe harbour of Grünau has a \x1b[31mred\x1b[0m boat.\n")
    with RealDaemon(home.root) as running:
        yield running


def timeless(ran: Ran) -> Ran:
    """How long a search took is not the same twice."""
    return dataclasses.replace(ran, out=re.sub(rb'"took_ms": [0-9.]+', b'"took_ms": 0', ran.out))


def test_commands_print_the_same_with_and_without_a_daemon_to_the_byte(daemon):
    daemon.run_alone("search", "harbour")
    before = daemon.served()
    for words in READING[:5]:
        assert timeless(daemon.run(*words)) == timeless(daemon.run_alone(*words)), words
    assert daemon.served() == before + 5


@pytest.mark.slow
def test_all_kinds_of_commands_print_the_same(daemon):
    daemon.run_alone("search", "harbour")
    before = daemon.served()
    for words in READING:
        assert timeless(daemon.run(*words)) == timeless(daemon.run_alone(*words)), words
    assert daemon.served() == before + len(READING)


@pytest.mark.slow
def test_what_is_piped_in_and_what_is_written_arrive(daemon):
    told = daemon.run("remember", "-", input="Die Brücke ist gesperrt.".encode())
    assert told.code == 0, told
    assert daemon.served() == 1
    assert "Brücke" in daemon.run("search", "bridge Brücke").out.decode()
    asked = daemon.run("ask", "--local", "What about the Brücke?")
    assert (asked.code, "gesperrt" in asked.out.decode()) == (0, True)
    assert daemon.served() == 3


@pytest.mark.slow
def test_a_terminal_gets_colour_and_its_width_and_is_asked(daemon):
    daemon.run("ask", "--local", "Where is the harbour?")
    session = daemon.run("session", "list").out.decode().split()[0]
    leader, follower = pty.openpty()
    with daemon.spawn(
        "session", "delete", session, stdin=follower, stdout=follower, stderr=follower
    ) as asking:
        os.close(follower)
        seen = b""
        while b"[y/N]" not in seen:
            seen += os.read(leader, 1000)
        os.write(leader, b"y\n")
        assert asking.wait(20) == 0
    os.close(leader)
    assert b"Delete" in seen
    assert daemon.run("session", "list").out == b""


@pytest.mark.slow
def test_a_reader_that_goes_away_is_no_trouble(daemon):
    with daemon.spawn("search", "harbour") as reading:
        reading.stdout.close()
        assert reading.wait(20) == 141
        assert reading.stderr.read() == b""
    assert daemon.run("search", "harbour").code == 0


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
@pytest.mark.slow
def test_streams_that_are_closed(daemon, closed):
    words = f"{sys.executable} -m localgpt search harbour {closed}"
    with_daemon = subprocess.run(["sh", "-c", words], env=daemon.environ, capture_output=True, check=False)
    alone = {**daemon.environ, "LOCALGPT_WORKSPACE": str(daemon.root / "workspace")}
    without = subprocess.run(["sh", "-c", words], env=alone, capture_output=True, check=False)
    assert (with_daemon.returncode, with_daemon.stdout) == (without.returncode, without.stdout)


@pytest.mark.slow
def test_a_caller_in_another_world_does_it_alone(daemon):
    for name, value in {"TZ": "Asia/Tokyo", "LOCALGPT_WORKSPACE": str(daemon.root / "elsewhere")}.items():
        assert ran(("memory", "stats"), {**daemon.environ, name: value}).code == 0
    assert ran(("ask", "--local", "Hello?"), {**daemon.environ, "OPENAI_API_KEY": "sk-other"}).code == 0
    assert daemon.served() == 0
    daemon.run("ask", "--local", "Hello?")
    assert daemon.served() == 1


@pytest.fixture
def slow_model(home: Home) -> Iterator[RealDaemon]:
    with FakeProviders(Say(*SLOW_WORDS, gap=0.05)) as fake:
        settled(home, f"[daemon]\nstop_grace = 1\n{MODEL.format(url=fake.url)}")
        with RealDaemon(home.root) as running:
            yield running


def asking(daemon: RealDaemon) -> subprocess.Popen[bytes]:
    """A question whose answer has begun."""
    child = daemon.spawn("ask", "Tell me a long story", stdin=subprocess.DEVNULL)
    assert child.stdout is not None
    begun = child.stdout.read(6)
    assert begun == b"word0 ", (begun, child.stderr.read() if child.stderr else b"")
    return child


def last_session(daemon: RealDaemon) -> str:
    return daemon.run_alone("session", "show", "last").out.decode()


def test_ctrl_c_ends_the_command_and_keeps_what_came(slow_model):
    with asking(slow_model) as child:
        child.send_signal(signal.SIGINT)
        assert child.wait(5) == 130
    assert slow_model.served() == 1
    assert "Tell me a long story" in last_session(slow_model)
    assert "word0" in last_session(slow_model)


@pytest.mark.slow
def test_a_caller_that_vanishes_ends_its_command(slow_model):
    with asking(slow_model) as child:
        child.kill()
    slow_model.until(lambda: slow_model.running() == 0)
    assert "word0" in last_session(slow_model)


@pytest.mark.slow
def test_sigterm_waits_a_grace_and_keeps_what_came(slow_model):
    with asking(slow_model) as child:
        begin = time.monotonic()
        slow_model.process.terminate()
        assert slow_model.process.wait(20) == 0
        assert time.monotonic() - begin < 8
        assert child.wait(20) == 130
    assert "word9" in last_session(slow_model)


@pytest.mark.slow
def test_a_second_signal_does_not_wait(home):
    with FakeProviders(Say(*SLOW_WORDS, gap=0.05)) as fake:
        settled(home, f"[daemon]\nstop_grace = 60\n{MODEL.format(url=fake.url)}")
        with RealDaemon(home.root) as daemon, asking(daemon) as child:
            assert daemon.process is not None
            daemon.process.terminate()
            time.sleep(0.1)
            daemon.process.send_signal(signal.SIGINT)
            assert daemon.process.wait(10) == 0
            assert child.wait(10) == 130


def test_killed_in_mid_turn_the_words_are_there_and_the_next_start_carries_on(slow_model):
    with asking(slow_model) as child:
        slow_model.kill()
        assert child.wait(10) == 1
        assert child.stderr is not None
        assert b"ended in the middle" in child.stderr.read()
    assert "Tell me a long story" in last_session(slow_model)
    slow_model.start()
    assert slow_model.run("session", "list").code == 0
    assert slow_model.served() == 1


@pytest.mark.slow
def test_a_second_daemon_is_refused_with_who_the_first_is(daemon):
    for words in (("daemon", "start", "-f"), ("daemon", "start")):
        second = daemon.run(*words)
        assert second.code == 1
        assert f"process {daemon.pid}" in second.err.decode()
        assert second.err.decode().count("\n") == 2
    assert daemon.run("search", "harbour").code == 0


@pytest.mark.slow
def test_a_home_that_disappears_ends_it(daemon):
    commits = daemon.root / "history" / "workspace.git" / "refs" / "heads"
    daemon.until(lambda: any(commits.glob("*")))  # a commit that is being made would make its folder anew
    away = daemon.root.with_name("away")
    shutil.move(daemon.root, away)
    assert daemon.process.wait(10) == 0
    assert f"{daemon.root} is no longer there" in daemon.output
    assert not daemon.root.exists(), sorted(daemon.root.rglob("*"))


@pytest.mark.slow
def test_a_daemon_whose_record_was_deleted_is_shown_and_stopped_all_the_same(daemon):
    (daemon.root / "state" / "daemon.json").unlink()
    assert f"process   {daemon.pid}," in daemon.run("daemon", "status").out.decode()
    assert daemon.run("daemon", "stop").code == 0
    assert daemon.process.wait(10) == 0


@pytest.mark.slow
def test_a_port_in_use_leaves_the_rest_working(home: Home, tmp_path: Path):
    settled(home)
    with RealDaemon(home.root) as first:
        port = first.record["port"]
        other = Home(tmp_path / "other", tmp_path / "other" / "workspace")
        other.root.mkdir(mode=0o700)
        other.config.write_text(f'[server]\nport = {port}\n[memory]\nembedding_provider = "none"\n')
        with RealDaemon(other.root) as second:
            told = second.run("daemon", "status").out.decode()
            assert f"Port {port} is in use already." in told
            assert second.run("memory", "stats").code == 0
            assert second.served() == 1


@pytest.mark.slow
def test_new_settings_are_in_force_for_the_next_command(daemon, home):
    assert b"none: search by words only" in daemon.run("memory", "stats").out
    home.config.write_text("[server]\nport = 0\n")
    assert b"none: search by words only" not in daemon.run("memory", "stats").out
    home.config.write_text("nonsense = = 1\n")
    assert daemon.run("memory", "stats").code == 2
    home.config.write_text("[server]\nport = 0\n")
    assert daemon.run("memory", "stats").code == 0
    assert daemon.served() == 4
