"""Opened and cited hits become cases: the owner's, of turns that stay; a change of set-up is said once."""

from __future__ import annotations

import asyncio

import pytest

from localgpt.agent.sessions import Sessions
from localgpt.app import Assistant
from localgpt.core.config_sections import MemorySettings
from localgpt.core.events import Citation, TurnFinished
from localgpt.core.paths import Home
from localgpt.core.values import Span, Stop
from localgpt.memory.embedding import Bundled
from localgpt.memory.search import Query
from localgpt.models.scripted import Scripted

QUESTION = "Which dentist did we choose in town?"


@pytest.fixture
def owner(home: Home) -> Assistant:
    """An assistant whose home has one note, searched by words."""
    home.root.mkdir(mode=0o700)
    home.config.write_text('[memory]\nembedding_provider = "none"\n')
    made = Assistant(home, engine=Scripted("It is Dr. Weber [health.md:3]."))
    made.start()
    (home.workspace / "health.md").write_text("# Health\n\nThe dentist is Dr. Weber.\n")
    return made


def kept(assistant: Assistant) -> list[tuple[str, str, str]]:
    return [(one.question, str(one.place), one.how) for one in assistant.learning.cases.all()]


def asked(assistant: Assistant, **options: object) -> None:
    async def work() -> None:
        await assistant.ask(QUESTION, **options)  # type: ignore[arg-type]

    asyncio.run(work())


def test_what_a_reply_cites_becomes_a_case(owner):
    asked(owner)
    assert kept(owner) == [(QUESTION, "health.md:3", "cited")]
    assert owner.learning.cases.path.stat().st_mode & 0o077 == 0
    owner.close()


def test_nothing_is_learnt_of_what_is_temporary(owner, tmp_path):
    asked(owner, session=Sessions(tmp_path / "gone", temporary=True).new())
    assert kept(owner) == []
    owner.close()


@pytest.mark.parametrize(
    ("model", "purpose", "question", "valid", "count"),
    [
        ("ollama/qwen", "chat", QUESTION, True, 1),
        ("recall", "chat", QUESTION, True, 0),  # the search's own choice
        ("ollama/qwen", "heartbeat", QUESTION, True, 0),
        ("ollama/qwen", "chat", "And when?", True, 0),
        ("ollama/qwen", "chat", QUESTION, False, 0),
    ],
)
def test_whose_words_count(owner, model, purpose, question, valid, count):
    citations = (Citation(Span("health.md", 3, 3), valid),)
    finished = TurnFinished("t", "s", model, "It is.", Stop.DONE, citations=citations)
    owner.learn(owner.sessions.new(), question, purpose, finished)
    assert len(kept(owner)) == count
    owner.close()


def test_a_visitors_words_are_not_the_owners(owner):
    vars(owner)["visit"] = "somebody"
    finished = TurnFinished(
        "t", "s", "qwen", "It is.", Stop.DONE, citations=(Citation(Span("health.md", 3, 3)),)
    )
    owner.learn(owner.sessions.new(), QUESTION, "chat", finished)
    assert kept(owner) == []
    owner.close()


def test_it_can_be_switched_off(home, owner):
    home.config.write_text('[memory]\nembedding_provider = "none"\nlearn_cases = false\n')
    assistant = Assistant(home)
    assistant.learning.opened(QUESTION, Span("health.md", 3, 3))
    assistant.learning.searched(QUESTION, [])
    assert kept(assistant) == []
    assert not (home.state / "last-search.json").exists()
    assistant.close()
    owner.close()


def test_a_hit_that_is_read_soon_after_the_search_was_opened(owner, monkeypatch):
    hits = owner.searcher.search(Query(QUESTION)).hits
    owner.learning.got("health.md", 3)
    assert kept(owner) == []
    owner.learning.searched(QUESTION, hits)
    owner.learning.got("another.md", 1)
    owner.learning.got("health.md", 90)
    assert kept(owner) == []
    owner.learning.got("health.md", 3)
    assert kept(owner) == [(QUESTION, "health.md:1-3", "opened")]
    owner.learning.got("health.md", 3, 3)
    assert kept(owner) == [(QUESTION, "health.md:3", "opened")]
    owner.learning.forget()
    owner.learning.searched(QUESTION, hits)
    monkeypatch.setattr("localgpt.app.learning.SOON", -1.0)
    owner.learning.got("health.md", 3)
    assert kept(owner) == []
    owner.close()


def test_a_case_follows_its_lines_and_goes_with_them(owner, home):
    owner.learning.opened(QUESTION, Span("health.md", 3, 3))
    (home.workspace / "health.md").write_text("# Health\n\nNew.\n\nThe dentist is Dr. Weber.\n")
    ((_, place),), gone = owner.learning.standing()
    assert (place, gone) == (Span("health.md", 5, 5), 0)
    (home.workspace / "health.md").write_text("# Health\n")
    assert owner.learning.standing() == ([], 1)
    (home.workspace / "health.md").unlink()
    assert owner.learning.standing() == ([], 1)
    owner.close()


def test_a_change_is_said_once_where_there_is_something_to_test(owner, monkeypatch):
    learning = owner.learning
    assert learning.news() == ""
    for number in range(10):
        learning.opened(f"{QUESTION} number {number}", Span("health.md", 3, 3))
    assert learning.news() == ""  # the first set-up that is seen
    changed = {**learning.setup(), "model": "ollama/bge-m3"}
    monkeypatch.setattr(learning, "setup", lambda: changed)
    assert "localgpt memory test" in learning.news()
    assert learning.news() == ""
    owner.close()


def test_counsel_for_a_workspace_in_german(owner, home, monkeypatch):
    for number in range(40):
        text = f"Der Termin beim Zahnarzt war am Montag, und dann haben wir Nummer {number} besprochen."
        (home.workspace / f"{number}.md").write_text(text)
    monkeypatch.setattr(owner.index, "embedder", Bundled())
    owner.index.catch_up()
    (sentence,) = owner.counsel()
    assert sentence.startswith("Most of what you keep is German")
    assert owner.counsel() == ()
    owner.close()


def test_it_is_on_by_default():
    assert MemorySettings().learn_cases
