"""What a run behind walls costs beyond the command itself: ``python bench/security/overhead.py``. The goal is 40 ms."""

from __future__ import annotations

import statistics
import subprocess
import time

from localgpt.core import files
from localgpt.core.paths import PROTECTED, Home
from localgpt.security.sandbox import planning, supervisor
from localgpt.security.sandbox.plan import FULL, WEAKER
from localgpt.security.sandbox.status import failure_of

ROUNDS = 40
NOTES = (0, 5000)


def home_with(notes: int) -> Home:
    """A home with as many notes, in folders of a hundred."""
    root = files.private_folder("localgpt-bench-").resolve()
    home = Home(root, root / "workspace")
    for number in range(notes):
        path = home.workspace / "knowledge" / f"{number // 100}" / f"{number}.md"
        files.replace(path, b"a note\n", synced=False)
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


def main() -> None:
    """Print the table."""
    print("| notes | walls | least ms | median ms | 95 % ms |\n|---|---|---|---|---|")
    for notes in NOTES:
        home = home_with(notes)
        for strength in (FULL, WEAKER):
            if failure_of(strength):
                continue
            took = sorted(milliseconds(home, strength))
            late = took[int(len(took) * 0.95)]
            print(f"| {notes} | {strength} | {took[0]:.0f} | {statistics.median(took):.0f} | {late:.0f} |")
        files.remove_folder(home.root)


if __name__ == "__main__":
    main()
