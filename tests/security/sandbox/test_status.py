from __future__ import annotations

import pytest

from localgpt.security.sandbox.status import judged, status


def stands(found):
    return {layer.name: layer.stands for layer in found.layers}


def test_everything_stands_where_nothing_failed():
    found = judged("", "", {"Landlock": "version 7"})
    assert found.strength == "full"
    assert set(stands(found).values()) == {True}
    assert "all walls" in found.sentence


def test_without_namespaces_the_walls_are_weaker_and_the_reason_is_told():
    found = judged("namespaces: [Errno 1] unshare: Operation not permitted", "", {"cgroup": "none here"})
    assert found.strength == "weaker"
    assert stands(found) == {
        "processes": True, "namespaces": False, "mounts": None, "limits": True, "privileges": True,
        "Landlock": True, "seccomp": True, "cgroup": False,
    }  # fmt: skip
    assert "not permitted" in next(one.remark for one in found.layers if one.name == "namespaces")


def test_where_weaker_walls_fail_too_there_are_none():
    found = judged("namespaces: no", "Landlock: version 0 is too old", {})
    assert found.strength == "none"
    assert (stands(found)["Landlock"], stands(found)["seccomp"]) == (False, None)


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_elsewhere_nothing_is_run_and_it_is_said(platform, monkeypatch):
    monkeypatch.setattr("sys.platform", platform)
    status.cache_clear()
    try:
        assert status().strength == "none"
        assert status().layers[0].remark
    finally:
        status.cache_clear()
