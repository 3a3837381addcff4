from __future__ import annotations

import asyncio
import os

import pytest

from localgpt.app.assistant import Assistant
from localgpt.app.doctor import Check, examine


def look(home, settings: str = "") -> list[Check]:
    home.root.mkdir(mode=0o700, exist_ok=True)
    home.config.write_text(f'[memory]\nembedding_provider = "none"\n{settings}')
    home.config.chmod(0o600)

    async def whole() -> list[Check]:
        async with Assistant(home) as assistant:
            return await examine(assistant)

    return asyncio.run(whole())


def found(checks: list[Check], name: str) -> list[tuple[str, str]]:
    return [(check.status, check.detail) for check in checks if check.name == name]


def test_a_fresh_home_is_well(home):
    checks = look(home)
    assert {check.status for check in checks} == {"ok"}
    names = list(dict.fromkeys(check.name for check in checks))
    assert names == (
        "settings mode home workspace disk database index embeddings sessions journal history secrets model".split()
    )


def test_the_embedding_model_is_tried(home):
    async def whole() -> list[Check]:
        async with Assistant(home) as assistant:
            return await examine(assistant)

    assert found(asyncio.run(whole()), "embeddings") == [
        ("ok", "bundled/all-MiniLM-L6-v2-int8, 384 dimensions")
    ]


def test_settings_with_typing_errors_and_those_of_the_rust_version(home):
    checks = look(home, '[agent]\ndefault_modell = "x"\n[server]\ntls_enabled = true\n')
    (typo, ignored) = found(checks, "settings")
    assert typo[0] == "warning"
    assert "did you mean agent.default_model?" in typo[1]
    assert ignored == ("ok", "without effect here (Rust LocalGPT): server.tls_enabled")


def test_what_others_may_read(home):
    look(home)
    home.root.chmod(0o755)
    checks = look(home)
    assert ("warning", f"Others on this machine may read {home.root}.") in found(checks, "home")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_workspace(home):
    look(home)
    home.workspace.chmod(0o500)
    try:
        assert found(look(home), "workspace")[0][0] == "warning"
    finally:
        home.workspace.chmod(0o700)


def test_a_note_that_cannot_be_read_is_named(home):
    look(home)
    (home.workspace / "binary.md").write_bytes(b"\0\1\2" * 1000)
    (fine, skipped) = found(look(home), "index")
    assert fine[0] == "ok"
    assert skipped[0] == "warning"
    assert "binary.md" in skipped[1]


def test_a_conversation_with_a_torn_line(home):
    look(home)
    home.sessions.mkdir(parents=True)
    session = (
        '{"type":"session","version":3,"id":"abcd1234","timestamp":"2026-03-01T00:00:00Z","cwd":""}\n{"tor'
    )
    (home.sessions / "abcd1234.jsonl").write_text(session)
    checks = found(look(home), "sessions")
    assert ("warning", "Lines that can't be read, in: abcd1234 (1).") in checks


def test_a_journal_that_somebody_edited(home):
    async def remember() -> None:
        async with Assistant(home) as assistant:
            await assistant.remember("one")
            await assistant.remember("two")

    look(home)
    asyncio.run(remember())
    (month,) = home.journal.glob("*/*.jsonl")
    first, *others = month.read_bytes().splitlines(keepends=True)
    month.write_bytes(first.replace(b"create", b"delete") + b"".join(others))
    ((status, detail),) = found(look(home), "journal")
    assert status == "warning"
    assert "does not follow the line before it" in detail


def test_a_model_that_is_not_there(home):
    checks = look(home, '[agent]\ndefault_model = "claude-cli/opus"\n')
    assert found(checks, "model")[0] == ("ok", "recall answers, on this machine")
    assert "claude-cli/opus" in found(checks, "model")[1][1]


@pytest.mark.parametrize(("free", "status"), [(10**6, "failure"), (10**8, "warning"), (10**10, "ok")])
def test_room_on_the_disk(home, monkeypatch, free, status):
    monkeypatch.setattr("shutil.disk_usage", lambda path: type("Usage", (), {"free": free}))
    assert found(look(home), "disk")[0][0] == status


def test_a_history_that_was_damaged_is_told(home):
    look(home)
    branch = home.root / "history" / "workspace.git" / "refs" / "heads" / "main"
    branch.write_text("damaged")
    (well, told) = found(look(home), "history")
    assert well[0] == "ok"
    assert told[0] == "warning"
    assert "workspace.git.broken-" in told[1]


def test_a_repository_of_the_owners_that_is_wanted_and_not_there(home):
    told = found(look(home, "[history]\nin_workspace = true\n"), "history")
    assert [status for status, _ in told] == ["ok", "warning"]
    assert "in no git repository" in told[1][1]


def test_keys_that_lie_in_notes_are_named_but_not_shown(home):
    home.workspace.mkdir(parents=True)
    key = "ghp_" + "a1B2" * 9
    (home.workspace / "deploy.md").write_text(f"# Deploy\n\nuse {key} there\nwifi password: sunny-day-42\n")
    ((status, detail),) = found(look(home), "secrets")
    assert status == "warning"
    assert "deploy.md:3 (github token)" in detail
    assert key not in detail
