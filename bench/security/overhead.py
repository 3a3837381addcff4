"""What a run behind walls costs beyond the command itself: ``python bench/security/overhead.py``. The goal is 40 ms.

And what the shell of models costs beyond that: what the command changed is found and journalled. That goal is 40 ms, too,
at 1,000 notes. A tenth of the notes hold foreign lines.
"""

from __future__ import annotations

import statistics
import subprocess
import threading
import time
from typing import Any

from localgpt.core import files
from localgpt.core.journal import Journal, Origins
from localgpt.core.paths import PROTECTED, Home
from localgpt.core.values import Author, Origin
from localgpt.memory.workspace import Workspace
from localgpt.security.sandbox import planning, supervisor
from localgpt.security.sandbox.plan import FULL, WEAKER
from localgpt.security.sandbox.status import failure_of
from localgpt.tools import shell_hiding
from localgpt.tools.base import ToolContext
from localgpt.tools.shell_intent import Intents
from localgpt.tools.shell_ledger import Ledger
from localgpt.tools.shell_origin import watched
from localgpt.tools.shell_room import ShellRoom

ROUNDS = 40
NOTES = (0, 1000, 5000)
_NOTE = "- a line of a note, of about the length that lines of notes have\n" * 30


def home_with(notes: int) -> Home:
    """A home with as many notes, in folders of a hundred."""
    root = files.private_folder("localgpt-bench-").resolve()
    home = Home(root, root / "workspace")
    for number in range(notes):
        path = home.workspace / "knowledge" / f"{number // 100}" / f"{number}.md"
        files.replace(path, _NOTE.encode(), synced=False)
    for name in PROTECTED[:7]:
        files.replace(home.workspace / name, b"a note\n", synced=False)
    return home


def milliseconds(home: Home, strength: str) -> list[float]:
    """What ``true`` takes, planned and run, less than what it takes by itself."""
    took = []
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        subprocess.run(["/bin/sh", "-c", "true"], check=True)
        middle = time.perf_counter()
        supervisor.run(planning.plan(["true"], home), strength)
        took.append((time.perf_counter() - middle - (middle - begin)) * 1000)
    return took


def tool_milliseconds(home: Home, notes: int) -> dict[str, list[float]]:
    """What the shell takes for commands that write nothing, and one note."""
    journal = Journal(home.journal)
    author = Author(Origin.ASSISTANT, "bench", "bench")
    workspace = Workspace(home.workspace, locks=home.state / "locks", record=journal.change)
    for number in range(0, notes, 10):
        workspace.append(
            f"knowledge/{number // 100}/{number}.md", "from a page", Author(Origin.FOREIGN, "web")
        )
    room = ShellRoom(home, journal, foreign=Origins(journal).foreign)
    context = ToolContext(workspace, _no_search, author, local=False)
    took: dict[str, list[float]] = {}

    def run(command: str) -> float:
        begin = time.perf_counter()
        room.run(context, command, 0, network=False, folders=(), stop=threading.Event())
        return (time.perf_counter() - begin) * 1000

    took["the first"] = [run("true")]
    took["that writes nothing"] = [run("true") for _ in range(ROUNDS)]
    took["that changes a note"] = [run("date +%N >> MEMO.md") for _ in range(ROUNDS)]
    room.close()
    return took


def processor_milliseconds(home: Home) -> tuple[float, list[float]]:
    """What finding out what a command did takes of the processor: for the first command, and for later ones."""
    journal = Journal(home.journal)
    origins, ledger = Origins(journal), Ledger(home.workspace, journal, Intents(home.state))
    begin = time.process_time()
    ledger.look()
    first, took = (time.process_time() - begin) * 1000, []
    for _ in range(ROUNDS):
        begin = time.process_time()
        private = ledger.look()
        shell_hiding.hidden(ledger.root, ledger.paths, private)
        eyes = watched(ledger.root, ledger.paths, origins.foreign(), lambda _: Origin.OWNER)
        run = ledger.begin(Author(Origin.ASSISTANT, "bench"), (), eyes, foreign=False)
        ledger.settle(run, over=True)
        took.append((time.process_time() - begin) * 1000)
    ledger.close()
    return first, took


def _no_search(_query: Any) -> Any:
    raise AssertionError("nothing searches here")


def row(notes: int, walls: str, times: list[float]) -> str:
    """A row of the table."""
    times = sorted(times)
    late = times[int(len(times) * 0.95)]
    return f"| {notes} | {walls} | {times[0]:.0f} | {statistics.median(times):.0f} | {late:.0f} |"


def main() -> None:
    """Print the table."""
    print("| notes | walls | least ms | median ms | 95 % ms |\n|---|---|---|---|---|")
    for notes in NOTES:
        home = home_with(notes)
        for strength in (FULL, WEAKER):
            if not failure_of(strength):
                print(row(notes, strength, milliseconds(home, strength)))
        if not failure_of(FULL):
            for name, times in tool_milliseconds(home, notes).items():
                print(row(notes, f"the shell, a command {name}", times), flush=True)
            first, later = processor_milliseconds(home)
            print(row(notes, f"of the processor for its changes (the first: {first:.0f})", later), flush=True)
        files.remove_folder(home.root)


if __name__ == "__main__":
    main()
