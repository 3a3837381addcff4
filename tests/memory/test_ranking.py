"""Fusion, coverage, boosts and duplicates: pure figures in, an order with reasons out."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localgpt.core.values import Chunk, Hit
from localgpt.memory.lookup import Passage
from localgpt.memory.plan import plan
from localgpt.memory.ranking import Fused, Weights, collapsed, fuse, lifts, ranked, rarity

TODAY = dt.date(2026, 11, 23)
WEIGHTS = Weights()
SCORES = st.dictionaries(st.integers(1, 20), st.floats(0.001, 50))


def passage(number: int, text: str, *, source: str = "notes", **fields: Any) -> Passage:
    return Passage(number, Chunk(f"{number}.md", 1, 1, text, **fields), source, "en")


def order(question: str, *passages: Passage, scores: dict[int, float] | None = None) -> list[Hit]:
    planned = plan(question, ("en",), TODAY)
    fused = fuse(scores or {one.id: 1.0 for one in passages}, {})
    counts = rarity(dict.fromkeys(planned.stems, 1), 10, planned.terms)
    return ranked(planned, [(one, fused[one.id]) for one in passages], counts, WEIGHTS, 10)


@given(SCORES, st.dictionaries(st.integers(1, 20), st.floats(-1, 1)), st.floats(0, 1))
def test_scores_are_between_0_and_1_and_keep_each_rankers_order(text, cosine, share):
    fused = fuse(text, cosine)
    assert fused.keys() == text.keys() | cosine.keys()
    assert all(-1e-9 <= one.score(share) <= 1 + 1e-9 for one in fused.values())
    assert sorted(text, key=lambda n: fused[n].text) == sorted(text, key=lambda n: text[n])


def test_the_best_of_both_comes_first():
    fused = fuse({1: 10.0, 2: 9.0, 3: 1.0}, {1: 0.2, 2: 0.8, 3: 0.7})
    assert max(fused, key=lambda n: fused[n].score(0.6)) == 2
    assert fused[2] == Fused(9.0, 0.9, 2, 0.8, 1.0, 1)


def test_a_passage_without_a_vector_is_judged_by_its_words():
    fused = fuse({1: 10.0, 2: 5.0}, {2: 0.5, 3: 0.4})
    assert fused[1].score(0.6) == 1.0
    assert fused[1].cosine is None


def test_one_ranker_alone_decides_alone():
    assert fuse({1: 2.0, 2: 1.0}, {})[1].score(0.6) == 1.0
    assert fuse({}, {1: 0.9, 2: 0.1})[1].score(0.0) == 1.0


def test_words_weigh_less_where_the_question_was_asked_in_other_words():
    planned = plan("who looks after my teeth", ("en",), TODAY)
    counts = rarity({"look": 1}, 10, planned.terms)
    fused = fuse({1: 2.0}, {1: 0.1, 2: 0.5})
    pairs = [(passage(1, "Look at the notes"), fused[1]), (passage(2, "My dentist is Dr. Weber"), fused[2])]
    hits = ranked(planned, pairs, counts, WEIGHTS, 10)
    assert hits[0].path == "2.md"


def test_notes_that_instruct_the_assistant_stand_behind():
    knowledge = passage(2, "Rules of the house")
    instructions = replace(passage(1, "Rules of work"), chunk=Chunk("AGENTS.md", 1, 1, "Rules of work"))
    found = order("rules", instructions, knowledge)
    assert [hit.path for hit in found] == ["2.md", "AGENTS.md"]


def test_cover_is_the_share_of_the_words_by_rarity():
    planned = plan("dentist appointment", ("en",), TODAY)
    counts = rarity({"dentist": 1, "appoint": 500}, 1000, planned.terms)
    assert counts["dentist"] > 5 * counts["appointment"]
    pairs = [
        (passage(1, "the dentist"), Fused(1.0, 1.0, 1)),
        (passage(2, "an appointment"), Fused(1.0, 1.0, 1)),
    ]
    one, other = ranked(planned, pairs, counts, WEIGHTS, 10)
    assert (one.path, other.path) == ("1.md", "2.md")
    assert one.cover + other.cover == pytest.approx(1, abs=0.001)


def test_cover_counts_heading_path_and_date():
    (hit,) = order("Kyoto temples in March", passage(1, "gold", heading="Kyoto > Temples", date="2026-03-01"))
    assert hit.cover == 1.0


@pytest.mark.parametrize("text", ["dentist", ""])
def test_cover_of_nothing_is_nothing(text):
    (hit,) = order(text, passage(1, "something else"))
    assert hit.cover == 0.0


def test_the_day_asked_about_comes_first_and_says_so():
    found = order(
        "dentist on 2026-03-01",
        passage(1, "dentist", date="2026-04-01"),
        passage(2, "the dentist", date="2026-03-01"),
    )
    assert found[0].path == "2.md"
    assert "date" in [reason.ranker for reason in found[0].why]


def test_words_in_quotes_come_first_as_they_stand():
    found = order('"old house"', passage(1, "house of old"), passage(2, "the Old Houses there"))
    assert found[0].path == "2.md"
    assert "phrase" in [reason.ranker for reason in found[0].why]


def test_a_question_of_the_owners_does_not_outrank_a_note_that_answers():
    asked = passage(1, "When is my dentist appointment?", source="sessions", speaker="owner")
    answer = passage(2, "Dentist: 3 March, 9:30, Dr. Weber")
    found = order("When is my dentist appointment?", asked, answer, scores={1: 10.0, 2: 8.0})
    assert [hit.path for hit in found] == ["2.md", "1.md"]
    assert any(reason.ranker == "question" and reason.weight < 0 for reason in found[1].why)


def test_the_reasons_make_up_the_score():
    for hit in order("dentist", passage(1, "dentist"), passage(2, "dentist and plumber")):
        assert min(1.0, sum(reason.weight for reason in hit.why)) == pytest.approx(hit.score, abs=0.001)


def test_near_duplicates_collapse_to_the_best():
    words = " ".join(f"word{number}" for number in range(40))
    hits = [Hit("a.md", 1, 1, words, 1.0, "notes"), Hit("b.md", 1, 1, words + " more", 0.9, "notes")]
    other = Hit("c.md", 1, 1, "something else", 0.8, "notes")
    assert collapsed([*hits, other], 10) == [hits[0], other]
    assert collapsed([other, replace(other, path="d.md")], 10) == [other]
    assert collapsed([*hits, other], 1) == hits[:1]


def test_no_language_buries_another_by_being_near_the_question():
    cosine = {number: 0.5 + number / 1000 for number in range(20)}
    cosine |= {100 + number: 0.3 + number / 1000 for number in range(20)}
    languages = {number: "de" if number < 100 else "en" for number in cosine} | {100: ""}
    languages |= {200: "fr"}
    lift = lifts(cosine | {200: 0.9, 201: 0.3}, languages | {201: "en"})
    assert lift[0] == 0.0
    assert lift[101] == pytest.approx(0.7 * 0.2, abs=0.01)
    assert not {100, 200} & lift.keys(), "of an unknown or a rare language nothing is told"


def test_lifted_passages_keep_their_own_cosine_and_say_what_was_added():
    fused = fuse({}, {1: 0.5, 2: 0.4}, {2: 0.2})
    assert (fused[2].cosine, fused[2].vector_rank, fused[2].lift) == (0.4, 1, 0.2)
    planned = plan("Welche Nüsse?", ("de",), TODAY)
    pairs = [(passage(number, f"words of {number} here"), fused[number]) for number in (1, 2)]
    best, _ = ranked(planned, pairs, rarity({}, 10, planned.terms), WEIGHTS, 10)
    assert best.path == "2.md"
    assert any("+0.200 for its language" in reason.detail for reason in best.why)
    assert best.cosine == 0.4
