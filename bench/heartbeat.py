"""What the heartbeat costs while nothing is due: one beat, and a whole simulated day.

python -m bench.heartbeat
"""

from __future__ import annotations

import asyncio
import os
import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from localgpt import Assistant
from localgpt.memory.templates import template
from localgpt.models.scripted import Scripted

FILES = {
    "the stock template": template("HEARTBEAT.md").decode(),
    "200 ticked boxes": "- [x] done\n" * 200,
    "200 open boxes, not yet due": "".join(f"- [ ] task {n} @2099-01-01\n" for n in range(200)),
    "256 KB of comments": "<!--\n" + "- [ ] nothing\n" * 18_000 + "-->\n",
}


async def measure(folder: Path) -> None:
    """Print a table: milliseconds of a beat, and what a day of beats asked and connected."""
    now = datetime(2026, 11, 23, tzinfo=UTC)
    engine = Scripted()
    async with Assistant(folder / "home", engine=engine, clock=lambda: now) as assistant:
        note = assistant.home.workspace / "HEARTBEAT.md"
        print(
            f"{'HEARTBEAT.md':<30}{'beat p50 ms':>12}{'p99 ms':>9}{'a day ms':>10}{'requests':>10}{'journal':>9}"
        )
        for name, text in FILES.items():
            note.write_text(text, encoding="utf-8")
            os.utime(note, (0, 0))
            took = []
            for _ in range(1440):
                now += timedelta(minutes=1)
                begun = time.perf_counter()
                await assistant.heartbeat.beat()
                took.append((time.perf_counter() - begun) * 1000)
            took = took[1:]
            p99 = sorted(took)[int(len(took) * 0.99)]
            kept = sum(1 for _ in assistant.journal.entries())
            figures = f"{statistics.median(took):>12.2f}{p99:>9.2f}{sum(took):>10.0f}{len(engine.requests):>10}{kept:>9}"
            print(f"{name:<30}{figures}")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        asyncio.run(measure(Path(place)))
