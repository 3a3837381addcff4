"""The loaders of other people's sets: folders in the form of BEIR, and chats."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from bench.recall import beir, realtalk

DOCUMENTS = [
    {"_id": "7", "title": "Lean  mass", "text": "Muscle is lost.", "metadata": {}},
    {"_id": "MED-1/2", "title": "", "text": "No title here."},
]
CHAT = {
    "name": {"speaker_1": "Emi", "speaker_2": "Elise"},
    "session_10": [],
    "session_2": [
        {
            "clean_text": "went\nrunning",
            "speaker": "Emi",
            "date_time": "29.12.2023, 00:51:12",
            "dia_id": "D2:1",
        }
    ],
    "events_session_2": {},
    "qa": [
        {"question": "When did Emi run?", "evidence": ["D2:1"], "category": 2},
        {"question": "Who?", "evidence": ["D9:9"], "category": 1},
    ],
}


def folder(root: Path) -> Path:
    (root / "qrels").mkdir()
    (root / "corpus.jsonl").write_text("\n".join(map(json.dumps, DOCUMENTS)) + "\n", encoding="utf-8")
    queries = [{"_id": "q1", "text": "muscle"}, {"_id": "q2", "text": "nobody knows"}]
    (root / "queries.jsonl").write_text("\n".join(map(json.dumps, queries)), encoding="utf-8")
    (root / "qrels" / "test.tsv").write_text(
        "query-id\tcorpus-id\tscore\nq1\t7\t2\nq1\tMED-1/2\t1\nq2\t7\t0\n", encoding="utf-8"
    )
    return root


def test_documents_are_notes_under_their_titles(tmp_path):
    assert beir.write(folder(tmp_path), tmp_path / "notes") == 2
    assert (tmp_path / "notes/knowledge/7.md").read_text() == "# Lean mass\n\nMuscle is lost.\n"
    assert (tmp_path / "notes/knowledge/MED-1-2.md").read_text() == "No title here.\n"


def test_questions_are_those_that_something_answers(tmp_path):
    asked = beir.questions(folder(tmp_path))
    assert asked == [beir.Asked("muscle", {"knowledge/7.md": 2, "knowledge/MED-1-2.md": 1})]


@pytest.mark.parametrize(
    ("paths", "gain", "recall", "reciprocal"),
    [
        (["a", "b"], 1.0, 1.0, 1.0),
        (["b", "a"], (1 + 2 / 1.5849625) / (2 + 1 / 1.5849625), 1.0, 1.0),
        (["x", "b"], (1 / 1.5849625) / (2 + 1 / 1.5849625), 0.5, 0.5),
        (["x"] * 10 + ["a"], 0.0, 0.0, 0.0),
        ([], 0.0, 0.0, 0.0),
    ],
)
def test_gain_is_discounted_by_rank(paths, gain, recall, reciprocal):
    found = beir.score(beir.Asked("?", {"a": 2, "b": 1}), paths)
    assert (found.gain, found.recall, found.reciprocal) == pytest.approx((gain, recall, reciprocal))


def test_chats_are_daily_notes_with_a_line_for_each_message(tmp_path):
    (tmp_path / "Chat_1_Emi_Elise.json").write_text(json.dumps(CHAT), encoding="utf-8")
    (asked,) = realtalk.write(tmp_path, tmp_path / "notes")
    path = "knowledge/Chat_1_Emi_Elise/2023-12-29-2.md"
    assert (tmp_path / "notes" / path).read_text() == "# Emi and Elise\n\nEmi: went running\n"
    assert (asked.text, asked.kind) == ("When did Emi run?", "time")
    assert [str(place) for fact in asked.evidence for place in fact] == [f"{path}:3"]
