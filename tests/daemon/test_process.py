"""The daemon as a process."""

from __future__ import annotations

import subprocess
import sys

import pytest

from localgpt.core.errors import LocalGPTError
from localgpt.daemon import process


def test_nobody_can_be_stopped(home):
    with pytest.raises(process.NotRunning, match="No daemon runs for") as caught:
        process.stop(home, 1)
    assert "daemon start" in caught.value.hint


@pytest.mark.parametrize(
    ("said", "sentence", "hint"),
    [
        ("Error: Port 1 is in use.\n  Take another.\n", "Port 1 is in use.", "Take another."),
        ("Error: It is broken.\n", "It is broken.", ""),
        ("Traceback\n  boom\n", "The daemon ended as soon as it began.", "See "),
        ("", "The daemon ended as soon as it began.", "See "),
    ],
)
def test_what_a_daemon_said_before_it_ended_is_told(home, monkeypatch, said, sentence, hint):
    script = f"import sys; sys.stderr.write({said!r}); sys.exit(1)"
    monkeypatch.setattr(process, "command", lambda _: [sys.executable, "-c", script])
    with pytest.raises(LocalGPTError) as caught:
        process.start(home)
    assert caught.value.message == sentence
    assert caught.value.hint.startswith(hint)


def test_one_that_never_gets_ready_is_ended(home, monkeypatch):
    children: list[subprocess.Popen[bytes]] = []
    spawned = process._spawned

    def noted(*arguments):
        children.append(spawned(*arguments))
        return children[0]

    monkeypatch.setattr(process, "_spawned", noted)
    monkeypatch.setattr(process, "STARTING", 0.2)
    monkeypatch.setattr(process, "command", lambda _: [sys.executable, "-c", "import time; time.sleep(60)"])
    with pytest.raises(LocalGPTError, match="not ready within"):
        process.start(home)
    assert children[0].wait(10) < 0
