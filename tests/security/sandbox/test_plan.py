from __future__ import annotations

import pytest

from localgpt.core.errors import UsageError
from localgpt.security.sandbox.plan import Limits, Plan, checked, command_of, environment


def test_one_word_is_for_the_shell_and_several_are_a_program():
    assert command_of(("ls | wc",)) == ("/bin/sh", "-c", "ls | wc")
    assert command_of(("ls", "a b")) == ("ls", "a b")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), "no command"),
        (("",), "no command"),
        (("a\0b",), "NUL"),
        (("x" * (1 << 20),), "1,048,576 bytes"),
        (("x" * 100_000,) * 11, "1,100,000 bytes"),
    ],
)
def test_what_no_kernel_takes_is_a_sentence(words, sentence):
    with pytest.raises(UsageError, match=sentence):
        command_of(words)


@pytest.mark.parametrize("seconds", [0, -1, float("nan"), float("inf"), 1e9])
def test_a_time_that_cannot_be_meant_is_refused(seconds):
    with pytest.raises(UsageError):
        checked(Limits(seconds=seconds))


def test_the_environment_is_an_allow_list():
    ours = {
        "LANG": "de_CH.UTF-8",
        "LD_PRELOAD": "/x.so",
        "PATH": "/evil",
        "OPENAI_API_KEY": "k",
        "TERM": "a\0b",
    }
    found = environment(ours, "/scratch")
    assert found["LANG"] == "de_CH.UTF-8"
    assert found["HOME"] == "/scratch/home"
    assert set(found) == {
        "LANG", "PATH", "HOME", "TMPDIR", "USER", "SHELL", "GIT_TERMINAL_PROMPT", "GIT_CONFIG_NOSYSTEM", "PYTHONDONTWRITEBYTECODE",
    }  # fmt: skip
    assert "/evil" not in found["PATH"]


def test_reserved_names_are_closed_and_the_network_brings_its_files():
    plan = Plan(("a",), "/w", ("/w",), closed=("/w/AGENTS.md",), reserved=("/w/skills/", "/w/BOOT.md"))
    told = plan.orders("full", "/s")
    assert told.closed == ["/w/AGENTS.md", "/w/BOOT.md", "/w/skills"]
    assert "/etc/resolv.conf" not in told.readable
    assert "/etc/resolv.conf" in Plan(("a",), "/w", network=True).orders("full", "/s").readable
