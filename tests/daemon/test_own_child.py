"""A program that a real daemon started, with the socket's path and the token, tries to be the owner."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.support.daemon import RealDaemon, settled

from localgpt.core.paths import Home
from localgpt.security import kinship

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not kinship.TELLS, reason="only Linux tells whose child a process is"),
]
SCRIPT = Path(__file__).parents[1] / "support" / "own_child.py"


@pytest.fixture
def daemon(home: Home, tmp_path: Path) -> Iterator[RealDaemon]:
    """A daemon whose ``claude`` is the script."""
    settled(home, '[agent]\ndefault_model = "claude-cli/opus"\n')
    folder = tmp_path / "bin"
    folder.mkdir()
    running = RealDaemon(home.root, {"PATH": f"{folder}:{os.environ['PATH']}", "ANTHROPIC_API_KEY": "x" * 30})
    words = [sys.executable, SCRIPT, home.root, running.environ["XDG_RUNTIME_DIR"], sys.executable]
    paths = [tmp_path / "result", "$PPID", *filter(None, sys.path)]
    line = " ".join(f'"{word}"' for word in [*words, *paths])
    (folder / "claude").write_text(f"#!/bin/sh\nexec {line} 2>{tmp_path}/errors\n")
    (folder / "claude").chmod(0o755)
    with running:
        yield running


def settings(daemon: RealDaemon, value: str) -> int:
    """The owner's own hands change a setting."""
    token = (daemon.root / "state" / "token").read_text().strip()
    request = urllib.request.Request(
        f"http://127.0.0.1:{daemon.record['port']}/api/settings",
        json.dumps({"key": "security.mode", "value": value}).encode(),
        {"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        method="PUT",
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        return int(answer.status)


def test_it_is_refused_everything(daemon: RealDaemon, tmp_path: Path) -> None:
    asking = daemon.spawn("ask", "Hello?", stdin=subprocess.DEVNULL)
    daemon.until((tmp_path / "result").exists, 60)
    found: dict[str, Any] = json.loads((tmp_path / "result").read_text())
    asking.kill()
    asking.communicate()
    for who, tried in found.items():
        for what, (code, told) in tried.items():
            where = (who, what, code, told)
            if "/" in what:
                assert (code, json.loads(told)["error"]["code"]) == (403, "child"), where
            else:
                assert code == 2, where
                assert "may not speak as its owner" in told, where
    time.sleep(0.5)
    told = daemon.root.joinpath("config.toml").read_text()
    assert "security" not in told
    assert not (daemon.root / "state" / "tokens.json").exists()
    assert settings(daemon, "plan") == 200  # the oracle: the same from outside
    assert daemon.run("config", "set", "security.mode", "ask").code == 0
    assert daemon.run("grants", "add", "--network").code == 0
