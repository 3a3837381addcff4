"""``localgpt history``, ``undo`` and ``redo`` as they are typed."""

from __future__ import annotations

import json
from datetime import datetime

import pytest

from localgpt.cli.changes import moment, undo
from localgpt.cli.output import Screen
from localgpt.cli.state import CliState


@pytest.fixture
def noted(run, quick):
    """Two facts in MEMORY.md; the note's path."""
    run("remember", "--to", "memory", "the key is blue")
    run("remember", "--to", "memory", "the door is red")
    return quick.workspace / "MEMORY.md"


def changes(run, *arguments):
    return json.loads(run("history", *arguments, "--format", "json").out)["changes"]


def test_nothing_was_changed_yet(run, quick):
    done = run("history")
    assert (done.out, done.err, done.code) == ("", "Nothing was changed yet.\n", 0)
    assert run("history", "MEMORY.md").err == "Nothing was changed in MEMORY.md.\n"
    assert run("undo", "--yes").code == 1
    assert run("redo", "--yes").err.startswith("Error: There is nothing to put back.\n")


def test_history_names_time_door_place_and_whose_words(run, noted):
    head, line, *rest = run("history").out.splitlines()
    last, first = changes(run)
    assert head.startswith(last["id"])
    assert head.endswith("terminal")
    assert line.startswith("  added to MEMORY.md:")
    assert line.endswith("(owner)")
    assert rest[0].startswith(first["id"])
    assert last["changes"][0]["path"] == "MEMORY.md"


def test_history_of_a_path(run, noted):
    run("remember", "today's")
    assert len(changes(run)) == 3
    assert len(changes(run, "MEMORY.md")) == 2
    assert len(changes(run, "memory")) == 1
    assert len(changes(run, "--limit", "1")) == 1


def test_undo_shows_the_lines_puts_back_and_says_how_to_redo(run, noted):
    before = noted.read_text()
    done = run("undo", "--yes")
    assert done.code == 0
    assert "\n-- the door is red (" in done.out
    assert "red" not in noted.read_text()
    assert done.out.splitlines()[-2] == "Put back: MEMORY.md."
    name = done.out.splitlines()[-1].split()[2]
    assert run("undo", name, "--yes").code == 0
    assert noted.read_text() == before


def test_undo_and_redo_twice(run, noted):
    before = noted.read_text()
    for expected in (["blue"], []):
        run("undo", "--yes")
        assert [colour for colour in ("blue", "red") if colour in noted.read_text()] == expected
    for _ in range(2):
        run("redo", "--yes")
    assert noted.read_text() == before


def test_undo_several_at_once_as_json(run, noted):
    done = json.loads(run("undo", "--last", "2", "--yes", "--format", "json").out)
    assert done["turns"] == [each["id"] for each in changes(run)[1:]]
    assert (done["files"], done["kept"]) == (["MEMORY.md"], [])
    assert "blue" in done["diff"]
    assert "blue" not in noted.read_text()


def test_an_earlier_change_is_undone_around_later_ones_and_edits(run, noted):
    first = changes(run)[1]["id"]
    noted.write_text(noted.read_text() + "- mine\n")
    assert run("undo", first[:6], "--yes").code == 0
    assert "blue" not in noted.read_text()
    assert noted.read_text().endswith("- mine\n")
    assert "red" in noted.read_text()


def test_what_can_not_be_put_back_is_named(run, noted):
    noted.write_text(noted.read_text().replace("red", "green"))
    done = run("undo", "--yes")
    assert done.code == 1
    assert done.err.startswith(
        "MEMORY.md stays as it is: its lines were edited since.\nError: Nothing was put back."
    )
    assert "green" in noted.read_text()


def test_without_a_terminal_it_wants_a_yes(run, noted):
    before = noted.read_text()
    done = run("undo")
    assert (done.code, done.err) == (2, "Error: There is no terminal to ask at.\n  Say it with --yes.\n")
    assert noted.read_text() == before


def test_a_no_changes_nothing(run, noted, make_screen, said, monkeypatch):
    before = noted.read_text()
    screen: Screen = make_screen()
    state = CliState(screen)
    monkeypatch.setattr(CliState, "confirm", lambda *_: False)
    undo.main([], obj=state, standalone_mode=False)
    assert said(screen) == "Nothing was put back.\n"
    assert noted.read_text() == before


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(["abcd", "--last", "2"], 2), (["zzzzzzzz"], 1), (["--last", "0"], 2)],
)
def test_what_makes_no_sense(run, noted, arguments, code):
    assert run("undo", *arguments, "--yes").code == code


def test_a_note_that_is_as_it_was_already(run, noted):
    run("remember", "--to", "knowledge/x.md", "there")
    name = changes(run, "knowledge")[0]["id"]
    (noted.parent / "knowledge" / "x.md").unlink()
    assert "nothing to put back" in run("undo", name).out


def test_your_own_edits_are_listed_and_put_back_by_name(run, noted):
    run("history")
    noted.write_text(noted.read_text().replace("blue", "green"))
    edit = changes(run)[0]
    assert (edit["door"], edit["changes"][0]["origin"]) == ("editor", "owner")
    assert run("history", "--limit", "1").out.splitlines()[1] == "  changed MEMORY.md"
    assert run("undo", edit["id"][:6], "--yes").code == 0
    assert "blue" in noted.read_text()
    assert changes(run)[1]["undone_by"] == changes(run)[0]["id"]


def test_show_what_a_change_did(run, noted):
    last = changes(run)[0]["id"]
    shown = run("history", "show", last[:5])
    assert shown.out.startswith(last)
    assert "\n+- the door is red (" in shown.out
    (file,) = json.loads(run("history", "show", last, "--format", "json").out)["files"]
    assert (file["path"], file["known"]) == ("MEMORY.md", True)
    assert run("history", "show", "none").code == 1


def test_restore_a_file_as_it_was(run, noted):
    first = changes(run)[1]["id"]
    before = noted.read_text()
    done = run("history", "restore", "MEMORY.md", "--at", first, "--yes")
    assert (done.code, done.out.splitlines()[-2]) == (0, "Put back: MEMORY.md.")
    assert "red" not in noted.read_text()
    run("undo", changes(run)[0]["id"], "--yes")
    assert noted.read_text() == before
    assert run("history", "restore", "MEMORY.md", "--at", "today", "--yes").out.startswith("There is nothing")
    assert run("history", "restore", "MEMORY.md", "--at", "2020-01-01", "--yes").code == 1
    assert run("history", "restore", "MEMORY.md", "--at", first).code == 2
    assert noted.read_text() == before


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2026-11-20", "2026-11-20T23:59:59.999999"),
        ("yesterday", "2026-11-22T23:59:59.999999"),
        ("2026-11-20 14:30", "2026-11-20T14:30:00"),
        ("2026-11-20T14:30:05", "2026-11-20T14:30:05"),
        ("2026-11-20 25:00", None),
        ("20261120", None),
        ("3fa9c0ffee12", None),
    ],
)
def test_which_moment_is_meant(text, found):
    meant = moment(text, datetime(2026, 11, 23, 12).astimezone())
    assert meant == (datetime.fromisoformat(found).astimezone() if found else None)
