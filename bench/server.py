"""The daemon's server under load: ``python bench/server.py [turns]``.

Requests a second, a hundred streams at once, and what a thousand turns leave in memory, each beside a bound measured in
the same run; then the page's bytes, as they are and as they travel.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import httpx2
from bench.daemon_idle import memory
from tests.support.daemon import RealDaemon, settled
from tests.support.fake_providers import FakeProviders, Say

from localgpt.core.paths import Home

PAGE = Path(__file__).resolve().parent.parent / "src" / "localgpt" / "server" / "web"
STREAMS = 100
GAP = 0.05
WORDS = 20
SECONDS = 3.0
LOOKS = 5
TOKEN = "t" * 40


async def per_second(client: httpx2.AsyncClient, path: str, at_once: int = 8) -> float:
    """Answers a second to ``at_once`` clients that ask again as soon as they have one."""
    until = time.perf_counter() + SECONDS

    async def ask_again() -> int:
        count = 0
        while time.perf_counter() < until:
            (await client.get(path)).raise_for_status()
            count += 1
        return count

    return sum(await asyncio.gather(*(ask_again() for _ in range(at_once)))) / SECONDS


async def turn(client: httpx2.AsyncClient, message: str) -> tuple[float, float]:
    """Seconds to the first word and to the end of a streamed turn in a conversation of its own."""
    begin, first = time.perf_counter(), 0.0
    async with client.stream("POST", "/api/chat/stream", json={"message": message}) as answer:
        answer.raise_for_status()
        async for line in answer.aiter_lines():
            if not first and '"content"' in line:
                first = time.perf_counter() - begin
            if line.startswith("data: {"):
                said = json.loads(line[6:])
                assert said.get("type") != "error", said
    return first, time.perf_counter() - begin


def client_of(url: str) -> httpx2.AsyncClient:
    """A client with the token, for as many connections as there are streams."""
    limits = httpx2.Limits(max_connections=STREAMS + 10)
    return httpx2.AsyncClient(
        base_url=url, headers={"Authorization": f"Bearer {TOKEN}"}, limits=limits, timeout=120
    )


async def load(url: str) -> None:
    """Answers a second, and streams at once."""
    async with client_of(url) as client:
        await turn(client, "Warm up.")
        print(f"{'answers a second':<34}{'':>8}  : /health")
        bound = await per_second(client, "/health")
        for path in ("/health", "/api/status", "/api/memory/search?q=harbour", "/api/sessions"):
            rate = await per_second(client, path)
            print(f"{path:<34}{rate:>8.0f}  {rate / bound:.2f}")
        alone = await turn(client, "Alone?")
        many = await asyncio.gather(*(turn(client, f"Stream {number}?") for number in range(STREAMS)))
        firsts, ends = zip(*many, strict=True)
        print(
            f"\n{'streams':>8}{'first word, s':>16}{'whole, s':>12}   (the model's own: {GAP * WORDS:.1f} s)"
        )
        print(f"{1:>8}{alone[0]:>16.2f}{alone[1]:>12.2f}")
        print(f"{STREAMS:>8}{statistics.median(firsts):>16.2f}{max(ends):>12.2f}")


async def growth(url: str, pid: int, turns: int) -> None:
    """Memory as turns go by, ten to a conversation."""
    print(f"\n{'turns':>8}{'PSS, MB':>10}")
    async with client_of(url) as client:
        for number in range(turns + 1):
            if number % max(1, turns // LOOKS) == 0:
                print(f"{number:>8}{memory(pid):>10.0f}")
            body = {"message": f"Turn {number}?", "session_id": f"bench-{number // 10}"}
            (await client.post("/api/chat", json=body)).raise_for_status()


def page_bytes() -> None:
    """What the page weighs."""
    files = [path for path in PAGE.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    raw = sum(path.stat().st_size for path in files)
    packed = sum(len(gzip.compress(path.read_bytes(), 9)) for path in files)
    print(f"\nthe page: {len(files)} files, {raw / 1024:.0f} KB, {packed / 1024:.0f} KB as it travels")


def main() -> None:
    """Start a daemon on a model that answers in twenty words, and measure."""
    turns = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    words = [f"word{number} " for number in range(WORDS)]
    with tempfile.TemporaryDirectory() as scratch, FakeProviders(Say(*words, gap=GAP)) as fake:
        home = Home(Path(scratch) / "home", Path(scratch) / "home" / "workspace")
        model = (
            f'[agent]\ndefault_model = "mybox/fake-model"\n[providers.mybox]\nbase_url = "{fake.url}/v1"\n'
        )
        settled(home, model)
        server = f'[server]\nport = 0\nauth_token = "{TOKEN}"\nrequests_per_minute = 0\n'
        home.config.write_text(f"{server}{model}")
        with RealDaemon(home.root, {"HOME": scratch}) as daemon:
            daemon.run("remember", "The harbour is in the north.")
            deadline = time.monotonic() + 30
            place = home.state / "server.json"
            while not place.exists():
                assert time.monotonic() < deadline, "the page is not served"
                time.sleep(0.05)
            url = json.loads(place.read_bytes())["url"]
            fake.replies[:] = [Say(*words, gap=GAP)]
            asyncio.run(load(url))
            fake.replies[:] = [Say("Yes.")]
            asyncio.run(growth(url, daemon.pid, turns))
    page_bytes()


if __name__ == "__main__":
    os.environ.pop("LOCALGPT_HOME", None)
    main()
