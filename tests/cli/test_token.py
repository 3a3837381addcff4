"""``localgpt token`` as it is typed."""

from __future__ import annotations

import json

from localgpt.server.tokens import Tokens


def test_made_listed_and_revoked(run, home):
    assert "There are no tokens" in run("token").err
    made = run("token", "new", "editor", "--scope", "search", "--local")
    key = made.out.strip()
    assert "shown once" in made.err
    found = Tokens(home.state).find(key)
    assert found
    assert (found.name, found.scope, found.local) == ("editor", "search", True)
    shown = run("token").out
    assert "editor  search --local" in shown
    assert "never used" in shown
    told = run("token", "list", "--format", "json").out
    assert key not in told
    assert found.sha256 not in told
    assert json.loads(told)["tokens"][0]["name"] == "editor"
    again = run("token", "new", "editor", "--scope", "chat")
    assert (again.code, "already" in again.err) == (1, True)
    assert run("token", "revoke", "editor").out == "Revoked: editor\n"
    assert Tokens(home.state).find(key) is None
    assert run("token", "revoke", "editor").code == 1
    journal = "".join(file.read_text() for file in home.journal.rglob("*.jsonl"))
    assert "token.made" in journal
    assert "token.revoked" in journal
    assert key not in journal


def test_the_scope_has_to_be_said(run):
    assert run("token", "new", "x").code == 2
    assert run("token", "new", "x", "--scope", "everything").code == 2
    assert run("token", "new", "a b", "--scope", "chat").code == 2
