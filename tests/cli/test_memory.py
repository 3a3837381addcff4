from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest

NOW = datetime.now().astimezone().date()
TODAY = NOW.isoformat()


@pytest.fixture
def notes(quick):
    folder = quick.workspace / "knowledge"
    folder.mkdir(parents=True)
    (folder / "harbour.md").write_text(
        "# Harbour\n\nThe harbour is blue.\n\n## Boats\n\nThe boat is called Ada.\n"
    )
    (quick.workspace / "memory").mkdir()
    (quick.workspace / "memory" / "2026-01-05.md").write_text(
        "# 2026-01-05\n\n- 09:00 The boat was painted red\n"
    )
    return quick


def paths(done) -> list[str]:
    return [hit["path"] for hit in json.loads(done.out)["hits"]]


@pytest.mark.parametrize("command", [["search"], ["memory", "search"]])
def test_search_for_people(run, notes, command):
    done = run(*command, "blue", "harbour")
    assert done.code == 0
    head, *excerpt = done.out.splitlines()
    assert head.startswith("knowledge/harbour.md:1-")
    assert "    The harbour is blue." in excerpt


def test_search_for_programs(run, notes):
    found = json.loads(run("search", "--format", "json", "what is the boat called?").out)
    assert found["query"] == "what is the boat called?"
    assert found["took_ms"] >= 0
    first = found["hits"][0]
    assert {"path", "start", "end", "text", "score", "source", "date", "why"} <= first.keys()
    assert first["path"] == "knowledge/harbour.md"
    assert "Ada" in first["text"]
    assert first["why"]


def test_search_says_what_became_of_a_note(run, notes):
    shown = run("search", "boat", "--expect", "knowledge/nowhere.md").out
    assert shown.splitlines()[-1].startswith("expected  There is no knowledge/nowhere.md.")
    found = json.loads(run("search", "boat", "--expect", "harbour.md", "--format", "json").out)["expected"]
    assert (found["place"], found["step"], found["rank"]) == ("knowledge/harbour.md", "found", 1)
    assert run("search", "boat", "--expect", "a.md:9-2").code == 2


def test_search_says_why(run, notes):
    assert "  why: " in run("search", "boat", "--explain").out
    assert "  why: " not in run("search", "boat").out


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (["--limit", "1"], 1),
        (["--until", "2026-01-31"], 1),
        (["--since", "2026-01-05", "--until", "2026-01-05"], 1),
        (["--in", "sessions"], 0),
    ],
)
def test_search_can_be_narrowed(run, notes, options, found):
    done = run("search", "boat", "--format", "json", *options)
    assert len(paths(done)) == found
    assert done.code == 0


def test_search_in_conversations(run, notes):
    run("ask", "Is the boat afloat?")
    (path,) = set(paths(run("search", "boat afloat", "--in", "sessions", "--format", "json")))
    assert path.startswith("session:")


def test_nothing_found_is_no_failure(run, notes):
    done = run("search", "xyzzy")
    assert (done.out, done.err, done.code) == ("", "Nothing found.\n", 0)
    assert paths(run("search", "xyzzy", "--format", "json")) == []


def test_what_was_saved_a_moment_ago_is_found(run, notes):
    run("search", "boat")
    (notes.workspace / "new.md").write_text("The zeppelin is silver.\n")
    assert paths(run("search", "zeppelin", "--format", "json")) == ["new.md"]


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("knowledge/harbour.md:3", "The harbour is blue.\n"),
        ("knowledge/harbour.md:5-7", "## Boats\n\nThe boat is called Ada.\n"),
        ("memory/2026-01-05.md", "# 2026-01-05\n\n- 09:00 The boat was painted red\n"),
        ("knowledge/harbour.md:7-99", "The boat is called Ada.\n"),
    ],
)
def test_get(run, notes, place, text):
    done = run("memory", "get", place)
    assert (done.out, done.err, done.code) == (text, "", 0)


