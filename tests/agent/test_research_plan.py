"""The plan: questions out of a reply, and which results are read first."""

from __future__ import annotations

import json

import pytest

from localgpt.agent.research import Listed
from localgpt.agent.research_plan import best, read, wanted, worth_following
from localgpt.core.errors import ModelError


def reply(*questions):
    return json.dumps({"questions": questions})


def test_questions_come_once_and_not_too_many():
    assert read(reply("a?", " b \n? ", "a?", "c?", "d?"), 3) == ("a?", "b ?", "c?")
    assert read(f"```json\n{reply('a?', 'b?', 'c?')}\n```", 6) == ("a?", "b?", "c?")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Sure! a? b? c?",
        "[]",
        '{"questions": "a?"}',
        '{"questions": 3}',
        reply("a?", "b?"),
        reply("a?", "b?", "x" * 201),
        json.dumps({"questions": [1, None, {}]}),
        "[" * 100_000,
    ],
)
def test_anything_else_is_no_plan(text):
    with pytest.raises(ModelError):
        read(text, 6)


def test_the_engine_is_told_the_topic_and_nothing_else():
    assert wanted("heat pumps", 6) == "Topic: heat pumps\nQuestions: 3 to 6"


def test_the_first_of_each_search_is_read_first_and_no_host_more_than_twice():
    def listed(*addresses):
        return tuple(Listed("", address) for address in addresses)

    searched = {
        "q": listed("https://a.test/1", "https://a.test/2", "https://a.test/3", "https://c.test/"),
        "r": listed("https://b.test/", "http://a.test/1"),
    }
    order = [one.address for one in best(searched)]
    assert order == ["https://a.test/1", "https://b.test/", "https://a.test/2", "https://c.test/"]
    assert best({}) == []


@pytest.mark.parametrize(
    ("topic", "words", "followed"),
    [
        ("heat pumps", "Heat pump prices", True),
        ("heat pumps", "Heat", False),
        ("heat pumps in old houses", "Old heat pumps", True),
        ("Anholt", "The ferry to Anholt", True),
        ("Anholt", "The ferry", False),
        ("???", "???", False),
    ],
)
def test_links_are_followed_by_their_words(topic, words, followed):
    found = worth_following((Listed(words, "https://a.test/"),), topic, ())
    assert bool(found) is followed


def test_of_a_page_two_links_are_followed_and_each_once():
    links = [Listed(f"Heat pumps {word}", f"https://{word}.test/") for word in ("one", "two", "loud")]
    found = worth_following([*links, links[0]], "heat pumps", ["How loud are heat pumps?"])
    assert [one.address for one in found] == ["https://loud.test/", "https://one.test/"]
