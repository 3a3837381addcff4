"""What a caller who is not the owner is given of the assistant."""

from __future__ import annotations

from pathlib import Path

import pytest

from localgpt.agent.house import Waiting, nothing_granted
from localgpt.app import Assistant
from localgpt.app.visiting import Visit, may_see, place, refuse, visitor
from localgpt.core.errors import UsageError
from localgpt.core.values import Effect, EffectKind, Egress, Hit, Origin, ToolCall
from localgpt.security.policy import Caller

FAR, NEAR = Visit("editor", "a" * 64), Visit("editor", "b" * 64, local=True)


@pytest.fixture
def assistant(tmp_path: Path) -> Assistant:
    return Assistant(tmp_path / "home")


def test_its_conversations_are_its_own_also_in_siblings(assistant: Assistant) -> None:
    one, other = visitor(assistant, FAR), visitor(assistant, NEAR)
    folders = {each.sessions.folder for each in (assistant, one, other)}
    assert len(folders) == 3
    assert one.sessions.folder == place(assistant.home.sessions, FAR)
    assert one.sibling(door="x", local=True).sessions is one.sessions
    assert one.sibling(door="x").visit == FAR
    assert assistant.sibling(door="x").visit is None
    assert one.index is assistant.index


def test_its_house_speaks_for_a_stranger(assistant: Assistant) -> None:
    house = visitor(assistant, NEAR)._house
    assert (house.caller, house.local_caller, house.ask) == (Caller.REMOTE, True, None)
    assert assistant._house.caller is Caller.OWNER
    assert not visitor(assistant, FAR)._house.local_caller
    assert house.grants is nothing_granted
    assert "remember" not in {spec.name for spec in house.toolbox.specs}
    assert house.unattended
    call = ToolCall("1", "write_file", {"path": "a.md", "content": "x"})
    waiting = Waiting(call, (Effect(EffectKind.WRITES, "a.md"),), "Why.", Origin.OWNER, "t", "s")
    assert "inbox" in house.unattended(waiting)
    (item,) = assistant._inbox_items.items()
    assert "token editor" in item.title
    assert item.call
    assert item.call.origin == "foreign"


@pytest.mark.parametrize(
    ("path", "egress", "far", "near"),
    [
        ("a.md", Egress.OPEN, True, True),
        ("a.md", Egress.LOCAL, False, True),
        ("MEMORY.md", Egress.OPEN, False, False),
        ("User.md", Egress.OPEN, False, False),
        ("memory/2026-01-01.md", Egress.OPEN, False, False),
        ("session:abc", Egress.OPEN, False, False),
        ("attachment:abc/x", Egress.OPEN, False, False),
    ],
)
def test_which_passages_it_may_see(path: str, egress: Egress, far: bool, near: bool) -> None:
    hit = Hit(path=path, start=1, end=1, text="x", score=1.0, source="notes", egress=egress)
    assert (may_see(hit, FAR), may_see(hit, NEAR)) == (far, near)


def test_what_only_the_owner_may_is_refused_by_name(assistant: Assistant) -> None:
    refuse(None, "do anything")
    with pytest.raises(UsageError, match="The token editor may not choose the model"):
        visitor(assistant, FAR).named("recall")
