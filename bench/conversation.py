"""The same ten turns with every engine: what is kept, what the model sees, what it takes.

    python -m bench.conversation [--engine recall|llama|claude|anthropic|openai|ollama|mybox|all]

A fact told, two tools, an attachment, a compaction at turn five, kill -9 in turn seven, a new process that goes on, a
retry, and a question from before the compaction. Every engine is real but for the services behind it, which are fakes
on this machine; ``claude`` is the program that ``LOCALGPT_TEST_CLAUDE`` names, ``llama`` is llama.cpp's own server.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.ten_turns import COMPACT, FACT, HOLD, WORDS

ROOT = Path(__file__).resolve().parent.parent
CLAUDE = os.environ.get("LOCALGPT_TEST_CLAUDE", "")
CLOSED = "http://127.0.0.1:9"
KEY = "sk-ant-no-key-at-all-0001"
MODELS = {
    "recall": "recall",
    "llama": "llamacpp/tiny",
    "claude": "claude-cli/claude-sonnet-4-5",
    "anthropic": "anthropic/claude-sonnet-4-5",
    "openai": "openai/gpt-5-mini",
    "ollama": "ollama/llama3.2:3b",
    "mybox": "mybox/qwen3",
}
LLAMA_WINDOW = 8192 * 5
"""Tokens. The tiny model reads nearly byte by byte: it needs five times the room of a real one for the same text."""
OFFER = "# Offer of the roofer\n\nTiles, labour and scaffolding: the total is 8250 francs.\n"


@dataclass(frozen=True)
class Stage:
    """What an engine needs around it: settings for the home, and variables of the environment."""

    model: str
    settings: str = ""
    environment: dict[str, str] = field(default_factory=dict)


def missing(engine: str) -> str:
    """What this machine lacks for an engine; empty if it is all there."""
    if engine == "claude" and not CLAUDE:
        return "LOCALGPT_TEST_CLAUDE names no claude command"
    if engine == "llama" and not all(importlib.util.find_spec(name) for name in ("xllamacpp", "gguf")):
        return "xllamacpp or gguf is not installed"
    return ""


@contextmanager
def staged(engine: str, scratch: Path) -> Iterator[Stage]:
    """The engine's servers, while the ``with`` lasts."""
    if engine == "recall":
        yield Stage("recall")
    elif engine == "llama":
        from tests.support.llama_server import llama_server

        with llama_server(scratch, context=LLAMA_WINDOW) as url:
            short = "[agent]\nmax_tokens = 60\nmax_tool_rounds = 2\n"
            place = f'[providers.llamacpp]\nbase_url = "{url}/v1"\ncontext_window = {LLAMA_WINDOW}\n'
            yield Stage(MODELS[engine], short + place)
    else:
        from tests.support.fake_providers import FakeProviders
        from tests.support.ten_turns import answer

        with FakeProviders(answer) as fake:
            yield _behind(engine, fake.url)


def _behind(engine: str, url: str) -> Stage:
    if engine == "claude":
        settings = f'[providers.claude_cli]\ncommand = "{CLAUDE}"\n'
        return Stage(MODELS[engine], settings, {"ANTHROPIC_BASE_URL": url, "ANTHROPIC_API_KEY": KEY})
    path = "" if engine == "anthropic" else "/v1"
    return Stage(MODELS[engine], f'[providers.{engine}]\nbase_url = "{url}{path}"\napi_key = "{KEY}"\n')


@dataclass
class Record:
    """All lines that the processes of one conversation have told."""

    lines: list[dict[str, Any]] = field(default_factory=list)
    kept: str = ""
    noted: str = ""
    entries: int = 0
    errors: str = ""

    def of(self, kind: str) -> list[dict[str, Any]]:
        """The lines of one kind."""
        return [line for line in self.lines if line["kind"] == kind]

    @property
    def turns(self) -> dict[int, dict[str, Any]]:
        """The turns that came to their end."""
        return {line["turn"]: line for line in self.of("turn")}

    @property
    def acknowledged(self) -> int:
        """Words that a door has shown as kept."""
        return sum(len(line["text"].split()) for line in self.of("kept"))

    @property
    def lost(self) -> list[str]:
        """Texts that were shown as kept and stand nowhere."""
        where = {"session": self.kept, "notes": self.noted}
        return [line["text"] for line in self.of("kept") if line["text"] not in where[line["where"]]]

    @property
    def done(self) -> list[int]:
        """Turns that ended well, or, for the one that was killed, with the owner's words kept."""
        held = [line["turn"] for line in self.of("held")]
        return sorted({*held, *(number for number, turn in self.turns.items() if not turn["error"])})

    def saw(self, number: int) -> dict[str, Any]:
        """The first request of a turn."""
        seen: dict[str, Any] = self.turns[number]["seen"][0]
        return seen


def held(engine: str, scratch: Path) -> Record:
    """The whole conversation with one engine in ``scratch``: two processes, the first of which is killed."""
    home = scratch / "home"
    home.mkdir(parents=True)
    offer = scratch / "offer.md"
    offer.write_text(OFFER, encoding="utf-8")
    record = Record()
    with staged(engine, scratch) as stage:
        (home / "config.toml").write_text(stage.settings, encoding="utf-8")
        plan = {"home": str(home), "model": stage.model, "hold": HOLD, "file": str(offer)}
        environment = _environment(scratch, stage)
        _part(record, {**plan, "first": 1, "last": HOLD}, environment)
        _part(record, {**plan, "first": HOLD + 1, "last": len(WORDS)}, environment)
    record.kept, record.entries = _kept(home)
    notes = sorted((home / "workspace").rglob("*.md"))
    record.noted = "\n".join(note.read_text(encoding="utf-8") for note in notes)
    return record


