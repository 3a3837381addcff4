"""Every command is decided upon: what runs nothing while all is frozen, and what only the owner's own hands do."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import click
import pytest

from localgpt.cli import guard
from localgpt.cli.main import TABLE, cli
from localgpt.core.errors import FrozenError, UsageError
from localgpt.core.paths import Home
from localgpt.daemon.routing import HANDS, STARTS, says
from localgpt.security import kinship
from localgpt.security.freeze import Freeze

ANYBODYS = """
    session list; session show; session search; session export; session rename; session branch; session delete;
    remember; search; memory test; memory forget-cases; memory search; memory get; memory recent; memory stats;
    memory reindex; skill list; skill show; skill check; skill new; project list; project show; project forget;
    heartbeat status; heartbeat log; approvals list; approvals show; inbox list; inbox show; task list; task show;
    task pause; task cancel; history list; history show; history restore; undo; redo; model list; config show;
    config get; config path; usage; logs; paths; daemon start; daemon status; daemon logs; sandbox status;
    grants list; freeze; token list; secret list; doctor; completion
"""
"""Neither: they read, put back, stop, or write notes as any program of this user can."""


def every_command() -> set[tuple[str, ...]]:
    """All that there are, with their own."""
    found: set[tuple[str, ...]] = set()
    for name in TABLE:
        command = cli.get_command(click.Context(cli), name)
        own = list(command.commands) if isinstance(command, click.Group) else []
        found |= {(name, one) for one in own} or {(name,)}
    return found


def test_every_command_is_decided_upon() -> None:
    decided = {tuple(one.split()) for one in ANYBODYS.replace("\n", " ").split(";")}
    guarded = {words for words in every_command() if says(STARTS, words) or says(HANDS, words)}
    assert guarded | decided == every_command()
    assert not guarded & decided
    for table in (STARTS, HANDS):
        named = {(name, one) for name, own in table.items() for one in own or ()}
        assert named <= every_command()


@pytest.mark.parametrize(
    ("words", "starts", "hands"),
    [
        (("chat",), True, False),
        (("ask", "--help"), False, False),
        (("grants", "add", "-h"), False, False),
        (("grants", "add", "--network", "--why", "-h"), False, True),
        (("approvals", "deny", "a1", "--", "-h"), False, True),
        (("ask", "--", "--help"), True, False),
        (("thaw", "-V"), False, True),
        (("thaw",), False, True),
        (("freeze", "it"), False, False),
        (("config", "set", "a", "b"), False, True),
        (("config", "get", "set"), False, False),
        (("inbox", "--all"), False, False),
        (("memory", "search", "model"), False, False),
        ((), False, False),
    ],
)
def test_words_are_what_they_say(words: tuple[str, ...], starts: bool, hands: bool) -> None:
    assert (says(STARTS, words), says(HANDS, words)) == (starts, hands)


def around(home: Home, *words: str, hosted: bool = False) -> None:
    with guard.guarded(words, lambda: home, hosted=hosted):
        pass


def test_nothing_starts_while_all_is_frozen_and_the_rest_goes_on(home: Home) -> None:
    Freeze(home.state).freeze("terminal")
    for words in every_command():
        if says(STARTS, words):
            with pytest.raises(FrozenError):
                around(home, *words)
            with pytest.raises(FrozenError):
                around(home, *words, hosted=True)
        else:
            around(home, *words)


@pytest.mark.skipif(not kinship.TELLS, reason="only Linux tells")
def test_a_child_of_ours_is_refused_what_only_the_owner_does(home: Home) -> None:
    family = home.state / "family"
    family.mkdir(parents=True)
    (family / str(os.getppid())).write_text(kinship.birth(os.getppid()))
    for words in every_command():
        if says(HANDS, words):
            with pytest.raises(UsageError, match="may not speak as its owner"):
                around(home, *words)
            around(home, *words, hosted=True)  # the daemon has looked itself
        elif not says(STARTS, words):
            around(home, *words)


def test_who_starts_something_is_of_the_family_meanwhile(home: Home) -> None:
    home.root.mkdir(parents=True, exist_ok=True)
    place = home.state / "family" / str(os.getpid())
    with guard.guarded(["ask", "x"], lambda: home, hosted=False):
        assert place.exists() is kinship.TELLS
    assert not place.exists()


@pytest.mark.skipif(not kinship.TELLS, reason="only Linux tells")
def test_the_command_line_looks_before_every_command(run: Callable[..., Any], home: Home) -> None:
    family = home.state / "family"
    family.mkdir(parents=True)
    (family / str(os.getppid())).write_text(kinship.birth(os.getppid()))
    for words in every_command():
        done = run(*words, "no-such-thing") if says(HANDS, words) else None
        assert done is None or "may not speak as its owner" in done.err, words
    (
        family / str(os.getppid())
    ).unlink()  # else freezing ends its other children: those that run tests beside this one
    Freeze(home.state).freeze("terminal")
    for words in every_command():
        done = run(*words, "no-such-thing") if says(STARTS, words) else None
        assert done is None or "Everything is frozen" in done.err, words


def test_in_one_sentence_with_exit_code_1(run: Callable[..., Any], home: Home) -> None:
    run("freeze", "too", "much")
    done = run("ask", "Hello?")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("Error: Everything is frozen since")
    assert "(too much)" in done.err
    assert "localgpt thaw" in done.err
    assert run("search", "boat").code == 0
    assert Freeze(home.state).frozen() is not None
