"""Grants in config.toml: what else stands there stays, and what is not understood grants nothing."""

from __future__ import annotations

import pytest

from localgpt.core.values import EffectKind
from localgpt.security import grant_file
from localgpt.security.grant import Grant

_FILE = """# my settings
[agent]
max_tokens = 5 # enough

[security]
# where
allowed_directories = ["/a"]

[server]
port = 1 # mine
"""
_BOAT = Grant("", "shell", EffectKind.WRITES, "/home/a/boat/", who="terminal", why='for "make"\n☃').named()
_NETWORK = Grant("", "shell", EffectKind.SENDS, "network").named()


@pytest.mark.parametrize("text", ["", _FILE, "[security]\n", "[security.other]\nx = 1\n", "a.b = 1\n"])
def test_grants_come_and_go_and_the_rest_stays(text: str) -> None:
    one = grant_file.with_grant(text, _BOAT)
    two = grant_file.with_grant(one, _NETWORK)
    assert grant_file.standing(two, "f") == ((_BOAT, _NETWORK), ())
    for line in filter(str.strip, text.splitlines()):
        assert line in two.splitlines()
    left = grant_file.without(two, _BOAT.id)
    assert grant_file.standing(left, "f") == ((_NETWORK,), ())
    empty = grant_file.without(left, _NETWORK.id)
    assert grant_file.standing(empty, "f") == ((), ())
    assert [line for line in empty.splitlines() if line.strip()] == [
        line for line in (text or "").splitlines() if line.strip()
    ]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ('tool = "shell"', "tool and target are missing"),
        ('tool = "shell"\nkind = "flies"\ntarget = "/a/"', "kind has to be one of"),
        ('tool = "shell"\nkind = "writes"\ntarget = "/"', "too much"),
        ('tool = "shell"\nkind = "writes"\ntarget = "/home/a/.ssh/"', "keys or passwords"),
        ('tool = "write_file"\nkind = "writes"\ntarget = "SOUL.md"', "speaks in prompts"),
        ('tool = "shell"\nkind = "runs"\ntarget = "make"', "exact call"),
        ('tool = "shell"\nkind = "runs"\ntarget = "make"\narguments_sha256 = "a"', "for which effects"),
        ('tool = "shell"\nkind = "writes"\ntarget = 3', "has to be text"),
        ('tool = "shell"\nkind = "writes"\ntarget = "/a/"\nalso = 1', "'also'"),
        ('tool = "shell"\nkind = "writes"\ntarget = "/a/"\nsession = "s"', "conversation"),
    ],
)
def test_what_is_not_understood_is_told_and_grants_nothing(written: str, said: str) -> None:
    text = f"[[security.grants]]\n{written}\n" + grant_file.with_grant("", _NETWORK)
    grants, problems = grant_file.standing(text, "f")
    assert grants == (_NETWORK,)
    (problem,) = problems
    assert problem.startswith("Grant 1 in f counts for nothing")
    assert said in problem


@pytest.mark.parametrize("text", ["[security]\ngrants = 3\n", '[security.grants]\ntool = "shell"\n'])
def test_what_is_no_list_is_told(text: str) -> None:
    grants, problems = grant_file.standing(text, "f")
    assert not grants
    assert "[[security.grants]]" in problems[0]
