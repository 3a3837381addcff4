"""The time machine among many notes: what a commit costs, and what looking costs when nothing changed.

``python bench/history.py [NOTES] [TURNS]`` prints a table; the notes are made up, in a temporary folder.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from localgpt.care.time_machine.machine import TimeMachine
from localgpt.core.journal import Journal
from localgpt.core.values import Author, Origin
from localgpt.memory.workspace import Workspace

WORDS = (
    "the dentist is on Tuesday at nine and the key for the shed hangs behind the door of the kitchen".split()
)


def fill(root: Path, notes: int) -> None:
    for number in range(notes):
        folder = root / f"knowledge/topic-{number // 100:03}"
        folder.mkdir(parents=True, exist_ok=True)
        text = "\n".join(" ".join(WORDS[n % 7 :]) + f" {number}-{n}" for n in range(20))
        (folder / f"note-{number:05}.md").write_text(f"# Note {number}\n\n{text}\n")


def fresh(home: Path, journal: Journal) -> TimeMachine:
    places = (home / "history/workspace.git", home / "workspace", journal, home / "cache/history.json")
    return TimeMachine(*places, home / "state/history.lock")


def timed(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return (time.perf_counter() - begin) * 1000


def row(what: str, times: list[float]) -> None:
    ordered = sorted(times)
    p95 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
    print(f"| {what:<58} | {statistics.median(ordered):8.2f} | {p95:8.2f} |")


def measure(home: Path, notes: int, turns: int) -> None:
    fill(home / "workspace", notes)
    journal = Journal(home / "journal")
    workspace = Workspace(home / "workspace", locks=home / "state/locks", record=journal.change)
    machine = fresh(home, journal)
    print(f"{notes} notes, {turns} turns\n\n| {'what':<58} | {'median ms':>8} | {'p95 ms':>8} |")
    print(f"|{'-' * 60}|{'-' * 11}|{'-' * 10}|")
    row("pygit2 imported", [timed(lambda: __import__("pygit2"))])
    row("first commit, everything found", [timed(machine.commit_turns)])
    time.sleep(0.1)
    machine.commit_turns()
    row("nothing changed, journal only", [timed(lambda: machine.commit_turns(scan=False)) for _ in range(50)])
    row("nothing changed, with a scan", [timed(machine.commit_turns) for _ in range(20)])
    cold = [timed(lambda: fresh(home, journal).commit_turns(scan=False)) for _ in range(20)]
    row("nothing changed, journal only, a new process's first look", cold)
    row("the same with a scan", [timed(fresh(home, journal).commit_turns) for _ in range(10)])
    for what, scan, cold_start in (
        ("a turn's commit, journal only", False, False),
        ("a turn's commit, with a scan", True, False),
        ("a turn's commit by a new process (cache read), scan", True, True),
    ):
        times = []
        for number in range(turns):
            author = Author(Origin.ASSISTANT, f"{what[-9:]}-{number}", "s", "terminal")
            workspace.append(f"memory/2026-11-{number % 28 + 1:02}.md", f"- fact {number}", author)
            one = fresh(home, journal) if cold_start else machine
            times.append(timed(lambda one=one, scan=scan: one.commit_turns(scan=scan)))  # type: ignore[misc]
        row(what, times)
    times = []
    for number in range(turns):
        (home / f"workspace/knowledge/topic-000/note-{number:05}.md").write_text(f"edited {number}\n")
        times.append(timed(machine.commit_turns))
    row("an owner's edit, found and committed", times)
    count = sum(1 for _ in machine.repository.log())
    size = sum(path.stat().st_size for path in machine.folder.rglob("*") if path.is_file())
    row(
        f"walking the log of {count} commits",
        [timed(lambda: list(machine.repository.log())) for _ in range(3)],
    )
    print(f"\n{count} commits, {size / 1e6:.1f} MB")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        measure(Path(made), *(int(one) for one in (sys.argv[1:] + ["5000", "50"][len(sys.argv) - 1 :])))
