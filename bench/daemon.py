"""What a daemon makes of commands, as ratios to an interpreter that does nothing: ``python bench/daemon.py``.

Each figure is the least and the middle of many runs, taken in turns, so that a busy machine slows all of them alike. Then:
how long a first token takes beyond the model's, and searches and status while a hundred slow answers come at once.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.support.daemon import RealDaemon, command, settled
from tests.support.fake_providers import FakeProviders, Say

from localgpt.core.paths import Home

ROUNDS = 15
NOTES = 500
CHATS = 100
WAIT = 0.05
SLOW = 1.0
APART = 0.1
COMMANDS = {
    "python -c pass": [sys.executable, "-c", "pass"],
    "localgpt --version": command("--version"),
    "localgpt search": command("search", "harbour"),
    "localgpt memory recent": command("memory", "recent"),
    "localgpt session list": command("session", "list"),
}


def seconds(words: list[str], environ: dict[str, str]) -> float:
    """How long one run takes."""
    begin = time.perf_counter()
    subprocess.run(words, env=environ, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - begin


def compare(daemon: RealDaemon) -> None:
    """Each command with the daemon, and without."""
    worlds = {
        "with": daemon.environ,
        "without": {**daemon.environ, "LOCALGPT_WORKSPACE": str(daemon.root / "workspace")},
    }
    runs = [(name, world) for name in COMMANDS for world in worlds]
    taken: dict[tuple[str, str], list[float]] = {run: [] for run in runs}
    for _ in range(ROUNDS):
        for name, world in runs:
            taken[name, world].append(seconds(COMMANDS[name], worlds[world]))
    bare = min(taken["python -c pass", "with"])
    print(f"{'':26}{'with a daemon':>30}{'without':>28}")
    for name in COMMANDS:
        row = "".join(
            f"{1000 * min(taken[name, world]):9.0f} ms least {1000 * statistics.median(taken[name, world]):4.0f} mid "
            f"{min(taken[name, world]) / bare:4.1f}x"
            for world in worlds
        )
        print(f"{name:26}{row}")


def first_token(daemon: RealDaemon, delay: float) -> None:
    """How much later than the model's the first token of ``ask`` is."""
    extra = []
    for _ in range(7):
        begin = time.perf_counter()
        with daemon.spawn("ask", "What is there?", stdin=subprocess.DEVNULL) as child:
            assert child.stdout is not None
            child.stdout.read(1)
            extra.append(time.perf_counter() - begin - delay)
            child.wait()
    print(
        f"\nask: first token {1000 * min(extra):.0f} ms least, {1000 * statistics.median(extra):.0f} ms mid after the model's"
    )


def wait_for(fake: FakeProviders, requests: int) -> None:
    """Until the model is asked so many times."""
    begin = time.perf_counter()
    while len(fake.requests) < requests:
        time.sleep(0.05)
        assert time.perf_counter() - begin < 60, len(fake.requests)
    print(f"\n{requests} questions reached the model within {time.perf_counter() - begin:.1f} s")


def crowd(daemon: RealDaemon, fake: FakeProviders) -> None:
    """Searches and status while many slow answers come."""
    probes = {"search": command("search", "harbour"), "status": command("daemon", "status")}

    def look() -> dict[str, float]:
        return {
            name: statistics.median(seconds(words, daemon.environ) for _ in range(9))
            for name, words in probes.items()
        }

    alone = look()
    chats = []
    for number in range(CHATS):
        words = ("ask", f"Story {number}?")
        chats.append(daemon.spawn(*words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL))
        time.sleep(APART)
    wait_for(fake, CHATS)
    begin = time.perf_counter()
    under = look()
    still = sum(child.poll() is None for child in chats)
    print(
        f"\n{CHATS} answers at once ({still} still came after {time.perf_counter() - begin:.1f} s of looking):"
    )
    for name, value in under.items():
        print(
            f"  {name:8} {1000 * alone[name]:5.0f} ms alone, {1000 * value:5.0f} ms then: {value / alone[name]:.1f}x"
        )
    for child in chats:
        child.kill()
        child.wait()
    daemon.until(lambda: daemon.running() == 0, 60)


def main() -> None:
    """Measure everything."""
    words = [f"word{number} " for number in range(600)]
    with tempfile.TemporaryDirectory() as scratch, FakeProviders(Say("Hello.", gap=WAIT)) as fake:
        home = Home(Path(scratch) / "home", Path(scratch) / "home" / "workspace")
        model = (
            f'[agent]\ndefault_model = "mybox/fake-model"\n[providers.mybox]\nbase_url = "{fake.url}/v1"\n'
        )
        settled(home, model)
        home.config.write_text(f"[server]\nport = 0\n{model}")
        folder = home.workspace / "knowledge"
        folder.mkdir(parents=True)
        for number in range(NOTES):
            text = " ".join(f"word{number * 7 % 101} harbour{number % 13}" for _ in range(60))
            (folder / f"note-{number}.md").write_text(
                f"# Note {number}\n\n{text}\n\nThe harbour of {number}.\n"
            )
        with RealDaemon(home.root, {"HOME": scratch}) as daemon:
            daemon.run("memory", "reindex", timeout=300)
            if "crowd" not in sys.argv:
                compare(daemon)
                first_token(daemon, WAIT)
            fake.replies[:] = [Say(*words, gap=SLOW)]
            crowd(daemon, fake)
    sys.stdout.flush()


if __name__ == "__main__":
    os.environ.pop("LOCALGPT_HOME", None)
    main()
