"""Many questions to a real index: by method, kind and language, each on its own day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.notebook import Notebook, WordVectors

from localgpt.core.values import Span
from localgpt.memory.examination import examine, methods
from localgpt.memory.quality import Question
from localgpt.memory.search import Searcher

TODAY = dt.date(2026, 3, 1)


@pytest.fixture
def searcher(tmp_path: Path) -> Iterator[Searcher]:
    notebook = Notebook(tmp_path, WordVectors())
    for day, text in (
        ("2026-02-28", "soup with Ada"),
        ("2026-01-31", "soup with Ben"),
        ("2025-05-05", "a boat"),
    ):
        notebook.write(f"memory/{day}.md", f"- {text}\n")
    notebook.index.catch_up()
    notebook.index.embed()
    yield notebook.searcher
    notebook.index.close()


QUESTIONS = [
    Question("Who had soup yesterday?", ((Span("memory/2026-02-28.md", 1, 1),),), "date", "en", TODAY),
    Question(
        "Who had soup yesterday?", ((Span("memory/2026-01-31.md", 1, 1),),), "date", "en", dt.date(2026, 2, 1)
    ),
    Question("boat", ((Span("memory/2025-05-05.md", 1, 1),),)),
    Question("xyzzy", (), "absent", "en"),
]


def test_each_question_is_asked_on_its_day_and_counted_in_its_groups(searcher):
    told: list[tuple[int, int]] = []
    result = examine(searcher, QUESTIONS, "text", lambda done, whole: told.append((done, whole)))
    assert result.all.questions == 3
    assert result.all.mean(result.all.recall[1]) == 1
    assert {name: (group.questions, group.silent) for name, group in result.kinds.items()} == {
        "date": (2, 0),
        "absent": (0, 1),
    }
    assert result.languages["en"].questions == 2
    assert told == [(0, 4), (1, 4), (2, 4), (3, 4)]


def test_every_method_asks_the_same(searcher):
    assert methods(searcher) == ("text", "vectors", "fused")
    assert [examine(searcher, QUESTIONS, method).all.questions for method in methods(searcher)] == [3, 3, 3]


def test_without_a_model_words_are_all_there_is(searcher):
    assert methods(Searcher(searcher.index)) == ("text",)
