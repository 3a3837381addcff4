"""The conversations that are open."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from localgpt.app.assistant import Assistant
from localgpt.core.errors import Conflict, NotFound, UsageError
from localgpt.core.values import Message, Role, Text
from localgpt.models.scripted import Scripted
from localgpt.server import talks as talks_module
from localgpt.server.talks import Talks, choose_model, noted_model


@pytest.fixture
def assistant(home):
    return Assistant(home, engine=Scripted())


def same(one: Any, other: Any) -> bool:
    return one is other


def say(talk, words="x"):
    talk.session.append(Message(Role.USER, (Text(words),)))


def test_one_conversation_is_open_once(assistant):
    talks = Talks()
    talk: Any = talks.new(assistant)
    assert same(talks.get(assistant, talk.session.id), talk)
    say(talk)
    talks.forget(talk.session.id)
    again: Any = talks.get(assistant, talk.session.id)
    assert again is not talk
    assert same(talks.get(assistant, talk.session.id[:8]), again)
    assert talks.count() == 1


def test_an_id_of_the_callers_is_begun_when_it_is_not_there(assistant):
    talks = Talks()
    talk: Any = talks.get_or_new(assistant, "my-own_id")
    assert talk.session.id == "my-own_id"
    assert talks.get_or_new(assistant, "my-own_id") is talk
    assert talks.get_or_new(assistant, "").session is not talk.session


@pytest.mark.parametrize(
    "name", ["../x", "a", "abc", "-abcd", "x" * 65, "a/b/c", "a b c d", ".hidden", "é" * 5, "a\0bcd"]
)
def test_what_can_be_no_files_name_is_no_id(assistant, name):
    with pytest.raises((UsageError, NotFound)):
        Talks().get_or_new(assistant, name)
    assert not assistant.home.sessions.exists()


def test_the_model_of_a_conversation_is_found_in_its_file(assistant):
    talks = Talks()
    talk: Any = talks.new(assistant)
    choose_model(talk, "recall")
    assert (talk.model, noted_model(talk.session)) == ("recall", "")
    say(talk)
    choose_model(talk, "recall")
    choose_model(talk, "other")
    talks.forget(talk.session.id)
    assert talks.get(assistant, talk.session.id).model == "other"
    assert [message.text for message in talk.session.messages()] == ["x"]


def test_temporary_ones_stay_open_and_are_deleted_at_the_end(assistant, monkeypatch):
    monkeypatch.setattr(talks_module, "MOST", 2)
    talks = Talks()
    apart: Any = talks.new(assistant, temporary=True)
    say(apart)
    for _ in range(5):
        talks.new(assistant)
    assert talks.count() == 3
    assert same(talks.get(assistant, apart.session.id), apart)
    assert apart.session.path.exists()
    talks.close()
    assert not apart.session.path.parent.exists()
    assert talks.count() == 0


def test_the_assistant_is_the_newest(home, assistant):
    talks = Talks()
    talk: Any = talks.new(assistant)
    other = Assistant(home, engine=Scripted())
    assert talks.get(other, talk.session.id).assistant is other


def test_threads_that_ask_at_once_get_the_same_conversation(assistant, monkeypatch):
    monkeypatch.setattr(talks_module, "MOST", 3)
    talks = Talks()
    names = [f"talk-{number}" for number in range(8)]
    for name in names:
        say(talks.new(assistant, session_id=name))
        talks.forget(name)

    def ask(number: int) -> Any:
        return talks.get(assistant, names[0] if number < 8 else names[number % 8])

    with ThreadPoolExecutor(8) as threads:
        first = set(map(id, threads.map(ask, range(8))))
        list(threads.map(ask, range(8, 400)))
    assert len(first) == 1
    assert talks.count() <= 3


def test_a_conversation_is_kept_to_one_change():
    talks = Talks()
    with talks.alone("talk"):
        for other in (lambda: talks.check("talk"), lambda: talks.alone("talk").__enter__()):
            with pytest.raises(Conflict, match="being changed"):
                other()
        talks.check("another")
    talks.check("talk")