def _environment(scratch: Path, stage: Stage) -> dict[str, str]:
    proxies = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), CLOSED)
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(scratch),
        "PYTHONPATH": str(ROOT / "src"),
        "NO_PROXY": "localhost,127.0.0.1,::1",
        "HF_HUB_OFFLINE": "1",
        **proxies,
        **stage.environment,
    }


def _part(record: Record, plan: dict[str, Any], environment: dict[str, str]) -> None:
    """One process, from its first turn to its last or until it holds: then it is killed with -9."""
    command = [sys.executable, "-m", "bench.ten_turns", json.dumps(plan)]
    with (
        tempfile.TemporaryFile("w+") as errors,
        subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=errors, text=True
        ) as child,
    ):
        assert child.stdout is not None
        for text in child.stdout:
            record.lines.append(json.loads(text))
            if record.lines[-1]["kind"] == "held":
                child.kill()
        child.wait()
        errors.seek(0)
        record.errors += errors.read()
    if child.returncode not in {0, -signal.SIGKILL}:
        raise RuntimeError(f"The conversation broke off:\n{record.errors}")


def _kept(home: Path) -> tuple[str, int]:
    """All text in the conversations' files, and how many entries they have."""
    from localgpt.core.paths import locate

    lines = [
        json.loads(line)
        for path in sorted(locate(home=home).sessions.glob("*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    blocks = [block for line in lines for block in line.get("message", {}).get("content", [])]
    texts = [block if isinstance(block, str) else str(block.get("text", "")) for block in blocks]
    return "\n".join(texts), len(lines)


def kept_row(engine: str, record: Record) -> str:
    """Was everything done, and nothing lost?"""
    last = record.turns.get(len(WORDS), {"answer": "", "seen": []})
    shown = any(seen["fact_found"] or seen["fact_said"] for seen in last["seen"])
    seconds = [turn["seconds"] for turn in record.turns.values()]
    warm = [turn["own"] for number, turn in record.turns.items() if number not in {1, HOLD + 1}]
    cells = [
        engine,
        f"{len(record.done)}/{len(WORDS)}",
        str(record.acknowledged),
        str(sum(len(text.split()) for text in record.lost)),
        str(sum(line["text"].count("Condensed") for line in (*record.of("compacted"), *record.of("notice")))),
        str(sum(turn["calls"] for turn in (*record.turns.values(), *record.of("held")))),
        "skipped" if record.of("skipped") else "yes",
        f"{'yes' if shown else 'no'} / {'yes' if FACT in last['answer'] else 'no'}",
        f"{1000 * statistics.median(seconds):.0f} / {1000 * max(seconds):.0f}",
        f"{1000 * statistics.median(warm):.0f}",
        f"${sum(turn['cost'] for turn in record.turns.values()):.4f}",
    ]
    return "| " + " | ".join(cells) + " |"


def seen_row(engine: str, record: Record) -> str:
    """What the model saw in the turn before the compaction, and in the one after it."""
    before, after = record.saw(COMPACT - 1), record.saw(COMPACT)
    last = record.saw(len(WORDS))
    prefixes = {seen["prefix"] for turn in record.turns.values() for seen in turn["seen"] if seen["tools"]}
    whole = all(seen["whole"] for turn in record.turns.values() for seen in turn["seen"])
    cells = [engine]
    for seen in (before, after, last):
        cells += [f"{seen['messages']} / {seen['conversation']} / {seen['tokens']}"]
    cells += [f"{before['prefix']} {'=' if before['prefix'] == after['prefix'] else '≠'} {after['prefix']}"]
    cells += [str(len(prefixes)), "yes" if whole else "NO"]
    return "| " + " | ".join(cells) + " |"


KEPT = """\
| engine | turns | words kept | lost | compactions | tool calls | attachment | fact from before: shown / answered | \
ms a turn: median / most | our CPU ms a warm turn | cost |
|---|---|---|---|---|---|---|---|---|---|---|"""
SEEN = """
| engine | turn 4: messages / their tokens / all | turn 5, after the compaction | turn 10 | prefix, sha-256 | \
prefixes in 10 turns | calls paired |
|---|---|---|---|---|---|---|"""


def main(arguments: Sequence[str] | None = None) -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description="Ten turns with every engine.")
    parser.add_argument("--engine", choices=[*MODELS, "all"], default="all")
    wish = parser.parse_args(arguments).engine
    records: dict[str, Record] = {}
    for engine in MODELS if wish == "all" else (wish,):
        if lack := missing(engine):
            print(f"({engine} is left out: {lack})")
            continue
        with tempfile.TemporaryDirectory() as scratch:
            records[engine] = held(engine, Path(scratch))
    print("\n".join([KEPT, *(kept_row(name, record) for name, record in records.items())]))
    print("\n".join([SEEN, *(seen_row(name, record) for name, record in records.items())]))
    for name, record in records.items():
        for line in (*record.lost, *(turn["error"] for turn in record.turns.values() if turn["error"])):
            print(f"{name}: {line}")
        if record.errors:
            print(f"{name}, standard error: {record.errors}")


if __name__ == "__main__":
    main()
