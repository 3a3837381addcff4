"""Real runs: what a command can do, and how it ends. Left out where the kernel forbids the walls."""

from __future__ import annotations

import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import replace

import pytest

from localgpt.core import files
from localgpt.core.errors import SandboxError
from localgpt.security.sandbox import kernel, landlock, supervisor
from localgpt.security.sandbox.plan import Limits, Plan
from localgpt.security.sandbox.planning import plan
from localgpt.security.sandbox.scene import left_behind

LONG = Limits(seconds=20)


def run(place, *words, limits=LONG, **options):
    return supervisor.run(plan(words, place, limits=limits, **options))


def test_a_command_writes_notes_and_nothing_that_speaks(walls, place):
    done = run(
        place,
        "echo new > new.md; cat knowledge/plain.md; for f in AGENTS.md BOOT.md .git/config skills/x; do echo e >> $f; done; exit 3",
    )
    assert (done.code, done.out) == (3, "keep me\n")
    assert done.err.count("AGENTS.md") == done.err.count("BOOT.md") == done.err.count("skills/x") == 1
    assert (place.workspace / "new.md").read_text() == "new\n"
    assert (place.workspace / "AGENTS.md").read_text() == "keep me\n"
    assert sorted(path.name for path in place.workspace.iterdir()) == [
        ".git",
        "AGENTS.md",
        "MEMORY.md",
        "knowledge",
        "new.md",
        "skills",
    ]


def test_output_is_harmless_and_cut(walls, place):
    done = run(
        place,
        "printf 'a\\033[31mb\\033]52;c;eA==\\007c\\302\\233d'; printf 'x%.0s' $(seq 5000) >&2",
        limits=Limits(output=1000),
    )
    assert done.out.startswith("ab")
    assert "\x1b" not in done.out
    assert done.err.replace("x", "") == "\n[... something is missing here ...]\n"
    assert done.err.count("x") == 1000
    assert done.cut


def test_a_program_and_its_arguments_are_not_a_line_for_the_shell(walls, place):
    assert run(place, "echo", "$HOME; x").out == "$HOME; x\n"


def test_a_program_that_is_not_there_is_a_sentence(walls, place):
    with pytest.raises(SandboxError, match="no program nothing-of-this-name"):
        run(place, "nothing-of-this-name", "x")


@pytest.mark.parametrize(
    ("command", "limits", "reason"),
    [("sleep 9", Limits(seconds=0.2), "timeout"), ("yes", Limits(seconds=9, output=10_000), "output")],
)
def test_what_goes_too_far_is_ended(walls, place, command, limits, reason):
    done = run(place, command, limits=limits)
    assert (done.reason, done.code) == (reason, 137)
    assert done.seconds < 5


def test_a_run_is_stopped_from_another_thread(walls, place):
    with supervisor.started(plan(["sleep 30"], place)) as running:
        threading.Timer(0.1, running.stop).start()
        done = running.wait()
    assert done.reason == "stopped"


def test_a_run_that_nobody_waits_for_is_ended_when_its_block_is_left(walls, place):
    begin = time.monotonic()
    with supervisor.started(plan(["sleep 30"], place)):
        pass
    assert time.monotonic() - begin < 5
    assert not (place.workspace / "BOOT.md").exists()


def test_two_runs_at_once_do_not_open_names_to_each_other(walls, place):
    with supervisor.started(plan(["sleep 0.5; echo evil > BOOT.md; ls BOOT.md"], place)) as long:
        run(place, "true")
        done = long.wait()
    assert "BOOT.md" in done.err
    assert not (place.workspace / "BOOT.md").exists()


def test_with_the_network_no_service_of_this_machine_is_reached_but_at_a_few_ports(walls, place):
    if kernel.landlock_version() < landlock.NETWORK_SINCE:
        pytest.skip("this kernel can't tell ports apart")
    with socket.create_server(("127.0.0.1", 0)) as service:
        port = service.getsockname()[1]
        done = run(place, f"exec 3<>/dev/tcp/127.0.0.1/{port} && echo reached", network=True)
        assert "Permission denied" in done.err
        assert "reached" not in done.out
    assert "Connection refused" in run(place, "exec 3<>/dev/tcp/127.0.0.1/853", network=True).err


def test_a_closed_file_that_is_replaced_from_outside_is_closed_again(walls, place):
    note, key = place.workspace / "AGENTS.md", place.workspace / "key.pem"
    key.write_text("secret\n")
    line = (
        "(sleep 0.3; sleep 60) & trap '' HUP; echo begun > begun; for i in $(seq 100); do sleep 0.01; done; "
        "echo evil >> AGENTS.md; mv -f begun AGENTS.md; cat AGENTS.md key.pem; exit 3"
    )
    with supervisor.started(replace(plan([line], place), hidden=(str(key),))) as running:
        while not (place.workspace / "begun").exists():
            time.sleep(0.005)
        for number in range(20):
            files.replace(note, b"new %d\n" % number)
            files.replace(key, b"secret\n")
        done = running.wait()
    assert (done.reason, done.code, note.read_text()) == ("", 3, "new 19\n")
    assert done.out == "new 19\n"
    assert done.err.count("Permission denied") + done.err.count("Read-only") >= 2


def test_a_closed_file_that_the_owner_deletes_ends_the_run(walls, place):
    with supervisor.started(plan(["echo begun > begun; sleep 20"], place)) as running:
        while not (place.workspace / "begun").exists():
            time.sleep(0.005)
        (place.workspace / "AGENTS.md").unlink()
        done = running.wait()
    assert done.reason == "replaced"
    assert done.seconds < 5


def test_a_folder_swapped_for_a_link_after_it_was_judged_is_refused(walls, place, tmp_path):
    (tmp_path / "open").mkdir()
    (tmp_path / "secret").mkdir()
    judged = plan(["ls"], place, write=[tmp_path / "open"])
    (tmp_path / "open").rmdir()
    (tmp_path / "open").symlink_to(tmp_path / "secret")
    done = supervisor.run(replace(judged, command=("/bin/ls", str(tmp_path / "secret"))))
    assert done.code != 0


def test_a_layer_that_cannot_be_set_up_is_named_and_nothing_runs(walls, tmp_path):
    for closed, layer in ((str(tmp_path), "mounts"), ("", "privileges")):
        broken = Plan(("/bin/sh", "-c", "touch ran"), str(tmp_path) if closed else "/gone", (str(tmp_path),))
        if closed:
            broken = replace(broken, readable=(str(tmp_path / "file" / "below"),))
            (tmp_path / "file").write_text("")
        with pytest.raises(SandboxError, match=f"nothing was run: {layer}"):
            supervisor.run(broken)
    assert not (tmp_path / "ran").exists()


def test_refusals_name_the_layer():
    assert "seccomp: no" in supervisor.refused("seccomp: no").message
    assert "can't be started" in supervisor.refused("command: there is no program x").message


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_outlives_the_one_who_started_it(walls, place, number):
    marker = f"left-{secrets.token_hex(8)}"
    line = f"(exec -a {marker} sleep 60) & exec -a {marker} sleep 60"
    program = "import sys; from localgpt.cli.main import cli; sys.exit(cli.run(sys.argv[1:]))"
    command = [sys.executable, "-c", program, "--home", str(place.root), "sandbox", "run", "--", line]
    starter = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    assert until(lambda: len(left_behind(marker)) == 2)
    starter.send_signal(number)
    starter.wait(10)
    assert until(lambda: not left_behind(marker))


def until(true, seconds=5.0):
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.01)
    return true()
