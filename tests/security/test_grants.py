"""Grants of a home: kept, listed, taken back, and over when their conversation is."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from localgpt.core.errors import ConfigError, NotFound, UsageError
from localgpt.core.values import Approval, Choice, Effect, EffectKind, Origin, ToolCall
from localgpt.security.grants import Grant, Grants

_CALL = ToolCall("1", "shell", {"command": "make", "network": True})
_EFFECTS = (Effect(EffectKind.RUNS, "make"), Effect(EffectKind.SENDS, "network"))
_NETWORK = Grant("", "shell", EffectKind.SENDS, "network", who="terminal").named()


def _approval(*effects: Effect, session: str = "s1") -> Approval:
    choices = (Choice.ONCE, Choice.SESSION, Choice.ALWAYS, Choice.NO)
    return Approval(
        "id",
        _CALL,
        effects or _EFFECTS,
        "Why not.",
        "make",
        session,
        "t",
        "page",
        "",
        "",
        choices,
        Origin.OWNER,
    )


@pytest.fixture
def grants(tmp_path: Path) -> Grants:
    return Grants(tmp_path / "config.toml", tmp_path / "state")


def test_an_answer_for_good_stands_in_the_settings_with_who_when_and_why(
    grants: Grants, tmp_path: Path
) -> None:
    (tmp_path / "config.toml").write_text("# mine\n[server]\nport = 1\n")
    kept = grants.remember(_approval(), Choice.ALWAYS)
    assert kept
    assert (kept.who, kept.why, kept.session) == ("page", "Why not.", "")
    assert abs(datetime.now(UTC) - datetime.fromisoformat(kept.when)) < timedelta(minutes=1)
    assert "# mine" in (tmp_path / "config.toml").read_text()
    fresh = Grants(tmp_path / "config.toml", tmp_path / "state")
    assert fresh.list() == (kept,)
    for effect in _EFFECTS:
        assert fresh.book("other").covers(_CALL, effect, session="other", foreign=True) == kept
    assert oct((tmp_path / "config.toml").stat().st_mode)[-3:] == "644"  # as it was


def test_an_answer_for_the_conversation_is_private_and_for_it_alone(grants: Grants, tmp_path: Path) -> None:
    kept = grants.remember(_approval(), Choice.SESSION)
    assert kept
    assert grants.book("s1").covers(_CALL, _EFFECTS[0], session="s1", foreign=True) == kept
    assert not grants.book("s2").grants
    assert not (tmp_path / "config.toml").exists()
    assert oct((tmp_path / "state" / "grants.json").stat().st_mode)[-3:] == "600"
    grants.end("s1")
    assert grants.list() == ()


@pytest.mark.parametrize("choice", [Choice.ONCE, Choice.NO])
def test_other_answers_are_not_kept(grants: Grants, choice: Choice) -> None:
    assert grants.remember(_approval(), choice) is None
    assert grants.list() == ()


@pytest.mark.parametrize("choice", [Choice.SESSION, Choice.ALWAYS])
def test_what_may_never_be_granted_is_refused(grants: Grants, choice: Choice) -> None:
    with pytest.raises(UsageError, match="keys or passwords"):
        grants.remember(_approval(Effect(EffectKind.READS, ".env")), choice)
    with pytest.raises(UsageError, match="speaks in prompts"):
        grants.add(Grant("", "write_file", EffectKind.WRITES, "SOUL.md"))
    with pytest.raises(UsageError, match="no conversation"):
        grants.remember(_approval(session=""), Choice.SESSION)


def test_they_are_taken_back_by_the_beginning_of_their_id(grants: Grants) -> None:
    first = grants.add(_NETWORK)
    second = grants.remember(_approval(), Choice.SESSION)
    assert second
    assert grants.add(_NETWORK) == first
    assert grants.list() == (first, second)
    with pytest.raises(NotFound):
        grants.revoke("zz")
    with pytest.raises(NotFound):
        grants.revoke("")
    assert grants.revoke(first.id[:6]) == first
    assert grants.revoke(second.id) == second
    assert grants.list() == ()


def test_an_edit_by_hand_counts_at_once(grants: Grants, tmp_path: Path) -> None:
    grants.add(_NETWORK)
    assert grants.list() == (_NETWORK,)
    (tmp_path / "config.toml").write_text("[security]\n")
    assert grants.list() == ()


def test_conversations_grants_end_after_a_day_and_what_is_garbled_grants_nothing(
    grants: Grants, tmp_path: Path
) -> None:
    grants.remember(_approval(), Choice.SESSION)
    path = tmp_path / "state" / "grants.json"
    told = json.loads(path.read_bytes())
    for when in (datetime.now(UTC) - timedelta(hours=25), datetime.now(UTC) + timedelta(days=1)):
        told[0]["when"] = when.isoformat()
        path.write_text(json.dumps(told))
        assert grants.list() == ()
    for content in (b"\xff", b"{}", b'[{"tool": "shell"}]', b"[3]"):
        path.write_bytes(content)
        assert grants.list() == ()


def test_a_broken_settings_file_grants_nothing_and_is_left_alone(grants: Grants, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[security\n")
    assert grants.list() == ()
    assert "No grant counts" in grants.problems[0]
    with pytest.raises(ConfigError):
        grants.add(_NETWORK)
    assert (tmp_path / "config.toml").read_text() == "[security\n"


def test_secrets_never_get_into_the_file(grants: Grants, tmp_path: Path) -> None:
    key = "sk-ant-api03-" + "a1B2c3D4" * 6
    grants.remember(_approval(Effect(EffectKind.RUNS, f"curl -H {key} x")), Choice.ALWAYS)
    assert key not in (tmp_path / "config.toml").read_text()
