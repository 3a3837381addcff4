from __future__ import annotations

import subprocess
import sys

from localgpt.care.time_machine import scan
from localgpt.core import files
from localgpt.security.sandbox.placeholders import held


def names(place):
    return tuple(f"{place.workspace}/{name}" for name in ("BOOT.md", "hooks/", "AGENTS.md"))


def test_missing_names_are_taken_while_it_runs_and_free_afterwards(place):
    before = (place.workspace / "AGENTS.md").read_text()
    with held(names(place), str(place.workspace), place.state):
        assert (place.workspace / "BOOT.md").read_bytes() == b""
        assert (place.workspace / "hooks").is_dir()
    assert not (place.workspace / "BOOT.md").exists()
    assert not (place.workspace / "hooks").exists()
    assert (place.workspace / "AGENTS.md").read_text() == before


def test_they_are_no_part_of_the_history_and_a_note_can_be_written_there(place):
    with held(names(place), str(place.workspace), place.state):
        seen = {one.path for one in scan.differences(place.workspace, {})}
        assert b"BOOT.md" not in seen
        assert b"AGENTS.md" in seen
        files.append(place.workspace / "BOOT.md", b"ours\n")
    assert (place.workspace / "BOOT.md").read_text() == "ours\n"


def test_the_last_of_several_runs_frees_them(place):
    with held(names(place), str(place.workspace), place.state):
        with held(names(place), str(place.workspace), place.state):
            pass
        assert (place.workspace / "BOOT.md").exists()
    assert not (place.workspace / "BOOT.md").exists()


def test_what_the_owner_wrote_meanwhile_stays(place):
    with held(names(place), str(place.workspace), place.state):
        (place.workspace / "BOOT.md").chmod(0o644)
        (place.workspace / "BOOT.md").write_text("mine")
        (place.workspace / "hooks").chmod(0o755)
        (place.workspace / "hooks" / "mine").write_text("mine")
    assert (place.workspace / "BOOT.md").read_text() == "mine"
    assert (place.workspace / "hooks" / "mine").read_text() == "mine"


def test_what_a_crash_left_the_next_run_takes_away(place):
    program = (
        "import os, sys; from pathlib import Path; from localgpt.security.sandbox.placeholders import held\n"
        "with held((sys.argv[1] + '/BOOT.md',), sys.argv[1], Path(sys.argv[2])): os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", program, str(place.workspace), str(place.state)], check=True)
    assert (place.workspace / "BOOT.md").exists()
    with held(names(place), str(place.workspace), place.state):
        pass
    assert not (place.workspace / "BOOT.md").exists()
