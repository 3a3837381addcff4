from __future__ import annotations

import os
import subprocess
import sys

import pytest

from localgpt.security.sandbox import watch
from localgpt.security.sandbox.plan import Limits, Plan

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@pytest.fixture
def sleeper():
    child = subprocess.Popen(
        ["sh", "-c", "sleep 30 & echo ready; wait"], stdout=subprocess.PIPE, start_new_session=True
    )
    assert child.stdout is not None
    child.stdout.readline()
    yield child.pid
    os.killpg(child.pid, 9)
    child.wait()
    child.stdout.close()


def look(child, limits, tmp_path, lifeline=None):
    reading, writing = os.pipe()
    told = Plan(("x",), str(tmp_path), (str(tmp_path),), limits=limits).orders("full", str(tmp_path))
    if lifeline == "cut":
        os.close(writing)
    try:
        return watch.Watch(told, child, reading).wait()
    finally:
        os.close(reading)
        if lifeline != "cut":
            os.close(writing)


def test_a_run_ends_for_its_reason(sleeper, tmp_path):
    assert look(sleeper, Limits(seconds=0.1), tmp_path) == "timeout"
    assert look(sleeper, Limits(), tmp_path, "cut") == "stopped"
    assert look(sleeper, Limits(processes=1), tmp_path) == "processes"
    assert look(sleeper, Limits(memory=1), tmp_path) == "memory"


def test_a_child_that_ended_has_no_reason(tmp_path):
    child = subprocess.Popen(["true"])
    assert look(child.pid, Limits(), tmp_path) == ""
    child.wait()


def test_descendants_and_memory(sleeper):
    assert len(watch.descendants(sleeper)) == 2
    assert watch.memory_of(os.getpid()) > 1 << 20
    assert watch.memory_of(2**22 + 5) == 0
    assert watch.children(2**22 + 5) == []
