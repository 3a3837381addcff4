"""``localgpt memory test``."""

from __future__ import annotations

import json

import pytest


@pytest.fixture
def asked(quick, tmp_path):
    """Writes a file of questions beside two notes, and gives its path."""
    folder = quick.workspace / "knowledge"
    folder.mkdir(parents=True)
    (folder / "harbour.md").write_text("# Harbour\n\nThe boat is called Ada.\n")
    (folder / "garden.md").write_text("# Garden\n\nBeans and peas.\n")

    def write(*lines: dict[str, object] | str) -> str:
        file = tmp_path / "mine.jsonl"
        file.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines))
        return str(file)

    return write


BOAT = {"question": "What is the boat's name?", "expect": ["knowledge/harbour.md:3"], "kind": "one fact"}
WRONG = {"question": "Where are the beans?", "expect": ["knowledge/harbour.md:3"], "language": "en"}
NOTHING = {"question": "xyzzy", "expect": [], "kind": "not there"}


def test_the_table(run, asked):
    done = run("memory", "test", asked(BOAT, WRONG, NOTHING))
    assert (done.code, done.err) == (0, "")
    head, row, *rest = done.out.splitlines()
    assert head.split() == ["n", "R@1", "R@5", "R@10", "MRR", "1000t", "tokens", "ms"]
    assert row.split()[:-2] == ["text", "2", "0.500", "0.500", "0.500", "0.500", "0.500"]
    assert "text, by kind" in rest
    assert "text, by language" in rest
    assert [line.split()[:4] for line in rest if line.startswith("one fact")] == [
        ["one", "fact", "1", "1.000"]
    ]
    assert rest[-1] == "Nothing answers 1 of the questions; 1 of these found nothing."


def test_for_programs(run, asked):
    done = run("memory", "test", asked(BOAT, NOTHING), "--format", "json")
    text = json.loads(done.out)["methods"]["text"]
    assert {name: text[name] for name in ("questions", "R@1", "MRR", "unanswerable", "silent")} == {
        "questions": 1,
        "R@1": 1.0,
        "MRR": 1.0,
        "unanswerable": 1,
        "silent": 1,
    }
    assert text["tokens"] > 0
    assert text["kinds"]["one fact"]["R@5"] == 1.0


@pytest.mark.parametrize(("least", "code"), [("0.5", 0), ("0.6", 1)])
def test_what_it_has_to_reach(run, asked, least, code):
    done = run("memory", "test", asked(BOAT, WRONG), "--min", least)
    assert done.code == code
    assert done.out.startswith(" ")
    assert ("R@5 by text is 0.500, below 0.6." in done.err) == bool(code)


def test_what_does_not_exist_is_named_and_counts(run, asked):
    gone = [{"question": "Why?", "expect": [f"gone{number}.md:3"]} for number in range(5)]
    done = run("memory", "test", asked(BOAT, *gone), "--format", "json")
    assert done.err.splitlines()[0] == "Line 2: there is no gone0.md; it counts as not found."
    assert done.err.splitlines()[3:] == ["2 more places don't exist."]
    assert json.loads(done.out)["methods"]["text"]["questions"] == 6


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ((BOAT, "oops"), "mine.jsonl, line 2: this is not JSON."),
        (("",), "mine.jsonl holds no question."),
    ],
)
def test_a_bad_file_is_told_in_one_sentence(run, asked, lines, sentence):
    done = run("memory", "test", asked(*lines))
    assert done.code == 2
    assert done.out == ""
    assert sentence in done.err
    assert "Traceback" not in done.err


def test_bytes_that_are_no_text(run, asked, tmp_path):
    (tmp_path / "mine.jsonl").write_bytes(b"\xff\xfe\x00")
    done = run("memory", "test", str(tmp_path / "mine.jsonl"))
    assert done.code == 2
    assert "mine.jsonl is not UTF-8 text." in done.err


@pytest.mark.parametrize("arguments", [[], ["no-such-file.jsonl"], ["--min", "2", "x"]])
def test_how_it_is_called(run, quick, arguments):
    assert run("memory", "test", *arguments).code == 2


@pytest.fixture
def used(run, asked):
    """Two notes, and cases of them: each was searched for and opened."""
    for question in ("what is the boat called", "where do beans and peas grow"):
        found = json.loads(run("search", question, "--format", "json").out)["hits"][0]
        run("memory", "get", f"{found['path']}:{found['start']}-{found['end']}")


def test_without_cases_it_says_how_they_grow(run, asked):
    done = run("memory", "test")
    assert done.code == 2
    assert "There are no cases from use yet." in done.err
    assert "localgpt memory get" in done.err


def test_cases_from_use_are_compared_with_the_last_run(run, quick, used):
    done = run("memory", "test")
    assert done.code == 0
    _, row, *rest = done.out.splitlines()
    assert row.split()[:3] == ["text", "2", "1.000"]
    assert rest[-1] == "This is the first run; the next one is compared with it."
    assert run("memory", "test").out.splitlines()[-1] == (
        "Nothing got worse since the last run (the notes may have)."
    )


def test_what_got_worse_is_named(run, quick, used):
    run("memory", "test")
    for number in range(4):
        (quick.workspace / f"boat{number}.md").write_text(
            f"What is the boat called? The boat is called {number}."
        )
    quick.config.write_text('[memory]\nembedding_provider = "none"\nindex_sessions = false\n')
    done = run("memory", "test", "--worse")
    assert done.code == 1
    (line,) = [line for line in done.out.splitlines() if "what is the boat called" in line]
    assert line.startswith("  1 → ")
    assert "1 got worse since the last run (conversations: searched → not searched):" in done.out
    assert done.err.splitlines()[-1] == "Error: A question got worse."
    found = json.loads(run("memory", "test", "--format", "json").out)
    assert (found["cases"], found["gone"]) == (2, 0)
    assert [one["question"] for one in found["worse"]] == ["what is the boat called"]
    assert found["changed"] == ["conversations: searched → not searched"]


def test_worse_is_for_use_alone(run, asked):
    assert run("memory", "test", asked(BOAT), "--worse").code == 2


def test_cases_are_forgotten(run, quick, used):
    assert run("memory", "forget-cases").out == "2 cases are forgotten.\n"
    assert run("memory", "forget-cases").out == "There were none.\n"
    assert run("memory", "test").code == 2
