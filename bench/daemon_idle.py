"""What an idle daemon costs: memory (PSS) and CPU a minute after its start and its last search: ``python bench/daemon_idle.py``."""

from __future__ import annotations

import os
import re
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.support.daemon import RealDaemon, settled

from localgpt.core.paths import Home

MINUTE = 60.0
NOTES = 200


def memory(pid: int) -> float:
    """The process's own share of memory, in megabytes."""
    told = Path(f"/proc/{pid}/smaps_rollup").read_text()
    found = re.search(r"^Pss:\s+(\d+) kB", told, re.MULTILINE)
    assert found is not None
    return int(found[1]) / 1024


def cpu(pid: int) -> float:
    """Seconds of a core that the process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Start, search, wait, measure."""
    with tempfile.TemporaryDirectory() as scratch:
        home = Home(Path(scratch) / "home", Path(scratch) / "home" / "workspace")
        settled(home)
        home.config.write_text("[server]\nport = 0\n")
        folder = home.workspace / "knowledge"
        folder.mkdir(parents=True)
        for number in range(NOTES):
            (folder / f"note-{number}.md").write_text(f"# Note {number}\n\nThe harbour of town {number}.\n")
        begin = time.perf_counter()
        with RealDaemon(home.root, {"HOME": scratch}) as daemon:
            ready = time.perf_counter() - begin
            found = daemon.run("search", "harbour")
            print(
                f"ready after {ready:.2f} s, first answer after {time.perf_counter() - begin:.2f} s ({found.code})"
            )
            daemon.run("memory", "reindex", timeout=300)
            daemon.run("ask", "--model", "recall", "Where is the harbour?")
            print(f"busy: {memory(daemon.pid):.0f} MB")
            time.sleep(MINUTE)
            print(f"after a minute: {memory(daemon.pid):.0f} MB")
            used = cpu(daemon.pid)
            time.sleep(MINUTE)
            print(f"CPU in the minute after: {100 * (cpu(daemon.pid) - used) / MINUTE:.3f} % of a core")
            daemon.run("search", "harbour town")
            print(f"after another search: {memory(daemon.pid):.0f} MB")


if __name__ == "__main__":
    os.environ.pop("LOCALGPT_HOME", None)
    main()
