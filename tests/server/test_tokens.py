"""Tokens on disk: hashes alone, and what can't be read lets nobody in."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from localgpt.core.errors import Conflict, NotFound, UsageError
from localgpt.server.tokens import MOST, Scope, Tokens


@pytest.fixture
def tokens(tmp_path: Path) -> Tokens:
    return Tokens(tmp_path / "state")


def test_a_key_is_shown_once_and_only_its_hash_is_kept(tokens: Tokens, tmp_path: Path) -> None:
    made, key = tokens.new("editor", Scope.SEARCH, local=True)
    file = tmp_path / "state" / "tokens.json"
    assert key not in file.read_text()
    assert oct(file.stat().st_mode)[-3:] == "600"
    assert Tokens(tmp_path / "state").find(key) == made
    assert (made.scope, made.local) == (Scope.SEARCH, True)
    for wrong in ("", key[:-1], key + "x", made.sha256, "lgpt_"):
        assert tokens.find(wrong) is None


def test_names_are_kept_apart(tokens: Tokens) -> None:
    tokens.new("a", Scope.CHAT)
    with pytest.raises(Conflict, match="token a already"):
        tokens.new("a", Scope.OWNER)
    for name in ("", "a b", "../x", "x" * 41, "-x"):
        with pytest.raises(UsageError):
            tokens.new(name, Scope.CHAT)
    for number in range(1, MOST):
        tokens.new(f"n{number}", Scope.CHAT)
    with pytest.raises(Conflict, match=str(MOST)):
        tokens.new("more", Scope.CHAT)


def test_a_revoked_one_counts_no_longer_for_anybody(tokens: Tokens, tmp_path: Path) -> None:
    _, key = tokens.new("a", Scope.OWNER)
    other = Tokens(tmp_path / "state")
    assert other.find(key)
    tokens.revoke("a")
    assert other.find(key) is None
    with pytest.raises(NotFound):
        tokens.revoke("a")


def test_an_owners_token_needs_no_word_about_private_passages(tokens: Tokens) -> None:
    assert not tokens.new("a", Scope.OWNER, local=True)[0].local


@pytest.mark.parametrize(
    "content",
    ["", "\x00", "{}", "[3]", '[{"name": "a"}]', '[{"name": "a", "scope": "all", "sha256": "x"}]'],
)
def test_what_can_t_be_read_lets_nobody_in(tokens: Tokens, tmp_path: Path, content: str) -> None:
    _, key = tokens.new("a", Scope.OWNER)
    (tmp_path / "state" / "tokens.json").write_text(content)
    assert tokens.find(key) is None
    assert tokens.list() == ()


def test_its_use_is_due_once_an_hour(tokens: Tokens, tmp_path: Path) -> None:
    made, _ = tokens.new("a", Scope.CHAT)
    assert [tokens.is_due(made, at) for at in (0.0, 10.0, 3599.0, 3600.0)] == [True, False, False, True]
    tokens.note_use(made)
    (told,) = json.loads((tmp_path / "state" / "tokens.json").read_text())
    assert told["used"]
    tokens.revoke("a")
    tokens.note_use(made)
    assert tokens.list() == ()
