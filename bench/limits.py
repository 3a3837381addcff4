"""What our side of a turn may cost: cold, warm, fifty at once, and in a conversation of 20,000 entries.

    python -m bench.limits

Servers are fakes in processes of their own. CPU and not seconds, and ratios taken in one run, where a busy machine would
decide.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

from bench.engines import ROOT, serving

RUNS, TURNS, TALKS, ENTRIES = 5, 30, 50, 20_000
WORDS, GAP, TICK = 20, 0.05, 0.005
"""What the slow server says: so many words, so many seconds apart; and seconds between two looks at the loop."""
COLD = """
import asyncio, json, sys, time
from bench import engines
begin = time.process_time()
engines.load()
loaded = time.process_time()
from localgpt import Assistant
async def main():
    async with Assistant(sys.argv[1]) as assistant:
        answer = await assistant.ask("Hello?")
        assert answer.response and not answer.error, answer
asyncio.run(main())
print(json.dumps([loaded - begin, time.process_time() - loaded]))
"""


def furnish(home: Path, url: str) -> None:
    """A home whose model is the server at ``url``."""
    home.mkdir(exist_ok=True)
    place = f'[providers.mybox]\nbase_url = "{url}/v1"\ncontext_window = 100000\n'
    (home / "config.toml").write_text(f'[agent]\ndefault_model = "mybox/fake-model"\n{place}')


def cold(folder: Path) -> tuple[float, float]:
    """CPU milliseconds of ``ask`` in a fresh process: the engine's own imports, and everything else."""
    found = []
    with serving(5) as url:
        furnish(folder, url)
        for _ in range(RUNS):
            command = [sys.executable, "-c", COLD, str(folder)]
            done = subprocess.run(
                command, cwd=ROOT, capture_output=True, text=True, check=True, env=dict(os.environ)
            )
            found.append(json.loads(done.stdout))
    imports, rest = zip(*found, strict=True)
    return 1000 * statistics.median(imports), 1000 * statistics.median(rest)


def warm(folder: Path) -> tuple[float, float]:
    """CPU milliseconds of a turn beyond the engine's own, and with it."""
    from bench.ten_turns import Watched

    from localgpt import Assistant
    from localgpt.app import Talk

    async def work() -> list[tuple[float, float]]:
        async with Assistant(folder) as maker:
            engine = Watched(await maker.ready())
            async with Assistant(folder, engine=engine) as assistant:
                talk, spent = Talk(assistant), []
                for number in range(TURNS):
                    engine.cpu, begin = 0.0, time.process_time()
                    async with aclosing(talk.send(f"Tell me of garden number {number}.")) as events:
                        async for _ in events:
                            pass
                    whole = time.process_time() - begin
                    spent.append((whole - engine.cpu, whole))
        return spent[3:]

    with serving(5) as url:
        furnish(folder, url)
        own, whole = zip(*asyncio.run(work()), strict=True)
    return 1000 * statistics.median(own), 1000 * statistics.median(whole)


def at_once(folder: Path, talks: int) -> tuple[float, float, float, float]:
    """Seconds of so many conversations at once: the first and the last to hear a word, all of it, the longest stall."""
    from localgpt import Assistant
    from localgpt.core.events import TextDelta

    async def one(assistant: Assistant, number: int, begin: float) -> float:
        first = 0.0
        async with aclosing(assistant.chat(f"Hello, I am number {number}.")) as events:
            async for event in events:
                if isinstance(event, TextDelta) and not first:
                    first = time.perf_counter() - begin
        assert first, number
        return first

    async def work() -> tuple[list[float], float, float]:
        async with Assistant(folder) as assistant:
            await assistant.ask("Hello?")
            begin = time.perf_counter()
            async with stalls() as longest:
                firsts = await asyncio.gather(*(one(assistant, number, begin) for number in range(talks)))
            return list(firsts), time.perf_counter() - begin, longest[0]

    with serving(WORDS, GAP) as url:
        furnish(folder, url)
        firsts, whole, stall = asyncio.run(work())
    return min(firsts), max(firsts), whole, stall


