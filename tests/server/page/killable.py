"""A server in a process of its own, to be killed: ``python killable.py HOME PORT``; its engine says 400 words slowly."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from tests.server.conftest import CONFIG, Echo

from localgpt.app.assistant import Assistant
from localgpt.core.events import TextDelta
from localgpt.core.values import Stop, Usage
from localgpt.models.base import Finished
from localgpt.server.access import Access
from localgpt.server.served import Served
from localgpt.server.serving import serve


async def run(home: Path, port: int) -> None:
    """Serve until somebody kills it; the address is the first line of standard output."""
    engine = Echo(pause=0.02)
    for _ in range(5):
        engine.say(lambda _: [*(TextDelta(f"word{n} ") for n in range(400)), Finished(Stop.DONE, Usage())])
    async with Assistant(home, engine=engine, door="page") as assistant:
        served = Served(assistant=lambda: assistant, access=Access.of(assistant.home, assistant.config))
        serving = await serve(served, host="127.0.0.1", port=port)
        sys.stdout.write(f"{serving.port}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(exist_ok=True)
    (folder / "config.toml").write_text(CONFIG)
    asyncio.run(run(folder, int(sys.argv[2])))
