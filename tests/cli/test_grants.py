"""``localgpt grants`` as it is typed."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from localgpt.app import Assistant
from localgpt.app.doctor import permissions
from localgpt.core.values import EffectKind
from localgpt.security.grants import Grant


@pytest.fixture
def boat(tmp_path, home):
    home.workspace.mkdir(parents=True, exist_ok=True)
    folder = tmp_path / "code" / "boat"
    folder.mkdir(parents=True)
    return folder


def test_given_listed_and_taken_back(run, home, boat):
    assert run("grants").err == "Nothing is granted.\n"
    made = run("grants", "add", "--folder", str(boat), "--why", "for make")
    assert (made.code, made.out.endswith(f"  shell writes {boat}/\n")) == (0, True)
    assert run("grants", "add", "--network").out.endswith("  shell uses the network\n")
    shown = run("grants").out
    assert f"shell writes {boat}/" in shown
    assert "at the terminal" in shown
    assert "for make" in shown
    told = json.loads(run("grants", "list", "--format", "json").out)
    assert [one["kind"] for one in told["grants"]] == ["writes", "sends"]
    assert "[[security.grants]]" in home.config.read_text()
    name = told["grants"][0]["id"]
    assert run("grants", "revoke", name[:5]).out == f"Taken back: shell writes {boat}/\n"
    assert run("grants", "revoke", name).code == 1
    assert run("config", "show").code == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--folder", "/"), "can't be opened"),
        (("--folder", "/etc"), "can't be opened"),
        (("--folder", "nowhere"), "not a folder"),
        (("--folder", ".", "--network"), "either"),
        ((), "either"),
        (("--tool", "write_file", "--network"), "this way"),
    ],
)
def test_what_may_not_be_granted_is_refused_in_a_sentence(run, home, boat, words, said):
    done = run("grants", "add", *words)
    assert (done.code, said in done.err) == (2, True), done.err
    assert not home.config.exists()


def test_the_home_and_secrets_are_never_granted(run, home, boat):
    for folder in (home.root, home.state, home.root.parent):
        home.state.mkdir(parents=True, exist_ok=True)
        assert run("grants", "add", "--folder", str(folder)).code == 2
    secret = boat / ".ssh"
    secret.mkdir()
    assert "keys" in run("grants", "add", "--folder", str(secret)).err


def test_what_is_not_understood_is_named(run, home):
    home.root.mkdir(parents=True, exist_ok=True)
    home.config.write_text('[[security.grants]]\ntool = "shell"\nkind = "writes"\ntarget = "/"\n')
    assert "counts for nothing" in run("grants").err
    (found,) = [check for check in permissions(Assistant(home)) if check.name == "grants"]
    assert "counts for nothing" in found.detail


def test_a_deleted_conversation_takes_its_grants_along(run, home):
    assistant = Assistant(home)
    assistant.start()
    run("ask", "--model", "recall", "Hello?")
    (session,) = assistant.sessions.list()
    now = datetime.now(UTC).isoformat()
    kept = [assistant.grants.add(grant(name, now)) for name in (session.id, "other")]
    assert run("session", "delete", session.id, "--yes").code == 0
    assert Assistant(home).grants.list() == (kept[1],)


def grant(session: str, when: str) -> Grant:
    """One that counts in a conversation."""
    return Grant("", "shell", EffectKind.SENDS, "network", session=session, when=when).named()
