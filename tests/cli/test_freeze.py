"""``localgpt freeze`` and ``thaw`` as they are typed."""

from __future__ import annotations

import json

from localgpt.app import Assistant
from localgpt.app.doctor import permissions
from localgpt.security.freeze import Freeze


def test_freezing_and_thawing_are_told_and_journalled(run, home):
    done = run("freeze", "it", "writes", "too", "much")
    assert (done.code, done.out.startswith("Everything is frozen since ")) == (0, True)
    assert "(it writes too much)" in done.out
    assert "localgpt thaw" in done.err
    again = run("freeze", "another reason")
    assert "(it writes too much)" in again.out
    assert run("thaw").out == "Thawed: things may run again.\n"
    assert run("thaw").err == "Nothing was frozen.\n"
    lines = [line for file in home.journal.rglob("*.jsonl") for line in file.read_text().splitlines()]
    kinds = [(told["kind"], told.get("why")) for told in map(json.loads, lines)]
    assert kinds == [("frozen", "it writes too much"), ("thawed", None)]


def test_it_works_whatever_is_wrong_with_the_settings(run, home):
    home.root.mkdir(parents=True, exist_ok=True)
    home.config.write_text("[security\n")
    assert run("freeze").code == 0
    assert Freeze(home.state).frozen() is not None
    assert run("thaw").code == 0


def test_the_doctor_says_so(run, home):
    assistant = Assistant(home)
    run("freeze", "why")
    (found,) = [check for check in permissions(assistant) if check.name == "freeze"]
    assert "(why)" in found.detail
    assert "localgpt thaw" in found.fix
    run("thaw")
    assert {check.name for check in permissions(assistant)} == {"mode"}