def scripted(folder: Path, talks: int) -> tuple[float, float]:
    """Seconds that so many conversations with an engine in this process take, and the loop's longest stall."""
    from localgpt import Assistant
    from localgpt.core.events import TextDelta
    from localgpt.core.values import Stop
    from localgpt.models.base import EngineEvent, Finished, Request
    from localgpt.models.scripted import Scripted

    class Slow(Scripted):
        async def request(self, _request: Request) -> AsyncGenerator[EngineEvent, None]:
            for number in range(WORDS):
                await asyncio.sleep(GAP)
                yield TextDelta(f"word{number} ")
            yield Finished(Stop.DONE)

    async def work() -> tuple[float, float]:
        async with Assistant(folder, engine=Slow()) as assistant:
            await assistant.ask("Hello?")
            begin = time.perf_counter()
            async with stalls() as longest:
                await asyncio.gather(
                    *(assistant.ask(f"Hello, I am number {number}.") for number in range(talks))
                )
            return time.perf_counter() - begin, longest[0]

    return asyncio.run(work())


@asynccontextmanager
async def stalls() -> AsyncIterator[list[float]]:
    """The longest time in seconds that a task which only ticks had to wait for its turn, in a list of one."""
    longest = [0.0]

    async def tick() -> None:
        while True:
            begin = time.perf_counter()
            await asyncio.sleep(TICK)
            longest[0] = max(longest[0], time.perf_counter() - begin - TICK)

    ticking = asyncio.create_task(tick())
    try:
        yield longest
    finally:
        ticking.cancel()


def opening(folder: Path) -> tuple[float, float]:
    """Seconds to open a conversation of 20,000 entries and have what a model is given, and CPU seconds."""
    from localgpt.agent.sessions import Sessions
    from localgpt.core.values import Message, Role, Text

    sessions = Sessions(folder)
    session = sessions.new()
    for role in (Role.USER, Role.ASSISTANT):
        session.append(Message(role, (Text("The roses by the shed want cutting before the frost comes."),)))
    *head, line = session.path.read_text(encoding="utf-8").splitlines()
    entry, last = json.loads(line), json.loads(line)["id"]
    with session.path.open("a", encoding="utf-8") as file:
        for number in range(ENTRIES - len(head)):
            entry |= {"id": f"{number:08x}", "parentId": last}
            last = entry["id"]
            file.write(json.dumps(entry) + "\n")
    begin, cpu = time.perf_counter(), time.process_time()
    messages = sessions.open(session.id).messages()
    took = time.perf_counter() - begin, time.process_time() - cpu
    assert len(messages) >= ENTRIES - 2, len(messages)
    return took


def main() -> None:
    """Print the table."""
    print("| what | limit | measured |\n|---|---|---|")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        imports, rest = cold(folder / "cold")
        print(
            f"| cold ask, CPU beyond the engine's import ({imports:.0f} ms) | 500 ms | {rest:.0f} ms |",
            flush=True,
        )
        own, whole = warm(folder / "warm")
        print(
            f"| warm turn, our CPU (with the engine's: {whole:.0f} ms) | 30 ms | {own:.0f} ms |", flush=True
        )
        _, _, alone, _ = at_once(folder / "one", 1)
        first, last, together, stall = at_once(folder / "fifty", TALKS)
        told = f"first word after {first:.2f} to {last:.2f} s, all done in {together:.2f} s"
        print(
            f"| {TALKS} conversations at once, one alone {alone:.2f} s | none waits | {told}: {together / alone:.1f}× |"
        )
        print(f"| their loop's longest stall | 50 ms | {1000 * stall:.0f} ms |", flush=True)
        took, stall = scripted(folder / "scripted", TALKS)
        told = f"{1000 * stall:.0f} ms, all done in {took:.2f} s"
        print(
            f"| the same with an engine in this process ({WORDS * GAP:.0f} s of words) | 50 ms | {told} |",
            flush=True,
        )
        took, cpu = min(opening(folder / f"sessions{run}") for run in range(3))
        print(f"| a session of {ENTRIES:,} entries opens | 0.3 s | {took:.2f} s ({cpu:.2f} s CPU) |")


if __name__ == "__main__":
    main()