@pytest.mark.parametrize(
    ("place", "sentence", "code"),
    [
        ("nope.md", "There is no file nope.md.", 1),
        ("knowledge/harbour.md:99", "knowledge/harbour.md ends at line 7; there is no line 99.", 2),
        ("session:abcdefgh", "There is no conversation 'abcdefgh'.", 1),
    ],
)
def test_get_what_is_not_there(run, notes, place, sentence, code):
    done = run("memory", "get", place)
    assert (done.err.splitlines()[0], done.code) == (f"Error: {sentence}", code)


def test_get_stays_inside(run, notes, tmp_path):
    (tmp_path / "secret.md").write_text("secret")
    done = run("memory", "get", str(tmp_path / "secret.md"))
    assert done.code == 1
    assert "secret" not in done.out


def test_get_a_conversation(run, notes):
    answer = json.loads(run("ask", "--format", "json", "Is the boat afloat?").out)
    assert "Is the boat afloat?" in run("memory", "get", f"session:{answer['session_id']}").out


def test_remember_and_find(run, notes):
    done = run("remember", "The zeppelin is silver")
    assert done.code == 0
    assert done.out.startswith(f"+ memory/{TODAY}.md:")
    assert "zeppelin" in run("memory", "get", done.out.removeprefix("+ ").strip()).out
    assert paths(run("search", "zeppelin", "--format", "json")) == [f"memory/{TODAY}.md"]
    assert paths(run("search", "zeppelin", "--since", "today", "--format", "json")) != []
    yesterday = (NOW - timedelta(days=1)).isoformat()
    assert paths(run("search", "zeppelin", "--until", yesterday, "--format", "json")) == []


@pytest.mark.parametrize(
    ("to", "path"), [("memory", "MEMORY.md"), ("user", "USER.md"), ("knowledge/air.md", "knowledge/air.md")]
)
def test_remember_elsewhere(run, notes, to, path):
    assert run("remember", "The zeppelin is silver", "--to", to).out.startswith(f"+ {path}:")
    assert "zeppelin is silver" in (notes.workspace / path).read_text()


@pytest.mark.parametrize("arguments", [[], ["-"]])
def test_remember_what_is_piped_in(run, notes, arguments):
    run("remember", *arguments, input="The zeppelin is silver\n")
    assert "zeppelin is silver" in (notes.workspace / "memory" / f"{TODAY}.md").read_text()


def test_remembering_the_same_twice_writes_it_once(run, notes):
    run("remember", "The zeppelin is silver")
    done = run("remember", "The zeppelin is silver")
    assert done.out.startswith("= ")
    assert done.out.endswith("(it was there already)\n")


def test_recent(run, notes):
    run("remember", "The zeppelin is silver")
    assert (
        run("memory", "recent", "--limit", "1")
        .out.splitlines()[0]
        .split()[2]
        .startswith(f"memory/{TODAY}.md")
    )
    (only,) = json.loads(run("memory", "recent", "--limit", "1", "--format", "json").out)["recent"]
    assert only["path"] == f"memory/{TODAY}.md"
    assert only["changed"].startswith(TODAY)


def test_stats(run, notes):
    (notes.workspace / "binary.md").write_bytes(b"\0\1\2" * 1000)
    text = run("memory", "stats").out
    assert "vectors   none: search by words only\n" in text
    assert "left out  binary.md: " in text
    figures = json.loads(run("memory", "stats", "--format", "json").out)
    assert figures["notes"] >= 2
    assert figures["skipped"][0]["path"] == "binary.md"


@pytest.mark.parametrize("options", [[], ["--force"]])
def test_reindex(run, notes, options):
    done = run("memory", "reindex", *options)
    assert done.code == 0
    assert done.err == ""
    assert done.out.startswith("notes     ")


def test_reindex_makes_the_vectors(run, notes):
    notes.config.unlink()
    done = run("memory", "reindex")
    assert "by bundled/all-MiniLM-L6-v2-int8\n" in done.out
    assert json.loads(run("memory", "stats", "--format", "json").out)["pending"] == 0


def test_deleting_the_cache_changes_no_answer(run, notes):
    before = json.loads(run("search", "boat", "--format", "json").out)["hits"]
    for file in notes.cache.iterdir():
        file.unlink()
    assert json.loads(run("search", "boat", "--format", "json").out)["hits"] == before
