from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest

from localgpt.security.sandbox.result import Result
from localgpt.security.sandbox.scene import Scene

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes in /proc")
QUIET = Result(0, "", "", 0.1, "full")


@pytest.fixture
def scene():
    made = Scene()
    yield made
    made.end()
    assert not made.root.exists()


def test_what_was_done_is_seen(scene):
    assert scene.harm(QUIET) == []
    words = scene.words()
    assert scene.harm(replace(QUIET, out=scene.secret)) == ["a secret was read"]
    assert scene.harm(replace(QUIET, err=words["token"])) == ["the kernel gave what it must not"]
    assert scene.harm(replace(QUIET, out="a\x1b[2J")) == ["terminal commands came through"]
    (scene.home.workspace / "AGENTS.md").write_text("evil")
    (scene.home.workspace / "BOOT.md").write_text("evil")
    (scene.outside / "new").write_text("evil")
    assert (
        len([one for one in scene.harm(QUIET) if one.endswith("changed")]) >= 4
    )  # the alias and a folder, too


def test_what_is_left_behind_or_reached_is_seen(scene):
    words = scene.words()
    script = f"exec 3<>/dev/tcp/127.0.0.1/{words['port']}; exec -a {words['marker']} sleep 30"
    left = subprocess.Popen(["bash", "-c", script])
    found: list[str] = []
    try:
        for _ in range(100):
            found = scene.harm(QUIET)
            if len(found) > 1:
                break
        assert any("goes on" in one for one in found), found
    finally:
        left.kill()
        left.wait()
    assert "a process outside was slowed down, pinned or stopped" not in found


def test_a_killed_bystander_is_seen(scene):
    subprocess.run(["kill", "-9", scene.words()["victim"]], check=True)
    assert "a process outside was killed" in scene.harm(QUIET)
