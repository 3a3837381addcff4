"""``localgpt inbox`` as it is typed."""

from __future__ import annotations

import json

import pytest

from localgpt.app import Assistant
from localgpt.scheduler.inbox import Call, ItemKind


@pytest.fixture
def item(home) -> str:
    assistant = Assistant(home)
    assistant.start()
    call = Call(
        "write_file", {"path": "SOUL.md", "content": "Be kind.\n"}, (("writes", "SOUL.md"),), "foreign"
    )
    return assistant._inbox_items.add(ItemKind.QUESTION, "May it write?", "Why.", call=call).id


def test_an_empty_one(run):
    assert run("inbox").err == "Nothing waits for you.\n"
    assert json.loads(run("inbox", "--format", "json").out) == {"items": []}


def test_listed_shown_and_allowed(run, home, item):
    assert f"{item}  " in run("inbox").out
    shown = run("inbox", "show", item[:4]).out
    assert "  path: SOUL.md" in shown
    assert "had read foreign text" in shown
    done = run("inbox", "allow", item)
    assert (done.code, done.out.startswith(f"{item} allowed.")) == (0, True)
    assert (home.workspace / "SOUL.md").read_text() == "Be kind.\n"
    again = run("inbox", "allow", item)
    assert (again.code, "answered already: allowed" in again.err) == (2, True)
    assert "(allowed)" in run("inbox", "list", "--all").out


def test_dismissed(run, item):
    assert json.loads(run("inbox", "dismiss", item, "--format", "json").out)["state"] == "dismissed"
    assert run("inbox").out == ""


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(("show", "nothing"), 1), (("allow", ".."), 1), (("reply", "x"), 2), (("shwo",), 2), (("--al",), 2)],
)
def test_what_makes_no_sense_is_said_in_a_sentence(run, arguments, code):
    done = run("inbox", *arguments)
    assert (done.code, done.out) == (code, "")
    assert done.err.startswith("Error: ")


def test_a_reply_needs_a_conversation(run, item):
    done = run("inbox", "reply", item, "use", "another")
    assert (done.code, "no conversation" in done.err) == (2, True)
