"""A grant covers what it says, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localgpt.core.values import Effect, EffectKind, ToolCall
from localgpt.security.grant import Grant, GrantBook, arguments_hash, effect_hash, never, refusal

_CALL = ToolCall("1", "shell", {"command": "make", "network": True})
_RUNS = Effect(EffectKind.RUNS, "make", walled=True)
_SENDS = Effect(EffectKind.SENDS, "network")


def _exact(call: ToolCall = _CALL, session: str = "") -> Grant:
    effects = (effect_hash(_RUNS), effect_hash(_SENDS))
    made = Grant("", call.name, EffectKind.RUNS, "make", arguments_hash(call), session, effects=effects)
    return made.named()


def _wide(kind: EffectKind, target: str, session: str = "") -> Grant:
    return Grant("", "shell", kind, target, session=session).named()


def _covered(
    grant: Grant, call: ToolCall, effect: Effect, session: str = "s", *, foreign: bool = False
) -> bool:
    return GrantBook((grant,)).covers(call, effect, session=session, foreign=foreign) is not None


def test_an_exact_grant_is_for_this_tool_these_arguments_and_these_effects() -> None:
    grant = _exact()
    same = ToolCall("other", "shell", {"network": True, "command": "make"})
    assert _covered(grant, same, _RUNS)
    assert _covered(grant, same, _SENDS, foreign=True)
    for call in (
        ToolCall("1", "shell", {"command": "make ", "network": True}),
        ToolCall("1", "shell", {"command": "make"}),
        ToolCall("1", "shell", {"command": "make", "network": 1}),
        ToolCall("1", "other", {"command": "make", "network": True}),
    ):
        assert not _covered(grant, call, _RUNS), call
    for effect in (
        Effect(EffectKind.RUNS, "make"),  # no walls any more
        Effect(EffectKind.RUNS, "make install", walled=True),
        Effect(EffectKind.WRITES, "make", walled=True),
    ):
        assert not _covered(grant, _CALL, effect), effect


def test_an_exact_grant_of_a_conversation_is_for_no_other() -> None:
    assert _covered(_exact(session="s"), _CALL, _RUNS, "s")
    assert not _covered(_exact(session="s"), _CALL, _RUNS, "t")
    assert not _covered(_exact(session="s"), _CALL, _RUNS, "")


def test_a_wide_grant_never_counts_after_foreign_text() -> None:
    grant = _wide(EffectKind.SENDS, "network")
    assert _covered(grant, _CALL, _SENDS)
    assert not _covered(grant, _CALL, _SENDS, foreign=True)


@pytest.mark.parametrize(
    ("target", "covered"),
    [
        ("/home/a/boat/", True),
        ("/home/a/boat/sails/", True),
        ("/home/a/boat/x.txt", True),
        ("/home/a/boat", False),
        ("/home/a/boats/", False),
        ("/home/a/boat/../x", False),
        ("/home/a/boat/.git/hooks/x", False),
        ("/home/a/boat/AGENTS.md", False),
        ("/home/a/boat/id_rsa", False),
        ("/home/a/", False),
    ],
)
def test_a_folder_is_what_is_in_it_but_for_what_needs_a_word_of_its_own(target: str, covered: bool) -> None:
    assert (
        _covered(_wide(EffectKind.WRITES, "/home/a/boat/"), _CALL, Effect(EffectKind.WRITES, target))
        is covered
    )


@pytest.mark.parametrize(
    ("kind", "target"),
    [
        (EffectKind.READS, "/home/a/.ssh/id_ed25519"),
        (EffectKind.READS, ".env"),
        (EffectKind.WRITES, "SOUL.md"),
        (EffectKind.WRITES, "notes/agents.MD"),
        (EffectKind.WRITES, "skills/x/SKILL.md"),
        (EffectKind.WRITES, ".mcp.json"),
        (EffectKind.WRITES, "config.toml"),
        (EffectKind.SPENDS, "12 EUR"),
    ],
)
def test_some_things_are_never_granted(kind: EffectKind, target: str) -> None:
    effect = Effect(kind, target)
    assert never(effect)
    assert refusal(_wide(kind, target))
    exact = Grant("x", "shell", kind, target, arguments_hash(_CALL), effects=(effect_hash(effect),))
    assert not _covered(exact, _CALL, effect)


@pytest.mark.parametrize("target", ["", "/", "~", "*", "~/", "/a/../b/"])
def test_nothing_is_granted_that_is_everything(target: str) -> None:
    assert refusal(_wide(EffectKind.WRITES, target))


@pytest.mark.parametrize("kind", [EffectKind.RUNS, EffectKind.CHANGES])
def test_running_and_changing_is_granted_for_one_exact_call_only(kind: EffectKind) -> None:
    assert "exact" in refusal(_wide(kind, "make"))
    assert refusal(Grant("", "shell", kind, "make", "abc"))


_texts = st.text(max_size=8)


@given(tool=_texts, arguments=st.dictionaries(_texts, _texts), target=_texts, foreign=st.booleans())
def test_an_exact_grant_covers_another_call_only_if_it_is_the_same(
    tool: str, arguments: dict[str, str], target: str, foreign: bool
) -> None:
    call, effect = ToolCall("9", tool, arguments), Effect(EffectKind.RUNS, target, walled=True)
    same = (tool, arguments, target) == (_CALL.name, _CALL.arguments, _RUNS.target)
    assert _covered(_exact(), call, effect, foreign=foreign) is same


def test_the_id_follows_from_what_is_granted() -> None:
    assert _exact().id == _exact().named().id
    assert len({_exact().id, _exact(session="s").id, _wide(EffectKind.SENDS, "network").id}) == 3


@pytest.mark.parametrize(
    ("arguments", "granted", "covered"),
    [
        ({"network": True}, ("network",), True),
        ({"network": True}, ("/home/a/boat/",), False),
        ({"folders": ["/home/a/boat"]}, ("/home/a/boat/",), True),
        ({"folders": ["/home/a/boat/sub/"]}, ("/home/a/boat/",), True),
        ({"folders": ["/home/a/boat/../x"]}, ("/home/a/boat/",), False),
        ({"folders": ["/home/a/boat", "/home/a/x"]}, ("/home/a/boat/",), False),
        ({"folders": ["/home/a/boat"], "network": True}, ("/home/a/boat/",), False),
        ({"folders": ["/home/a/boat"], "network": True}, ("/home/a/boat/", "network"), True),
        ({}, ("network", "/home/a/boat/"), False),
    ],
)
def test_a_command_runs_where_each_opening_in_its_walls_is_granted(
    arguments: dict[str, object], granted: tuple[str, ...], covered: bool
) -> None:
    kinds = {"network": EffectKind.SENDS}
    book = GrantBook(tuple(_wide(kinds.get(one, EffectKind.WRITES), one) for one in granted))
    call = ToolCall("1", "shell", {"command": "make", **arguments})
    runs = Effect(EffectKind.RUNS, "make", sensitive=("make",))
    assert bool(book.covers(call, runs, session="s", foreign=False)) is covered
    assert book.covers(call, runs, session="s", foreign=True) is None
    assert book.covers(ToolCall("1", "other", call.arguments), runs, session="s", foreign=False) is None
